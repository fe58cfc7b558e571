"""What is wrong between the bot and its Matrix homeserver, each with its mend."""

from __future__ import annotations

import asyncio
import stat
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final

import aiohttp

from adapters.matrix.connecting import STATE
from adapters.matrix.errors import AGAIN, BUSY, Failure, Refused
from adapters.matrix.pace import Pace
from adapters.matrix.remembered import Remembered
from adapters.matrix.secret import Secrets
from adapters.matrix.session import Access, Kept, NotAdmitted, Sessions, asking, log_in
from adapters.matrix.signing import keys_of, standing
from adapters.matrix.voice import LIMITED
from chatops.clock import Clock, utc_now
from chatops.conversation.finding import Finding
from chatops.language import Code, Series, Span, _, n_

_CLOCK_OFF: Final = 60.0
_RECENT: Final = timedelta(days=7)
_PATIENCE: Final = aiohttp.ClientTimeout(total=15)
_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO


async def examine(
    access: Access,
    *,
    store_dir: Path,
    allow_invites: Sequence[str],
    secrets: Secrets,
    clock: Clock = utc_now,
    pace: Pace | None = None,
) -> list[Finding]:
    """Look at everything that the homeserver shows; a bot that runs beside it is not disturbed.

    Args:
        access: The account.
        store_dir: The folder for keys and for what must be known after a restart.
        allow_invites: The homeservers and users whose invitations are taken up.
        secrets: Keeps what opens that folder and the account.
    """
    given = pace or Pace()
    found = await _homeserver(access, clock)
    if any(finding.verdict == "broken" for finding in found):
        return found
    sessions = Sessions(access, secrets, store_dir, given)
    try:
        session = await sessions.known()
    except NotAdmitted as refused:
        return [*found, Finding(refused.reason, "broken", refused.mend)]
    except Failure:
        return [*found, _silent(access)]
    if session is None:
        return [*found, await _password(access, given), *_invites(allow_invites)]
    found.append(
        Finding(_("Matrix: the bot is logged in as {user}.", user=Code(session.user_id)), "fine")
    )
    async with asking(access, session.access_token, given) as client:
        try:
            known = await keys_of(client, session.user_id)
            rooms = (await client.ask("GET", "/joined_rooms")).get("joined_rooms", [])
        except Failure:
            return [*found, _silent(access)]
    keys = await asyncio.to_thread(_keys, sessions.keys_of(session), session, known)
    found += [keys, _vouched(session, known), _rooms(len(rooms)), *_invites(allow_invites)]
    return [*found, *await _limits(store_dir, session, clock())]


async def _homeserver(access: Access, clock: Clock) -> list[Finding]:
    """Ask whether a homeserver answers at the address, and what time it is there."""
    try:
        async with (
            aiohttp.ClientSession(timeout=_PATIENCE) as session,
            session.get(f"{access.address}/_matrix/client/versions") as answer,
        ):
            told = await answer.json(content_type=None)
            date = answer.headers.get("Date")
    except (aiohttp.ClientError, TimeoutError, OSError, ValueError):
        return [await _elsewhere(access)]
    if answer.status != HTTPStatus.OK or not isinstance(told, dict) or "versions" not in told:
        return [await _elsewhere(access)]
    works = _("A Matrix homeserver answers at {url}.", url=Code(access.address))
    return [Finding(works, "fine"), *_clock(date, clock())]


async def _elsewhere(access: Access) -> Finding:
    """Return that no homeserver is there, and where it says that it is, if it does."""
    address = ""
    try:
        async with (
            aiohttp.ClientSession(timeout=_PATIENCE) as session,
            session.get(f"{access.address}/.well-known/matrix/client") as answer,
        ):
            told = await answer.json(content_type=None)
            address = str(told["m.homeserver"]["base_url"])
    except (aiohttp.ClientError, TimeoutError, OSError, ValueError, LookupError, TypeError):
        return _silent(access)
    return Finding(
        _("No Matrix homeserver answers at {url}.", url=Code(access.address)),
        "broken",
        _(
            "Put {address} where {setting} stands.",
            address=Code(address.rstrip("/")),
            setting=Code("[matrix] homeserver"),
        ),
    )


def _silent(access: Access) -> Finding:
    return Finding(
        _("No Matrix homeserver answers at {url}.", url=Code(access.address)),
        "broken",
        _("Check the network, and {setting}.", setting=Code("[matrix] homeserver")),
    )


def _clock(date: str | None, now: datetime) -> list[Finding]:
    try:
        there = parsedate_to_datetime(date or "")
    except ValueError:
        return []
    off = abs((there - now).total_seconds())
    if off < _CLOCK_OFF:
        return [Finding(_("This machine’s clock agrees with the Matrix homeserver’s."), "fine")]
    return [
        Finding(
            _(
                "This machine’s clock is {length} off the Matrix homeserver’s.",
                length=Span(timedelta(seconds=round(off))),
            ),
            "weak",
            _(
                "Set the clock, for example with {command}.",
                command=Code("timedatectl set-ntp true"),
            ),
        )
    ]


async def _password(access: Access, pace: Pace) -> Finding:
    """Try the password, as a device that is removed again at once."""
    if not access.password:
        return Finding(
            _("Matrix: the bot has neither an access token nor a password."),
            "broken",
            _(
                "Give {user} and {password}.",
                user=Code("[matrix] user"),
                password=Code("[matrix] password"),
            ),
        )
    try:
        await _logged_in_and_out(access, pace)
    except NotAdmitted as refused:
        return Finding(refused.reason, "broken", refused.mend)
    except Refused as refused:
        if refused.retry_after is None:
            return _silent(access)
        return Finding(BUSY, "weak", AGAIN)
    except Failure:
        return _silent(access)
    right = _(
        "Matrix: the password is right; {command} logs in with it.", command=Code("quitx run")
    )
    return Finding(right, "fine")


async def _logged_in_and_out(access: Access, pace: Pace) -> None:
    async with asking(access, "", pace) as client:
        made = await log_in(client, access, "")
        client.access_token = made.access_token
        await client.ask("POST", "/logout", {})


def _keys(file: Path, session: Kept, known: Mapping[str, Any]) -> Finding:
    """Look whether the keys of the bot's device are there, and whether others can read them."""
    device = Code(session.device_id)
    theirs = known.get("device_keys", {}).get(session.user_id, {})
    if not file.exists() and session.device_id not in theirs:
        return Finding(
            _(
                "Matrix: {command} makes the keys of the device {device}.",
                command=Code("quitx run"),
                device=device,
            ),
            "fine",
        )
    if not file.exists():
        return Finding(
            _(
                "Matrix: the keys of the device {device} are not in {folder}.",
                device=device,
                folder=Code(str(file.parent)),
            ),
            "broken",
            _(
                "Put the folder back, or give {password}: then a new device is made.",
                password=Code("[matrix] password"),
            ),
        )
    if file.stat().st_mode & _OTHERS:
        return Finding(
            _("Others on this machine can read {file}.", file=Code(str(file))),
            "weak",
            _("Type {command}.", command=Code(f"chmod 600 {file}")),
        )
    return Finding(_("Matrix: the keys of the device {device} are there.", device=device), "fine")


def _vouched(session: Kept, known: Mapping[str, Any]) -> Finding:
    """Say whether other clients accept the bot's device."""
    device = Code(session.device_id)
    if standing(known, session.user_id, session.device_id) == "signed":
        signed = _("Matrix: the account vouches for the device {device}.", device=device)
        return Finding(signed, "fine")
    return Finding(
        _(
            "Matrix: the account does not vouch for the device {device}, so that other clients "
            "may neither read nor show its encrypted messages.",
            device=device,
        ),
        "weak",
        _(
            "Start the bot with {password}: it then signs its device.",
            password=Code("[matrix] password"),
        ),
    )


def _rooms(count: int) -> Finding:
    if count:
        return Finding(
            n_(
                "Matrix: the bot is in {count} room.", "Matrix: the bot is in {count} rooms.", count
            ),
            "fine",
        )
    return Finding(
        _("Matrix: the bot is in no room yet."), "weak", _("Invite it into a room of yours.")
    )


def _invites(allowed: Sequence[str]) -> list[Finding]:
    if allowed:
        who = Series(tuple(Code(each) for each in allowed))
        return [Finding(_("Matrix: the bot may be invited by {who}.", who=who), "fine")]
    return [
        Finding(
            _("Matrix: nobody may invite the bot into a room."),
            "weak",
            _(
                "Put your homeserver’s name, or the ids of those who may, where {setting} stands.",
                setting=Code("[matrix] allow_invites"),
            ),
        )
    ]


async def _limits(folder: Path, session: Kept, now: datetime) -> list[Finding]:
    """Say whether the homeserver has lately wanted fewer messages than there were."""
    state = folder / STATE
    if not await asyncio.to_thread(state.exists):
        return []
    remembered = Remembered(state)
    try:
        last = await remembered.get("limit", LIMITED)
    finally:
        remembered.close()
    if last is None or now.timestamp() - int(last) > _RECENT.total_seconds():
        return []
    path = f"/_synapse/admin/v1/users/{session.user_id}/override_ratelimit"
    return [
        Finding(
            _("Matrix: the homeserver has lately made the bot wait between messages."),
            "weak",
            _(
                "Ask whoever runs the homeserver to lift the limit for the bot; on Synapse with "
                "{request}, as an administrator.",
                request=Code(f'POST {path} {{"messages_per_second": 0, "burst_count": 0}}'),
            ),
        )
    ]
