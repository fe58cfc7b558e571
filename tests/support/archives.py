"""Archives that are made up, of any size, with any oddity; the same seed gives the same bytes."""

from __future__ import annotations

import random
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec

from chatops.archive.composing import Draft, Record, iso, snowflake, tweet_record, x_date
from chatops.archive.layout import data_file, manifest_file

ACCOUNT_ID = "690000000000000021"
USERNAME = "JardinsLoutre"
MADE_AT = datetime(2026, 1, 5, 9, 30, tzinfo=UTC)

_WORDS = (
    *("jardin", "compost", "graines", "loutre", "canal", "parcelle", "arrosage", "bénévoles"),
    *("samedi", "atelier", "tomates", "récolte", "voisins", "serre", "banc", "fête", "marché"),
    *("l’eau", "garden", "seeds", "open", "together", "🌱", "🦦", "💧", "&", "<", ">", "«", "»"),
)
_LETTERS = "eeeaaaiiinnnssstttrrroouullddcmpéèà"
_SHARE_OF_KNOWN_WORDS = 0.2
_TAGS = ("#jardin", "#compost", "#Villebrise", "#zérodéchet")


def tweet(
    number: int | None = None,
    text: str = "Bonjour",
    at: datetime = datetime(2020, 5, 1, 12, tzinfo=UTC),
    **changes: object,
) -> Record:
    """Return a wrapped tweet; `changes` replace fields of the record."""
    draft = Draft(snowflake(at) if number is None else number, text, "fr", USERNAME)
    record = tweet_record(draft, at)
    record["tweet"] = {**fields_of(record), **changes}
    return record


def fields_of(record: Record) -> Record:
    """Return what a wrapped tweet holds; to be changed in place."""
    inner = record["tweet"]
    assert isinstance(inner, dict)
    return inner


def id_of(record: Record) -> str:
    """Return the id of a wrapped tweet."""
    return str(fields_of(record)["id_str"])


def tweets(count: int, seed: int = 0) -> Iterator[Record]:
    """Yield tweets of all kinds; ids grow with time but are not evenly spaced."""
    chance = random.Random(seed)
    at = datetime(2012, 1, 1, tzinfo=UTC)
    last = 0
    for index in range(count):
        at += timedelta(seconds=chance.randrange(60, 20_000), milliseconds=chance.randrange(1000))
        number = snowflake(at, chance.randrange(1 << 22))
        text = " ".join(_word(chance) for _each in range(chance.randrange(8, 40)))
        draft = Draft(number, text, "fr", USERNAME, likes=chance.randrange(500))
        match index % 10:
            case 1:
                parent = str(snowflake(at, 7))
                answers = (parent, "690000000000000777", "Voisine")
                draft = _changed(draft, text=f"@Voisine {text}", answers=answers)
            case 2:
                draft = _changed(draft, text=f"RT @Voisine: {text}")
            case 3:
                draft = _changed(draft, text=f"{text} https://example.org/page/{index}?a=1&b=2")
            case 4:
                draft = _changed(draft, text=f"{text} {chance.choice(_TAGS)}")
            case 5:
                draft = _changed(draft, answers=(str(last), ACCOUNT_ID, USERNAME))
            case 6 | 8:
                pictures = [f"F{chance.randrange(10**14)}.jpg" for _each in range(index % 3 + 1)]
                draft = _changed(draft, pictures=pictures)
            case 7:
                quoted = f"https://twitter.com/{USERNAME}/status/{last}"
                draft = _changed(draft, text=f"{text} {quoted}")
            case _:
                pass
        yield tweet_record(draft, at)
        last = number


def _word(chance: random.Random) -> str:
    """Return one of the association's words, or one that nobody has used before."""
    if chance.random() < _SHARE_OF_KNOWN_WORDS:
        return chance.choice(_WORDS)
    return "".join(chance.choices(_LETTERS, k=chance.randrange(3, 9)))


def account(username: str = USERNAME, account_id: str = ACCOUNT_ID) -> Record:
    """Return a wrapped account."""
    content = {"email": "a@example.org", "username": username, "accountId": account_id}
    content |= {"createdAt": "2016-01-22T10:05:00.000Z", "accountDisplayName": "Les Jardins"}
    return {"account": content}


@dataclass
class Made:
    """An archive to be.

    Args:
        files: The rows of each JavaScript file of `data`, or its content where it is text.
        counts: What the manifest says instead of the true numbers of rows.
        media: The files of posts.
        root: The folder in which the archive lies, such as `top/data`; empty for none.
        manifest: Whether there is one.
        extra: Anything else, by full name.
    """

    files: Mapping[str, Sequence[Record] | str] = field(default_factory=dict)
    counts: Mapping[str, int] = field(default_factory=dict)
    media: Mapping[str, bytes] = field(default_factory=dict)
    media_folder: str = "tweets_media"
    root: str = "data"
    manifest: bool = True
    extra: Mapping[str, bytes] = field(default_factory=dict)

    def contents(self) -> Iterator[tuple[str, bytes]]:
        """Yield every file by its full name."""
        prefix = f"{self.root}/" if self.root else ""
        for name, rows in {"account.js": [account()], **self.files}.items():
            yield prefix + name, (rows if isinstance(rows, str) else printed(name, rows)).encode()
        if self.manifest:
            yield f"{prefix}manifest.js", self.manifest_text().encode()
        for name, data in self.media.items():
            yield f"{prefix}{self.media_folder}/{name}", data
        yield from self.extra.items()

    def manifest_text(self, **info: object) -> str:
        """Return the manifest."""
        listed: dict[str, Record] = {}
        for name, rows in self.files.items():
            count = self.counts.get(name, 0 if isinstance(rows, str) else len(rows))
            if name in self.counts or not isinstance(rows, str):
                file = {"fileName": f"data/{name}", "globalName": variable(name)}
                listed[name] = {"files": [{**file, "count": str(count)}]}
        for name in self.counts.keys() - self.files.keys():
            file = {"fileName": f"data/{name}", "globalName": variable(name)}
            listed[name] = {"files": [{**file, "count": str(self.counts[name])}]}
        return manifest(listed, **info)

    def zipped(self, path: Path) -> Path:
        """Write it as a ZIP."""
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as target:
            for name, data in self.contents():
                target.writestr(name, data)
        return path

    def unpacked(self, path: Path) -> Path:
        """Write it as a folder."""
        for name, data in self.contents():
            file = path / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(data)
        return path


def variable(name: str) -> str:
    """Return the name of the variable to which X assigns a file's rows."""
    stem, _part, number = name.removesuffix(".js").partition("-part")
    return f"YTD.{stem.replace('-', '_')}.part{number or 0}"


def printed(name: str, rows: Sequence[Record]) -> str:
    """Return a file as X writes it."""
    return data_file(variable(name), rows)


def manifest(listed: Mapping[str, Record], **info: object) -> str:
    """Return a manifest as X writes it; `info` replaces what it says of the archive."""
    about = {"sizeBytes": "1", "generationDate": iso(MADE_AT), "isPartialArchive": False, **info}
    user = {"accountId": ACCOUNT_ID, "userName": USERNAME, "displayName": "Les Jardins"}
    return manifest_file({"userInfo": user, "archiveInfo": about, "dataTypes": dict(listed)})


def write_large_archive(path: Path, size: int, seed: int = 0) -> int:
    """Write a ZIP whose `tweets.js` has at least `size` bytes; return how many tweets it holds.

    It is streamed to the disk. Some hundred tweets are composed and then repeated with new ids and
    dates: that is far beyond what deflate looks back, so it packs as real ones do.
    """
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as target:
        with target.open("data/tweets.js", "w", force_zip64=True) as file:
            written = file.write(b"window.YTD.tweets.part0 = [")
            count = 0
            for element in _repeated(seed):
                written += file.write((b"," if count else b"") + element)
                count += 1
                if written >= size:
                    break
            file.write(b"\n]")
        target.writestr("data/account.js", printed("account.js", [account()]))
        listing = {"fileName": "data/tweets.js", "globalName": "YTD.tweets.part0"}
        listed: Record = {"files": [{**listing, "count": str(count)}]}
        target.writestr("data/manifest.js", manifest({"tweets": listed}))
    return count


def _repeated(seed: int) -> Iterator[bytes]:
    """Yield printed elements without end, the ids growing."""
    templates = [_template(record) for record in tweets(400, seed)]
    chance = random.Random(seed)
    at = datetime(2012, 1, 1, tzinfo=UTC)
    while True:
        for template in templates:
            at += timedelta(seconds=chance.randrange(60, 1800))
            number = snowflake(at, chance.randrange(1 << 22))
            date, own = x_date(at).encode(), str(number).encode()
            yield own.join(date.join(piece) for piece in template)


def _template(record: Record) -> list[list[bytes]]:
    """Return a printed element, cut at its ids and within those pieces at its date."""
    inner = fields_of(record)
    whole = printed("tweets.js", [record]).encode()
    element = whole[whole.index(b"[") + 1 : whole.rindex(b"\n]")]
    number, date = str(inner["id_str"]).encode(), str(inner["created_at"]).encode()
    return [piece.split(date) for piece in element.split(number)]


def _changed(draft: Draft, **changes: object) -> Draft:
    return msgspec.structs.replace(draft, **changes)
