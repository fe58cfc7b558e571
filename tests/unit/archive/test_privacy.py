"""What is never opened, and what waits for somebody's word."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatops.archive import Archive, Damaged, Unreadable
from chatops.archive.composing import Record, snowflake
from chatops.archive.privacy import Protection, Seclusion, may_open
from chatops.archive.tweet_records import Tweet
from chatops.language import ENGLISH
from tests.support.archives import Made, fields_of, tweet, tweets

PRIVATE = (
    "direct-messages.js",
    "direct-messages-group.js",
    "direct-message-headers.js",
    "direct-messages-part1.js",
    "deleted-tweets.js",
    "deleted-tweet-headers.js",
    "deleted-note-tweet.js",
    "ip-audit.js",
    "account-creation-ip.js",
    "email-address-change.js",
    "phone-number.js",
    "contact.js",
    "ageinfo.js",
    "personalization.js",
    "ad-engagements.js",
    "device-token.js",
    "twitter-circle-tweet.js",
    "community-tweet.js",
    "like.js",
    "grok-chat-item.js",
)
NEEDED = (
    "manifest.js",
    "account.js",
    "profile.js",
    "screen-name-change.js",
    "protected-history.js",
    "tweets.js",
    "tweets-part12.js",
    "tweet.js",
    "note-tweet.js",
    "following.js",
    "follower-part1.js",
    "block.js",
    "mute.js",
    "lists-created.js",
    "lists-member.js",
    "lists-subscribed.js",
)


@pytest.mark.parametrize("name", PRIVATE)
def test_private_files_may_not_be_opened(name: str) -> None:
    assert not may_open(name)


@pytest.mark.parametrize("name", NEEDED)
def test_needed_files_may_be_opened(name: str) -> None:
    assert may_open(name)


@given(st.from_regex(r"[a-z]{1,12}(-[a-z]{1,10}){0,3}\.js", fullmatch=True))
def test_files_that_x_will_add_stay_closed(name: str) -> None:
    assert may_open(name) == (name in NEEDED or name == "follower.js")


_WATCHED = """
import sys
from pathlib import Path

root = sys.argv[1]
opened = []
sys.addaudithook(
    lambda event, args: opened.append(str(args[0])) if event == "open" else None
)
from chatops.archive import Archive

with Archive.open(Path(root)) as archive:
    for each in archive.posts():
        for media in each.post.media:
            archive.extract_media(media.name, Path(sys.argv[2]) / media.name)
    list(archive.following()), list(archive.followers()), list(archive.lists())
    list(archive.blocks()), list(archive.mutes())
    archive.profile()
    archive.fingerprint
print(*sorted({Path(path).name for path in opened if path.startswith(root)}), sep="\\n")
"""


def test_nothing_private_is_opened_whatever_is_asked(tmp_path: Path) -> None:
    """The operating system's own calls are watched, in a process of its own."""
    rows = list(tweets(7))
    last = msgspec.convert(fields_of(rows[6]), Tweet, strict=False)
    files: dict[str, list[Record] | str] = {name: [] for name in NEEDED if name != "manifest.js"}
    del files["account.js"]
    private = dict.fromkeys(PRIVATE, "window.YTD.private.part0 = [ ]")
    picture = f"{last.id_str}-{last.media[0].media_url_https.rpartition('/')[2]}"
    made = Made({**files, **private, "tweets.js": rows}, media={picture: b"png"})
    folder = made.unpacked(tmp_path / "archive")
    (tmp_path / "kept").mkdir()
    done = subprocess.run(
        [sys.executable, "-c", _WATCHED, str(folder), str(tmp_path / "kept")],
        check=True,
        capture_output=True,
        text=True,
    )
    # `tweet.js` is older than `tweets.js` and only compared for the fingerprint.
    assert set(done.stdout.split()) == {*NEEDED, picture}


def test_private_files_may_be_ruined_and_nobody_notices(tmp_path: Path) -> None:
    private = dict.fromkeys(PRIVATE, "not even JavaScript \x00")
    made = Made({"tweets.js": list(tweets(7)), **private})
    with Archive.open(made.zipped(tmp_path / "a.zip")) as archive:
        assert len(list(archive.posts())) == 7
        assert archive.opened == {"account.js", "manifest.js", "tweets.js"}


def held(path: Path) -> list[str]:
    with Archive.open(path) as archive:
        return [ENGLISH.say(each.held) if each.held else "" for each in archive.posts()]


def at(year: int, month: int, day: int = 15) -> datetime:
    return datetime(year, month, day, 12, tzinfo=UTC)


def written(*times: datetime) -> list[Record]:
    return [tweet(snowflake(time), "Bonjour", time) for time in times]


def test_posts_of_the_months_of_circles_wait(tmp_path: Path) -> None:
    rows = written(at(2022, 7, 31), at(2022, 8, 1), at(2023, 10, 31), at(2023, 11, 1))
    reasons = held(Made({"tweets.js": rows}).zipped(tmp_path / "a.zip"))
    assert [bool(reason) for reason in reasons] == [False, True, True, False]
    assert reasons[1] == "X had Circles then, so it may have been meant for a few people only."


def test_repeating_somebody_is_never_secret(tmp_path: Path) -> None:
    rows = [tweet(snowflake(at(2023, 1)), "RT @ann: bonjour", at(2023, 1))]
    assert held(Made({"tweets.js": rows}).zipped(tmp_path / "a.zip")) == [""]


def protected(*changes: tuple[datetime, str]) -> list[Record]:
    return [
        {"protectedHistory": {"protectedAt": f"{time:%Y-%m-%dT%H:%M:%S}.000Z", "action": action}}
        for time, action in changes
    ]


def test_posts_of_times_when_the_account_was_protected_wait(tmp_path: Path) -> None:
    history = protected((at(2021, 3), "Unprotect"), (at(2021, 1), "Protect"))
    rows = written(at(2020, 12), at(2021, 2), at(2021, 4))
    made = Made({"tweets.js": rows, "protected-history.js": history})
    reason = "The account was protected then, so only its followers could read it."
    assert held(made.zipped(tmp_path / "a.zip")) == ["", reason, ""]


def test_a_history_that_cannot_be_read_stops_the_reading(tmp_path: Path) -> None:
    made = Made({"tweets.js": [], "protected-history.js": [{"other": {}}]})
    with pytest.raises(Unreadable):
        Archive.open(made.zipped(tmp_path / "a.zip"))
    folder = Made({"tweets.js": [], "protected-history.js": "window.x = [ {"}).unpacked(
        tmp_path / "b"
    )
    with pytest.raises(Damaged):
        Archive.open(folder)


_changes = st.lists(
    st.builds(
        Protection,
        st.integers(0, 1000).map(lambda day: at(2012, 1) + timedelta(days=day)),
        st.booleans(),
    ),
    max_size=6,
    unique_by=lambda change: change.at,
)


@given(_changes, st.integers(-10, 1010))
def test_the_last_change_before_a_post_decides(changes: list[Protection], day: int) -> None:
    time = at(2012, 1) + timedelta(days=day, hours=1)
    ordered = sorted(changes, key=lambda change: change.at)
    before = [change for change in ordered if change.at <= time]
    # A history that begins with the end of a protection tells of the time before it.
    began_protected = bool(ordered) and not ordered[0].protected
    expected = before[-1].protected if before else began_protected
    assert bool(Seclusion(changes).reason(time)) == expected


def test_a_protection_without_end_lasts() -> None:
    reason = Seclusion([Protection(at(2021, 1), protected=True)]).reason(at(2040, 1))
    assert reason is not None
