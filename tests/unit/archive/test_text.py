"""Rebuilding what tweets say."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatops.archive.composing import escaped
from chatops.archive.marks import unescaped
from chatops.archive.text import Body, note_body, tweet_body
from chatops.archive.tweet_records import NoteCore, Tweet
from chatops.posts.post import Hashtag, Mention, Run, WebLink, Words


def tweet(text: str, entities: Mapping[str, object]) -> Tweet:
    record = {"id_str": "99", "full_text": text, "created_at": "", "entities": entities}
    return msgspec.convert(record, Tweet, strict=False)


def body(text: str, *, answers: bool = False, **entities: object) -> Body:
    return tweet_body(tweet(text, entities), answers=answers)


def span(text: str, piece: str) -> list[str]:
    at = text.index(piece)
    return [str(at), str(at + len(piece))]


def link(text: str, short: str, long: str, shown: str = "shown") -> dict[str, object]:
    return {"url": short, "expanded_url": long, "display_url": shown, "indices": span(text, short)}


def mention(text: str, name: str, number: str = "7") -> dict[str, object]:
    return {"screen_name": name, "id_str": number, "indices": span(text, f"@{name}")}


def visible(runs: tuple[Run, ...]) -> str:
    return "".join(_shown(run) for run in runs)


def _shown(run: Run) -> str:
    match run:
        case Words(text):
            return text
        case WebLink(_, label):
            return label
        case Hashtag(tag):
            return f"#{tag}"
        case Mention(handle):
            return f"@{handle}"


_words = st.text(st.characters(codec="utf-8", exclude_characters=":"), max_size=20).map(Words)
_pieces = st.lists(
    _words
    | st.builds(Hashtag, st.text("aé日🦦0", min_size=1, max_size=5))
    | st.builds(Mention, st.from_regex(r"[a-z_]{1,15}", fullmatch=True), st.just("12"))
    | st.builds(WebLink, st.just("https://example.org/a?b=1&c=2"), st.just("example.org/a?b=1&c…")),
    max_size=10,
)


@given(_pieces)
def test_any_text_with_anything_in_it_is_rebuilt(pieces: list[Run]) -> None:
    text = ""
    entities: dict[str, list[object]] = {"hashtags": [], "user_mentions": [], "urls": []}
    for index, piece in enumerate(pieces):
        match piece:
            case Words(words):
                text += escaped(words)
            case Hashtag(tag):
                place = [str(len(text)), str(len(text) + len(tag) + 1)]
                entities["hashtags"].append({"text": tag, "indices": place})
                text += f"#{tag}"
            case Mention(handle, number):
                place = [str(len(text)), str(len(text) + len(handle) + 1)]
                entities["user_mentions"].append(
                    {"screen_name": handle, "id_str": number, "indices": place}
                )
                text += f"@{handle}"
            case WebLink(url, label):
                short = f"https://t.co/{index:010}"
                place = [str(len(text)), str(len(text) + len(short))]
                entities["urls"].append(
                    {"url": short, "expanded_url": url, "display_url": label, "indices": place}
                )
                text += short
    found = tweet_body(tweet(text, entities), answers=False).runs
    assert visible(found) == "".join(map(_shown, pieces)).strip()
    assert [run for run in found if not isinstance(run, Words)] == [
        piece for piece in pieces if not isinstance(piece, Words)
    ]


@given(st.text())
def test_text_is_unescaped_once(text: str) -> None:
    assert unescaped(escaped(text)) == text


def test_what_a_user_typed_as_an_escape_stays_one() -> None:
    assert body("HTML: &amp;lt;b&amp;gt; &lt;3").runs == (Words("HTML: &lt;b&gt; <3"),)


def test_indices_count_code_points_of_the_escaped_text() -> None:
    text = "🦦🦦 &amp; co: #loutre 🦦 https://t.co/abc"
    found = body(
        text,
        hashtags=[{"text": "loutre", "indices": ["13", "20"]}],
        urls=[link(text, "https://t.co/abc", "https://example.org/x")],
    )
    assert text[13:20] == "#loutre"
    assert found.runs == (
        Words("🦦🦦 & co: "),
        Hashtag("loutre"),
        Words(" 🦦 "),
        WebLink("https://example.org/x", "shown"),
    )


def test_the_address_of_a_picture_is_not_text() -> None:
    text = "Regardez ! https://t.co/pic"
    media = [{"url": "https://t.co/pic", "indices": span(text, "https://t.co/pic")}]
    assert body(text, media=media).runs == (Words("Regardez !"),)


def test_names_that_an_answer_begins_with_are_not_text() -> None:
    text = "@ann @bob merci @ann !"
    mentions = [
        mention(text, "ann"),
        mention(text, "bob"),
        {"screen_name": "ann", "id_str": "7", "indices": ["16", "20"]},
    ]
    answer = body(text, answers=True, user_mentions=mentions)
    assert answer.runs == (Words("merci "), Mention("ann", "7"), Words(" !"))
    assert visible(body(text, user_mentions=mentions).runs) == text


def test_an_answer_of_names_alone_says_nothing() -> None:
    assert body("@ann", answers=True, user_mentions=[mention("@ann", "ann")]).runs == ()


def test_an_account_that_x_forgot_has_no_number() -> None:
    text = "Salut @ann"
    assert body(text, user_mentions=[mention(text, "ann", "-1")]).runs[-1] == Mention("ann", "")


def test_the_quoted_post_at_the_end_is_not_text() -> None:
    text = "À relire https://t.co/q https://t.co/pic"
    quoted = "https://twitter.com/Ann/status/123?s=20"
    found = body(
        text,
        urls=[link(text, "https://t.co/q", quoted)],
        media=[{"url": "https://t.co/pic", "indices": span(text, "https://t.co/pic")}],
    )
    assert found.runs == (Words("À relire"),)
    assert found.quoted is not None
    assert (found.quoted.url, found.quoted.user, found.quoted.id) == (quoted, "Ann", "123")


def test_a_quoted_post_within_the_text_stays_a_link() -> None:
    text = "D’abord https://t.co/q puis la suite"
    found = body(text, urls=[link(text, "https://t.co/q", "https://x.com/i/web/status/123")])
    assert visible(found.runs) == "D’abord shown puis la suite"
    assert found.quoted is not None
    assert (found.quoted.user, found.quoted.id) == ("", "123")


@pytest.mark.parametrize(
    "url",
    [
        "https://twitter.com/Ann/status/99",
        "https://twitter.com/Ann",
        "https://twitter.com/Ann/status/12ab",
        "https://example.org/twitter.com/Ann/status/123",
        "https://nottwitter.com/Ann/status/123",
    ],
)
def test_other_addresses_quote_nothing(url: str) -> None:
    text = "Voir https://t.co/q"
    assert body(text, urls=[link(text, "https://t.co/q", url)]).quoted is None


@pytest.mark.parametrize(
    "url",
    [
        "http://twitter.com/Ann/status/123",
        "https://mobile.twitter.com/Ann/statuses/123",
        "https://twitter.com/#!/Ann/status/123",
        "https://X.com/Ann/status/123/photo/1",
    ],
)
def test_posts_are_quoted_by_any_of_their_addresses(url: str) -> None:
    text = "Voir https://t.co/q"
    quoted = body(text, urls=[link(text, "https://t.co/q", url)]).quoted
    assert quoted is not None
    assert (quoted.user, quoted.id) == ("Ann", "123")


def test_addresses_from_before_t_co_are_links() -> None:
    found = body("(voir http://bit.ly/a_b) et https://example.org/x?a=1&amp;b=2.")
    assert found.runs == (
        Words("(voir "),
        WebLink("http://bit.ly/a_b", "http://bit.ly/a_b"),
        Words(") et "),
        WebLink("https://example.org/x?a=1&b=2", "https://example.org/x?a=1&b=2"),
        Words("."),
    )


def test_half_an_address_is_only_words() -> None:
    assert body("RT @ann: http://exam… https://t.c…").runs == (
        Words("RT @ann: http://exam… https://t.c…"),
    )


def test_a_link_without_expansion_leads_where_it_says() -> None:
    found = body("https://t.co/a", urls=[{"url": "https://t.co/a", "indices": ["0", "14"]}])
    assert found.runs == (WebLink("https://t.co/a", "https://t.co/a"),)


def test_japanese_signs_and_other_cases_are_known() -> None:
    text = "\uff03Loutre \uff20ANN"
    found = body(
        text,
        hashtags=[{"text": "loutre", "indices": ["0", "7"]}],
        user_mentions=[{"screen_name": "ann", "id_str": "7", "indices": ["8", "12"]}],
    )
    assert found.runs == (Hashtag("Loutre"), Words(" "), Mention("ANN", "7"))


@pytest.mark.parametrize("indices", [[], ["0", "1"], ["900", "950"], ["-5", "3"], ["9", "2"]])
def test_what_stands_elsewhere_than_x_says_is_found(indices: list[str]) -> None:
    text = "Voir https://t.co/abc vite"
    url = {"url": "https://t.co/abc", "expanded_url": "https://example.org", "indices": indices}
    assert WebLink("https://example.org", "https://t.co/abc") in body(text, urls=[url]).runs


def test_what_stands_nowhere_is_left_away() -> None:
    tags = [{"text": "loin", "indices": ["139", "140"]}, {"text": "", "indices": ["0", "0"]}]
    assert body("Court", hashtags=tags).runs == (Words("Court"),)


def test_of_what_overlaps_the_first_stays() -> None:
    tags = [{"text": "ab", "indices": ["0", "3"]}, {"text": "b", "indices": ["1", "3"]}]
    assert body("#ab", hashtags=tags).runs == (Hashtag("ab"),)


def test_a_long_post_is_not_escaped_and_its_indices_may_count_other_units() -> None:
    text = "🦦🦦 &lt; https://t.co/abc #eau @Ann"
    core = {
        "text": text,
        "urls": [
            {"shortUrl": "https://t.co/abc", "expandedUrl": "https://example.org"}
            | {"displayUrl": "example.org", "fromIndex": "12", "toIndex": "28"}
        ],
        "hashtags": [{"text": "eau", "fromIndex": "29", "toIndex": "33"}],
        "mentions": [{"screenName": "Ann", "fromIndex": "34", "toIndex": "38"}],
    }
    note = msgspec.convert(core, NoteCore, strict=False)
    cut = tweet("@ann", {"user_mentions": [mention("@ann", "ann", "41")]})
    assert note_body(note, cut).runs == (
        Words("🦦🦦 &lt; "),
        WebLink("https://example.org", "example.org"),
        Words(" "),
        Hashtag("eau"),
        Words(" "),
        Mention("Ann", "41"),
    )


def test_a_long_post_quotes_what_its_tweet_quotes() -> None:
    text = "Début… https://t.co/q"
    url = link(text, "https://t.co/q", "https://twitter.com/Ann/status/5")
    found = note_body(NoteCore("Début et fin"), tweet(text, {"urls": [url]}))
    assert found.runs == (Words("Début et fin"),)
    assert found.quoted is not None
    assert found.quoted.id == "5"
