"""Buttons, and what they say when they are pressed long after they were made."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from msgspec import Struct

from adapters.discord.limits import BUTTON_LABEL, BUTTONS_IN_ROW, CUSTOM_ID, length, shortened
from adapters.discord.markdown import clean
from chatops.conversation.emoji import plain
from chatops.conversation.reply import Choice, mark_of
from chatops.language import Speaker

_SAYS: Final = "says"
_FORM: Final = "form"
_STYLES: Final = {"primary": 1, "normal": 2, "danger": 4}
_NO_BREAK_SPACE: Final = "\u00a0"


class Button(Struct, frozen=True):
    """A button.

    Args:
        id: Tells what it says, by itself, whenever it is pressed.
        style: By the API's numbers.
        emoji: Empty for none.
    """

    id: str
    label: str
    style: int
    emoji: str = ""


class Press(Struct, frozen=True):
    """What a pressed button means.

    Args:
        says: The choice's line, or its mark where that is too long for a button.
        form: Whether it opens a form.
    """

    says: str
    form: bool


def buttons_of(choices: Sequence[Choice], speaker: Speaker) -> tuple[tuple[Button, ...], ...]:
    """Return the buttons of choices, row by row."""
    buttons = [_button(number, choice, speaker) for number, choice in enumerate(choices)]
    return tuple(
        tuple(buttons[at : at + BUTTONS_IN_ROW]) for at in range(0, len(buttons), BUTTONS_IN_ROW)
    )


def pressed(button_id: str) -> Press | None:
    """Return what a button of this id means; None where it is not one of ours."""
    _number, _colon, rest = button_id.partition(":")
    way, colon, says = rest.partition(":")
    if not colon or way not in (_SAYS, _FORM):
        return None
    return Press(says, way == _FORM)


def cut(choice: Choice, speaker: Speaker) -> bool:
    """Whether a choice's label is longer than a button shows."""
    return length(_label(choice, speaker)) > BUTTON_LABEL


def _button(number: int, choice: Choice, speaker: Speaker) -> Button:
    start = f"{number}:{_FORM if choice.form else _SAYS}:"
    says = choice.says
    if length(start + says) > CUSTOM_ID or clean(says) != says:
        says = mark_of(says)
    label = shortened(_label(choice, speaker), BUTTON_LABEL)
    return Button(start + says, label, _STYLES[choice.style], _emoji(choice))


def _label(choice: Choice, speaker: Speaker) -> str:
    label = " ".join(clean(speaker.say(choice.label)).split(" "))
    return " ".join(label.split("\n")).strip() or clean(choice.says) or _NO_BREAK_SPACE


def _emoji(choice: Choice) -> str:
    emoji = plain(choice.emoji)
    return "" if emoji.isascii() else emoji
