"""What scripts read."""

from __future__ import annotations

import json
import unicodedata
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings

from adapters.console.json_form import SCHEMA_FILE, Line, encoded, error_of, reply_of, schema
from chatops.conversation.reply import Choice, Choices, Reply
from chatops.language import ENGLISH, Speaker, _
from tests.unit.console.replies import COMPLAINT, PLAN, replies

SCHEMA: dict[str, Any] = json.loads(schema())
REPLY = jsonschema.Draft202012Validator(SCHEMA)
LINE = jsonschema.Draft202012Validator({"$defs": SCHEMA["$defs"], "$ref": "#/$defs/Line"})


def line_of(reply: Reply, speaker: Speaker = ENGLISH) -> Line:
    shown = reply_of(reply, speaker, {"report.csv": "/saved/report.csv"})
    return Line(
        "m1",
        "message",
        "console",
        None,
        reply.private,
        "text",
        shown,
        error_of(reply.complaint, speaker),
    )


def test_the_schema_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


def test_the_schema_in_the_docs_is_fresh() -> None:
    kept = Path(__file__).parents[3] / SCHEMA_FILE
    assert kept.read_text(encoding="utf-8") == schema()


def test_a_reply_is_told_in_the_language_of_its_reader() -> None:
    line = json.loads(encoded(line_of(PLAN)))
    assert line["reply"]["blocks"][:3] == [
        {"type": "heading", "text": "Practice: Les Amis du vélo"},
        {
            "type": "paragraph",
            "text": "Type /quitx help or read the plan (https://example.org/plan).",
        },
        {
            "type": "fields",
            "fields": [{"name": "Posts", "value": "1,200"}, {"name": "Pictures", "value": "48"}],
        },
    ]
    assert line["reply"]["blocks"][5] == {
        "type": "progress",
        "label": "Moving posts",
        "done": 620,
        "total": 1000,
        "percent": 62,
    }
    assert line["reply"]["blocks"][7]["path"] == "/saved/report.csv"
    assert line["reply"]["blocks"][9]["choices"][0] == {
        "label": "Confirm",
        "says": "confirm abc",
        "emoji": "✅",
        "style": "primary",
        "form": False,
    }


def test_a_choice_says_whether_it_opens_a_form() -> None:
    offer = Choice(_("Fill in a form"), "migrate plan", form=True)
    line = json.loads(encoded(line_of(Reply((Choices((offer,)),)))))
    [shown] = line["reply"]["blocks"][0]["choices"]
    assert (shown["says"], shown["form"]) == ("migrate plan", True)


def test_an_error_tells_id_cause_and_next_step() -> None:
    line = json.loads(encoded(line_of(COMPLAINT)))
    assert line["error"] == {
        "id": "k3f9qz",
        "cause": "There is no verb statsu.",
        "next": "Did you mean status?",
    }
    assert list(line) == ["id", "event", "place", "to", "private", "text", "reply", "error"]


def test_a_deletion_has_no_reply_and_validates_too() -> None:
    line = json.loads(encoded(Line("m1", "delete", "console", None, False, "", None, None)))  # noqa: FBT003 - a record
    LINE.validate(line)
    REPLY.validate(line["reply"])


def test_the_schema_refuses_what_is_no_reply() -> None:
    with pytest.raises(jsonschema.ValidationError):
        REPLY.validate({"blocks": [{"type": "paragraph"}], "topic": ""})


@settings(max_examples=100, deadline=None)
@given(replies())
def test_every_line_parses_validates_and_is_harmless(reply: Reply) -> None:
    words = encoded(line_of(reply))
    assert not any(unicodedata.category(char) in {"Cc", "Cs"} for char in words)
    line = json.loads(words)
    LINE.validate(line)
    REPLY.validate(line["reply"])
