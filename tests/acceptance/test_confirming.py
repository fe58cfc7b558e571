"""A yes is to what was shown, whatever else happened meanwhile."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.program import Program, texts

SAMPLE = "/quitx practice sample"
PLAN = "/quitx migrate plan quitx-sample.zip"


@pytest.fixture
def program(tmp_path: Path) -> Program:
    return Program(tmp_path)


def test_a_yes_starts_the_migration_that_was_shown_and_not_a_newer_one(program: Program) -> None:
    said = program.says(SAMPLE, PLAN, "/quitx migrate start")
    preview = next(each["id"] for each in said if "waits until" in each["text"])
    assert preview == "m3"
    program.says(PLAN)
    said = program.says("/quitx migrate start 1", PLAN, ":react ✅ m1")
    assert "Migration 1 is done" in texts(said)
    status = texts(program.says("/quitx status"))
    assert "planned, not started" in status


def test_a_yes_removes_the_migration_that_was_shown(program: Program) -> None:
    program.says(SAMPLE, PLAN, "/quitx migrate start", ":react ✅")
    said = program.says("/quitx migrate undo", PLAN, ":react ✅ m1")
    assert "Migration 1 is undone" in texts(said)


def test_a_release_is_previewed_and_moves_what_was_held(program: Program) -> None:
    program.says(SAMPLE, PLAN, "/quitx migrate start", ":react ✅")
    said = program.says("/quitx migrate release")
    assert "for a few people only" in texts(said)
    assert "1 post waits" not in texts(program.says("/quitx migrate report"))
    released = texts(program.says("/quitx migrate release", ":react ✅"))
    assert "Migration 1 is done" in released
    assert "49 posts" in texts(program.says("/quitx migrate report"))
    error = program.complains("/quitx migrate release")
    assert "held back" in error["cause"]
