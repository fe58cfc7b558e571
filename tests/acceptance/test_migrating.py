"""A whole migration to a real PDS, by the program alone: what stands, and what undo leaves."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from chatops.archive.pictures import pond, seedlings
from tests.support.agreed import agreed
from tests.support.archives import Made, tweet
from tests.support.bluesky.pds import Account, PdsServer, StoredRecord
from tests.support.moving import at, number, post
from tests.support.program import Program, texts

WORDS = (
    "📷 Notre parcelle, l’été : https://example.org/jardin?lang=fr#plan et #potager, "
    "merci @Voisine !"
)
LONG = "Le compost demande du temps. " * 15


@dataclass(frozen=True)
class Moved:
    """What stands after a migration, with what was said."""

    account: Account
    said: str
    records: Mapping[str, StoredRecord]

    def of(self, hour: int) -> list[StoredRecord]:
        """Return the records of the post of an hour, in order."""
        start = at(hour).isoformat(timespec="seconds").removesuffix("+00:00")
        found = [r for r in self.records.values() if r.value["createdAt"].startswith(start)]
        return sorted(found, key=lambda record: str(record.value["createdAt"]))

    def one(self, hour: int) -> StoredRecord:
        """Return the only record of the post of an hour."""
        [record] = self.of(hour)
        return record


def reference(record: StoredRecord) -> dict[str, str]:
    return {"uri": record.uri, "cid": record.cid}


@pytest.fixture(scope="module")
def standing(pds_server: PdsServer, tmp_path_factory: pytest.TempPathFactory) -> Moved:
    """Do all that a person does, with the program alone."""
    folder = tmp_path_factory.mktemp("moved")
    account = pds_server.create_account()
    program = Program(folder, {"QUITX_BLUESKY__SERVICE": pds_server.url})
    connected = program("connect", "bluesky", account.handle, given=f"{account.app_password}\n")
    assert connected.returncode == 0, connected.stderr
    plan = f"/quitx migrate plan {archive_in(folder)}"
    said = program.says("/quitx live", ":react ✅", plan, ":react ✅", ":react ✅")
    said += program.says("/quitx migrate resume")
    assert account.app_password not in connected.stdout + connected.stderr + texts(said)
    records = {record.uri: record for record in pds_server.records(account.did)}
    return Moved(account, texts(said), records)


def archive_in(folder: Path) -> Path:
    media = {
        f"{number(7)}-a.png": pond(),
        f"{number(7)}-b.png": seedlings(),
        f"{number(8)}-c.png": seedlings(),
        f"{number(9)}-d.png": pond()[:1000],
    }
    tweets = [
        *(post(hour) for hour in range(5)),
        post(5, WORDS),
        post(6, LONG, answers=5),
        post(7, "Deux images", pictures=["a.png", "b.png"]),
        post(8, "Et celle-ci", quotes=7, pictures=["c.png"]),
        post(9, "Une image coupée", pictures=["d.png"]),
        post(10, answers=6),
        post(11, quotes=6),
        post(12, answers=11),
        tweet(int(number(13)), "@Voisine merci", at(13), in_reply_to_user_id_str="7"),
        post(14, "RT @Voisine: à demain"),
    ]
    return Made({"tweets.js": tweets}, media=media).zipped(folder / "archive.zip")


def test_every_post_stands_with_its_own_time_and_language(standing: Moved) -> None:
    hours = {hour: len(standing.of(hour)) for hour in range(15)}
    assert hours == {**dict.fromkeys(range(13), 1), 6: 2, 9: 0, 13: 0, 14: 0}
    assert len(standing.records) == sum(hours.values())
    assert {tuple(record.value["langs"]) for record in standing.records.values()} == {("fr",)}
    assert standing.one(3).value["createdAt"] == "2019-03-01T11:00:00.000Z"
    assert "12 posts stand." in standing.said
    assert "1 post could not be moved." in standing.said, "its picture is damaged"


def test_links_and_tags_stand_on_the_right_words(standing: Moved) -> None:
    value = standing.one(5).value
    text = value["text"].encode()
    marked = {
        text[facet["index"]["byteStart"] : facet["index"]["byteEnd"]].decode(): facet["features"]
        for facet in value["facets"]
    }
    link, tag = "app.bsky.richtext.facet#link", "app.bsky.richtext.facet#tag"
    assert marked == {
        "example.org/jardin?lang=fr…": [
            {"$type": link, "uri": "https://example.org/jardin?lang=fr#plan"}
        ],
        "#potager": [{"$type": tag, "tag": "potager"}],
    }
    assert value["text"] == (
        "📷 Notre parcelle, l’été : example.org/jardin?lang=fr… et #potager, merci @Voisine !"
    )


def test_a_thread_hangs_together_over_a_long_post(standing: Moved) -> None:
    root, (first, second), last = standing.one(5), standing.of(6), standing.one(10)
    assert first.value["reply"] == {"root": reference(root), "parent": reference(root)}
    assert second.value["reply"] == {"root": reference(root), "parent": reference(first)}
    assert last.value["reply"] == {"root": reference(root), "parent": reference(second)}
    assert f"{first.value['text']} {second.value['text']}" == LONG.strip()
    assert standing.one(12).value["reply"]["root"] == reference(standing.one(11))
    assert "reply" not in standing.one(11).value


def test_a_quote_holds_the_record_that_it_quotes(standing: Moved) -> None:
    embed = standing.one(11).value["embed"]
    assert embed == {
        "$type": "app.bsky.embed.record",
        "record": reference(standing.of(6)[0]),
    }
    assert standing.one(11).value["text"] == "Message 11", "the address is left out"


def test_pictures_stand_with_their_posts(standing: Moved, pds_server: PdsServer) -> None:
    pictures = standing.one(7).value["embed"]["images"]
    assert [picture["aspectRatio"] for picture in pictures] == [{"width": 640, "height": 400}] * 2
    assert [picture["alt"] for picture in pictures] == ["", ""]
    assert [blob_of(pds_server, standing.account, each) for each in pictures] == [
        pond(),
        seedlings(),
    ]
    both = standing.one(8).value["embed"]
    assert both["$type"] == "app.bsky.embed.recordWithMedia"
    assert both["record"]["record"] == reference(standing.one(7))
    [picture] = both["media"]["images"]
    assert blob_of(pds_server, standing.account, picture) == seedlings()


def blob_of(server: PdsServer, account: Account, picture: Mapping[str, Any]) -> bytes:
    answer = httpx.get(
        f"{server.url}/xrpc/com.atproto.sync.getBlob",
        params={"did": account.did, "cid": picture["image"]["ref"]["$link"]},
        trust_env=False,
    )
    assert answer.is_success, answer.text
    return answer.content


async def test_undo_leaves_alone_what_was_written_by_hand(
    pds_server: PdsServer, bluesky_account: Account, tmp_path: Path
) -> None:
    before = write_by_hand(pds_server, bluesky_account, "Écrit à la main")
    tweets = [post(hour) for hour in range(7)]
    migrating = await agreed(bluesky_account, tmp_path, pds_server.url, tweets)
    moved = await asyncio.to_thread(migrating.program.says, "/quitx migrate status")
    assert "posts moved" in texts(moved)
    after = write_by_hand(pds_server, bluesky_account, "Écrit après")
    assert len(pds_server.records(bluesky_account.did)) == 9

    lines = ("/quitx migrate undo", ":react ✅")
    said = await asyncio.to_thread(migrating.program.says, *lines)
    assert "7 posts that migration 1 created would be removed for good." in texts(said)
    assert "7 posts were removed; nothing else was touched." in texts(said)
    assert {record.uri for record in pds_server.records(bluesky_account.did)} == {before, after}
    assert migrating.phase() == "undone"


def write_by_hand(server: PdsServer, account: Account, text: str) -> str:
    with httpx.Client(base_url=f"{server.url}/xrpc/", trust_env=False, timeout=30) as client:
        whole = {"identifier": account.did, "password": account.password}
        session = client.post("com.atproto.server.createSession", json=whole).json()
        record = {
            "$type": "app.bsky.feed.post",
            "text": text,
            "createdAt": datetime.now(UTC).isoformat().replace("+00:00", "Z"),
        }
        made = client.post(
            "com.atproto.repo.createRecord",
            json={"repo": account.did, "collection": "app.bsky.feed.post", "record": record},
            headers={"Authorization": f"Bearer {session['accessJwt']}"},
        )
        assert made.is_success, made.text
        return str(made.json()["uri"])
