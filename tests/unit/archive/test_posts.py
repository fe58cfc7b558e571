"""What comes out of an archive as a whole."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from chatops.archive import Archive, Damaged, SourcePost, Unreadable
from chatops.archive.composing import (
    Draft,
    Record,
    note_record,
    short_link,
    snowflake,
    tweet_record,
)
from chatops.language import ENGLISH
from chatops.posts.post import Hashtag, Words
from tests.support.archives import USERNAME, Made, account, fields_of, id_of, printed, tweet, tweets

AT = datetime(2024, 3, 1, 9, 0, 0, 123000, tzinfo=UTC)


def read(path: Path) -> tuple[list[SourcePost], list[str]]:
    with Archive.open(path) as archive:
        posts = list(archive.posts())
        return posts, [ENGLISH.say(text) for text in archive.warnings]


def ids(posts: list[SourcePost]) -> list[str]:
    return [each.post.source_id for each in posts]


def prettier(text: str) -> str:
    """Reformat a file as Prettier does when somebody saves it."""
    text = re.sub(r'^( *)"(\w+)" :', r"\1\2:", text, flags=re.MULTILINE)
    text = re.sub(r'([}\]"e])\n( *[}\]])', r"\1,\n\2", text).replace("[ ]", "[]")
    return text + ";\n"


def minified(text: str) -> str:
    start = text.index("[")
    return text[:start] + json.dumps(json.loads(text[start:]), separators=(",", ":")) + ";"


@pytest.mark.parametrize("change", [str, prettier, minified, lambda text: "\ufeff" + text])
def test_a_reformatted_file_gives_the_same_posts(
    tmp_path: Path, change: Callable[[str], str]
) -> None:
    rows = list(tweets(60))
    plain, _none = read(Made({"tweets.js": rows}).zipped(tmp_path / "plain.zip"))
    text = change(printed("tweets.js", rows))
    made = Made({"tweets.js": text}, counts={"tweets.js": 60})
    assert read(made.zipped(tmp_path / "other.zip")) == (plain, [])


def test_bare_tweets_of_before_2020_are_read(tmp_path: Path) -> None:
    rows = [fields_of(row) for row in tweets(15)]
    made = Made({"tweet.js": rows}, root="", manifest=False)
    posts, _warnings = read(made.zipped(tmp_path / "a.zip"))
    assert ids(posts) == [row["id_str"] for row in rows]


def test_parts_are_read_in_order(tmp_path: Path) -> None:
    rows = list(tweets(30))
    files = {"tweets-part10.js": rows[20:], "tweets-part2.js": rows[10:20], "tweets.js": rows[:10]}
    posts, warnings = read(Made(files).zipped(tmp_path / "a.zip"))
    assert ids(posts) == [id_of(row) for row in rows]
    assert warnings == []


def test_of_two_exports_in_one_folder_the_newer_counts(tmp_path: Path) -> None:
    rows = list(tweets(10))
    made = Made({"tweet.js": rows, "tweets.js": rows[3:]})
    posts, warnings = read(made.unpacked(tmp_path / "a"))
    assert ids(posts) == [id_of(row) for row in rows[3:]]
    assert warnings == ["tweet.js is left aside: tweets.js is newer."]


def test_an_account_without_tweets_has_no_posts(tmp_path: Path) -> None:
    assert read(Made({"tweets.js": []}).zipped(tmp_path / "a.zip")) == ([], [])


def test_a_count_that_does_not_fit_is_told_and_nothing_dropped(tmp_path: Path) -> None:
    made = Made({"tweets.js": list(tweets(5))}, counts={"tweets.js": 7})
    posts, warnings = read(made.zipped(tmp_path / "a.zip"))
    assert len(posts) == 5
    assert warnings == ["tweets.js should hold 7 entries and holds 5."]


def test_a_part_that_is_missing_is_told(tmp_path: Path) -> None:
    counts = {"tweets-part1.js": 1, "direct-messages.js": 9}
    made = Made({"tweets.js": list(tweets(5))}, counts=counts)
    _posts, warnings = read(made.zipped(tmp_path / "a.zip"))
    assert warnings == ["tweets-part1.js, with 1 entry, is missing from the archive."]


def test_an_archive_without_manifest_or_account_says_so(tmp_path: Path) -> None:
    path = tmp_path / "tweets.js"
    path.write_text(printed("tweets.js", list(tweets(5))), encoding="utf-8")
    _posts, warnings = read(path)
    assert warnings == [
        "The archive has no manifest, so whether it is complete cannot be checked.",
        "The archive does not say whose it is, so threads may be taken for replies.",
    ]


def test_without_an_account_the_author_is_known_by_their_pictures(tmp_path: Path) -> None:
    path = tmp_path / "tweets.js"
    path.write_text(printed("tweets.js", list(tweets(10))), encoding="utf-8")
    posts, _warnings = read(path)
    assert [each.post.kind for each in posts].count("thread") == 1


def test_a_manifest_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    made = Made({"tweets.js": []}, manifest=False, extra={"data/manifest.js": b"window.x = oops"})
    _posts, warnings = read(made.zipped(tmp_path / "a.zip"))
    assert warnings == ["manifest.js in a.zip cannot be understood around its entry 1."]


def test_one_part_of_a_larger_archive_is_told(tmp_path: Path) -> None:
    made = Made({"tweets.js": []})
    text = made.manifest_text(isPartialArchive=True).encode()
    path = Made({"tweets.js": []}, manifest=False, extra={"data/manifest.js": text})
    _posts, warnings = read(path.zipped(tmp_path / "a.zip"))
    assert warnings == ["This is one part of a larger archive; X offers the others too."]


def test_an_entry_that_is_no_tweet_stops_the_reading_and_is_named(tmp_path: Path) -> None:
    rows: list[Record] = [*tweets(3), {"tweet": {"full_text": "no number"}}]
    with pytest.raises(Unreadable, match=r"tweets\.js in a\.zip cannot be understood around"):
        read(Made({"tweets.js": rows}).zipped(tmp_path / "a.zip"))


def test_a_tweet_with_an_odd_number_stops_the_reading_and_is_named(tmp_path: Path) -> None:
    rows = [*tweets(3), tweet(id_str="many")]
    with pytest.raises(Unreadable, match="around its entry 4"):
        read(Made({"tweets.js": rows}).zipped(tmp_path / "a.zip"))


def test_half_a_file_is_not_kept_as_if_whole(tmp_path: Path) -> None:
    text = printed("tweets.js", list(tweets(50)))
    folder = Made({"tweets.js": text[: len(text) // 2]}).unpacked(tmp_path / "a")
    with pytest.raises((Damaged, Unreadable)):
        read(folder)


def edited(*versions: int) -> list[Record]:
    return [
        tweet_record(
            Draft(version, f"version {index}", "fr", USERNAME, versions=versions),
            AT + timedelta(minutes=index),
        )
        for index, version in enumerate(versions)
    ]


def test_of_an_edited_post_only_the_last_version_comes(tmp_path: Path) -> None:
    first, second, third = (snowflake(AT, low) for low in (1, 2, 3))
    rows = [tweet(7), *edited(first, second, third)[::-1]]
    posts, _warnings = read(Made({"tweets.js": rows}).zipped(tmp_path / "a.zip"))
    assert ids(posts) == ["7", str(third)]


def test_an_edited_post_whose_first_version_does_not_know_it_comes_once(tmp_path: Path) -> None:
    first, second = snowflake(AT, 1), snowflake(AT, 2)
    rows = [tweet(first), edited(first, second)[1]]
    posts, _warnings = read(Made({"tweets.js": rows}).zipped(tmp_path / "a.zip"))
    assert ids(posts) == [str(second)]


def test_a_last_version_that_was_deleted_leaves_the_one_before(tmp_path: Path) -> None:
    first, second, third = (snowflake(AT, low) for low in (1, 2, 3))
    rows = edited(first, second, third)[:2]
    posts, _warnings = read(Made({"tweets.js": rows}).zipped(tmp_path / "a.zip"))
    assert ids(posts) == [str(second)]


def test_a_post_that_stands_twice_comes_once_and_is_told(tmp_path: Path) -> None:
    rows = list(tweets(6))
    files = {"tweets.js": rows, "tweets-part1.js": rows[2:4]}
    posts, warnings = read(Made(files).zipped(tmp_path / "a.zip"))
    assert ids(posts) == [id_of(row) for row in rows]
    assert warnings == ["2 posts stand in the archive more than once and count once."]


LONG = "Cher public, " + "ceci est une très longue histoire de loutre & de canal. " * 7 + "#fin"


def cut(
    text: str, *, at: datetime = AT, low: int = 0, before: str = "", **fields: object
) -> Record:
    own = snowflake(at, low)
    short = f"{before}{text[:270]}… {short_link(f'https://twitter.com/i/web/status/{own}')}"
    return tweet(own, short, at, **fields)


def test_a_long_post_comes_whole_in_place_of_its_tweet(tmp_path: Path) -> None:
    other = tweet(snowflake(AT, 5), "À la même seconde, tout autre chose", AT)
    notes = [note_record(LONG, "42", AT)]
    made = Made({"tweets.js": [other, cut(LONG)], "note-tweet.js": notes})
    posts, warnings = read(made.zipped(tmp_path / "a.zip"))
    assert posts[0].post.body == (Words("À la même seconde, tout autre chose"),)
    assert posts[1].post.body == (Words(LONG.removesuffix("#fin")), Hashtag("fin"))
    assert warnings == []


def test_a_long_answer_is_found_behind_the_names_it_begins_with(tmp_path: Path) -> None:
    row = cut(LONG, before="@ann @bob ", in_reply_to_user_id_str="777")
    made = Made({"tweets.js": [row], "note-tweet.js": [note_record(LONG, "42", AT)]})
    posts, warnings = read(made.zipped(tmp_path / "a.zip"))
    assert posts[0].post.kind == "reply"
    assert posts[0].post.body[0] == Words(LONG.removesuffix("#fin"))
    assert warnings == []


def test_two_long_posts_of_one_second_are_told_apart(tmp_path: Path) -> None:
    other = "Autre chose : " + LONG
    notes = [note_record(other, "1", AT), note_record(LONG, "2", AT)]
    made = Made({"tweets.js": [cut(LONG), cut(other, low=1)], "note-tweet.js": notes})
    posts, warnings = read(made.zipped(tmp_path / "a.zip"))
    texts = [each.post.body[0] for each in posts]
    assert texts == [Words(LONG[: -len("#fin")]), Words(other[: -len("#fin")])]
    assert warnings == []


def test_a_long_post_of_another_second_is_nobody_elses(tmp_path: Path) -> None:
    notes = [note_record(LONG, "42", AT + timedelta(seconds=1))]
    made = Made({"tweets.js": [cut(LONG)], "note-tweet.js": notes})
    _posts, warnings = read(made.zipped(tmp_path / "a.zip"))
    assert warnings == [
        "1 long post is cut: its whole text is not in the archive.",
        "1 long post belongs to no tweet of the archive and is left aside.",
    ]


def test_a_cut_post_is_known_by_a_link_that_stands_for_nothing_too(tmp_path: Path) -> None:
    rows = [tweet(snowflake(AT), f"{LONG[:270]}… https://t.co/nothing", AT)]
    _posts, warnings = read(Made({"tweets.js": rows}).zipped(tmp_path / "a.zip"))
    assert warnings == ["1 long post is cut: its whole text is not in the archive."]


def test_a_text_that_ends_in_dots_and_a_link_is_not_cut(tmp_path: Path) -> None:
    record = tweet_record(Draft(snowflake(AT), "Suite… https://example.org/a", "fr", USERNAME), AT)
    _posts, warnings = read(Made({"tweets.js": [record]}).zipped(tmp_path / "a.zip"))
    assert warnings == []


def test_each_version_of_an_edited_long_post_has_its_own_note(tmp_path: Path) -> None:
    first, second = snowflake(AT, 0), snowflake(AT + timedelta(minutes=2), 0)
    info: Record = {"initial": {"editTweetIds": [str(first), str(second)]}}
    later = AT + timedelta(minutes=2)
    rows = [cut(LONG, edit_info=info), cut(LONG + " !", at=later, edit_info=info)]
    notes = [note_record(LONG, "1", AT), note_record(LONG + " !", "2", later)]
    made = Made({"tweets.js": rows, "note-tweet.js": notes})
    posts, warnings = read(made.zipped(tmp_path / "a.zip"))
    assert [each.post.body[-1] for each in posts] == [Words(" !")]
    assert warnings == []


def test_posts_can_be_read_again_and_side_by_side(tmp_path: Path) -> None:
    rows = list(tweets(300))
    with Archive.open(Made({"tweets.js": rows}).zipped(tmp_path / "a.zip")) as archive:
        first, second = archive.posts(), archive.posts()
        paired = list(zip(first, second, strict=True))
        assert len(paired) == 300
        assert all(one == other for one, other in paired)


def test_the_archive_says_whose_it_is_and_how_much_it_should_hold(tmp_path: Path) -> None:
    files = {"tweets.js": list(tweets(4)), "tweets-part1.js": [], "following.js": []}
    with Archive.open(Made(files).zipped(tmp_path / "a.zip")) as archive:
        assert archive.account.username == USERNAME
        assert archive.account.created_at == datetime(2016, 1, 22, 10, 5, tzinfo=UTC)
        assert archive.generated_at == datetime(2026, 1, 5, 9, 30, tzinfo=UTC)
        assert archive.counts() == {"tweets": 4, "following": 0}


def test_the_manifest_stands_in_for_a_missing_account(tmp_path: Path) -> None:
    path = Made({"tweets.js": []}).unpacked(tmp_path / "a")
    (path / "data/account.js").unlink()
    with Archive.open(path) as archive:
        assert archive.account.username == USERNAME


def test_an_account_file_of_another_kind_is_told(tmp_path: Path) -> None:
    made = Made({"tweets.js": [], "account.js": [{"user": account()}]})
    with Archive.open(made.zipped(tmp_path / "a.zip")) as archive:
        assert archive.account.username == USERNAME
        assert [ENGLISH.say(text) for text in archive.warnings] == [
            "account.js in a.zip cannot be understood around its entry 1."
        ]
