"""What can be wrong with an archive, each with the file at fault and what to do about it.

ArchiveTrouble
├── NotAnArchive   what was given is something else
├── Damaged        a file is cut off, changed or not what its checksum says
└── Dangerous      the ZIP is built to mislead or to exhaust whoever reads it
"""

from __future__ import annotations

from msgspec import Struct

from chatops.language import Bytes, Invalid, Text, Unavailable, _, verbatim


class ArchiveTrouble(Invalid):
    """An archive cannot be read as it is.

    Args:
        file: The name of the file at fault.
    """

    def __init__(self, reason: Text, mend: Text, file: str) -> None:
        super().__init__(reason, mend)
        self.file = file


class NotAnArchive(ArchiveTrouble):
    """What was given is not an archive of X."""


class Damaged(ArchiveTrouble):
    """A file of the archive is cut off or changed."""


class Unreadable(ArchiveTrouble):
    """A file of the archive is not as X writes it."""


class Dangerous(ArchiveTrouble):
    """The ZIP is built to mislead or to exhaust whoever reads it."""


class NotKept(Unavailable):
    """A file of the archive could not be written where it is to be kept."""


class Source(Struct, frozen=True):
    """A file and the archive that it is in, as people know them; makes the troubles that name both.

    Args:
        member: Empty for the archive itself.
    """

    archive: str
    member: str = ""

    @property
    def file(self) -> str:
        """The file at fault."""
        return self.member or self.archive

    @property
    def _where(self) -> Text:
        if not self.member:
            return verbatim(self.archive)
        return _("{member} in {archive}", member=self.member, archive=self.archive)

    def cut_off(self) -> Damaged:
        """Tell that the file ends too early."""
        return Damaged(_("{file} is cut off.", file=self._where), _AGAIN, self.file)

    def changed(self) -> Damaged:
        """Tell that the file is not what its checksum says."""
        reason = _("{file} is damaged: its checksum is wrong.", file=self._where)
        return Damaged(reason, _AGAIN, self.file)

    def garbled(self) -> Damaged:
        """Tell that the file cannot be decompressed, or that the ZIP contradicts itself."""
        return Damaged(_("{file} is damaged.", file=self._where), _AGAIN, self.file)

    def unreadable(self, position: int) -> Unreadable:
        """Tell that what stands in the file is not what X writes; `position` counts from 1."""
        reason = _(
            "{file} cannot be understood around its entry {position}.",
            file=self._where,
            position=position,
        )
        return Unreadable(reason, _ORIGINAL, self.file)

    def unlike_x(self) -> Unreadable:
        """Tell that the file does not begin as X's files do."""
        reason = _("{file} is not a file as X writes it.", file=self._where)
        return Unreadable(reason, _ORIGINAL, self.file)

    def absent(self) -> ArchiveTrouble:
        """Tell that the file is not there, or no longer."""
        reason = _("{file} is not there, or cannot be opened.", file=self._where)
        return ArchiveTrouble(reason, _("Put the archive back and try again."), self.file)

    def encrypted(self) -> ArchiveTrouble:
        """Tell that the file has a password."""
        reason = _("{file} is protected by a password.", file=self._where)
        return ArchiveTrouble(reason, _PLAIN_ZIP, self.file)

    def packed_unusually(self) -> ArchiveTrouble:
        """Tell that the file's compression is none that X uses."""
        reason = _("{file} is compressed in a way that X never uses.", file=self._where)
        return ArchiveTrouble(reason, _PLAIN_ZIP, self.file)

    def too_large(self, limit: int) -> Dangerous:
        """Tell that the file, or a piece of it that must be held at once, is beyond all measure."""
        reason = _(
            "{file} is larger than anything X writes ({limit} at most).",
            file=self._where,
            limit=Bytes(limit),
        )
        return Dangerous(reason, _ORIGINAL, self.file)

    def unwanted(self, limit: int) -> ArchiveTrouble:
        """Tell that the file is larger than whoever asked for it can take."""
        reason = _("{file} is larger than {limit}.", file=self._where, limit=Bytes(limit))
        mend = _("Make it smaller and post it by hand, or go on without it.")
        return ArchiveTrouble(reason, mend, self.file)

    def bomb(self) -> Dangerous:
        """Tell that the file unpacks to much more than it could hold."""
        reason = _("{file} unpacks to far more than it should.", file=self._where)
        return Dangerous(reason, _ORIGINAL, self.file)

    def misleading(self, name: str) -> Dangerous:
        """Tell that the ZIP holds a name that leads out of it."""
        reason = _("{file} holds a file with an unsafe name: {name}", file=self._where, name=name)
        return Dangerous(reason, _ORIGINAL, self.file)

    def overlapping(self) -> Dangerous:
        """Tell that files of the ZIP share the same bytes."""
        reason = _("The files in {file} overlap: it was not made by X.", file=self._where)
        return Dangerous(reason, _ORIGINAL, self.file)

    def twice(self) -> Dangerous:
        """Tell that the ZIP holds the file two times."""
        reason = _("{archive} holds {member} twice.", archive=self.archive, member=self.member)
        return Dangerous(reason, _ORIGINAL, self.file)

    def crowded(self) -> Dangerous:
        """Tell that the ZIP claims more files than an archive can have."""
        reason = _("{file} claims to hold more files than any archive does.", file=self._where)
        return Dangerous(reason, _ORIGINAL, self.file)

    def something_else(self) -> NotAnArchive:
        """Tell that the file is no ZIP at all."""
        return NotAnArchive(
            _("{file} is not a ZIP file.", file=self._where),
            _("Give the ZIP that X offers under “Download an archive of your data”."),
            self.file,
        )

    def foreign(self) -> NotAnArchive:
        """Tell that nothing of an X archive is in it."""
        return NotAnArchive(
            _("{file} holds no X archive: there is no tweets.js in it.", file=self._where),
            _("Give the ZIP that X offers under “Download an archive of your data”."),
            self.file,
        )

    def nested(self, inner: str) -> NotAnArchive:
        """Tell that the archive seems to be in a ZIP in the ZIP."""
        return NotAnArchive(
            _(
                "{file} holds another ZIP, {inner}, and no archive.",
                file=self._where,
                inner=inner,
            ),
            _("Unpack it once, and give the ZIP that is inside."),
            self.file,
        )

    def several(self) -> NotAnArchive:
        """Tell that more than one archive is in it."""
        return NotAnArchive(
            _("{file} holds more than one archive.", file=self._where),
            _("Give one archive at a time."),
            self.file,
        )

    def split(self) -> ArchiveTrouble:
        """Tell that the ZIP is one volume of several."""
        return ArchiveTrouble(
            _("{file} is one piece of a ZIP that was split.", file=self._where),
            _("Join the pieces and give the whole ZIP."),
            self.file,
        )


_AGAIN = _("Download the archive from X again, or copy it again, and give the new file.")
_ORIGINAL = _("Give the archive as it came from X, unchanged.")
_PLAIN_ZIP = _("Unpack it, zip the folder again without a password, and give the new ZIP.")
