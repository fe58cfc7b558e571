"""Checks that every message has its French words, and rewrites the catalogue's places.

python -m tests.support.catalogues             check
python -m tests.support.catalogues --update    add new messages, drop those that are gone

What the terminal shows before anything is loaded has the context `terminal` and is compiled into
`terminal.mo`.
"""

from __future__ import annotations

import argparse
import io
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

import click
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from chatops.cli import program
from chatops.terminal_language import DOMAIN, translate

ROOT = Path(__file__).parents[2]
FRENCH = ROOT / "chatops" / "language" / "locale" / "fr" / "LC_MESSAGES" / "quitx.po"
TERMINAL = FRENCH.with_name(f"{DOMAIN}.mo")
_CLICK = Path(click.__file__).parent
_SOURCES = ("chatops", "adapters", "commands")
_KEYWORDS: Mapping[str, tuple[int, ...] | None] = {"_": None, "n_": (1, 2), "ngettext": (1, 2)}
_PLACEHOLDER = re.compile(r"\{(\w+)(?:!r)?\}")
_ALWAYS = datetime(2026, 11, 23, tzinfo=UTC)  # a new time would be a new file
_HIGH_SIGNS = re.compile(r"(?<=[\w})\]])[ ]?[?!;:»](?=\s|$)")
_ONLY_PLACEHOLDERS = re.compile(r"^(\{\w+\}|[\s,()/@])*$")


def extracted() -> Catalog:
    """Return every message that the sources hold, and those of the terminal."""
    catalogue = Catalog(locale="fr", project="QuitX ChatOps", charset="utf-8")
    for folder in _SOURCES:
        for message in _in_python(ROOT / folder):
            if not _ONLY_PLACEHOLDERS.match(message if isinstance(message, str) else message[0]):
                catalogue.add(message)
    for message in terminal():
        catalogue.add(message, context=DOMAIN)
    return catalogue


def terminal() -> Sequence[str | tuple[str, ...]]:
    """Return what the terminal shows: the help of the commands, and click's own words."""
    messages = list(_in_python(_CLICK))

    def found(words: str) -> str:
        messages.append(words)
        return words

    translate(program, found)
    return messages


def compiled() -> bytes:
    """Return what `terminal.mo` should hold: the French of the terminal, as gettext reads it."""
    french = kept()
    catalogue = Catalog(locale="fr", creation_date=_ALWAYS, revision_date=_ALWAYS)
    for message in terminal():
        translation = french.get(message, DOMAIN)
        catalogue.add(message, translation.string if translation else None)
    written = io.BytesIO()
    write_mo(written, catalogue)
    return written.getvalue()


def _in_python(folder: Path) -> Iterator[str | tuple[str, ...]]:
    found = extract_from_dir(
        str(folder), [("**.py", "python")], keywords=_KEYWORDS, comment_tags=()
    )
    return (message for _file, _line, message, _comments, _context in found)


def kept() -> Catalog:
    """Return the French catalogue as it is in the repository."""
    if not FRENCH.exists():
        return Catalog(locale="fr")
    with FRENCH.open("rb") as file:
        return read_po(file, locale="fr", abort_invalid=True)


def faults() -> Iterator[str]:
    """Say what the catalogue lacks, one line for each message."""
    source, french = extracted(), kept()
    known = {_name(message) for message in french if message.id}
    for message in source:
        if not message.id:
            continue
        if _name(message) not in known:
            yield f"not in the catalogue: {_name(message)!r}"
    wanted = {_name(message) for message in source}
    for message in french:
        if not message.id:
            continue
        if _name(message) not in wanted:
            yield f"no longer used: {_name(message)!r}"
        yield from _wrong(message)
    if not TERMINAL.exists() or TERMINAL.read_bytes() != compiled():
        yield f"stale, --update writes it: {TERMINAL.name}"


def _name(message: Message) -> str:
    """Return the message, its plural included, as one text."""
    name = message.id if isinstance(message.id, str) else "\n".join(message.id)
    return f"{message.context}: {name}" if message.context else name


def _wrong(message: Message) -> Iterator[str]:
    given = message.string if isinstance(message.string, (list, tuple)) else (message.string,)
    forms = [form for form in given if form]
    if len(forms) != len(given) or not forms:
        yield f"not translated: {message.id!r}"
        return
    if message.fuzzy:
        yield f"translated by a guess: {message.id!r}"
    source = message.id if isinstance(message.id, str) else message.id[1]
    for form in forms:
        needed = set(_PLACEHOLDER.findall(source)) - {"count"}
        if set(_PLACEHOLDER.findall(form)) - {"count"} != needed:
            yield f"other values than the English: {form!r}"
        if _HIGH_SIGNS.search(form):
            yield f"no non-breaking space before a high sign: {form!r}"
        if "'" in form or '"' in form:
            yield f"a straight quote: {form!r}"


def update() -> None:
    """Bring the catalogue's messages up to date, keeping every translation."""
    catalogue = kept()
    catalogue.update(extracted(), no_fuzzy_matching=True)
    catalogue.obsolete.clear()
    FRENCH.parent.mkdir(parents=True, exist_ok=True)
    with FRENCH.open("wb") as file:
        write_po(file, catalogue, omit_header=False, no_location=True, sort_output=True, width=100)
    TERMINAL.write_bytes(compiled())


def main() -> None:
    """Run from the command line."""
    arguments = argparse.ArgumentParser(description="Check the French catalogue.")
    arguments.add_argument("--update", action="store_true")
    if arguments.parse_args().update:
        update()
        return
    found = list(faults())
    for fault in found:
        sys.stderr.write(f"{fault}\n")
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
