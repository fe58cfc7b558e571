"""A strict Discord to test against: HTTP v10 and the gateway on loopback, for the real SDK.

    async with DiscordServer() as server:
        app = server.application("QuitX", token="good", privileged=("members",))
        guild = server.guild("Les Amis")
        guild.add(app)                            # its bot joins; guild.add(app, "MANAGE_MESSAGES")
        room = guild.channel("general")           # room.thread(...); readers= makes it private
        amal = guild.person("Amal", locale="fr")  # guild.person(..., permissions=...)
        ... the bot connects to server.api_url and server.gateway_url ...
        await server.until(lambda: app.commands())      # e.g. synced
        called = await amal.slash(room, "quitx migrate plan", archive="a.zip")
        assert called.answered and called.latency < 3
        seen = await amal.until(room, "Plan")           # the newest message that says so
        await amal.press(seen, "Start")
        await amal.react(seen, "✅")

Addresses: `api_url` is `http://127.0.0.1:PORT/api/v10`, `gateway_url` is `ws://127.0.0.1:PORT/gw/`;
`with server.wired():` points discord.py's class attributes there, and back afterwards.

People (`Person`): `slash`, `slash_unawaited`, `autocomplete`, `post`, `edit`, `delete`, `react`,
`unreact`, `press`, `choose`, `modal`, `submit`, `direct(app)` (the DM channel), `leave`, `seen`,
`until`. They can do what the real client lets them do: anything else raises `Impossible`.

Faults: `server.faults` (HTTP), `server.gateway` (socket), `app.revoke()`, `app.reorder(events)`
(the next ones come the other way round), `server.stop()` and `server.start()` (same port, state
kept), `server.clock.advance(seconds)`.

Administration: `guild.kick(app)`, `room.delete()`, `room.forbid(app, "SEND_MESSAGES")`,
`guild.outage()`, `guild.recover()`.

Records: `server.calls`, `server.callbacks` (latencies), `server.violations`. The server fails at
its end when a violation stands there that no test took with `server.take_violations()`. To measure
speed, `DiscordServer(validating=False)` leaves Discord's API description out.
"""

from __future__ import annotations

from tests.support.discord.client import Impossible
from tests.support.discord.drafts import Upload
from tests.support.discord.people import Person
from tests.support.discord.places import Channel, Guild
from tests.support.discord.seeing import SeenMessage
from tests.support.discord.server import DiscordServer

__all__ = ["Channel", "DiscordServer", "Guild", "Impossible", "Person", "SeenMessage", "Upload"]
