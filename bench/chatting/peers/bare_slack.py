"""bolt over Socket Mode as its documentation shows it, with a command that does nothing of its own.

`python -m bench.chatting.peers.bare_slack API_URL BOT_TOKEN APP_TOKEN SAYING [DUTY]`: SAYING is
`silent`, or `saying` for one line in answer.
"""

from __future__ import annotations

import asyncio
import sys
from typing import Any

import aiohttp
from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from bench.chatting.peers.duty import Duty


async def main() -> None:
    """Answer `/quitx`."""
    api_url, bot_token, app_token, saying, *duties = sys.argv[1:]
    duty = Duty(duties[0]) if duties else None
    engine = duty.async_engine() if duty else None
    async with aiohttp.ClientSession() as session:
        client = AsyncWebClient(token=bot_token, base_url=api_url, session=session)
        app = AsyncApp(client=client)

        @app.command("/quitx")
        async def called(ack: Any, respond: Any) -> None:  # noqa: ANN401 - bolt's own
            await ack()
            if duty and engine:
                await duty.do_async(engine)
            if saying == "saying":
                await respond("The Shared Gardens\nMode: practice: nothing is published")

        handler: Any = AsyncSocketModeHandler(app, app_token)
        await handler.connect_async()
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main())
