"""Composing X's own record of a tweet from what its author typed: the reverse of reading one."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import TypeAlias

from msgspec import Struct

Record: TypeAlias = dict[str, object]

_TOKEN = re.compile(
    r"(?P<url>https?://(?!t\.co/)[^\s]+[^\s.,;:!?)»])|(?<!\w)#(?P<tag>\w*[^\W\d]\w*)|(?<!\w)@(?P<name>\w{1,15})"
)
_X_EPOCH = datetime(2010, 11, 4, 1, 42, 54, 657000, tzinfo=UTC)
_SHOWN = 27
_SIZES = {
    "thumb": {"w": "150", "h": "150", "resize": "crop"},
    "small": {"w": "640", "h": "400", "resize": "fit"},
    "medium": {"w": "640", "h": "400", "resize": "fit"},
    "large": {"w": "640", "h": "400", "resize": "fit"},
}
_SOURCE = '<a href="https://mobile.twitter.com" rel="nofollow">Twitter Web App</a>'


class Draft(Struct, frozen=True):
    """A tweet to be.

    Args:
        names: The numbers of the accounts that the text may name, by handle.
        pictures: X's own names of its images, without the tweet's id before them.
        answers: The tweet that it answers, with its author's number and handle.
        versions: The ids of all versions if it was edited, the first one first.
    """

    id: int
    text: str
    language: str
    username: str
    names: Mapping[str, str] = {}
    pictures: Sequence[str] = ()
    answers: tuple[str, str, str] | None = None
    versions: Sequence[int] = ()
    likes: int = 0


class Composed(Struct, frozen=True):
    """An escaped text with its entities, whose indices count its code points."""

    text: str
    entities: Record


def snowflake(at: datetime, low: int = 0) -> int:
    """Return the id that X would give to a tweet of that time."""
    milliseconds = round((at - _X_EPOCH).total_seconds() * 1000)
    return milliseconds << 22 | low & 0x3FFFFF


def x_date(at: datetime) -> str:
    """Write a time as tweets do, whatever the machine's language."""
    days = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
    months = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
    day, month = days[at.weekday()], months[at.month - 1]
    return f"{day} {month} {at:%d %H:%M:%S} +0000 {at:%Y}"


def iso(at: datetime) -> str:
    """Write a time as the other files do."""
    return f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03}Z"


def escaped(text: str) -> str:
    """Escape a text as X does."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def short_link(address: str) -> str:
    """Return the t.co address that stands for another; always the same one."""
    digest = hashlib.blake2b(address.encode(), digest_size=5).hexdigest()
    return f"https://t.co/{digest}"


def composed(text: str, names: Mapping[str, str]) -> Composed:
    """Escape and shorten a text, and note where its links, tags and names stand."""
    entities: dict[str, list[Record]] = {
        "hashtags": [],
        "symbols": [],
        "user_mentions": [],
        "urls": [],
    }
    placed = _placed(text, escaped)
    for found, start, end in placed.tokens:
        indices = {"indices": [str(start), str(end)]}
        if found["url"]:
            link = {"url": short_link(found["url"]), "expanded_url": found["url"]}
            entities["urls"].append({**link, "display_url": _shown(found["url"]), **indices})
        elif found["tag"]:
            entities["hashtags"].append({"text": found["tag"], **indices})
        else:
            number = names.get(found["name"], "-1")
            name = {"name": found["name"], "screen_name": found["name"], **indices}
            entities["user_mentions"].append({**name, "id_str": number, "id": number})
    return Composed(placed.text, {**entities})


def tweet_record(draft: Draft, at: datetime) -> Record:
    """Return a tweet as `tweets.js` holds it, wrapped."""
    text, entities = _with_pictures(draft)
    number = str(draft.id)
    tweet: Record = {
        "edit_info": _edit_info(draft, at),
        "retweeted": False,
        "source": _SOURCE,
        "entities": entities,
        "display_text_range": ["0", str(len(text))],
        "favorite_count": str(draft.likes),
    }
    if draft.answers:
        parent, user, name = draft.answers
        tweet |= {"in_reply_to_status_id_str": parent, "in_reply_to_user_id": user}
        tweet |= {"in_reply_to_status_id": parent, "in_reply_to_screen_name": name}
        tweet |= {"in_reply_to_user_id_str": user}
    tweet |= {
        "id_str": number,
        "truncated": False,
        "retweet_count": str(draft.likes // 4),
        "id": number,
        "created_at": x_date(at),
        "favorited": False,
        "full_text": text,
        "lang": draft.language,
    }
    if draft.pictures:
        tweet |= {"possibly_sensitive": False}
        tweet |= {"extended_entities": {"media": _media(draft, text)}}
    return {"tweet": tweet}


def note_record(text: str, number: str, at: datetime) -> Record:
    """Return a long post as `note-tweet.js` holds it, wrapped; its text is not escaped."""
    core: dict[str, list[Record]] = {"urls": [], "mentions": [], "hashtags": [], "cashtags": []}
    placed = _placed(text, str)
    for found, start, end in placed.tokens:
        place = {"fromIndex": str(start), "toIndex": str(end)}
        if found["url"]:
            link = {"expandedUrl": found["url"], "displayUrl": _shown(found["url"])}
            core["urls"].append({**link, "shortUrl": short_link(found["url"]), **place})
        elif found["tag"]:
            core["hashtags"].append({"text": found["tag"], **place})
        else:
            core["mentions"].append({"screenName": found["name"], **place})
    note = {"noteTweetId": number, "updatedAt": iso(at), "lifecycle": {"value": "3", "name": "Ok"}}
    whole = {"styletags": [], "text": placed.text, **core}
    return {"noteTweet": {**note, "createdAt": iso(at), "core": whole}}


class _Placed(Struct, frozen=True):
    """A text with its addresses shortened, and where in it each link, tag and name stands."""

    text: str
    tokens: list[tuple[re.Match[str], int, int]]


def _placed(text: str, escape: Callable[[str], str]) -> _Placed:
    done = ""
    at = 0
    tokens: list[tuple[re.Match[str], int, int]] = []
    for found in _TOKEN.finditer(text):
        done += escape(text[at : found.start()])
        start = len(done)
        done += short_link(found["url"]) if found["url"] else found[0]
        tokens.append((found, start, len(done)))
        at = found.end()
    return _Placed(done + escape(text[at:]), tokens)


def _shown(address: str) -> str:
    shown = address.partition("://")[2].removeprefix("www.")
    return shown if len(shown) <= _SHOWN else f"{shown[: _SHOWN - 1]}…"


def _with_pictures(draft: Draft) -> tuple[str, Record]:
    body = composed(draft.text, draft.names)
    if not draft.pictures:
        return body.text, body.entities
    text = f"{body.text} {_picture_link(draft)}".lstrip()
    return text, {**body.entities, "media": _media(draft, text)[:1]}


def _picture_link(draft: Draft) -> str:
    return short_link(f"https://twitter.com/{draft.username}/status/{draft.id}/photo/1")


def _media(draft: Draft, text: str) -> list[Record]:
    link = _picture_link(draft)
    start = text.rindex(link)
    return [
        {
            "expanded_url": f"https://twitter.com/{draft.username}/status/{draft.id}/photo/1",
            "indices": [str(start), str(start + len(link))],
            "url": link,
            "media_url": f"http://pbs.twimg.com/media/{picture}",
            "id_str": str(draft.id + index + 1),
            "id": str(draft.id + index + 1),
            "media_url_https": f"https://pbs.twimg.com/media/{picture}",
            "sizes": _SIZES,
            "type": "photo",
            "display_url": f"pic.twitter.com/{link.rpartition('/')[2]}",
        }
        for index, picture in enumerate(draft.pictures)
    ]


def _edit_info(draft: Draft, at: datetime) -> Record:
    versions = [str(version) for version in draft.versions or (draft.id,)]
    terms = {"editableUntil": iso(at), "editsRemaining": "5", "isEditEligible": not draft.answers}
    control = {"editTweetIds": versions, **terms}
    if versions[0] == str(draft.id):
        return {"initial": control}
    return {"edit": {"initialTweetId": versions[0], "editControlInitial": control}}
