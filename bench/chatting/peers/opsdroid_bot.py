"""opsdroid with a connector in memory: one skill, with or without a duty."""

from __future__ import annotations

import asyncio
import builtins
import importlib
import logging
import sys
import warnings
from collections.abc import Awaitable, Callable
from typing import Any

from bench.chatting.peers.duty import Duty
from bench.chatting.peers.rounds import IN_FLIGHT, serve

warnings.simplefilter("ignore")

# Its command line installs the translation of its log messages, which all modules expect.
builtins._ = str  # type: ignore[attr-defined]


async def _nothing() -> None:
    """Have no duty."""


def _duty() -> Callable[[], Awaitable[None]]:
    if len(sys.argv) < 2:
        return _nothing
    duty = Duty(sys.argv[1])
    engine = duty.async_engine()
    return lambda: duty.do_async(engine)


def main() -> None:
    """Answer `!status`."""
    logging.disable(logging.CRITICAL)
    core: Any = importlib.import_module("opsdroid.core")
    events: Any = importlib.import_module("opsdroid.events")
    connectors: Any = importlib.import_module("opsdroid.connector")
    matchers: Any = importlib.import_module("opsdroid.matchers")
    duty = _duty()

    async def send(self: Any, message: Any) -> None:  # noqa: ANN401 - opsdroid has no types
        self.sent.append(message.text)

    connector_class = type(
        "InMemory",
        (connectors.Connector,),
        {"send": connectors.register_event(events.Message)(send)},
    )

    @matchers.match_regex(r"^!status$")  # type: ignore[untyped-decorator,unused-ignore]
    async def status(_opsdroid: object, _config: object, message: Any) -> None:  # noqa: ANN401 - as above
        await duty()
        await message.respond(
            "The Shared Gardens\nMode: practice: nothing is published\nAccounts: none yet"
        )

    with core.OpsDroid(config={}) as opsdroid:
        opsdroid.register_skill(status, {"name": "bench"})
        connector = connector_class({"name": "memory"}, opsdroid)
        connector.sent = []
        opsdroid.connectors = [connector]

        async def heard() -> None:
            message = events.Message(text="!status", user="amal", target="r", connector=connector)
            await opsdroid.parse(message)

        async def batch(count: int) -> None:
            connector.sent.clear()
            await asyncio.gather(*(heard() for _command in range(count)))
            assert len(connector.sent) == count

        def answer(count: int) -> None:
            for begun in range(0, count, IN_FLIGHT):
                opsdroid.eventloop.run_until_complete(batch(min(IN_FLIGHT, count - begun)))

        serve(answer)


if __name__ == "__main__":
    main()
