"""From a draft to the records of its thread: pure, and the same every time."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from itertools import zip_longest
from typing import Final

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from adapters.bluesky import embeds
from adapters.bluesky.embeds import Group, Upload
from adapters.bluesky.facets import Json, Names, is_address, text_and_facets
from adapters.bluesky.fingerprints import fingerprint
from adapters.bluesky.keys import PART_STEP, record_key
from adapters.bluesky.limits import CREATE_COST, LIMITS
from chatops.language import _
from chatops.posts.fitting import fit, shown, trimmed, visible
from chatops.posts.network import Draft, Identity, Prepared, RecordRef, Unfit
from chatops.posts.post import Post, Run, WebLink, Words

COLLECTION: Final = "app.bsky.feed.post"

_LANGUAGE: Final = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")


class _Part(Struct, frozen=True):
    """One record of a thread, not yet placed in it."""

    runs: tuple[Run, ...]
    group: Group


class _Thread(Struct, frozen=True):
    """Where the next record goes."""

    root: RecordRef | None
    parent: RecordRef | None

    def after(self, ref: RecordRef) -> _Thread:
        return _Thread(self.root or ref, ref)

    def reply(self) -> Json | None:
        if self.parent is None:
            return None
        return {
            "root": _reference(self.root or self.parent),
            "parent": _reference(self.parent),
        }


def prepared(
    author: Identity, draft: Draft, uploads: Sequence[Upload], names: Names, now: datetime
) -> tuple[Prepared, ...] | Unfit:
    """Return the records of a draft.

    Args:
        author: Whose repository they will stand in.
        draft: The post and its place among others.
        uploads: Those of its files that the server holds.
        names: Who is known under which DID.
        now: What a record that is not backdated carries as its time.
    """
    post = replace(draft.post, body=_encodable(draft.post.body))
    quote, body = _quote(post, draft.quoted, has_files=bool(uploads))
    parts = list(_parts(body, uploads))
    if not quote and parts == [_Part((), ())]:
        return Unfit(
            draft.key,
            _("Nothing of this post can be shown on Bluesky: it has neither words nor files."),
            _("Add words or a picture, or leave it out."),
        )
    start = post.written_at if draft.backdated else now
    thread = _Thread(draft.root or draft.parent, draft.parent)
    records: list[Prepared] = []
    for number, part in enumerate(parts):
        text, facets = text_and_facets(part.runs, names)
        record: Json = {
            "$type": COLLECTION,
            "text": text,
            "createdAt": _written(start + number * PART_STEP),
        }
        if facets:
            record["facets"] = facets
        if _LANGUAGE.fullmatch(post.language):
            record["langs"] = [post.language]
        if reply := thread.reply():
            record["reply"] = reply
        record |= _below(part.group, quote if number == 0 else None)
        if part.group and post.sensitive:
            record["labels"] = _covered()
        key = record_key(draft.key, post.written_at, number)
        ref = _placed(author, key, fingerprint(record, has_files=bool(part.group)))
        payload = msgspec.json.encode(record)
        records.append(Prepared(f"{draft.key}#{number}", ref, payload, CREATE_COST, text))
        thread = thread.after(ref)
    return tuple(records)


def key_of(ref: RecordRef) -> tuple[str, str, str]:
    """Return the repository, the collection and the key that an address is made of."""
    repository, collection, key = ref.address.removeprefix("at://").split("/")
    return repository, collection, key


def _parts(body: Sequence[Run], uploads: Sequence[Upload]) -> Iterator[_Part]:
    """Spread words and files over as many records as the longer of both needs."""
    for runs, group in zip_longest(fit(body, LIMITS), embeds.groups(uploads), fillvalue=()):
        yield _Part(runs, group)


_Quote = RecordRef | str
"""An own record, or the address of somebody else's."""


def _quote(
    post: Post, quoted: RecordRef | None, *, has_files: bool
) -> tuple[_Quote | None, tuple[Run, ...]]:
    """Return what the first record embeds as quoted, and the body with or without its address.

    A record holds a card or files, not both: next to files the quoted address is a link.
    """
    body, url = trimmed(post.body), post.quotes_url
    at_end = bool(body) and isinstance(last := body[-1], WebLink) and last.url == url
    without = body[:-1] if at_end else body
    if quoted is not None:
        return quoted, without
    if not is_address(url):
        return None, body
    if not has_files:
        return url, without
    if any(isinstance(run, WebLink) and run.url == url for run in body):
        return None, body
    space = (Words("\n\n"),) if body else ()
    return None, (*body, *space, WebLink(url, embeds.short_address(url)))


def _below(group: Group, quote: _Quote | None) -> Json:
    match quote:
        case None:
            return {"embed": embeds.files(group)} if group else {}
        case str():
            return {"embed": embeds.card(quote)}
        case RecordRef():
            return {
                "embed": embeds.quote_with_files(quote, group) if group else embeds.quote(quote)
            }


def _covered() -> Json:
    """Ask readers' apps to cover the media; X does not tell what makes them sensitive."""
    return {
        "$type": "com.atproto.label.defs#selfLabels",
        "values": [{"val": "graphic-media"}],
    }


def _placed(author: Identity, key: str, cid: str) -> RecordRef:
    return RecordRef(
        f"at://{author.key}/{COLLECTION}/{key}",
        cid,
        f"https://bsky.app/profile/{author.handle}/post/{key}",
    )


def _reference(ref: RecordRef) -> Json:
    return {"uri": ref.address, "cid": ref.fingerprint}


def _written(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _encodable(body: tuple[Run, ...]) -> tuple[Run, ...]:
    """Replace halves of characters, which JSON from elsewhere may hold and UTF-8 cannot."""
    try:
        visible(body, LIMITS).encode()
    except UnicodeEncodeError:
        return tuple(Words(shown(run, LIMITS).encode(errors="replace").decode()) for run in body)
    return body
