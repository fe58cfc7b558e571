"""Publishing on a real server of the AT Protocol, through what networks do to us."""

from __future__ import annotations

import asyncio
import json
import random
import struct
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from msgspec.structs import replace
from PIL import Image

from adapters.bluesky.limits import LIMITS
from adapters.bluesky.network import BlueskyNetwork
from chatops.posts.network import (
    Absent,
    Credential,
    CredentialRefused,
    Draft,
    Identity,
    NetworkUnavailable,
    OverLimit,
    Prepared,
    Published,
    Refused,
    SocialNetwork,
    Unfit,
    Unknown,
)
from chatops.posts.post import Hashtag, Media, Mention, Post, Run, WebLink, Words
from tests.support.bluesky.pds import Account, PdsServer, StoredRecord
from tests.support.faults import FaultProxy

MOMENT = datetime(2016, 3, 4, 5, 6, 7, 123_000, tzinfo=UTC)
WRITES = "*.applyWrites"


class KeptAccount:
    """An account that keeps its session in memory."""

    def __init__(self, identity: Identity, credential: Credential, session: str = "") -> None:
        self.identity = identity
        self.kept = session
        self.opened = 0
        self._credential = credential

    async def credential(self) -> Credential:
        self.opened += 1
        return self._credential

    async def session(self) -> str:
        return self.kept

    async def keep_session(self, session: str) -> None:
        self.kept = session


class Author:
    """One account with its network, and what the server itself says of it."""

    def __init__(self, server: PdsServer, url: str, account: Account) -> None:
        self.server = server
        self.url = url
        self.did = account.did
        self.network: SocialNetwork = BlueskyNetwork(url, 5_000, 35_000, names=self._did_of)
        self.identity = Identity(account.did, account.handle, "")
        self.credential = Credential(url, account.handle, account.app_password)
        self.account = KeptAccount(self.identity, self.credential)

    async def prepare(self, *drafts: Draft) -> list[Prepared]:
        prepared: list[Prepared] = []
        for draft in drafts:
            made = await self.network.prepare(self.account, draft)
            assert not isinstance(made, Unfit)
            prepared += made
        return prepared

    async def publish(self, records: Sequence[Prepared]) -> list[object]:
        return list(await self.network.publish(self.account, records))

    def standing(self) -> list[StoredRecord]:
        return self.server.records(self.did)

    def _did_of(self, mention: Mention) -> str:
        return self.did if mention.handle == "moi" else ""


@pytest.fixture
async def author(pds_server: PdsServer, bluesky_account: Account) -> AsyncIterator[Author]:
    made = Author(pds_server, pds_server.url, bluesky_account)
    yield made
    await made.network.close()


@pytest.fixture
async def behind_proxy(
    pds_server: PdsServer, bluesky_account: Account, bluesky_proxy: FaultProxy
) -> AsyncIterator[Author]:
    """An author whose every word passes through the proxy."""
    made = Author(pds_server, bluesky_proxy.url, bluesky_account)
    yield made
    await made.network.close()


def draft(number: int, *body: Run, media: tuple[Media, ...] = ()) -> Draft:
    runs = body or (Words(f"Bonjour {number}"),)
    at = MOMENT + timedelta(minutes=number)
    return Draft(f"x:{number}", Post(str(number), "post", at, runs, media, language="fr"))


async def many(author: Author, count: int) -> list[Prepared]:
    return await author.prepare(*(draft(number) for number in range(count)))


def published(records: Sequence[Prepared]) -> list[object]:
    return [Published(record.ref) for record in records]


def spoiled(record: Prepared, **changes: object) -> Prepared:
    payload = json.loads(record.payload) | changes
    return replace(record, payload=msgspec.json.encode(payload))


# A login


async def test_an_app_password_opens_the_account(author: Author) -> None:
    identity, session = await author.network.check(author.credential)
    assert identity.key == author.did
    assert identity.handle == author.identity.handle
    assert identity.url == f"https://bsky.app/profile/{identity.handle}"
    kept = KeptAccount(identity, author.credential, session)
    records = await author.prepare(draft(1))
    assert await author.network.publish(kept, records) == published(records)
    assert kept.opened == 0


async def test_a_wrong_password_is_refused_with_the_way_to_a_right_one(author: Author) -> None:
    wrong = replace(author.credential, secret="abcd-abcd-abcd-abcd")
    with pytest.raises(CredentialRefused, match="app-passwords") as caught:
        await author.network.check(wrong)
    assert wrong.secret not in str(caught.value)
    with pytest.raises(CredentialRefused):
        await author.network.check(replace(author.credential, identifier="no handle"))


async def test_a_server_that_is_none_is_told(
    behind_proxy: Author, bluesky_proxy: FaultProxy
) -> None:
    bluesky_proxy.answer("*", 200, body=b"<html>Welcome!</html>")
    bluesky_proxy.answer("*", 404, body=b"<html>Not here</html>")
    bluesky_proxy.answer("*", 200, body={"surprise": True})
    for _attempt in range(3):
        with pytest.raises(NetworkUnavailable, match=r"127\.0\.0\.1"):
            await behind_proxy.network.check(behind_proxy.credential)
    async with bluesky_proxy.absent():
        with pytest.raises(NetworkUnavailable, match="does not answer"):
            await behind_proxy.network.check(behind_proxy.credential)


async def test_too_many_logins_are_told_with_their_end(
    behind_proxy: Author, bluesky_proxy: FaultProxy
) -> None:
    bluesky_proxy.rate_limit("*.createSession", reset_in=300)
    with pytest.raises(OverLimit) as caught:
        await behind_proxy.network.check(behind_proxy.credential)
    assert caught.value.until is not None


# What stands


async def test_a_post_stands_to_the_byte_as_it_was_prepared(author: Author) -> None:
    records = await author.prepare(
        draft(
            1,
            Words("🌳 Été à "),
            WebLink("https://example.org/agenda", "example.org/agenda"),
            Words(" "),
            Hashtag("été"),
            Words(" avec "),
            Mention("moi"),
            Words(" et "),
            Mention("quelqu_un"),
        )
    )
    assert await author.publish(records) == published(records)
    (stored,) = author.standing()
    assert stored.value == json.loads(records[0].payload)
    assert (stored.uri, stored.cid) == (records[0].ref.address, records[0].ref.fingerprint)
    assert stored.value["createdAt"] == "2016-03-04T05:07:07.123Z"
    assert len(stored.value["facets"]) == 3


async def test_a_thread_its_sequel_and_a_quote_of_it_go_in_one_call(author: Author) -> None:
    thread = await author.prepare(draft(1, Words("mot " * 200)))
    root, last = thread[0].ref, thread[-1].ref
    sequel = await author.prepare(replace(draft(2), root=root, parent=last))
    quote = await author.prepare(replace(draft(3), quoted=sequel[0].ref))
    records = [*thread, *sequel, *quote]
    assert await author.publish(records) == published(records)
    first, second, third, follows, quotes = author.standing()
    assert second.value["reply"]["parent"] == {"uri": first.uri, "cid": first.cid}
    assert third.value["reply"]["parent"]["cid"] == second.cid
    assert follows.value["reply"]["parent"]["cid"] == third.cid
    assert follows.value["reply"]["root"]["cid"] == first.cid
    assert quotes.value["embed"]["record"] == {"uri": follows.uri, "cid": follows.cid}


async def test_a_card_and_a_post_without_words_are_taken(author: Author) -> None:
    card = draft(1)
    quoting = replace(card.post, body=(), quotes_url="https://x.com/somebody/status/1")
    records = await author.prepare(replace(card, post=quoting))
    assert await author.publish(records) == published(records)
    assert author.standing()[0].value["embed"]["external"]["title"] == "x.com/somebody/status/1"


# Files


def picture(path: Path, size: tuple[int, int]) -> Path:
    pixels = random.Random(7).randbytes(size[0] * size[1] * 3)
    Image.frombytes("RGB", size, pixels).save(path)
    return path


def with_files(number: int, kind: str, *paths: Path | None) -> Draft:
    media = tuple(
        msgspec.convert({"kind": kind, "name": "kept", "alt": "Une haie"}, Media) for _ in paths
    )
    return replace(draft(number, media=media), files=paths)


async def test_a_picture_is_scaled_and_described_and_always_the_same(
    author: Author, tmp_path: Path
) -> None:
    posted = with_files(1, "image", picture(tmp_path / "a.png", (1200, 800)))
    records = await author.prepare(posted)
    assert await author.prepare(posted) == records
    assert await author.publish(records) == published(records)
    (stored,) = author.standing()
    assert stored.cid == records[0].ref.fingerprint
    (image,) = stored.value["embed"]["images"]
    assert image["alt"] == "Une haie"
    assert image["image"]["mimeType"] == "image/jpeg"
    assert image["image"]["size"] <= LIMITS.image_bytes
    assert image["aspectRatio"]["width"] > image["aspectRatio"]["height"]


async def test_six_pictures_go_on_in_the_thread(author: Author, tmp_path: Path) -> None:
    paths = [picture(tmp_path / f"{number}.png", (20, 10 + number)) for number in range(6)]
    records = await author.prepare(with_files(1, "image", *paths))
    assert await author.publish(records) == published(records)
    counts = [len(stored.value["embed"]["images"]) for stored in author.standing()]
    assert counts == [4, 2]


async def test_a_video_goes_as_far_as_the_server_takes_it(author: Author, tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    path.write_bytes(film())
    records = await author.prepare(with_files(1, "animation", path))
    assert await author.publish(records) == published(records)
    (stored,) = author.standing()
    assert stored.cid == records[0].ref.fingerprint
    assert stored.value["embed"]["video"]["mimeType"] == "video/mp4"
    assert stored.value["embed"]["aspectRatio"] == {"width": 64, "height": 36}


def film() -> bytes:
    def box(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I4s", len(content) + 8, kind) + content

    matrix = (65536, 0, 0, 0, 65536, 0, 0, 0, 2**30)
    track = box(b"tkhd", bytes(40) + struct.pack(">9iII", *matrix, 64 << 16, 36 << 16))
    start = box(b"ftyp", b"isom\0\0\2\0isomiso2avc1mp41")
    return start + box(b"moov", box(b"trak", track)) + box(b"mdat", bytes(400))


async def test_a_missing_file_does_not_hold_its_post_back(author: Author) -> None:
    records = await author.prepare(with_files(1, "image", None))
    assert await author.publish(records) == published(records)
    assert "embed" not in author.standing()[0].value


async def test_a_damaged_file_makes_the_post_unfit(author: Author, tmp_path: Path) -> None:
    path = picture(tmp_path / "a.png", (60, 40))
    path.write_bytes(path.read_bytes()[:-2000])
    made = await author.network.prepare(author.account, with_files(1, "image", path))
    assert isinstance(made, Unfit)


async def test_a_file_too_large_for_its_server_makes_the_post_unfit(
    author: Author, tmp_path: Path
) -> None:
    path = tmp_path / "a.mp4"
    path.write_bytes(film() + struct.pack(">I4s", 6_000_000, b"free") + bytes(5_999_992))
    made = await author.network.prepare(author.account, with_files(1, "video", path))
    assert isinstance(made, Unfit)
    assert "a.mp4" in str(made.reason.values)


async def test_a_file_that_the_server_has_forgotten_is_told(author: Author, tmp_path: Path) -> None:
    records = await author.prepare(
        draft(1), with_files(2, "image", picture(tmp_path / "a.png", (20, 10))), draft(3)
    )
    known = msgspec.json.decode(records[1].payload)["embed"]["images"][0]["image"]["ref"]["$link"]
    unknown = known[:-4] + ("aaaa" if known[-4:] != "aaaa" else "bbba")
    records[1] = replace(
        records[1], payload=records[1].payload.replace(known.encode(), unknown.encode())
    )
    outcomes = await author.publish(records)
    assert [type(outcome) for outcome in outcomes] == [Published, Refused, Published]


# Once


async def test_publishing_again_publishes_nothing_twice(author: Author) -> None:
    records = await many(author, 30)
    assert await author.publish(records[:10]) == published(records[:10])
    outcomes = await author.publish(records)
    assert outcomes == published(records[:10]) + [Absent()] * 20
    assert await author.publish(records[10:]) == published(records[10:])
    assert await author.publish(records) == published(records)
    assert len(author.standing()) == 30
    assert await author.network.find(author.account, records) == published(records)


async def test_an_answer_that_was_lost_after_the_write_is_looked_up(
    behind_proxy: Author, bluesky_proxy: FaultProxy
) -> None:
    records = await many(behind_proxy, 30)
    bluesky_proxy.cut_after(WRITES)
    assert await behind_proxy.publish(records) == published(records)
    assert bluesky_proxy.count(WRITES) == 1
    assert len(behind_proxy.standing()) == 30


async def test_an_answer_that_was_lost_before_the_write_leaves_it_unknown(
    behind_proxy: Author, bluesky_proxy: FaultProxy
) -> None:
    records = await many(behind_proxy, 3)
    bluesky_proxy.cut_before(WRITES)
    outcomes = await behind_proxy.publish(records)
    assert all(isinstance(outcome, Unknown) for outcome in outcomes)
    found = await behind_proxy.network.find(behind_proxy.account, records)
    assert found == [Absent()] * 3
    assert await behind_proxy.publish(records) == published(records)
    assert len(behind_proxy.standing()) == 3


async def test_a_server_that_goes_away_in_the_middle_leaves_it_unknown(
    behind_proxy: Author, bluesky_proxy: FaultProxy
) -> None:
    records = await many(behind_proxy, 250)
    bluesky_proxy.cut_after(WRITES, skip=1)
    bluesky_proxy.answer("*.getRecord", 503, times=None)
    outcomes = await behind_proxy.publish(records)
    assert outcomes[:100] == published(records[:100])
    assert all(isinstance(outcome, Unknown) for outcome in outcomes[100:200])
    assert outcomes[200:] == [Absent()] * 50
    with pytest.raises(NetworkUnavailable):
        await behind_proxy.network.find(behind_proxy.account, records)
    bluesky_proxy.clear()
    found = await behind_proxy.network.find(behind_proxy.account, records)
    assert found == published(records[:200]) + [Absent()] * 50


async def test_a_server_that_takes_too_long_leaves_it_unknown_or_looked_up(
    behind_proxy: Author, bluesky_proxy: FaultProxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("adapters.bluesky.service._SECONDS", 0.5)
    records = await many(behind_proxy, 3)
    bluesky_proxy.delay(WRITES, 2)
    outcomes = await behind_proxy.publish(records)
    assert all(isinstance(outcome, Unknown) for outcome in outcomes)
    # The late write may come before this one, or never.
    assert await behind_proxy.publish(records) == published(records)
    assert len(behind_proxy.standing()) == 3


async def test_a_server_error_without_a_cause_leaves_nothing(
    behind_proxy: Author, bluesky_proxy: FaultProxy
) -> None:
    records = await many(behind_proxy, 250)
    bluesky_proxy.answer(WRITES, 500, body={"error": "InternalServerError"})
    assert await behind_proxy.publish(records) == [Absent()] * 250
    assert bluesky_proxy.count(WRITES) == 1
    assert not behind_proxy.standing()


async def test_another_record_at_the_same_key_is_never_overwritten(author: Author) -> None:
    ours = await author.prepare(draft(1, Words("Ceci")), draft(2))
    theirs = await author.prepare(draft(1, Words("Cela")))
    await author.publish(theirs)
    refused, absent = await author.publish(ours)
    assert isinstance(refused, Refused)
    assert ours[0].ref.url in str(refused.reason.values)
    assert absent == Absent()
    (found,) = await author.network.find(author.account, ours[:1])
    assert isinstance(found, Refused)
    assert [stored.value["text"] for stored in author.standing()] == ["Cela"]


# Limits and refusals


async def test_one_bad_record_does_not_hold_the_others_back(
    behind_proxy: Author, bluesky_proxy: FaultProxy
) -> None:
    records = await many(behind_proxy, 50)
    records[20] = spoiled(records[20], text="x" * 301)
    outcomes = await behind_proxy.publish(records)
    assert isinstance(outcomes[20], Refused)
    assert "grapheme too big" in str(outcomes[20].reason.values)
    assert outcomes[:20] + outcomes[21:] == published(records[:20] + records[21:])
    assert bluesky_proxy.count(WRITES) == 3


async def test_bad_records_are_found_also_where_the_server_does_not_name_them(
    behind_proxy: Author, bluesky_proxy: FaultProxy
) -> None:
    records = await many(behind_proxy, 8)
    records[5] = spoiled(records[5], createdAt="yesterday")
    bluesky_proxy.answer(WRITES, 400, body={"error": "InvalidRequest"}, times=2)
    outcomes = await behind_proxy.publish(records)
    assert isinstance(outcomes[5], Refused)
    assert sum(isinstance(outcome, Published) for outcome in outcomes) == 7


async def test_a_limit_is_told_with_its_end_and_nothing_was_written(
    behind_proxy: Author, bluesky_proxy: FaultProxy
) -> None:
    records = await many(behind_proxy, 3)
    bluesky_proxy.rate_limit(WRITES, reset_in=600)
    with pytest.raises(OverLimit) as caught:
        await behind_proxy.publish(records)
    assert caught.value.until is not None
    assert timedelta(minutes=9) < caught.value.until - datetime.now(UTC) <= timedelta(minutes=10)
    assert not behind_proxy.standing()
    assert await behind_proxy.publish(records) == published(records)


async def test_a_limit_after_the_first_batch_leaves_the_rest_for_later(
    behind_proxy: Author, bluesky_proxy: FaultProxy
) -> None:
    records = await many(behind_proxy, 150)
    bluesky_proxy.rate_limit(WRITES, skip=1)
    assert await behind_proxy.publish(records) == published(records[:100]) + [Absent()] * 50
    assert len(behind_proxy.standing()) == 100


async def test_a_server_that_is_away_is_told_and_nothing_was_written(
    behind_proxy: Author, bluesky_proxy: FaultProxy
) -> None:
    records = await many(behind_proxy, 3)
    await behind_proxy.publish(records[:1])
    async with bluesky_proxy.absent():
        with pytest.raises(NetworkUnavailable):
            await behind_proxy.publish(records)
    assert len(behind_proxy.standing()) == 1


# Sessions


async def test_an_account_logs_in_once_and_keeps_its_session(
    behind_proxy: Author, bluesky_proxy: FaultProxy
) -> None:
    records = await many(behind_proxy, 3)
    await asyncio.gather(*(behind_proxy.publish([record]) for record in records))
    later = BlueskyNetwork(behind_proxy.url, 1, 1)
    assert await later.find(behind_proxy.account, records) == published(records)
    await later.close()
    assert bluesky_proxy.count("*.createSession") == 1
    assert behind_proxy.credential.secret not in behind_proxy.account.kept


def ended(session: str) -> str:
    handle, did, _token, refresh, home = session.split(":::")
    return f"{handle}:::{did}:::no.good.token:::{refresh}:::{home}"


async def test_an_ended_session_is_refreshed_once_for_all_who_wait(
    behind_proxy: Author, bluesky_proxy: FaultProxy
) -> None:
    _identity, session = await behind_proxy.network.check(behind_proxy.credential)
    behind_proxy.account.kept = ended(session)
    records = await many(behind_proxy, 4)
    outcomes = await asyncio.gather(*(behind_proxy.publish([record]) for record in records))
    assert [outcome for (outcome,) in outcomes] == published(records)
    assert bluesky_proxy.count("*.refreshSession") == 1
    assert bluesky_proxy.count("*.createSession") == 1
    assert behind_proxy.account.opened == 0
    assert "no.good.token" not in behind_proxy.account.kept


async def test_a_session_that_cannot_be_refreshed_is_opened_anew(author: Author) -> None:
    author.account.kept = f"a.test:::{author.did}:::no.good.token:::nor.this.one:::{author.url}"
    records = await many(author, 1)
    assert await author.publish(records) == published(records)
    assert author.account.opened == 1


async def test_an_account_whose_password_was_withdrawn_is_refused(author: Author) -> None:
    revoked = replace(author.credential, secret="abcd-abcd-abcd-abcd")
    account = KeptAccount(author.identity, revoked)
    records = await many(author, 1)
    for call in (
        author.network.publish(account, records),
        author.network.find(account, records),
        author.network.delete(account, [records[0].ref]),
    ):
        with pytest.raises(CredentialRefused):
            await call
    assert not author.standing()


async def test_a_login_that_opens_another_account_is_refused(
    author: Author, pds_server: PdsServer
) -> None:
    other = pds_server.create_account()
    account = KeptAccount(author.identity, Credential(author.url, other.handle, other.app_password))
    with pytest.raises(CredentialRefused, match="another account"):
        await author.network.publish(account, await many(author, 1))


async def test_a_renewal_that_fails_leaves_nothing_unknown(
    behind_proxy: Author, bluesky_proxy: FaultProxy
) -> None:
    bluesky_proxy.cut_before("*.createSession")
    with pytest.raises(NetworkUnavailable):
        await behind_proxy.publish(await many(behind_proxy, 1))


# Removing


async def test_removing_removes_just_what_is_named_and_twice_is_harmless(author: Author) -> None:
    records = await many(author, 5)
    await author.publish(records)
    refs = [record.ref for record in records]
    assert await author.network.delete(author.account, refs[:2]) == [Absent()] * 2
    assert await author.network.delete(author.account, refs[:4]) == [Absent()] * 4
    assert await author.network.delete(author.account, refs[:4]) == [Absent()] * 4
    assert [stored.uri for stored in author.standing()] == [refs[4].address]


async def test_any_number_is_removed(author: Author) -> None:
    records = await many(author, 250)
    await author.publish(records)
    refs = [record.ref for record in records]
    assert await author.network.delete(author.account, refs) == [Absent()] * 250
    assert not author.standing()


async def test_what_was_removed_while_the_answer_was_lost_is_gone(
    behind_proxy: Author, bluesky_proxy: FaultProxy
) -> None:
    records = await many(behind_proxy, 3)
    await behind_proxy.publish(records)
    refs = [record.ref for record in records]
    bluesky_proxy.cut_after(WRITES)
    assert await behind_proxy.network.delete(behind_proxy.account, refs) == [Absent()] * 3


async def test_what_could_not_be_removed_still_stands(
    behind_proxy: Author, bluesky_proxy: FaultProxy
) -> None:
    records = await many(behind_proxy, 250)
    await behind_proxy.publish(records)
    refs = [record.ref for record in records]
    bluesky_proxy.rate_limit(WRITES, skip=1)
    outcomes = await behind_proxy.network.delete(behind_proxy.account, refs)
    assert outcomes == [Absent()] * 200 + published(records[200:])
    bluesky_proxy.cut_before(WRITES, times=2)
    (left,) = await behind_proxy.network.delete(behind_proxy.account, refs[249:])
    assert isinstance(left, Unknown)
