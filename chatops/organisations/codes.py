"""`Codes`: words that prove something once.

A code is printed once and kept as a digest only. It has 59 bits of chance, so a plain digest is
enough for the days that it lives. It serves one purpose, expires, and is used once; whoever tries
wrong ones is told to wait. A code may be kept for the first person who presents it while they make
up their mind: then it is worth nothing to anybody else who saw it.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final, Literal

from msgspec import Struct
from sqlalchemy import Row, and_, delete, func, insert, or_, select, update

from chatops.clock import Clock
from chatops.language import Conflict, Forbidden, Missing, Span, _
from chatops.store import Store
from chatops.store.tables import code_attempts, codes

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

Purpose = Literal["setup", "link"]

_SIGNS: Final = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
# Four groups of four would look like an app password, which is taken out of what people say.
_GROUPS: Final = 3
_GROUP: Final = 4

WRONG_TRIES: Final = 5
PAUSE: Final = timedelta(minutes=15)
_REMEMBERED: Final = timedelta(days=30)


class BadCode(Missing):
    """The code does not exist, is used, or has expired."""


class Code(Struct, frozen=True):
    """A code that is good.

    Args:
        organisation_id: The organisation that it is for, if it is for one.
        made_by: The person who asked for it, if it was one.
    """

    id: int
    purpose: Purpose
    organisation_id: int | None
    made_by: int | None


class Codes:
    """Makes codes, and takes them back."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def make(
        self,
        connection: AsyncConnection,
        purpose: Purpose,
        life: timedelta,
        *,
        organisation_id: int | None = None,
        made_by: int | None = None,
    ) -> str:
        """Return a new code, in the caller's transaction; an earlier one for the same is void."""
        await self._forget_old(connection)
        await connection.execute(
            delete(codes).where(
                codes.c.purpose == purpose,
                codes.c.organisation_id == organisation_id,
                codes.c.made_by == made_by,
                codes.c.used_at.is_(None),
            )
        )
        signs = "".join(secrets.choice(_SIGNS) for _place in range(_GROUPS * _GROUP))
        await connection.execute(
            insert(codes).values(
                purpose=purpose,
                digest=_digest(signs),
                organisation_id=organisation_id,
                made_by=made_by,
                expires_at=self._clock() + life,
            )
        )
        return "-".join(signs[at : at + _GROUP] for at in range(0, len(signs), _GROUP))

    async def good(self, purpose: Purpose, typed: str | None, person_id: int) -> Code:
        """Return the code that somebody typed, or that is kept for them.

        Raises:
            BadCode: It is not good, or nobody's.
            Forbidden: The person has tried too many wrong ones.
        """
        now = self._clock()
        await self._check_tries(person_id)
        open_to_them = and_(
            codes.c.purpose == purpose,
            codes.c.used_at.is_(None),
            codes.c.expires_at > now,
            or_(codes.c.kept_for.is_(None), codes.c.kept_for == person_id),
        )
        async with self._store.read() as connection:
            rows = (await connection.execute(select(codes).where(open_to_them))).all()
        if typed is None:
            found = [row for row in rows if row.kept_for == person_id]
        else:
            digest = _digest(_normal(typed))
            # All of them are compared, each in constant time.
            found = [row for row in rows if hmac.compare_digest(row.digest, digest)]
        if not found and typed is None:
            raise BadCode(
                _("The code is missing."), _("Type it behind the command, or paste it there.")
            )
        if not found:
            await self._note_wrong(person_id)
            raise BadCode(
                _("This code is not known, or it was used before, or it is too old."),
                _("Check it sign by sign, or ask for a new one where it came from."),
            )
        return _code(found[-1])

    async def keep_for(self, code: Code, person_id: int) -> None:
        """Make a code worth nothing to anybody else."""
        async with self._store.write() as connection:
            kept = await connection.execute(
                update(codes)
                .where(codes.c.id == code.id, _free_for(person_id))
                .values(kept_for=person_id)
            )
        if not kept.rowcount:
            raise _too_late()

    async def use(self, connection: AsyncConnection, code: Code, person_id: int) -> None:
        """Use a code up, in the transaction of what it allows.

        Raises:
            Conflict: Somebody else was faster.
        """
        used = await connection.execute(
            update(codes)
            .where(codes.c.id == code.id, _free_for(person_id))
            .values(used_at=self._clock(), used_by=person_id)
        )
        if not used.rowcount:
            raise _too_late()

    async def _forget_old(self, connection: AsyncConnection) -> None:
        """Remove what has long been used or has expired."""
        before = self._clock() - _REMEMBERED
        await connection.execute(delete(codes).where(codes.c.expires_at < before))
        await connection.execute(delete(code_attempts).where(code_attempts.c.tried_at < before))

    async def _check_tries(self, person_id: int) -> None:
        async with self._store.read() as connection:
            wrong = await connection.scalar(
                select(func.count())
                .select_from(code_attempts)
                .where(
                    code_attempts.c.person_id == person_id,
                    code_attempts.c.tried_at > self._clock() - PAUSE,
                )
            )
        if wrong and wrong >= WRONG_TRIES:
            raise Forbidden(
                _("Those were too many wrong codes."),
                _("Wait {length}, then try again.", length=Span(PAUSE)),
            )

    async def _note_wrong(self, person_id: int) -> None:
        async with self._store.write() as connection:
            await connection.execute(
                insert(code_attempts).values(person_id=person_id, tried_at=self._clock())
            )


def _free_for(person_id: int) -> Any:  # noqa: ANN401 - a condition
    return and_(
        codes.c.used_at.is_(None),
        or_(codes.c.kept_for.is_(None), codes.c.kept_for == person_id),
    )


def _normal(typed: str) -> str:
    """Return a code as it was made, whatever a phone or a hand made of it."""
    return "".join(sign for sign in typed.upper() if sign.isalnum())


def _digest(signs: str) -> bytes:
    return hashlib.sha256(signs.encode()).digest()


def _too_late() -> Conflict:
    return Conflict(
        _("Somebody else has just used this code."),
        _("If you do not know who, ask for a new one at once."),
    )


def _code(row: Row[Any]) -> Code:
    return Code(row.id, row.purpose, row.organisation_id, row.made_by)
