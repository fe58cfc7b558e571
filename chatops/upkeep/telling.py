"""What the terminal says of backups and of an examination, one line each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from chatops.conversation.finding import Finding
from chatops.language import Bytes, Code, Moment, Text, _, n_
from chatops.upkeep.backup import Made
from chatops.upkeep.restore import Restored


def backed_up(made: Made) -> Iterator[Text]:
    """Say what is in a backup, and what is not."""
    file = Code(str(made.file))
    yield _(
        "The backup stands in {file}: {size}, read back and whole.",
        file=file,
        size=Bytes(made.size),
    )
    yield n_(
        "It holds the database and {count} file.",
        "It holds the database and {count} files.",
        made.files,
    )
    if made.key:
        yield _(
            "The vault's key is inside: whoever has the file can publish in your name. Lock it "
            "away."
        )
    else:
        yield _(
            "The vault's key is not inside. Keep a copy of it elsewhere: without it the accounts "
            "have to be connected again."
        )


def restored(done: Restored) -> Iterator[Text]:
    """Say what was put back, and what is to be done now."""
    yield _("The backup of {moment} was put back.", moment=Moment(done.made_at, "UTC"))
    if done.aside:
        yield _(
            "What was there before stands beside it; its names end in {ending}.",
            ending=Code(done.aside),
        )
    yield _(
        "What was done after it was made is unknown: the networks are asked before anything is "
        "published again. Migrations wait until somebody goes on with them, and each organisation "
        "is told."
    )
    if done.key == "missing":
        yield _(
            "The vault's key was not in it. Put it in its place before you start the bot: "
            "{setting}.",
            setting=Code("[vault] key_file"),
        )
    yield _("See that all is well with {doctor}, then start the bot.", doctor=Code("quitx doctor"))


def diagnosis(findings: Sequence[Finding]) -> Iterator[Text]:
    """Say what was found, the mend under what is wrong."""
    words = {"fine": _("fine"), "weak": _("weak"), "broken": _("broken")}
    for finding in findings:
        yield _("{verdict}: {subject}", verdict=words[finding.verdict], subject=finding.subject)
        if finding.mend is not None:
            yield _("    {mend}", mend=finding.mend)
