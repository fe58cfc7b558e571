"""A small, made-up archive, so that everything can be tried without one of one's own."""

from __future__ import annotations

import io
import tomllib
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path

import msgspec
from msgspec import Struct

from chatops.archive import pictures
from chatops.archive.composing import (
    Draft,
    Record,
    iso,
    note_record,
    short_link,
    snowflake,
    tweet_record,
)
from chatops.archive.keeping import keep
from chatops.archive.layout import data_file, manifest_file
from chatops.language import Language

_CONTENT = Path(__file__).with_name("sample.toml")
_PICTURES: Mapping[str, Callable[[], bytes]] = {
    "seedlings": pictures.seedlings,
    "harvest": pictures.harvest,
    "pond": pictures.pond,
    "bunting": pictures.bunting,
}
_FIRST_NUMBER = 690_000_000_000_001_000
_REPOST_LENGTH = 140
_CUT_AT = 275
_DELETED = "Never mind the last message, it was meant for another account."


class _Person(Struct):
    """What the account says of itself in one language."""

    name: str
    bio: str
    location: str


class _Account(Struct):
    """Whose archive it is."""

    username: str
    former: str
    renamed_at: datetime
    id: str
    created_at: datetime
    fr: _Person
    en: _Person


class _Line(Struct):
    """One tweet of the sample."""

    at: datetime
    fr: str
    en: str
    key: str = ""
    after: str = ""
    to: str = ""
    repost: str = ""
    quotes: str = ""
    quoted_as: str = ""
    edits: str = ""
    picture: str = ""
    note: bool = False


class _Content(Struct):
    """The whole sample in both languages."""

    account: _Account
    names: dict[str, str]
    tweets: list[_Line]


def write_sample_archive(path: Path, language: Language, now: datetime) -> None:
    """Write the archive of an association that does not exist.

    The same language and time give the same bytes. Nothing in it is later than `now`.
    """
    content = msgspec.convert(tomllib.loads(_CONTENT.read_text(encoding="utf-8")), _Content)
    files = dict(_Sample(content, language, now).files())
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as target:
        for name, data in files.items():
            entry = zipfile.ZipInfo(name, now.timetuple()[:6])
            entry.compress_type = zipfile.ZIP_DEFLATED
            target.writestr(entry, data)
    keep(iter([packed.getvalue()]), path)


class _Sample:
    """Puts the content into X's records."""

    def __init__(self, content: _Content, language: Language, now: datetime) -> None:
        self._account = content.account
        self._person = content.account.fr if language == "fr" else content.account.en
        own = {self._account.username: self._account.id, self._account.former: self._account.id}
        self._names = content.names | own
        self._language = language
        self._now = now
        self._lines = [line for line in content.tweets if line.at <= now]
        self._ids = {
            line.key or str(index): snowflake(line.at, index)
            for index, line in enumerate(self._lines)
        }

    def files(self) -> Iterator[tuple[str, bytes]]:
        """Yield all files by name."""
        data = self._data()
        listed: dict[str, Record] = {}
        for (kind, name), rows in data.items():
            variable = f"YTD.{name.removesuffix('.js').replace('-', '_')}.part0"
            yield f"data/{name}", data_file(variable, rows).encode()
            file = {"fileName": f"data/{name}", "globalName": variable, "count": str(len(rows))}
            listed[kind] = {"files": [file]}
        listed["tweets"] = {"mediaDirectory": "data/tweets_media", **listed["tweets"]}
        yield "data/manifest.js", manifest_file(self._manifest(listed)).encode()
        yield "Your archive.html", b"<!DOCTYPE html>\n<title>Your archive</title>\n"
        for number, line in self._numbered():
            if line.picture:
                name = f"data/tweets_media/{number}-{line.picture}.png"
                yield name, _PICTURES[line.picture]()

    def _data(self) -> Mapping[tuple[str, str], Sequence[Record]]:
        """Return the rows of every file, by their kind in the manifest and their name."""
        followers: list[Record] = [{"follower": _relation(number)} for number in range(40)]
        following: list[Record] = [{"following": _relation(number)} for number in range(0, 36, 3)]
        list_url = f"https://twitter.com/{self._account.username}/lists/jardins"
        return {
            ("account", "account.js"): [{"account": self._account_record()}],
            ("profile", "profile.js"): [{"profile": self._profile_record()}],
            ("screenNameChange", "screen-name-change.js"): [self._renaming()],
            ("protectedHistory", "protected-history.js"): [],
            ("tweets", "tweets.js"): [self._tweet(*numbered) for numbered in self._numbered()],
            ("noteTweet", "note-tweet.js"): list(self._notes()),
            ("following", "following.js"): following,
            ("follower", "follower.js"): followers,
            ("block", "block.js"): [{"blocking": _relation(90)}],
            ("mute", "mute.js"): [{"muting": _relation(91)}],
            ("listsCreated", "lists-created.js"): [{"userListInfo": {"url": list_url}}],
            ("directMessages", "direct-messages.js"): [_conversation()],
            ("deletedTweets", "deleted-tweets.js"): [{"tweet": {"full_text": _DELETED}}],
        }

    def _numbered(self) -> Iterator[tuple[int, _Line]]:
        for index, line in enumerate(self._lines):
            yield self._ids[line.key or str(index)], line

    def _tweet(self, number: int, line: _Line) -> Record:
        username = self._account.username
        text = self._text(number, line)
        answers = None
        if line.after:
            answers = (str(self._ids[line.after]), self._account.id, username)
        elif line.to:
            text = f"@{line.to} {text}"
            parent = snowflake(line.at - timedelta(hours=1))
            answers = (str(parent), self._names[line.to], line.to)
        versions = next(
            (
                (self._ids[later.edits], other)
                for other, later in self._numbered()
                if later.edits and number in (other, self._ids[later.edits])
            ),
            (),
        )
        draft = Draft(
            id=number,
            text=text,
            language=self._language,
            username=username,
            names=self._names,
            pictures=[f"{line.picture}.png"] if line.picture else [],
            answers=answers,
            versions=versions,
            likes=number % 37,
        )
        return tweet_record(draft, line.at)

    def _text(self, number: int, line: _Line) -> str:
        text = self._said(line)
        if line.repost:
            whole = f"RT @{line.repost}: {text}"
            cut = len(whole) > _REPOST_LENGTH
            return f"{whole[: _REPOST_LENGTH - 1]}…" if cut else whole
        if line.quotes:
            name = line.quoted_as or self._account.username
            return f"{text} https://twitter.com/{name}/status/{self._ids[line.quotes]}"
        if line.note:
            return f"{text[:_CUT_AT]}… https://twitter.com/i/web/status/{number}"
        return text

    def _said(self, line: _Line) -> str:
        return line.fr if self._language == "fr" else line.en

    def _notes(self) -> Iterator[Record]:
        for number, line in self._numbered():
            if line.note:
                yield note_record(self._said(line), str(number + 1), line.at)

    def _account_record(self) -> Record:
        return {
            "email": "loutre@example.org",
            "createdVia": "web",
            "username": self._account.username,
            "accountId": self._account.id,
            "createdAt": iso(self._account.created_at),
            "accountDisplayName": self._person.name,
        }

    def _profile_record(self) -> Record:
        website = short_link("https://example.org/loutre")
        about = {"bio": self._person.bio, "website": website, "location": self._person.location}
        return {"description": about, "avatarMediaUrl": ""}

    def _renaming(self) -> Record:
        account = self._account
        change = {
            "changedAt": iso(account.renamed_at),
            "changedFrom": account.former,
            "changedTo": account.username,
        }
        return {"screenNameChange": {"accountId": account.id, "screenNameChange": change}}

    def _manifest(self, listed: Mapping[str, Record]) -> Record:
        user = {"accountId": self._account.id, "userName": self._account.username}
        return {
            "userInfo": {**user, "displayName": self._person.name},
            "archiveInfo": {
                "sizeBytes": "0",
                "generationDate": iso(self._now),
                "isPartialArchive": False,
                "maxPartSizeBytes": "53687091200",
            },
            "readmeInfo": {
                "fileName": "data/README.txt",
                "directory": "data/",
                "name": "README.txt",
            },
            "dataTypes": dict(listed),
        }


def _relation(index: int) -> Record:
    number = str(_FIRST_NUMBER + index)
    return {"accountId": number, "userLink": f"https://twitter.com/intent/user?user_id={number}"}


def _conversation() -> Record:
    """A direct message, which nothing may ever open."""
    message = {"messageCreate": {"senderId": "1", "recipientId": "2", "text": "Private."}}
    return {"dmConversation": {"conversationId": "1-2", "messages": [message]}}
