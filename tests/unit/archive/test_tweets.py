"""What kind of post a tweet is, and what belongs to it."""

from __future__ import annotations

import json
from collections.abc import Sequence

import pytest

from chatops.archive.composing import Draft, Record, tweet_record
from chatops.archive.notes import Notes
from chatops.archive.reading import moment
from chatops.archive.shapes import TWEETS
from chatops.archive.snowflake import snowflake_time
from chatops.archive.tweet_records import Tweet
from chatops.archive.tweets import Author, Conversion, Unintelligible
from chatops.posts.post import Media, Post, Words
from tests.support.archives import ACCOUNT_ID, USERNAME, fields_of, tweet

NUMBER = 1256197200822910976
AUTHOR = Author(ACCOUNT_ID, frozenset({USERNAME.lower(), "jardinloutre"}))


def decoded(record: Record) -> Tweet:
    found: Sequence[Tweet] = TWEETS[0](json.dumps([record]).encode())
    return found[0]


def converted(
    record: Record,
    author: Author = AUTHOR,
    kept: dict[str, str] | None = None,
    files: frozenset[str] = frozenset(),
) -> Post:
    conversion = Conversion(author, kept or {}, Notes(()), files.__contains__)
    return conversion.post(decoded(record))


def answering(user: str, name: str, text: str = "Oui", parent: str = "55") -> Record:
    record = tweet(NUMBER, text, in_reply_to_screen_name=name)
    fields_of(record).update(in_reply_to_status_id_str=parent, in_reply_to_user_id_str=user)
    return record


def quoting(text: str) -> Record:
    at = snowflake_time(NUMBER)
    assert at is not None
    return tweet_record(Draft(NUMBER, text, "fr", USERNAME), at)


def test_a_tweet_on_its_own_is_a_post() -> None:
    post = converted(tweet(NUMBER, "Bonjour"))
    assert (post.kind, post.source_id, post.body) == ("post", str(NUMBER), (Words("Bonjour"),))
    assert (post.language, post.sensitive, post.replies_to, post.quotes_url) == (
        "fr",
        False,
        "",
        "",
    )


def test_answering_oneself_continues_a_thread() -> None:
    post = converted(answering(ACCOUNT_ID, "anything"))
    assert (post.kind, post.replies_to) == ("thread", "55")


def test_a_thread_may_begin_with_ones_own_name() -> None:
    text = f"@{USERNAME} la suite"
    mention = {"screen_name": USERNAME, "id_str": ACCOUNT_ID, "indices": ["0", "14"]}
    record = tweet(
        NUMBER,
        text,
        in_reply_to_status_id_str="55",
        in_reply_to_user_id_str=ACCOUNT_ID,
        entities={"user_mentions": [mention]},
    )
    post = converted(record)
    assert (post.kind, post.body) == ("thread", (Words("la suite"),))


def test_answering_somebody_else_is_a_reply() -> None:
    post = converted(answering("777", "Voisine"))
    assert (post.kind, post.replies_to) == ("reply", "")


def test_addressing_somebody_is_a_reply_even_without_a_tweet_to_answer() -> None:
    assert converted(tweet(NUMBER, "@ann oui", in_reply_to_user_id_str="777")).kind == "reply"


def test_without_a_number_the_author_is_known_by_any_of_their_names() -> None:
    nameless = Author("", AUTHOR.names)
    assert converted(answering("1", "JardinLoutre"), nameless).kind == "thread"
    assert converted(answering("1", "Voisine"), nameless).kind == "reply"


def test_repeating_somebody_is_a_repost() -> None:
    assert converted(tweet(NUMBER, "RT @Voisine: bonjour…")).kind == "repost"
    assert converted(tweet(NUMBER, "RT si vous aimez les loutres")).kind == "post"


def test_quoting_an_own_post_names_it() -> None:
    post = converted(quoting(f"Voir https://twitter.com/{USERNAME.upper()}/status/55"))
    assert (post.kind, post.quotes) == ("quote", "55")
    assert post.quotes_url == f"https://twitter.com/{USERNAME.upper()}/status/55"
    assert post.body == (Words("Voir"),)


def test_an_own_post_is_known_under_a_former_name() -> None:
    assert converted(quoting("Voir https://twitter.com/JardinLoutre/status/55")).quotes == "55"


def test_quoting_somebody_else_keeps_the_address_only() -> None:
    post = converted(quoting("Voir https://x.com/Voisine/status/55"))
    url = "https://x.com/Voisine/status/55"
    assert (post.kind, post.quotes, post.quotes_url) == ("quote", "", url)


def test_what_points_at_an_edited_post_points_at_its_last_version() -> None:
    kept = {"55": "57"}
    assert converted(answering(ACCOUNT_ID, USERNAME), kept=kept).replies_to == "57"
    quote = quoting(f"Voir https://twitter.com/{USERNAME}/status/55")
    assert converted(quote, kept=kept).quotes == "57"


def test_a_thread_may_quote() -> None:
    record = quoting(f"Voir https://twitter.com/{USERNAME}/status/55")
    fields_of(record).update(in_reply_to_status_id_str="54", in_reply_to_user_id_str=ACCOUNT_ID)
    post = converted(record)
    assert (post.kind, post.replies_to, post.quotes) == ("thread", "54", "55")


@pytest.mark.parametrize(
    ("code", "language"),
    [("fr", "fr"), ("und", ""), ("zxx", ""), ("qme", ""), ("in", "id"), ("iw", "he"), (None, "")],
)
def test_languages_are_standard_tags(code: str | None, language: str) -> None:
    assert converted(tweet(NUMBER, lang=code)).language == language


def media(*items: Record) -> Record:
    return tweet(NUMBER, extended_entities={"media": list(items)}, entities={"media": [items[0]]})


PHOTO: Record = {"type": "photo", "media_url_https": "https://pbs.twimg.com/media/FaB-1_x.jpg"}


def video(kind: str, **variants: str) -> Record:
    forms: list[Record] = [
        {
            "content_type": "video/mp4",
            "bitrate": rate,
            "url": f"https://video.twimg.com/{name}?tag=1",
        }
        for name, rate in variants.items()
    ]
    forms.insert(1, {"content_type": "application/x-mpegURL", "url": "https://v.com/a.m3u8"})
    return {"type": kind, "video_info": {"variants": forms}}


def test_all_pictures_have_their_files_in_order() -> None:
    second = {**PHOTO, "media_url_https": "https://pbs.twimg.com/media/second.png"}
    assert converted(media(PHOTO, second)).media == (
        Media("image", f"{NUMBER}-FaB-1_x.jpg"),
        Media("image", f"{NUMBER}-second.png"),
    )


def test_a_video_has_its_best_form() -> None:
    item = video("video", **{"low.mp4": "256000", "high.mp4": "2176000", "mid.mp4": "832000"})
    assert converted(media(item)).media == (Media("video", f"{NUMBER}-high.mp4"),)


def test_an_old_video_has_the_form_that_the_archive_holds() -> None:
    item = video("video", **{"low.mp4": "256000", "high.mp4": "2176000"})
    files = frozenset({f"{NUMBER}-low.mp4"})
    assert converted(media(item), files=files).media == (Media("video", f"{NUMBER}-low.mp4"),)


def test_a_gif_is_an_animation() -> None:
    item = video("animated_gif", **{"dance.mp4": "0"})
    assert converted(media(item)).media == (Media("animation", f"{NUMBER}-dance.mp4"),)


@pytest.mark.parametrize("changes", [{"id_str": "abc"}, {"id_str": "20", "created_at": "?"}])
def test_a_tweet_without_number_or_time_is_not_made_up(changes: Record) -> None:
    record = tweet(NUMBER)
    fields_of(record).update(changes)
    with pytest.raises(Unintelligible):
        converted(record)


def test_times_beside_tweets_are_read() -> None:
    assert moment("2022-11-04T12:00:00.000Z") == moment("2022-11-04T12:00:00")
    assert moment("") is None
    assert moment("0001-01-01T00:00:00+14:00") is None
