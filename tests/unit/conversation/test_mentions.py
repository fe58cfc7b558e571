"""Whom a mention means, in the notation of every platform."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatops.conversation.mentions import Whom, read_whom

_NAMES = st.text(st.characters(categories=["L", "N"]), min_size=1, max_size=20)
_IDS = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", min_size=1, max_size=12)
_LOCAL = st.text("abcdefghijklmnopqrstuvwxyz0123456789._=/+-", min_size=1, max_size=12).filter(
    lambda local: local.strip("/") == local
)


@pytest.mark.parametrize(
    ("typed", "whom"),
    [
        ("<@U123ABC>", Whom("U123ABC", "")),
        ("<@W123|ana>", Whom("W123", "ana")),
        ("<@80351110224678912>", Whom("80351110224678912", "")),
        ("<@!80351110224678912>", Whom("80351110224678912", "")),
        ("@ana:example.org", Whom("@ana:example.org", "ana")),
        ("@ana:[::1]", Whom("", "ana:[::1]")),
        ("@ana:localhost:8448", Whom("@ana:localhost:8448", "ana")),
        ("https://matrix.to/#/@ana:example.org", Whom("@ana:example.org", "ana")),
        ("https://matrix.to/#/%40ana%3Aexample.org?via=x", Whom("@ana:example.org", "ana")),
        ("matrix:u/ana:example.org", Whom("@ana:example.org", "ana")),
        ("[Ana](https://matrix.to/#/@ana:example.org)", Whom("@ana:example.org", "Ana")),
        ("<https://matrix.to/#/@ana:example.org|Ana>", Whom("@ana:example.org", "Ana")),
        ("@Ana", Whom("", "Ana")),
        ("Ana Martín", Whom("", "Ana Martín")),
        ("« Ana »", Whom("", "Ana")),
        ("Ana:", Whom("", "Ana")),
        ("#12", Whom("", "#12")),
        ("<@&123>", None),
        ("<!subteam^S123|team>", None),
        ("<!here>", None),
        ("<#C123|general>", None),
        ("@", None),
        ("", None),
    ],
)
def test_every_platform_s_mentions_are_understood(typed: str, whom: Whom | None) -> None:
    assert read_whom(typed) == whom


@given(st.text(max_size=60))
def test_any_text_means_somebody_or_nobody(typed: str) -> None:
    whom = read_whom(typed)

    assert whom is None or whom.id or whom.name.strip()


@given(_IDS, st.sampled_from(["<@{}>", "<@!{}>", "<@{}|somebody>", " <@{}> "]))
def test_an_id_comes_back_as_it_was_mentioned(number: str, notation: str) -> None:
    whom = read_whom(notation.format(number))

    assert whom is not None
    assert whom.id == number


@given(_LOCAL, st.sampled_from(["{}", "https://matrix.to/#/{}", "[X](https://matrix.to/#/{})"]))
def test_a_matrix_user_comes_back_whole(local: str, notation: str) -> None:
    user = f"@{local}:example.org"
    whom = read_whom(notation.format(user))

    assert whom is not None
    assert whom.id == user


@given(_NAMES, st.sampled_from(["{}", "@{}", '"{}"', "{},"]))
def test_a_name_comes_back_without_its_marks(name: str, notation: str) -> None:
    assert read_whom(notation.format(name)) == Whom("", name)
