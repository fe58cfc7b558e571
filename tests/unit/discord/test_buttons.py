"""Buttons tell what they say by themselves."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from adapters.discord.buttons import buttons_of, pressed
from adapters.discord.limits import BUTTON_LABEL, CUSTOM_ID, length
from adapters.discord.voice import nonce_of
from chatops.conversation.reply import Choice, mark_of
from chatops.language import ENGLISH, verbatim

LINES = st.text(max_size=200)


@given(st.lists(st.builds(Choice, LINES.map(verbatim), LINES, form=st.booleans()), max_size=25))
def test_a_button_says_its_line_or_the_mark_of_it(choices: list[Choice]) -> None:
    rows = buttons_of(choices, ENGLISH)
    assert len(rows) <= 5
    buttons = [button for row in rows for button in row]
    assert len({button.id for button in buttons}) == len(choices)
    for choice, button in zip(choices, buttons, strict=True):
        assert 0 < length(button.id) <= CUSTOM_ID
        assert 0 < length(button.label) <= BUTTON_LABEL
        press = pressed(button.id)
        assert press is not None
        assert press.form == choice.form
        assert press.says in (choice.says, mark_of(choice.says))


def test_a_short_line_is_said_in_full() -> None:
    [[button]] = buttons_of([Choice(verbatim("Yes"), "confirm abc123")], ENGLISH)
    assert button.id == "0:says:confirm abc123"


@given(st.text(max_size=100))
def test_other_buttons_mean_nothing(button_id: str) -> None:
    press = pressed(button_id)
    assert press is None or button_id.endswith(press.says)


@given(st.text(max_size=300))
def test_a_nonce_fits_and_stays_the_same(key: str) -> None:
    assert len(nonce_of(key)) <= 25
    assert nonce_of(key) == nonce_of(key)
