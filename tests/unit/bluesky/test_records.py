"""From drafts to records."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from adapters.bluesky.embeds import Upload
from adapters.bluesky.facets import nobody
from adapters.bluesky.limits import LIMITS
from adapters.bluesky.records import prepared
from chatops.language import ENGLISH
from chatops.posts.fitting import graphemes
from chatops.posts.network import Draft, Identity, Prepared, RecordRef, Unfit
from chatops.posts.post import Hashtag, Media, Mention, Post, Run, WebLink, Words

AUTHOR = Identity("did:plc:author", "asso.test", "https://bsky.app/profile/asso.test")
MOMENT = datetime(2016, 3, 4, 5, 6, 7, 123_456, tzinfo=UTC)
NOW = datetime(2026, 11, 2, 3, 4, 5, tzinfo=UTC)
QUOTED = RecordRef("at://did:plc:author/app.bsky.feed.post/3dhacddgfi2dh", "bafyquoted")
TWEET = "https://x.com/somebody/status/1"


def known(mention: Mention) -> str:
    return {"amie": "did:plc:friend", "imposteur": "bob.test"}.get(mention.handle, "")


def post(*body: Run, **changes: object) -> Post:
    return replace(Post("1", "post", MOMENT, tuple(body)), **changes)


def records(
    source: Post, uploads: Sequence[Upload] = (), draft: Mapping[str, Any] | None = None
) -> Sequence[Prepared]:
    made = prepared(AUTHOR, Draft("x:1", source, **(draft or {})), uploads, known, NOW)
    assert not isinstance(made, Unfit)
    return made


def values(made: Sequence[Prepared]) -> list[Any]:
    return [json.loads(record.payload) for record in made]


def value(source: Post, uploads: Sequence[Upload] = ()) -> Any:  # noqa: ANN401 - JSON
    (only,) = values(records(source, uploads))
    return only


def upload(number: int, media: Media | None = None) -> Upload:
    blob = {
        "$type": "blob",
        "ref": {"$link": "bafkreibm6jg3ux5qumhcn2b3flc3tyu6dmlb4xa7u5bf44yegnrjhc4yeq"},
        "mimeType": "image/jpeg",
        "size": number,
    }
    return Upload(media or Media("image", f"{number}.jpg"), blob, 40, 30)


def test_a_post_of_plain_words_is_a_record_of_text_time_and_language() -> None:
    assert value(post(Words("Bonjour"), language="fr")) == {
        "$type": "app.bsky.feed.post",
        "text": "Bonjour",
        "createdAt": "2016-03-04T05:06:07.123Z",
        "langs": ["fr"],
    }


def test_a_record_says_where_it_will_stand() -> None:
    (record,) = records(post(Words("Bonjour")))
    key = record.ref.address.rpartition("/")[2]
    assert record.ref.address == f"at://did:plc:author/app.bsky.feed.post/{key}"
    assert record.ref.url == f"https://bsky.app/profile/asso.test/post/{key}"
    assert record.ref.fingerprint.startswith("bafyrei")
    assert (record.key, record.cost, record.text) == ("x:1#0", 3, "Bonjour")


def test_the_same_draft_gives_the_same_bytes() -> None:
    source = post(Words("mot " * 200), language="fr")
    assert records(source, [upload(1)]) == records(source, [upload(1)])


@pytest.mark.parametrize("language", ["", "qme-", "FR", "français", "x"])
def test_a_language_that_servers_do_not_know_is_left_out(language: str) -> None:
    assert "langs" not in value(post(Words("a"), language=language))


def test_facets_count_bytes() -> None:
    text = value(
        post(
            Words("🌳é "),
            WebLink("https://example.org/agenda?x=1", "example.org/agenda…"),
            Words(" "),
            Hashtag("été"),
            Words(" "),
            Mention("amie"),
            Words(" "),
            Mention("inconnue"),
        )
    )
    data = text["text"].encode()
    shown = [
        (data[f["index"]["byteStart"] : f["index"]["byteEnd"]].decode(), f["features"][0])
        for f in text["facets"]
    ]
    assert shown == [
        (
            "example.org/agenda…",
            {"$type": "app.bsky.richtext.facet#link", "uri": "https://example.org/agenda?x=1"},
        ),
        ("#été", {"$type": "app.bsky.richtext.facet#tag", "tag": "été"}),
        ("@amie", {"$type": "app.bsky.richtext.facet#mention", "did": "did:plc:friend"}),
    ]
    assert text["text"].endswith("@inconnue")


@pytest.mark.parametrize(
    "run",
    [
        WebLink("javascript:alert(1)", "ici"),
        WebLink("https://", "ici"),
        WebLink("https://example.org/un deux", "ici"),
        WebLink("https://example.org/" + "a" * 9000, "ici"),
        WebLink("https://example.org/\ud83d", "ici"),
        Hashtag("t" * 65),
        Hashtag("é" * 64 + "\u0301" * 300),
        Mention("imposteur"),
    ],
)
def test_what_a_server_would_refuse_as_a_facet_is_plain_words(run: Run) -> None:
    record = value(post(run))
    assert record["text"]
    assert "facets" not in record


def test_a_long_post_becomes_a_thread_whose_parts_answer_each_other() -> None:
    made = records(post(Words("mot " * 200)))
    first, second, third = values(made)
    refs = [{"uri": r.ref.address, "cid": r.ref.fingerprint} for r in made]
    assert "reply" not in first
    assert second["reply"] == {"root": refs[0], "parent": refs[0]}
    assert third["reply"] == {"root": refs[0], "parent": refs[1]}
    assert [r["createdAt"][-5:] for r in (first, second, third)] == [
        ".123Z",
        ".124Z",
        ".125Z",
    ]


def test_a_draft_that_continues_a_thread_answers_its_last_record() -> None:
    root, parent = replace(QUOTED, fingerprint="bafyroot"), replace(QUOTED, fingerprint="bafyone")
    first, second = values(
        records(post(Words("mot " * 100)), draft={"root": root, "parent": parent})
    )
    assert first["reply"]["root"]["cid"] == second["reply"]["root"]["cid"] == "bafyroot"
    assert first["reply"]["parent"]["cid"] == "bafyone"
    (alone,) = values(records(post(Words("a")), draft={"parent": parent}))
    assert alone["reply"]["root"] == alone["reply"]["parent"]


def test_a_record_that_is_not_backdated_carries_the_present_under_the_same_key() -> None:
    (backdated,) = records(post(Words("a")))
    (fresh,) = records(post(Words("a")), draft={"backdated": False})
    assert values([fresh])[0]["createdAt"] == "2026-11-02T03:04:05.000Z"
    assert fresh.ref.address == backdated.ref.address


def test_an_own_quoted_post_is_embedded_and_its_address_left_out() -> None:
    source = post(Words("Voir "), WebLink(TWEET, "x.com/some…"), quotes="1", quotes_url=TWEET)
    (record,) = values(records(source, draft={"quoted": QUOTED}))
    assert record["text"] == "Voir"
    assert record["embed"] == {
        "$type": "app.bsky.embed.record",
        "record": {"uri": QUOTED.address, "cid": "bafyquoted"},
    }


def test_a_quoted_post_of_others_is_a_card_that_only_says_its_address() -> None:
    record = value(post(Words("Voir"), quotes_url=TWEET))
    assert record["text"] == "Voir"
    assert record["embed"]["external"] == {
        "uri": TWEET,
        "title": "x.com/somebody/status/1",
        "description": "",
    }


def test_next_to_pictures_a_quoted_post_of_others_is_a_link() -> None:
    record = value(post(Words("Voir"), quotes_url=TWEET), [upload(1)])
    assert record["text"] == "Voir\n\nx.com/somebody/status/1"
    assert record["facets"][0]["features"][0]["uri"] == TWEET
    assert record["embed"]["$type"] == "app.bsky.embed.images"
    again = post(WebLink(TWEET, "x.com/some…"), quotes_url=TWEET)
    assert value(again, [upload(1)])["text"] == "x.com/some…"


def test_next_to_pictures_an_own_quoted_post_stays_embedded() -> None:
    (record,) = values(records(post(Words("a")), [upload(1)], {"quoted": QUOTED}))
    assert record["embed"]["$type"] == "app.bsky.embed.recordWithMedia"
    assert record["embed"]["record"]["record"]["cid"] == "bafyquoted"
    assert len(record["embed"]["media"]["images"]) == 1


def test_pictures_carry_their_words_and_their_shape() -> None:
    media = Media("image", "a.jpg", "é" * 2000)
    (picture,) = value(post(Words("a")), [upload(1, media)])["embed"]["images"]
    assert picture["aspectRatio"] == {"width": 40, "height": 30}
    assert picture["alt"] == "é" * 999 + "…"
    assert picture["image"]["size"] == 1


def test_more_than_four_pictures_go_on_in_the_thread() -> None:
    first, second = values(records(post(Words("a")), [upload(n) for n in range(6)]))
    assert [picture["image"]["size"] for picture in first["embed"]["images"]] == [0, 1, 2, 3]
    assert [picture["image"]["size"] for picture in second["embed"]["images"]] == [4, 5]
    assert second["text"] == ""
    assert second["reply"]


def test_a_video_has_a_record_of_its_own_and_an_animation_loops() -> None:
    video, animation = Media("video", "a.mp4"), Media("animation", "b.mp4")
    made = values(
        records(post(Words("a")), [upload(1), upload(2, video), upload(3, animation), upload(4)])
    )
    kinds = [record["embed"]["$type"].rpartition(".")[2] for record in made]
    assert kinds == ["images", "video", "video", "images"]
    assert "presentation" not in made[1]["embed"]
    assert made[2]["embed"]["presentation"] == "gif"


def test_sensitive_media_are_covered() -> None:
    labels = value(post(Words("a"), sensitive=True), [upload(1)])["labels"]
    assert labels["values"] == [{"val": "graphic-media"}]
    assert "labels" not in value(post(Words("a"), sensitive=True))


def test_a_post_of_which_nothing_is_left_is_unfit() -> None:
    made = prepared(AUTHOR, Draft("x:1", post(Words(" \n"))), (), nobody, NOW)
    assert isinstance(made, Unfit)
    assert "neither words nor files" in ENGLISH.say(made.reason)


def test_half_a_character_becomes_a_question_mark() -> None:
    media = Media("image", "a.jpg", "\ud83d")
    record = value(post(Words("a\ud83d"), Hashtag("b")), [upload(1, media)])
    assert record["text"] == "a?#b"
    assert record["embed"]["images"][0]["alt"] == "?"


TEXT = st.text(max_size=400)
RUNS: st.SearchStrategy[Run] = st.one_of(
    TEXT.map(Words),
    st.builds(WebLink, url=TEXT.map(lambda text: f"https://example.org/{text}"), label=TEXT),
    st.builds(Hashtag, tag=TEXT),
    st.builds(Mention, handle=st.text(max_size=15)),
)


@settings(max_examples=100)
@given(st.lists(RUNS, max_size=8), st.integers(0, 9))
def test_any_post_becomes_records_that_a_server_takes(body: list[Run], pictures: int) -> None:
    source = post(Words("."), *body)
    made = prepared(
        AUTHOR,
        Draft("x:1", source),
        [upload(number) for number in range(pictures)],
        lambda _mention: "did:plc:somebody",
        NOW,
    )
    assert not isinstance(made, Unfit)
    seen = 0
    for record in values(made):
        data = record["text"].encode()
        assert graphemes(record["text"]) <= LIMITS.characters
        assert len(data) <= LIMITS.text_bytes
        for facet in record.get("facets", ()):
            index = facet["index"]
            assert 0 <= index["byteStart"] < index["byteEnd"] <= len(data)
            data[index["byteStart"] : index["byteEnd"]].decode()
        seen += len(record.get("embed", {}).get("images", ()))
    assert seen == pictures


def test_times_of_a_thread_stay_in_order_next_to_the_following_post() -> None:
    later = post(Words("b"), written_at=MOMENT + timedelta(seconds=1))
    thread = [*values(records(post(Words("mot " * 300)))), value(later)]
    times = [record["createdAt"] for record in thread]
    assert times == sorted(set(times))
