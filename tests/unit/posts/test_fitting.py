"""Posts are cut where readers bear it."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from regex import findall

from chatops.posts.fitting import fit, graphemes, shortened, visible
from chatops.posts.limits import PostLimits
from chatops.posts.post import Hashtag, Mention, Run, WebLink, Words

BLUESKY = PostLimits(300, 3000, 0, 4, 1_000_000, 0, 50_000_000, 2000, "label", backdates=True)
MASTODON = PostLimits(500, 0, 23, 4, 16_000_000, 0, 99_000_000, 1500, "address", backdates=False)
SMALL = PostLimits(40, 120, 0, 4, 1, 0, 0, 10, "label", backdates=True)
SMALL_ADDRESSES = PostLimits(40, 0, 23, 4, 1, 0, 0, 10, "address", backdates=True)

FAMILY = "👨‍👩‍👧‍👦"
ZALGO = "Z\u0301\u0302\u0303\u0304"


def cut(text: str, limits: PostLimits = BLUESKY, *, numbered: bool = False) -> list[str]:
    return [visible(part, limits) for part in fit([Words(text)], limits, numbered=numbered)]


def squeezed(text: str) -> str:
    return "".join(text.split())


def test_a_short_post_is_one_part_and_stays_as_it_is() -> None:
    body = (Words("Bonjour "), Mention("ami"), Words(", voici "), Hashtag("climat"))
    assert fit(body, BLUESKY) == (body,)


def test_a_body_without_words_is_one_empty_part() -> None:
    assert fit((), BLUESKY) == ((),)
    assert fit((Words(" \n"), Words(" ")), BLUESKY) == ((),)


def test_white_space_at_the_ends_is_dropped_and_inside_kept() -> None:
    assert cut("\n\n un  deux\n\ntrois \n") == ["un  deux\n\ntrois"]


def test_three_hundred_families_count_as_three_hundred_but_weigh_more() -> None:
    assert len(cut(FAMILY * 100)) == 1
    parts = cut(FAMILY * 300)
    assert "".join(parts) == FAMILY * 300
    assert all(len(part.encode()) <= 3000 for part in parts)
    assert len(parts) == 3


def test_a_cut_prefers_the_end_of_a_sentence() -> None:
    first, second = "Mot " * 40 + "fin.", "Et puis " + "la suite " * 30
    assert cut(f"{first} {second}") == [first, second.strip()]


def test_a_cut_takes_a_word_when_the_sentence_ends_too_early() -> None:
    parts = cut("Oui. " + "mot " * 120)
    assert len(parts) == 2
    assert len(parts[0]) > 290
    assert parts[0].endswith("mot")
    assert parts[1].startswith("mot")


@pytest.mark.parametrize(
    ("before", "after"),
    [("avec Mme.", "Roy"), ("le 3.", "Mars"), ("etc.", "Tout"), ("oui.", "puis"), ("M.", "Petit")],
)
def test_an_abbreviation_is_no_end_of_a_sentence(before: str, after: str) -> None:
    parts = cut("a" * 180 + f" {before} {after} " + "mot " * 60)
    assert not parts[0].endswith(before)


@pytest.mark.parametrize("end", [".", "!", "?", "…", " !", "\u202f!", ".»", ".\u00a0»", '."', "\n"])
def test_an_end_of_a_sentence_is_known_by_its_signs(end: str) -> None:
    first = "mot " * 50 + f"dernier{end}"
    assert cut(f"{first} Et " + "puis " * 40)[0] == first.strip()


def test_a_french_sign_stays_with_its_word() -> None:
    text = "x" * 290 + " vraiment ! " + "y" * 100
    assert cut(text) == ["x" * 290, "vraiment ! " + "y" * 100]
    narrow = "x" * 290 + " vraiment\u202f! " + "y" * 100
    assert cut(narrow) == ["x" * 290, "vraiment\u202f! " + "y" * 100]


def test_a_sentence_may_end_without_a_space() -> None:
    first, second = "木" * 249 + "。", "木" * 249 + "。"
    assert cut(first + second) == [first, second]


def test_a_word_longer_than_a_part_is_cut_at_graphemes() -> None:
    parts = cut(ZALGO * 400)
    assert [graphemes(part) for part in parts] == [300, 100]
    assert "".join(parts) == ZALGO * 400


def test_a_grapheme_heavier_than_a_part_is_cut_all_the_same() -> None:
    parts = cut("a" + "\u0301" * 4000)
    assert "".join(parts) == "a" + "\u0301" * 4000
    assert all(len(part.encode()) <= 3000 for part in parts)


def test_links_tags_and_mentions_are_never_cut() -> None:
    link, tag, who = (
        WebLink("https://example.org/a", "example.org/a"),
        Hashtag("t" * 9),
        Mention("m"),
    )
    body = [run for _ in range(40) for run in (Words("mot "), link, Words(" "), tag, who)]
    parts = fit(body, BLUESKY)
    runs = [run for part in parts for run in part if not isinstance(run, Words)]
    assert runs == [run for run in body if not isinstance(run, Words)]


def test_a_label_longer_than_a_part_is_shortened_and_its_address_kept() -> None:
    url = "https://example.org/" + "a" * 400
    ((link,),) = fit([WebLink(url, url)], BLUESKY)
    assert link == WebLink(url, url[:74] + "…")


def test_an_address_counts_what_the_network_says() -> None:
    link = WebLink("https://example.org/" + "a" * 600, "example.org/aaa…")
    assert len(fit([Words("x" * 476 + " "), link], MASTODON)) == 1
    assert len(fit([Words("x" * 477 + " "), link], MASTODON)) == 2


def test_several_parts_can_be_numbered() -> None:
    parts = cut("mot " * 1000, numbered=True)
    assert parts[0].endswith(f"mot (1/{len(parts)})")
    assert all(graphemes(part) <= 300 for part in parts)
    assert cut("mot", numbered=True) == ["mot"]


def test_a_text_is_shortened_at_graphemes() -> None:
    assert shortened(FAMILY * 5, 5) == FAMILY * 5
    assert shortened(FAMILY * 6, 5) == FAMILY * 4 + "…"
    assert shortened("un deux", 4) == "un…"


def test_half_a_character_does_not_stop_anything() -> None:
    assert cut("\ud83d" * 400) == ["\ud83d" * 300, "\ud83d" * 100]


LETTERS = st.sampled_from(["a", "é", " ", " ", "\n", ". ", "\u202f!", FAMILY, "🇫🇷", ZALGO, "क्ष"])
TEXT = st.one_of(
    st.lists(LETTERS, max_size=60).map("".join),
    st.text(max_size=60),
)
WORD = st.text(min_size=1, max_size=12).filter(lambda word: not word.isspace())
RUN: st.SearchStrategy[Run] = st.one_of(
    TEXT.map(Words),
    st.builds(WebLink, url=WORD.map(lambda word: f"https://example.org/{word}"), label=WORD),
    st.builds(Hashtag, tag=WORD),
    st.builds(Mention, handle=WORD),
)
BODY = st.lists(RUN, max_size=12)
LIMITS = st.sampled_from([BLUESKY, MASTODON, SMALL, SMALL_ADDRESSES])


def weight(part: tuple[Run, ...], limits: PostLimits) -> int:
    stand_in = "x" * limits.url_weight
    return graphemes(
        "".join(
            stand_in if stand_in and isinstance(run, WebLink) else visible([run], limits)
            for run in part
        )
    )


@settings(max_examples=150)
@given(BODY, LIMITS, st.booleans())
def test_every_part_is_within_the_limits(
    body: list[Run],
    limits: PostLimits,
    numbered: bool,  # noqa: FBT001 - hypothesis draws it
) -> None:
    for part in fit(body, limits, numbered=numbered):
        assert weight(part, limits) <= limits.characters
        assert not limits.text_bytes or len(visible(part, limits).encode()) <= limits.text_bytes


@settings(max_examples=150)
@given(BODY, LIMITS)
def test_nothing_is_lost_but_white_space_at_cuts(body: list[Run], limits: PostLimits) -> None:
    parts = fit(body, limits)
    together = "".join(visible(part, limits) for part in parts)
    assert squeezed(together) == squeezed(visible(body, limits))
    assert all(parts) or len(parts) == 1


@settings(max_examples=100)
@given(st.lists(WORD.map(lambda word: "".join(word.split()) or "x"), max_size=60))
def test_a_word_that_fits_a_part_is_never_cut(words: list[str]) -> None:
    text = " ".join(words)
    assert " ".join(cut(text, SMALL)).split() == text.split()


@settings(max_examples=100)
@given(st.lists(LETTERS.filter(lambda letter: letter.strip() == letter), max_size=200))
def test_a_grapheme_is_never_cut(letters: list[str]) -> None:
    text = "".join(letters)
    pieces = [cluster for part in cut(text, SMALL) for cluster in findall(r"\X", part)]
    assert pieces == findall(r"\X", text)
