"""What a reply means, and whether that is what somebody sees.

All the words of a reply must be seen, in order. More may be seen only where the platform says that
it did something instead (`chatops.conversation.fallbacks`), and for the few words in which adapters
are free: how an error is introduced, figures beside a bar, numbers of pages.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from msgspec import Struct

from chatops.conversation.fallbacks import NO_FORMS, adapt
from chatops.conversation.platform import Capabilities
from chatops.conversation.reply import (
    Block,
    Choices,
    Document,
    Fields,
    Heading,
    Listing,
    Note,
    Paragraph,
    Picture,
    Progress,
    Quote,
    Reply,
    choices_of,
)
from chatops.language import Bytes, Code, Speaker, Text, _
from tests.support.dialogues.driver import Seen
from tests.support.dialogues.house import Told
from tests.support.dialogues.words import standing_for

_DECORATION: Final = re.compile(r"[\W_ℹ]*|[\W_]*\d+(?:[/.]\d+)*[\W_]*")
"""Bullets, bars, icons; and numbers of items or pages, and percentages."""


class Mismatch(Struct, frozen=True):
    """Why messages do not say what a reply means; `met` is how much of it was found."""

    reason: str
    met: int


def plain(words: str) -> str:
    """Return words as they are compared: single spaces, and one way to call the bot."""
    return re.sub(r"\s+", " ", words).strip().replace("!quitx", "/quitx")


def tokens(words: str) -> list[str]:
    """Return what has to be seen of a text, piece by piece."""
    pieces = (each.strip("“”«»").rstrip(":") for each in plain(words).split(" "))
    return [piece for piece in pieces if piece]


def meant(reply: Reply, speaker: Speaker) -> Iterator[str]:
    """Go through all that a reply says, save its choices and the names of files."""
    if reply.complaint is not None:
        yield speaker.say(reply.complaint.cause)
        yield speaker.say(reply.complaint.next)
        if reply.complaint.typed:
            yield reply.complaint.typed
        yield reply.complaint.id
    for block in reply.blocks:
        yield from _meant(block, speaker)


def _meant(block: Block, speaker: Speaker) -> Iterator[str]:
    say = speaker.say
    match block:
        case Heading(text=text) | Paragraph(text=text) | Note(text=text):
            yield say(text)
        case Fields(fields=fields):
            for each in fields:
                yield say(each.name)
                yield say(each.value)
        case Listing(items=items):
            yield from map(say, items)
        case Quote(text=text, caption=caption):
            if caption is not None:
                yield say(caption)
            yield text
        case Progress(label=label):
            yield say(label)
        case Picture(description=description) | Document(description=description):
            yield say(description)
        case Choices():
            pass


def explained(
    told: Told, seen: Sequence[Seen], capabilities: Capabilities
) -> tuple[int, Mismatch | None]:
    """Return how many of the messages, from the first on, are what was told; or why they are not.

    Args:
        seen: What stands in order; a long reply may be several of them.
    """
    wanted = [token for said in meant(told.reply, told.speaker) for token in tokens(said)]
    allowed = Counter(_allowed(told, capabilities))
    mismatch = Mismatch("nothing is seen", 0)
    for count in range(1, len(seen) + 1):
        pages = seen[:count]
        found = tokens("\n".join(page.text for page in pages))
        met, extra = _in_order(wanted, found)
        if met < len(wanted):
            mismatch = Mismatch(f"{wanted[met]!r} is missing after {wanted[:met][-5:]}", met)
            continue
        missing = _missing(told, pages, capabilities)
        if missing:
            mismatch = Mismatch(missing, met)
            continue
        strange = [each for each in extra if not _DECORATION.fullmatch(each)]
        if strange := list((Counter(strange) - allowed).elements()):
            return 0, Mismatch(f"{strange} was not said", met)
        return count, _careless(told, pages, capabilities)
    return 0, mismatch


def _in_order(wanted: Sequence[str], found: Sequence[str]) -> tuple[int, list[str]]:
    """Return how many of the wanted words are found one after the other, and what else is."""
    met = 0
    extra: list[str] = []
    for token in found:
        if met < len(wanted) and token == wanted[met]:
            met += 1
        else:
            extra.append(token)
    return met, extra


def _missing(told: Told, pages: Sequence[Seen], capabilities: Capabilities) -> str:
    """Say which choice or file cannot be reached; empty for none."""
    labels = {bare(label) for page in pages for label in page.buttons}
    text = "\n".join(page.text for page in pages)
    for choice in choices_of(told.reply):
        label = bare(told.speaker.say(choice.label))
        if label in labels or (choice.form and not capabilities.forms):
            continue
        try:
            standing_for(label, plain_lines(text))
        except AssertionError:
            return f"nothing offers {label!r}, only {sorted(labels)}"
    names = {file.name for page in pages for file in page.files}
    names |= {name for page in pages for name in page.pictures}
    for block in told.reply.blocks:
        if isinstance(block, Document) and block.name not in names and block.name not in text:
            return f"the file {block.name!r} is missing, there are only {sorted(names)}"
    return ""


def _careless(told: Told, pages: Sequence[Seen], capabilities: Capabilities) -> Mismatch | None:
    """Find what must never be: a ping, a link that nobody meant, an edit that looks like none."""
    pings = [ping for page in pages for ping in page.pings]
    if pings:
        return Mismatch(f"{pings} are notified", 0)
    links = {link for page in pages for link in page.links} - set(_links(told))
    if links:
        return Mismatch(f"{sorted(links)} can be clicked, and nobody meant that", 0)
    if told.edited and capabilities.edits and not any(page.edited for page in pages):
        return Mismatch("it was edited, and does not say so", 0)
    return None


def _allowed(told: Told, capabilities: Capabilities) -> Iterator[str]:
    """Go through the words that may be seen beside what was meant."""
    reply, say = told.reply, told.speaker.say
    shown = adapt(reply, capabilities, told.address.place)
    for said in meant(shown, told.speaker):
        yield from tokens(said)
    if reply.complaint is not None:
        for chrome in (
            _("You typed: {line}", line=Code(reply.complaint.typed)),
            _("Error {id}", id=Code(reply.complaint.id)),
        ):
            yield from tokens(say(chrome))
    for block in reply.blocks:
        if isinstance(block, Picture | Document):
            for line in _file_lines(block):
                yield from tokens(say(line))
    for progress in (block for block in reply.blocks if isinstance(block, Progress)):
        yield from tokens(say(_("{done} so far", done=progress.done)))
    if any(choice.form for choice in choices_of(reply)) and not capabilities.forms:
        yield from tokens(say(NO_FORMS))


def _file_lines(block: Picture | Document) -> Iterable[Text]:
    name, description = block.name, block.description
    yield _("Picture {name}: {description}", name=name, description=description)
    yield _("Picture: {description}", description=description)
    said = _(
        "File {name} ({size}): {description}",
        name=name,
        size=Bytes(len(block.data)),
        description=description,
    )
    yield _("{file} Saved as {path}", file=said, path="")


def _links(told: Told) -> Iterator[str]:
    for text in _texts(told.reply):
        for piece in told.speaker.pieces(text):
            if piece.url:
                yield piece.url


def _texts(value: object) -> Iterator[Text]:
    if isinstance(value, Text):
        yield value
    elif isinstance(value, Struct):
        for name in value.__struct_fields__:
            yield from _texts(getattr(value, name))
    elif isinstance(value, tuple):
        for each in value:
            yield from _texts(each)


def bare(label: str) -> str:
    """Return a label without the emoji before it."""
    return plain(re.sub(r"^[^\w(«\"]+", "", label))


def plain_lines(text: str) -> str:
    """Return a text with its lines, each as it is compared."""
    return "\n".join(plain(line) for line in text.split("\n"))
