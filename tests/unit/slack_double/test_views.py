"""The double refuses the views that Slack refuses."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.slack.validation import check_view
from tests.support.slack.validation.views import too_large

Json = dict[str, Any]


def plain(text: str) -> Json:
    return {"type": "plain_text", "text": text}


FIELD = {"type": "input", "label": plain("Name"), "element": {"type": "plain_text_input"}}
LINE = {"type": "divider"}


def modal(**changes: object) -> Json:
    whole = {
        "type": "modal",
        "title": plain("Form"),
        "submit": plain("Send"),
        "blocks": [FIELD],
        **changes,
    }
    return {key: value for key, value in whole.items() if value is not None}


def test_a_form_at_every_limit_is_accepted() -> None:
    view = modal(
        title=plain("a" * 24),
        close=plain("b" * 24),
        private_metadata="c" * 3000,
        callback_id="d" * 255,
        external_id="e" * 255,
    )
    assert check_view(view, kind="modal") == []


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"title": plain("a" * 25)}, "less than 25"),
        ({"title": None}, "missing required field: title"),
        ({"submit": None}, "missing required field: submit"),
        ({"submit": plain("a" * 25)}, "less than 25"),
        ({"private_metadata": "a" * 3001}, "less than 3001"),
        ({"external_id": "a" * 256}, "less than 256"),
        ({"callback_id": "a" * 256}, "less than 256"),
        ({"blocks": None}, "missing required field: blocks"),
        ({"blocks": []}, "between 1 and 100 blocks"),
        ({"blocks": [LINE] * 101}, "no more than 100"),
        ({"footer": "a"}, "invalid additional property: footer"),
        ({"type": "page"}, "unsupported type: page"),
        ({"blocks": [{"type": "section", "text": plain("a" * 3001)}]}, "less than 3001"),
    ],
)
def test_what_a_modal_may_not_be(changes: Json, sentence: str) -> None:
    problems = check_view(modal(**changes), kind="modal")
    assert any(sentence in problem for problem in problems), problems


def test_a_home_tab_has_no_title_and_no_button_to_send() -> None:
    assert check_view({"type": "home", "blocks": [LINE]}, kind="home") == []
    assert check_view({"type": "home", "blocks": [LINE], "title": plain("a")}, kind="home")


def test_a_modal_is_no_home_tab() -> None:
    assert "must be a view of type home" in check_view(modal(), kind="home")[0]


def test_a_view_above_250_kb_is_too_large() -> None:
    assert not too_large(modal(private_metadata="é" * 100_000))
    assert too_large(modal(private_metadata="é" * 130_000))
