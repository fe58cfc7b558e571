"""The accounts around the archive's own."""

from __future__ import annotations

from pathlib import Path

from chatops.archive import Archive, ListOfPeople, Person, ProfileInfo
from chatops.archive.composing import Record
from chatops.language import ENGLISH
from tests.support.archives import Made


def relation(kind: str, number: str) -> Record:
    return {
        kind: {"accountId": number, "userLink": f"https://twitter.com/intent/user?user_id={number}"}
    }


def test_everybody_comes_with_their_number(tmp_path: Path) -> None:
    made = Made(
        {
            "tweets.js": [],
            "following.js": [relation("following", "1"), relation("following", "2")],
            "following-part1.js": [relation("following", "3")],
            "follower.js": [relation("follower", "4")],
            "block.js": [relation("blocking", "5")],
            "mute.js": [relation("muting", "6")],
        }
    )
    with Archive.open(made.zipped(tmp_path / "a.zip")) as archive:
        assert list(archive.following()) == [Person("1"), Person("2"), Person("3")]
        assert list(archive.followers()) == [Person("4")]
        assert list(archive.blocks()) == [Person("5")]
        assert list(archive.mutes()) == [Person("6")]
        assert archive.counts()["following"] == 3
        assert archive.warnings == []


def test_lists_come_with_what_the_account_has_to_do_with_them(tmp_path: Path) -> None:
    def row(name: str) -> Record:
        return {"userListInfo": {"url": f"https://twitter.com/{name}"}}

    files = {"lists-created.js": [row("a")], "lists-member.js": [row("b")]}
    made = Made({"tweets.js": [], **files, "lists-subscribed.js": [row("c")]})
    with Archive.open(made.zipped(tmp_path / "a.zip")) as archive:
        assert list(archive.lists()) == [
            ListOfPeople("https://twitter.com/a", "created"),
            ListOfPeople("https://twitter.com/b", "member"),
            ListOfPeople("https://twitter.com/c", "subscribed"),
        ]


def test_a_count_of_people_that_does_not_fit_is_told(tmp_path: Path) -> None:
    made = Made({"tweets.js": [], "follower.js": []}, counts={"follower.js": 3})
    with Archive.open(made.zipped(tmp_path / "a.zip")) as archive:
        assert list(archive.followers()) == []
        told = [ENGLISH.say(text) for text in archive.warnings]
    assert told == ["follower.js should hold 3 entries and holds 0."]


def test_an_archive_without_people_has_none(tmp_path: Path) -> None:
    with Archive.open(Made({"tweets.js": []}).zipped(tmp_path / "a.zip")) as archive:
        assert list(archive.following()) == []
        assert archive.profile() == ProfileInfo()
