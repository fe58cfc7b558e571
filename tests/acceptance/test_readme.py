"""The README's first conversation works as it is printed."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.support.program import Program, texts

README = Path(__file__).parents[2] / "README.md"
_LINE = re.compile(r"^\| (`.+?) \| (`.+?) \| ", re.MULTILINE)
_TYPED = re.compile(r"`(.+?)`")


def conversation(column: int = 0) -> list[str]:
    """Return the lines that the README asks a newcomer to type; the second column is French."""
    table = README.read_text("utf-8").partition("## A first conversation")[2].partition("\n## ")[0]
    return [typed for row in _LINE.findall(table) for typed in _TYPED.findall(row[column])]


def test_the_readme_has_a_conversation() -> None:
    assert len(conversation()) >= 6


@pytest.fixture
def program(tmp_path: Path) -> Program:
    return Program(tmp_path)


def test_the_first_conversation_moves_everything_and_removes_it_again(program: Program) -> None:
    lines = conversation()
    undo = next(index for index, line in enumerate(lines) if "undo" in line)
    moved = texts(program.says(*(line for line in lines[:undo] if "practice show" not in line)))
    assert "posts moved" in moved
    assert "is done" in moved
    shown = texts(program.says("/quitx practice show"))
    assert "quitx-practice.html" in shown
    undone = texts(program.says(*lines[undo:]))
    assert "is undone" in undone
    nothing = texts(program.says("/quitx practice show"))
    assert "/quitx practice sample" in nothing


def test_it_works_in_french_with_french_names(tmp_path: Path) -> None:
    program = Program(tmp_path, {"LC_ALL": "fr_FR.UTF-8"})
    lines = conversation(1)
    undo = next(index for index, line in enumerate(lines) if "défaire" in line)
    said = program.says(*lines[:undo])
    assert "Les Jardins partagés" in texts(said)
    assert not re.search(r"\b(the|posts|moved|your)\b", texts(said))
    assert "est annulé" in texts(program.says(*lines[undo:]))
