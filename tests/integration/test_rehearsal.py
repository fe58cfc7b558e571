"""The rehearsal network: what would have stood, kept and shown."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from adapters.rehearsal import RehearsalNetwork
from chatops.language import Invalid, Speaker
from chatops.posts.memory import LIMITS
from chatops.posts.network import Absent, Credential, Draft, Identity, Prepared, Published
from chatops.posts.post import Media, Post, Words
from chatops.publishing.rehearsal_page import page
from chatops.publishing.rehearsals import Rehearsals, Rehearsed
from chatops.store import Store

AT = datetime(2020, 5, 1, 12, tzinfo=UTC)


class Somebody:
    """An account that has no secrets, since none are asked for."""

    identity = Identity("rehearsal:1", "rehearsal", "")

    async def credential(self) -> Credential:
        raise AssertionError("a rehearsal needs no credential")

    async def session(self) -> str:
        raise AssertionError("a rehearsal needs no session")

    async def keep_session(self, session: str) -> None:
        raise AssertionError(f"a rehearsal has no session: {session}")


@pytest.fixture
def rehearsals(store: Store) -> Rehearsals:
    return Rehearsals(store)


@pytest.fixture
def network(rehearsals: Rehearsals) -> RehearsalNetwork:
    return RehearsalNetwork(rehearsals, LIMITS)


def post(text: str, *media: str) -> Post:
    return Post("1", "post", AT, (Words(text),), tuple(Media("image", name) for name in media))


async def prepared(network: RehearsalNetwork, draft: Draft) -> list[Prepared]:
    made = await network.prepare(Somebody(), draft)
    assert isinstance(made, list)
    return made


async def test_it_cuts_as_the_real_network_does(network: RehearsalNetwork) -> None:
    records = await prepared(network, Draft("x:1", post("word " * 100)))
    assert [record.key for record in records] == ["x:1#0", "x:1#1"]
    assert all(len(record.text) <= LIMITS.characters for record in records)


async def test_pictures_over_the_limit_go_on_in_the_next_part(network: RehearsalNetwork) -> None:
    names = [f"{number}.png" for number in range(6)]
    files = tuple(Path(name) if name != "0.png" else None for name in names)
    records = await prepared(network, Draft("x:1", post("See", *names), files=files))
    assert len(records) == 2


async def test_what_is_published_stands_once_and_can_be_removed(
    network: RehearsalNetwork, rehearsals: Rehearsals
) -> None:
    records = await prepared(network, Draft("x:1", post("Bonjour")))
    assert isinstance((await network.find(Somebody(), records))[0], Absent)
    for _time in range(2):
        assert await network.publish(Somebody(), records) == [Published(records[0].ref)]
    assert await rehearsals.count("rehearsal:1") == 1
    assert [record.text for record in await rehearsals.newest("rehearsal:1", 5)] == ["Bonjour"]
    assert isinstance((await network.find(Somebody(), records))[0], Published)
    for _time in range(2):
        assert await network.delete(Somebody(), [records[0].ref]) == [Absent()]
    assert await rehearsals.count("rehearsal:1") == 0


async def test_nobody_can_connect_to_it(network: RehearsalNetwork) -> None:
    with pytest.raises(Invalid):
        await network.check(Credential("", "ana", "secret"))


async def test_the_page_shows_user_text_as_text(
    network: RehearsalNetwork, rehearsals: Rehearsals
) -> None:
    hostile = "<script>alert('x')</script> & “quotes”"
    await network.publish(Somebody(), await prepared(network, Draft("x:1", post(hostile))))
    newest = await rehearsals.newest("rehearsal:1", 5)
    html = page("Les <Amis>", newest, "Europe/Paris", Speaker("fr"))
    assert "<script>" not in html
    assert "&lt;script&gt;" in html
    assert "<h1>Les &lt;Amis&gt;</h1>" in html
    assert 'lang="fr"' in html
    assert "vendredi 1er mai 2020 à 14:00" in html


def test_a_thread_is_read_from_its_beginning_and_the_newest_comes_first() -> None:
    def record(key: str, day: int, continues: str = "") -> Rehearsed:
        return Rehearsed(key, f"text {key}", AT.replace(day=day), continues)

    records = [record("c", 3, "b"), record("b", 2, "a"), record("d", 4), record("a", 1)]
    html = page("Les Amis", records, "UTC", Speaker("en"))
    assert [html.index(f"text {key}") for key in "dabc"] == sorted(
        html.index(f"text {key}") for key in "abcd"
    )
