"""QuitX's own core with its platform in memory: `/quitx status`, kept, allowed, read, answered."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from bench.chatting.peers.rounds import IN_FLIGHT, serve
from bench.chatting.standing import MEMBERS, PLACES, standing


def main() -> None:
    """Answer commands; the first argument is the folder, the second the command."""
    folder, line = Path(sys.argv[1]), sys.argv[2]
    loop = asyncio.new_event_loop()
    context = standing(folder)
    bot = loop.run_until_complete(context.__aenter__())

    async def batch(count: int) -> None:
        bot.platform.said.clear()
        called = (
            bot.platform.call(MEMBERS[n % len(MEMBERS)], PLACES[n % len(PLACES)], line)
            for n in range(count)
        )
        await asyncio.gather(*called)
        await bot.house.conversation.settled()
        assert len(bot.platform.said) == count

    def answer(count: int) -> None:
        for begun in range(0, count, IN_FLIGHT):
            loop.run_until_complete(batch(min(IN_FLIGHT, count - begun)))

    serve(answer)
    loop.run_until_complete(context.__aexit__(None, None, None))


if __name__ == "__main__":
    main()
