"""Setting up organisations in the terminal, with the real program."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.support.program import Program, texts

CODE = re.compile(r"^(.+): /quitx setup ((?:[2-9A-Z]{4}-){2}[2-9A-Z]{4})$", re.MULTILINE)


@pytest.fixture
def program(tmp_path: Path) -> Program:
    return Program(tmp_path)


def test_codes_of_the_terminal_make_admins_in_chat_and_stay_unseen(program: Program) -> None:
    ((name, code),) = CODE.findall(program("setup", given="Les Amis\n").stdout)
    assert name == "Les Amis"
    said = texts(program.says(":as Amal", ":in team", f"/quitx setup {code}", "/quitx members"))
    assert "Les Amis" in said
    assert "Amal" in said
    assert code not in said

    refused = program("setup", "les amis")
    assert refused.returncode == 1
    assert "quitx setup --recover 1" in refused.stderr
    ((name, again),) = CODE.findall(program("setup", "--recover", "1").stdout)
    lines = (":as Ben", f"/quitx setup {again}", "/quitx members", f"/quitx setup {code}")
    done = program("console", "--json", given="".join(f"{line}\n" for line in lines))
    assert "Ben" in done.stdout
    assert "used before" in done.stdout


def test_a_list_makes_a_code_for_each_or_none(program: Program) -> None:
    listed = program.folder / "list.csv"
    listed.write_text("name;language\nForêt;fr\nMer;xx\n", "utf-8")
    wrong = program("setup", "--from", "list.csv")
    assert wrong.returncode == 1
    assert "Line 3: xx is not a language" in wrong.stderr
    assert wrong.stdout == ""

    listed.write_text("nom;langue;fuseau\nForêt;fr;\nMer;en;UTC\n", "utf-8")
    found = dict(CODE.findall(program("setup", "--from", "list.csv").stdout))
    assert list(found) == ["Forêt", "Mer"]
    assert len(set(found.values())) == 2


def test_one_thing_is_asked_for_at_a_time(program: Program) -> None:
    assert program("setup", "A", "--recover", "B").returncode == 2
