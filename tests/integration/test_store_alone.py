"""Who has to be alone waits for the others, in this process and in every other."""

from __future__ import annotations

import asyncio

import pytest

from chatops.store import Store


async def _work(store: Store, name: str, log: list[str], who: str) -> None:
    async with store.alone(name):
        log.append(f"{who} in")
        await asyncio.sleep(0.05)
        log.append(f"{who} out")


async def test_two_of_one_process_follow_one_another(store: Store) -> None:
    log: list[str] = []

    await asyncio.gather(*(_work(store, "m 1", log, who) for who in ("a", "b")))

    assert log == ["a in", "a out", "b in", "b out"]


async def test_other_names_do_not_wait(store: Store) -> None:
    async with store.alone("m 1"), asyncio.timeout(5), store.alone("m 2"):
        pass


async def test_two_processes_on_postgresql_follow_one_another(postgres_url: str) -> None:
    first, second = await Store.open(postgres_url), await Store.open(postgres_url)
    log: list[str] = []
    try:
        await asyncio.gather(_work(first, "m 1", log, "a"), _work(second, "m 1", log, "b"))
    finally:
        await first.close()
        await second.close()

    assert [line.split()[1] for line in log] == ["in", "out", "in", "out"]


async def test_whoever_failed_inside_lets_the_next_one_in(store: Store) -> None:
    with pytest.raises(ZeroDivisionError):
        async with store.alone("m 1"):
            raise ZeroDivisionError

    async with asyncio.timeout(5), store.alone("m 1"):
        pass
