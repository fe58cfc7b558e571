from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from adapters.slack import limits
from adapters.slack.pressing import (
    action_id,
    block_id,
    button_of,
    folded,
    packed,
    unfolded,
    unpacked,
)


@given(st.text(max_size=3_000))
def test_a_line_on_a_button_comes_back_or_is_named(says: str) -> None:
    value = packed(says)
    assert len(value) <= limits.VALUE
    assert not set(value) & set("<>&\n")
    assert unpacked(value) in (says, None)
    if len(says) < 300 and says.isprintable():
        assert unpacked(value) == says


@given(st.text())
def test_a_long_line_is_kept_beside_the_message(says: str) -> None:
    assert unfolded(folded(says)) == says


def test_a_button_tells_whether_it_opens_a_form_and_of_which_message() -> None:
    said = button_of(action_id(3, None), block_id(0, "unlisted-abc"))
    assert said is not None
    assert (said.form, said.mark) == (None, "unlisted-abc")
    asked = button_of(action_id(3, "fr"), block_id(0, ""))
    assert asked is not None
    assert (asked.form, asked.mark) == ("fr", "")
    assert button_of("form:xx:1", block_id(0, "")) is None
    assert button_of("other", "choices:0:") is None
