"""Where archives come from: an attachment, the organisation's inbox folder, or any path."""

from __future__ import annotations

import asyncio
import secrets
from pathlib import Path

from chatops.conversation.command import Fetch
from chatops.conversation.events import Attachment
from chatops.language import Bytes, Code, Forbidden, Invalid, Missing, _
from chatops.migrations.keeping import KeptFiles
from chatops.organisations.records import Organisation

LARGEST = 60_000_000_000
"""Bytes of one archive: X itself splits larger ones (at 50 GiB of content)."""

_LARGE = 20_000_000


class Sources:
    """Finds the archive that a member names.

    Args:
        inbox: The folder that holds one inbox for each organisation.
        anywhere: The platforms on which any path may be named: the console, since whoever has the
            terminal can read the files anyway.
    """

    def __init__(self, inbox: Path, kept: KeptFiles, anywhere: frozenset[str]) -> None:
        self._inbox = inbox
        self._kept = kept
        self._anywhere = anywhere

    def inbox(self, organisation: Organisation) -> Path:
        """Return an organisation's inbox folder, which exists."""
        folder = self._inbox / str(organisation.id)
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return folder

    async def named(self, organisation: Organisation, platform: str, name: str) -> Path:
        """Return the archive of this name in the inbox, or at this path where that is allowed.

        Raises:
            Missing: There is none.
            Forbidden: A path was named where only names are allowed.
        """
        try:
            return await asyncio.to_thread(self._find, organisation, platform, name)
        except (OSError, RuntimeError, ValueError):
            # A name that no file can have: too long, a home of nobody, a zero byte.
            raise _no_such(name, self.inbox(organisation)) from None

    async def attached(self, attachment: Attachment, fetch: Fetch, *, direct: bool) -> Path:
        """Fetch an attached archive.

        Args:
            direct: Whether only the member and the bot are in the place. An archive holds private
                messages, so it is taken nowhere else.

        Raises:
            Forbidden: It was shared where others can open it.
            Invalid: It is larger than any archive.
        """
        if not direct:
            raise Forbidden(
                _("An archive holds your private messages: do not share it here."),
                _("Delete it here, and send it to me in a direct message."),
            )
        if attachment.size > LARGEST:
            raise Invalid(
                _("{name} is larger than any archive.", name=attachment.name),
                _("Send the ZIP that X gave you, of {size} at most.", size=Bytes(LARGEST)),
            )
        target = await asyncio.to_thread(self._kept.incoming, secrets.token_hex(8))
        try:
            await fetch(attachment, target, LARGEST)
        except BaseException:
            await asyncio.to_thread(self._kept.discard, target)
            raise
        return target

    async def takes_long(self, archive: Path) -> bool:
        """Whether reading an archive takes so long that people should be told."""
        return await asyncio.to_thread(
            lambda: archive.is_file() and archive.stat().st_size > _LARGE
        )

    def _find(self, organisation: Organisation, platform: str, name: str) -> Path:
        inbox = self.inbox(organisation)
        if Path(name).name == name and name not in {"", ".", ".."}:
            inside = inbox / name
            if inside.exists() and not inside.is_symlink():
                return inside
        elif platform not in self._anywhere:
            raise Forbidden(
                _("An archive is named here by its file name alone."),
                _("Name a file of the inbox folder, or send it in a direct message."),
            )
        if platform in self._anywhere and Path(name).expanduser().exists():
            return Path(name).expanduser()
        raise _no_such(name, inbox)


def _no_such(name: str, inbox: Path) -> Missing:
    return Missing(
        _("No archive is called {name}.", name=name),
        _("Put it into {folder}, then name it again.", folder=Code(str(inbox))),
    )
