"""What stands instead of what a platform cannot show: a pure function, and it says so."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from msgspec.structs import replace

from chatops.conversation.addresses import Place
from chatops.conversation.platform import Capabilities
from chatops.conversation.reply import (
    Block,
    Choice,
    Choices,
    Document,
    Fields,
    Listing,
    Note,
    Paragraph,
    Picture,
    Reply,
)
from chatops.conversation.usage import PREFIX
from chatops.language import Bytes, Code, Text, _

NO_PICTURES: Final = _("This chat shows no pictures: their description stands instead.")
NO_FILES: Final = _("A file could not be attached here: its description stands instead.")
FEWER_BUTTONS: Final = _("Not everything fits on a button here: type the line instead.")
NO_FORMS: Final = _("This chat has no forms: type the line instead.")
NOT_PRIVATE: Final = _("This chat has no private replies: everybody here can read this.")


def prefix_in(place: Place, capabilities: Capabilities) -> str:
    """Return what a command starts with in a place: `/quitx`, or `!quitx` where that is none."""
    slash = capabilities.slash and (capabilities.slash_in_threads or not place.thread)
    return PREFIX if slash else f"!{PREFIX[1:]}"


def answered_aside(reply: Reply, place: Place, capabilities: Capabilities) -> bool:
    """Whether a private reply stands in the direct conversation instead of where it was asked."""
    return reply.private and not place.direct and capabilities.private_replies == "direct"


def adapt(reply: Reply, capabilities: Capabilities, place: Place) -> Reply:
    """Return a reply that a platform can show, with a note for each fallback.

    Args:
        reply: What is said.
        capabilities: What the platform can show.
        place: Where it will stand; in a direct one all is private.
    """
    fitting = _Fitting(capabilities, prefix_in(place, capabilities))
    blocks = [shown for block in reply.blocks for shown in fitting.fit(block)]
    private = place.direct or capabilities.private_replies == "here"
    exposed = reply.private and not private
    if exposed:
        fitting.notes[NOT_PRIVATE.message] = NOT_PRIVATE
    blocks += [Note(text) for text in fitting.notes.values()]
    return replace(reply, blocks=tuple(blocks), private=reply.private and not exposed)


class _Fitting:
    """Fits block by block; buttons and fields are counted over the whole message."""

    def __init__(self, capabilities: Capabilities, prefix: str) -> None:
        self.notes: dict[str, Text] = {}
        self._capabilities = capabilities
        self._prefix = prefix
        self._buttons = capabilities.buttons
        self._fields = capabilities.fields

    def fit(self, block: Block) -> Iterator[Block]:
        match block:
            case Picture() if not self._capabilities.pictures:
                self._note(NO_PICTURES)
                yield Paragraph(_("Picture: {description}", description=block.description))
            case Document() if len(block.data) > self._capabilities.files:
                self._note(NO_FILES)
                yield Paragraph(self._file(block))
            case Fields():
                yield from self._fit_fields(block)
            case Choices():
                yield from self._fit_choices(block)
            case _:
                yield block

    def _fit_fields(self, block: Fields) -> Iterator[Block]:
        kept, rest = block.fields[: self._fields], block.fields[self._fields :]
        self._fields -= len(kept)
        if kept:
            yield Fields(kept)
        if rest:
            lines = (_("{name}: {value}", name=each.name, value=each.value) for each in rest)
            yield Listing(tuple(lines))

    def _fit_choices(self, block: Choices) -> Iterator[Block]:
        choices = block.choices
        if not self._capabilities.reactions:
            choices = tuple(replace(choice, emoji="") for choice in choices)
        if not self._capabilities.forms and any(choice.form for choice in choices):
            self._note(NO_FORMS)
            choices = tuple(choice for choice in choices if not choice.form)
        kept, rest = choices[: self._buttons], choices[self._buttons :]
        self._buttons -= len(kept)
        if kept:
            yield Choices(kept)
        if rest:
            self._note(FEWER_BUTTONS)
            yield Listing(tuple(self._in_words(choice) for choice in rest), numbered=True)

    def _in_words(self, choice: Choice) -> Text:
        line = Code(f"{self._prefix} {choice.typed or choice.says}")
        if choice.emoji:
            return _(
                "{label}: type {line}, or react with {emoji}",
                label=choice.label,
                line=line,
                emoji=choice.emoji,
            )
        return _("{label}: type {line}", label=choice.label, line=line)

    def _file(self, block: Document) -> Text:
        return _(
            "File {name} ({size}): {description}",
            name=block.name,
            size=Bytes(len(block.data)),
            description=block.description,
        )

    def _note(self, text: Text) -> None:
        self.notes[text.message] = text
