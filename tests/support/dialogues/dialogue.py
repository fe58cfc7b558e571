"""Dialogues as they stand in `data/*.toml`: who says what where, and who sees what then.

A file holds any number of them:

    [[dialogue]]
    title = "An editor plans, and starts by a button"
    language = "en"                       # of the organisation and of everybody's client

    [[dialogue.step]]
    by = "bea"
    say = "/quitx practice sample"
    expect = ["A sample archive is ready"]
    offers = ["Plan the migration"]

Every step does one thing, or nothing and only looks. After each, whatever else is written, all that
the bot said must be seen by whom it was said to, whole and in order, and by nobody else; nobody is
pinged; and nothing else is seen (see `meaning.py`). What is seen is compared with spaces made plain
and `!quitx` read as `/quitx`.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import msgspec
from msgspec import Struct, field

from chatops.conversation.command import Names
from chatops.language import Language
from tests.support.dialogues.driver import Where, Who

DATA: Final = Path(__file__).with_name("data")

_CAST: Final[Mapping[Who, str]] = {"amal": "admin", "bea": "editor", "chris": "approver"}
_ACTS: Final = ("say", "react", "unreact", "press", "fill")


class Fill(Struct, frozen=True, forbid_unknown_fields=True):
    """A form that is filled in."""

    verb: str
    values: Mapping[str, str] = {}


class Step(Struct, frozen=True, forbid_unknown_fields=True):
    """One thing that somebody does, and what is seen then.

    `{name}` in what is said, pressed, filled in or expected is what an earlier step has taken with
    `take`, or what the dialogue was prepared with.

    Args:
        by: Who does it, and looks.
        thread: Under which message, by the name that `call` or `mine` gave it.
        say: A line or a message.
        attach: Files that come with it, by their names in `files.py`.
        react: An emoji; `unreact` takes it back.
        press: The label of a button.
        on: The message that is meant, by its name; without it, the newest that the person sees with
            that button, or for a reaction the newest of the bot's.
        expect: What the new messages say, in this order.
        edit: What a message that stood before says now, in this order.
        absent: What no new or changed message says.
        offers: Labels that can be pressed in what is new or changed, by a button or in words.
        private: Whether nobody else sees what is new; not checked where it is not said.
        nothing: Whether nobody sees anything new or changed.
        sees: What others see that is new or changed.
        files: The names of files attached to what is new.
        gone: Whether the person's own message was deleted; checked where the bot may do that.
        call: The name that later steps call the newest message of the bot by.
        mine: The same for the message that the person left by saying it.
        take: Words to take from what is new or changed: a name, and a pattern with one group.
    """

    by: Who = "amal"
    where: Where = "general"
    thread: str = ""
    say: str | None = None
    attach: tuple[str, ...] = ()
    react: str | None = None
    unreact: str | None = None
    press: str | None = None
    fill: Fill | None = None
    on: str = ""
    expect: tuple[str, ...] = ()
    edit: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()
    offers: tuple[str, ...] = ()
    private: bool | None = None
    nothing: bool = False
    sees: Mapping[Who, tuple[str, ...]] = {}
    files: tuple[str, ...] = ()
    gone: bool = False
    call: str = ""
    mine: str = ""
    take: Mapping[str, str] = {}

    def __post_init__(self) -> None:
        acts = [name for name in _ACTS if getattr(self, name) is not None]
        if len(acts) > 1:
            raise ValueError(f"a step does one thing, not {acts}")


class Dialogue(Struct, frozen=True, forbid_unknown_fields=True):
    """One conversation.

    Args:
        apart: Platforms on which it goes another way, each with the reason, which is printed in
            `docs/platforms.md`.
        organisation: Whose place `general` is; empty for nobody's.
        beside: A second organisation whose place `general` is too.
        invited: An organisation without an admin, for which `{code}` is good.
        roles: Who is what in the first organisation; the usual cast where it is not said.
        also: Who is what in the second one.
    """

    title: str
    step: tuple[Step, ...]
    language: Language = "en"
    apart: Mapping[str, Names] = {}
    organisation: str = "The Shared Gardens"
    beside: str = ""
    invited: str = ""
    roles: Mapping[Who, str] = field(default_factory=lambda: dict(_CAST))
    also: Mapping[Who, str] = {}


def dialogues() -> Sequence[Dialogue]:
    """Return every dialogue, in the order of the files."""
    return [dialogue for path in sorted(DATA.glob("*.toml")) for dialogue in _read(path)]


def _read(path: Path) -> Sequence[Dialogue]:
    written: Any = tomllib.loads(path.read_text("utf-8"))
    try:
        return msgspec.convert(written["dialogue"], list[Dialogue])
    except msgspec.ValidationError as error:
        raise ValueError(f"{path.name}: {error}") from error
