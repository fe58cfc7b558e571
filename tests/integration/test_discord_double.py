"""What the Discord double refuses and what goes wrong on demand, tried with the real discord.py."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator, Callable, Coroutine
from dataclasses import dataclass
from typing import Any

import aiohttp
import discord
import pytest
import pytest_asyncio
from discord import app_commands
from discord.http import Route

from tests.support.discord import Channel, DiscordServer, Guild, Impossible, Person, Upload
from tests.support.discord.applications import Application
from tests.support.discord.description import missing
from tests.support.discord.interactions import Answer
from tests.support.discord.trial import TrialBot
from tests.support.needs import offer

POST = "POST /channels/{channel_id}/messages"
CALLBACK = "POST /interactions/{interaction_id}/{interaction_token}/callback"

Talk = discord.Interaction[Any]
Act = Callable[[Talk], Coroutine[Any, Any, Any]]


@dataclass
class Scene:
    server: DiscordServer
    app: Application
    guild: Guild
    room: Channel
    amal: Person
    zoe: Person

    def bot(self, **intents: bool) -> TrialBot:
        """Make a bot, which is to be entered."""
        return TrialBot("good", **intents)

    def there(self, bot: TrialBot) -> discord.TextChannel:
        """Return the room, to the bot."""
        channel = bot.get_channel(int(self.room.id))
        assert isinstance(channel, discord.TextChannel)
        return channel

    def codes(self, *codes: int) -> list[int]:
        """Return the error codes that were answered, of these."""
        return [call.code for call in self.server.calls if call.code in codes]


@pytest_asyncio.fixture
async def scene() -> AsyncIterator[Scene]:
    """Run a server with one guild."""
    async with DiscordServer() as server:
        app = server.application("QuitX", token="good", privileged=("members", "message_content"))
        guild = server.guild("Les Amis")
        guild.add(app)
        room = guild.channel("general")
        amal, zoe = guild.person("Amal", locale="fr"), guild.person("Zoé")
        with server.wired():
            yield Scene(server, app, guild, room, amal, zoe)


async def command(bot: TrialBot, act: Act) -> None:
    """Give a bot the command `/go` that does this."""

    @bot.tree.command(name="go", description="Go")
    async def go(talk: Talk) -> None:
        await act(talk)

    await bot.tree.sync()


class Acting(discord.ui.Button[discord.ui.View]):
    """A button that does something."""

    def __init__(self, label: str, act: Act) -> None:
        super().__init__(label=label)
        self._act = act

    async def callback(self, interaction: Talk) -> None:
        await self._act(interaction)


def error_of(caught: pytest.ExceptionInfo[discord.HTTPException]) -> tuple[int, int]:
    return caught.value.status, caught.value.code


# Connecting.


async def test_a_bot_connects_and_hears_a_message(scene: Scene) -> None:
    async with scene.bot() as bot:
        await scene.amal.post(scene.room, "hello")
        await scene.server.until(lambda: bot.messages)
    assert bot.heard[:2] == ["READY", "GUILD_CREATE"]
    assert bot.messages[0].author.id == int(scene.amal.id)
    assert bot.messages[0].guild is not None


@pytest.mark.usefixtures("scene")
async def test_a_wrong_token_is_refused() -> None:
    bot = TrialBot("bad")
    bot.begin()
    assert isinstance(await bot.over(), discord.LoginFailure)


async def test_an_intent_that_is_not_switched_on_ends_the_bot(scene: Scene) -> None:
    bot = scene.bot(presences=True)
    bot.begin()
    assert isinstance(await bot.over(), discord.PrivilegedIntentsRequired)


async def test_a_revoked_token_ends_the_bot(scene: Scene) -> None:
    async with scene.bot() as bot:
        scene.app.revoke()
        error = await bot.over()
        assert isinstance(error, discord.ConnectionClosed)
        assert error.code == 4004


async def test_an_outage_at_the_first_connect_kills_discord_py(scene: Scene) -> None:
    scene.server.gateway.refusing = True
    bot = scene.bot()
    bot.begin()
    assert isinstance(await bot.over(), AttributeError)


@pytest.mark.parametrize("how", ["op 7", "abort", "code 4000", "code 1001", "silence"])
async def test_a_broken_connection_is_resumed_and_nothing_is_missed(scene: Scene, how: str) -> None:
    gateway = scene.server.gateway
    timeout = 60.0
    if how == "silence":
        gateway.heartbeat, timeout = 0.1, 0.3
    async with TrialBot("good", heartbeat_timeout=timeout, message_content=True) as bot:
        breaks: dict[str, Callable[[], Coroutine[Any, Any, None]]] = {
            "op 7": gateway.reconnect,
            "code 4000": lambda: gateway.close(4000),
            "code 1001": lambda: gateway.close(1001),
        }
        if how in breaks:
            await breaks[how]()
        elif how == "silence":
            gateway.silent = True
        else:
            gateway.abort()
        await scene.amal.post(scene.room, "meanwhile")
        await scene.server.until(lambda: gateway.resumes)
        gateway.silent = False
        await scene.server.until(lambda: bot.messages)
    assert gateway.identifies == 1
    assert [message.content for message in bot.messages] == ["meanwhile"]


async def test_an_invalid_session_is_begun_anew(scene: Scene) -> None:
    async with scene.bot() as bot:
        await scene.server.gateway.invalidate()
        await scene.server.until(lambda: bot.heard.count("READY") == 2)
    assert scene.server.gateway.identifies == 2


async def test_a_session_that_was_forgotten_cannot_be_resumed(scene: Scene) -> None:
    async with scene.bot() as bot:
        scene.server.gateway.forget()
        await scene.server.gateway.reconnect()
        await scene.server.until(lambda: bot.heard.count("READY") == 2)
    assert scene.server.gateway.resumes == 1


async def test_a_server_that_comes_back_knows_everything(scene: Scene) -> None:
    async with scene.bot(message_content=True) as bot:
        await scene.server.stop()
        with pytest.raises(aiohttp.ClientConnectorError):
            await scene.there(bot).send("lost")
        await scene.amal.post(scene.room, "while it was down")
        await scene.server.start()
        await scene.server.until(lambda: bot.messages, within=8)
    assert bot.messages[0].content == "while it was down"


async def test_members_are_told_only_with_the_intent(scene: Scene) -> None:
    async with scene.bot(members=True) as bot:
        guild = bot.get_guild(int(scene.guild.id))
        assert guild is not None
        await scene.server.until(lambda: len(guild.members) == 4)
        scene.amal.leave(scene.guild)
        await scene.server.until(lambda: "GUILD_MEMBER_REMOVE" in bot.heard)
    async with scene.bot() as bot:
        scene.zoe.leave(scene.guild)
        await scene.server.until(lambda: bot.heard)
        await asyncio.sleep(0.05)
        assert "GUILD_MEMBER_REMOVE" not in bot.heard


@pytest.mark.parametrize(
    ("query", "sent", "code"),
    [
        ("v=9", [], 4012),
        ("v=10", ["no JSON"], 4002),
        ("v=10", ['{"op": 3, "d": {}}'], 4003),
        ("v=10", ['{"op": 2, "d": {"token": "bad", "intents": 1}}'], 4004),
        ("v=10", ['{"op": 2, "d": {"token": "good", "intents": 1}}'] * 2, 4005),
        ("v=10", ['{"op": 2, "d": {"token": "good"}}'], 4013),
        ("v=10", ['{"op": 2, "d": {"token": "good", "intents": 256}}'], 4014),
        ("v=10", ['{"op": 2, "d": {"token": "good", "intents": 1}}', '{"op": 99}'], 4001),
        ("v=10", ['{"op": 1, "d": null}'] * 121, 4008),
    ],
)
async def test_what_the_gateway_does_not_take_closes_the_connection(
    scene: Scene, query: str, sent: list[str], code: int
) -> None:
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(f"{scene.server.gateway_url}?{query}") as socket,
    ):
        for each in sent:
            await socket.send_str(each)
        async for _ in socket:
            pass
        assert socket.close_code == code
    scene.server.take_violations()


# Events.


async def test_without_the_content_intent_only_what_concerns_the_bot_is_readable(
    scene: Scene,
) -> None:
    async with scene.bot() as bot:
        await scene.amal.post(scene.room, "a secret", [Upload("a.txt", b"a")])
        await scene.amal.post(scene.room, f"<@{scene.app.id}> a call")
        await scene.amal.post(scene.amal.direct(scene.app), "a whisper")
        await scene.server.until(lambda: len(bot.messages) == 3)
    assert [message.content for message in bot.messages] == [
        "",
        f"<@{scene.app.id}> a call",
        "a whisper",
    ]
    assert not bot.messages[0].attachments


async def test_without_the_privilege_a_bot_cannot_fetch_what_is_written_either(
    scene: Scene,
) -> None:
    other = scene.server.application("Other", token="other")
    scene.guild.add(other)
    said = await scene.amal.post(scene.room, "a secret")
    async with TrialBot("other") as bot:
        assert (await scene.there(bot).fetch_message(int(said.id))).content == ""
    async with scene.bot() as bot:
        assert (await scene.there(bot).fetch_message(int(said.id))).content == "a secret"


async def test_reactions_are_told_only_with_the_intent(scene: Scene) -> None:
    said = await scene.amal.post(scene.room, "hello")
    async with scene.bot() as bot:
        await scene.amal.react(said, "✅")
        await scene.amal.unreact(said, "✅")
        await scene.server.until(lambda: "MESSAGE_REACTION_REMOVE" in bot.heard)
        assert [str(event.emoji) for event in bot.reactions] == ["✅"]
    async with scene.bot(reactions=False) as bot:
        await scene.amal.react(said, "✅")
        await scene.amal.post(scene.room, "after")
        await scene.server.until(lambda: bot.messages)
        assert not bot.reactions


async def test_what_a_bot_cannot_see_it_is_not_told(scene: Scene) -> None:
    secret = scene.guild.channel("secret", readers=(scene.amal, scene.zoe))
    private = scene.room.thread("talk", scene.amal, private=True)
    async with scene.bot(message_content=True) as bot:
        await scene.amal.post(secret, "not for bots")
        await scene.amal.post(private, "nor this")
        await scene.amal.post(scene.room, "for all")
        await scene.server.until(lambda: bot.messages)
        with pytest.raises(discord.Forbidden) as caught:
            await bot.fetch_channel(int(secret.id))
    assert [message.content for message in bot.messages] == ["for all"]
    assert error_of(caught) == (403, 50001)


async def test_what_a_bot_does_comes_back_as_events(scene: Scene) -> None:
    async with scene.bot() as bot:
        message = await scene.there(bot).send("one")
        await message.edit(content="two")
        await message.add_reaction("👍")
        await message.remove_reaction("👍", discord.Object(message.author.id))
        thread = await message.create_thread(name="more")
        await thread.send("inside")
        await message.delete()
        await scene.server.until(lambda: "MESSAGE_DELETE" in bot.heard)
    assert thread.id == message.id
    assert bot.heard[2:] == [
        "MESSAGE_CREATE",
        "MESSAGE_UPDATE",
        "MESSAGE_REACTION_ADD",
        "MESSAGE_REACTION_REMOVE",
        "THREAD_CREATE",
        "MESSAGE_CREATE",
        "MESSAGE_DELETE",
    ]


async def test_a_guild_that_throws_the_bot_out_is_gone(scene: Scene) -> None:
    async with scene.bot() as bot:
        channel = scene.there(bot)
        scene.guild.kick(scene.app)
        await scene.server.until(lambda: not bot.guilds)
        with pytest.raises(discord.Forbidden) as caught:
            await channel.send("still here?")
    assert error_of(caught) == (403, 50001)


async def test_a_guild_with_an_outage_answers_nothing_until_it_recovers(scene: Scene) -> None:
    async with scene.bot() as bot:
        channel = scene.there(bot)
        scene.guild.outage()
        await scene.server.until(lambda: bot.guilds[0].unavailable)
        with pytest.raises(discord.DiscordServerError):
            await channel.send("hello?")
        scene.guild.recover()
        await scene.server.until(lambda: not bot.guilds[0].unavailable)
        await channel.send("hello")


# Messages that are refused.


def wide_view(buttons: int, **about: str) -> discord.ui.View:
    shown = discord.ui.View(timeout=None)
    for number in range(buttons):
        shown.add_item(discord.ui.Button(**({"label": str(number)} | about)))  # type: ignore[arg-type]
    return shown


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "2,001 characters": ({"content": "x" * 2001}, "content"),
    "nothing": ({}, "50006"),
    "6,001 characters of embeds": (
        {"embeds": [discord.Embed(description="x" * 3001), discord.Embed(description="x" * 3000)]},
        "embeds",
    ),
    "a field without a value": (
        {"embed": discord.Embed().add_field(name="a", value=" ")},
        "fields.0.value",
    ),
    "an embed with nothing in it": ({"embed": discord.Embed()}, "embeds.0"),
    "a picture that is not attached": (
        {"embed": discord.Embed(title="a").set_image(url="attachment://b.png")},
        "image.url",
    ),
    "11 files": (
        {"files": [discord.File(io.BytesIO(b"a"), f"{number}.txt") for number in range(11)]},
        "attachments",
    ),
    "an unknown message answered": (
        {"reference": discord.MessageReference(message_id=1, channel_id=1)},
        "message_reference",
    ),
    "the same custom id twice": ({"view": wide_view(2, custom_id="a")}, "components"),
}
DESCRIBED: dict[str, tuple[dict[str, Any], str]] = {
    "a long embed title": ({"embed": discord.Embed(title="x" * 257)}, "embeds.0.title"),
    "26 fields": (
        {"embed": discord.Embed.from_dict({"fields": [{"name": "a", "value": "b"}] * 26})},
        "fields",
    ),
    "a long label": ({"view": wide_view(1, label="x" * 81)}, "label"),
    "a long custom id": ({"view": wide_view(1, custom_id="x" * 101)}, "custom_id"),
    "a long nonce": ({"content": "a", "nonce": "x" * 26}, "nonce"),
    "a link that is none": (
        {"embed": discord.Embed(title="a", url="javascript:alert(1)")},
        "embeds.0.url",
    ),
}


async def refused(scene: Scene, message: dict[str, Any], where: str) -> None:
    async with scene.bot() as bot:
        with pytest.raises(discord.HTTPException) as caught:
            await scene.there(bot).send(**message)
    assert caught.value.status == 400
    taken = scene.server.take_violations()
    assert taken
    assert all(each.by == "bot" for each in taken)
    assert where in str(taken[0])
    assert not scene.room.messages


@pytest.mark.parametrize("what", REFUSED)
async def test_a_message_is_refused_with(scene: Scene, what: str) -> None:
    await refused(scene, *REFUSED[what])


@pytest.mark.parametrize("what", DESCRIBED)
async def test_a_message_is_refused_by_the_description_with(scene: Scene, what: str) -> None:
    offer(missing())
    await refused(scene, *DESCRIBED[what])


async def test_six_rows_are_refused(scene: Scene) -> None:
    row = {"type": 1, "components": [{"type": 2, "style": 5, "label": "a", "url": "https://a.fr"}]}
    async with scene.bot() as bot:
        route = Route("POST", "/channels/{channel_id}/messages", channel_id=1)
        route.url = f"{scene.server.api_url}/channels/{scene.room.id}/messages"
        with pytest.raises(discord.HTTPException):
            await bot.http.request(route, json={"components": [row] * 6})
        assert "components: Must be 5 or fewer" in str(scene.server.take_violations()[0])


async def test_a_key_that_discord_would_ignore_is_told(scene: Scene) -> None:
    offer(missing())
    async with scene.bot() as bot:
        route = Route("POST", "/channels/{channel_id}/messages", channel_id=1)
        route.url = f"{scene.server.api_url}/channels/{scene.room.id}/messages"
        await bot.http.request(route, json={"content": "hello", "blocks": []})
    assert [each.what for each in scene.server.take_violations()] == ["unknown key blocks"]


async def test_a_route_that_is_not_there_is_told(scene: Scene) -> None:
    async with scene.bot() as bot:
        with pytest.raises(discord.NotFound):
            await bot.http.request(Route("GET", "/nowhere"))
    assert "no such route" in scene.server.take_violations()[0].what


async def test_a_violation_that_nobody_took_fails_at_the_end() -> None:
    with pytest.raises(AssertionError, match="no such route"):
        async with DiscordServer() as server, aiohttp.ClientSession() as session:
            await session.get(f"{server.api_url}/nowhere")


# Permissions and what is gone.


async def test_what_a_bot_may_not_do_is_refused(scene: Scene) -> None:
    said = await scene.amal.post(scene.room, "mine")
    async with scene.bot() as bot:
        channel = scene.there(bot)
        message = await channel.fetch_message(int(said.id))
        errors = []
        for act in (message.delete, lambda: message.edit(content="yours")):
            with pytest.raises(discord.Forbidden) as caught:
                await act()
            errors.append(caught.value.code)
        scene.room.forbid(scene.app, "ADD_REACTIONS")
        with pytest.raises(discord.Forbidden) as caught:
            await message.add_reaction("👍")
        errors.append(caught.value.code)
        scene.room.forbid(scene.app, "SEND_MESSAGES")
        with pytest.raises(discord.Forbidden) as caught:
            await channel.send("hello")
        errors.append(caught.value.code)
        scene.room.forbid(scene.app, "VIEW_CHANNEL")
        with pytest.raises(discord.Forbidden) as caught:
            await channel.send("hello")
        errors.append(caught.value.code)
    assert errors == [50013, 50005, 50013, 50013, 50001]


async def test_a_bot_with_the_permission_removes_what_others_wrote(scene: Scene) -> None:
    said = await scene.amal.post(scene.room, "secret.zip")
    scene.room.allow(scene.app, "MANAGE_MESSAGES")
    async with scene.bot() as bot:
        await (await scene.there(bot).fetch_message(int(said.id))).delete()
    assert not scene.amal.seen(scene.room)


async def test_what_is_gone_is_unknown(scene: Scene) -> None:
    async with scene.bot() as bot:
        channel = scene.there(bot)
        message = await channel.send("hello")
        del scene.room.messages[str(message.id)]
        with pytest.raises(discord.NotFound) as gone:
            await message.edit(content="again")
        scene.room.delete()
        with pytest.raises(discord.NotFound) as closed:
            await channel.send("hello")
    assert (gone.value.code, closed.value.code) == (10008, 10003)


async def test_a_person_who_takes_no_direct_messages_gets_none(scene: Scene) -> None:
    scene.amal.user.reachable = False
    async with scene.bot() as bot:
        user = await bot.fetch_user(int(scene.amal.id))
        with pytest.raises(discord.Forbidden) as caught:
            await user.send("psst")
        await (await bot.fetch_user(int(scene.zoe.id))).send("psst")
    assert error_of(caught) == (403, 50007)
    assert scene.zoe.seen(scene.zoe.direct(scene.app))[0].text == "psst"


async def test_an_emoji_that_is_none_is_refused(scene: Scene) -> None:
    said = await scene.amal.post(scene.room, "hello")
    async with scene.bot() as bot:
        message = await scene.there(bot).fetch_message(int(said.id))
        with pytest.raises(discord.HTTPException) as caught:
            await message.add_reaction("ok")
    assert error_of(caught) == (400, 10014)
    assert scene.server.take_violations()


# Repeating, limits, and failures.


async def test_the_same_nonce_gives_the_same_message(scene: Scene) -> None:
    async with scene.bot() as bot:
        channel = scene.there(bot)
        first = await channel.send("once", nonce="n1")
        assert (await channel.send("once", nonce="n1")).id == first.id
        scene.server.clock.advance(600)
        assert (await channel.send("later", nonce="n1")).id != first.id


async def test_an_answer_can_be_lost_after_the_message_was_stored(scene: Scene) -> None:
    scene.server.faults.lose_answer(POST)
    async with scene.bot() as bot:
        channel = scene.there(bot)
        with pytest.raises(aiohttp.ClientError):
            await channel.send("once", nonce="n1")
        await channel.send("once", nonce="n1")
    assert [message.text for message in scene.amal.seen(scene.room)] == ["once"]


@pytest.mark.parametrize("everywhere", [False, True])
async def test_a_limit_of_discord_is_waited_for(scene: Scene, *, everywhere: bool) -> None:
    scene.server.faults.limit(POST, retry_after=0.2, everywhere=everywhere)
    async with scene.bot() as bot:
        await scene.there(bot).send("patience")
    first, second = scene.server.called(POST)
    assert (first.status, second.status) == (429, 200)
    assert second.at - first.at > 0.19


async def test_a_limit_of_cloudflare_is_an_error(scene: Scene) -> None:
    scene.server.faults.limit(POST, via=False)
    async with scene.bot() as bot:
        with pytest.raises(discord.HTTPException) as caught:
            await scene.there(bot).send("hello")
    assert error_of(caught) == (429, 0)


async def test_a_bucket_that_is_empty_is_waited_for(scene: Scene) -> None:
    scene.server.buckets.set(POST, 2, 0.3)
    async with scene.bot() as bot:
        channel = scene.there(bot)
        await asyncio.gather(*(channel.send(str(number)) for number in range(5)))
    calls = scene.server.called(POST)
    assert calls[-1].at - calls[0].at > 0.5
    assert len(scene.room.messages) == 5


async def test_failures_of_the_server_reach_the_bot(scene: Scene) -> None:
    async with scene.bot() as bot:
        channel = scene.there(bot)
        scene.server.faults.fail(503, POST)
        with pytest.raises(discord.DiscordServerError):
            await channel.send("hello")
        scene.server.faults.fail(502, POST)
        await channel.send("hello")
        scene.server.faults.slow(0.2, POST)
        await channel.send("hello")
    assert [call.status for call in scene.server.called(POST)] == [503, 502, 200, 200]


# Interactions.


async def test_a_command_that_was_never_synced_cannot_be_called(scene: Scene) -> None:
    async with scene.bot():
        with pytest.raises(Impossible, match="no application offers /go"):
            await scene.amal.slash(scene.room, "go")


async def test_a_deferred_answer_is_replaced_and_keeps_its_privacy(scene: Scene) -> None:
    async def act(talk: Talk) -> None:
        await talk.response.defer(thinking=True, ephemeral=True)
        await talk.followup.send("first", ephemeral=False)
        await talk.edit_original_response(content="first, edited")
        await talk.followup.send("second")
        assert (await talk.original_response()).content == "first, edited"
        await talk.delete_original_response()

    async with scene.bot() as bot:
        await command(bot, act)
        called = await scene.amal.slash(scene.room, "go")
        second = await scene.amal.until(scene.room, "second")
        await scene.server.until(lambda: len(scene.amal.seen(scene.room)) == 1)
        assert not bot.errors
    assert called.answer is Answer.DEFERRED
    assert called.response is not None
    assert called.response.reader is scene.amal.user
    assert not second.ephemeral
    assert len(scene.zoe.seen(scene.room)) == 1


async def test_the_thinking_message_is_seen_until_it_is_replaced(scene: Scene) -> None:
    go_on = asyncio.Event()

    async def act(talk: Talk) -> None:
        await talk.response.defer(thinking=True)
        await go_on.wait()
        await talk.followup.send("done")

    async with scene.bot() as bot:
        await command(bot, act)
        await scene.amal.slash(scene.room, "go")
        assert [message.thinking for message in scene.zoe.seen(scene.room)] == [True]
        go_on.set()
        done = await scene.zoe.until(scene.room, "done")
        assert not done.thinking
        assert not done.edited


async def test_an_answer_after_three_seconds_is_too_late(scene: Scene) -> None:
    async def act(talk: Talk) -> None:
        scene.server.clock.advance(3.1)
        await talk.response.send_message("too late")

    async with scene.bot() as bot:
        await command(bot, act)
        called = await scene.amal.slash(scene.room, "go")
        await scene.server.until(lambda: bot.errors)
    assert called.lost
    assert scene.codes(10062) == [10062]


async def test_the_same_interaction_twice_is_answered_once(scene: Scene) -> None:
    async def act(talk: Talk) -> None:
        await talk.response.send_message("hello")

    scene.server.faults.interactions_twice = 0.0
    async with scene.bot() as bot:
        await command(bot, act)
        await scene.amal.slash(scene.room, "go")
        await scene.server.until(lambda: bot.errors)
    assert scene.codes(40060) == [40060]
    assert len(scene.room.messages) == 1
    assert len(scene.server.callbacks) == 1


async def test_a_token_is_good_for_fifteen_minutes(scene: Scene) -> None:
    errors: list[discord.HTTPException] = []

    async def act(talk: Talk) -> None:
        await talk.response.send_message("hello")
        scene.server.clock.advance(901)
        try:
            await talk.followup.send("late")
        except discord.HTTPException as error:
            errors.append(error)

    async with scene.bot() as bot:
        await command(bot, act)
        await scene.amal.slash(scene.room, "go")
        await scene.server.until(lambda: errors)
    assert (errors[0].status, errors[0].code) == (401, 50027)


async def test_a_follow_up_before_the_first_answer_finds_nothing(scene: Scene) -> None:
    async def act(talk: Talk) -> None:
        await talk.followup.send("too early")

    async with scene.bot() as bot:
        await command(bot, act)
        scene.amal.slash_unawaited(scene.room, "go")
        await scene.server.until(lambda: bot.errors)
    assert scene.codes(10015) == [10015]


async def test_an_interaction_can_come_late(scene: Scene) -> None:
    async def act(talk: Talk) -> None:
        await talk.response.send_message("hello")

    scene.server.faults.interactions_late = 0.1
    async with scene.bot() as bot:
        await command(bot, act)
        called = await scene.amal.slash(scene.room, "go")
    assert called.latency is not None
    assert called.latency > 0.1


async def test_what_is_for_one_reader_only_they_can_use(scene: Scene) -> None:
    async def act(talk: Talk) -> None:
        async def pressed(talk: Talk) -> None:
            await talk.response.edit_message(content="pressed", view=None)

        shown = discord.ui.View(timeout=None).add_item(Acting("Yes", pressed))
        await talk.response.send_message("yours", ephemeral=True, view=shown)

    async with scene.bot() as bot:
        await command(bot, act)
        await scene.amal.slash(scene.room, "go")
        mine = await scene.amal.until(scene.room, "yours")
        assert mine.labels == ("Yes",)
        for impossible in (scene.zoe.press(mine, "Yes"), scene.zoe.press(mine, "No")):
            with pytest.raises(Impossible):
                await impossible
        await scene.amal.press(mine, "Yes")
        after = scene.amal.seen(scene.room)[0]
        assert (after.text, after.edited, after.labels) == ("pressed", True, ())
        with pytest.raises(Impossible, match="no button"):
            await scene.amal.press(mine, "Yes")
        with pytest.raises(discord.NotFound) as caught:
            await scene.there(bot).fetch_message(int(mine.id))
    assert error_of(caught) == (404, 10008)


class Ask(discord.ui.Modal):
    """A form of three questions."""

    def __init__(self) -> None:
        super().__init__(title="A form")
        self.word: discord.ui.TextInput[Ask] = discord.ui.TextInput(max_length=5)
        options = [discord.SelectOption(label=one, value=one.lower()) for one in ("Bsky", "Masto")]
        self.net: discord.ui.Select[Ask] = discord.ui.Select(options=options)
        self.file: discord.ui.FileUpload[Ask] = discord.ui.FileUpload(required=False)
        for label, item in (("Word", self.word), ("Network", self.net), ("File", self.file)):
            self.add_item(discord.ui.Label(text=label, component=item))

    async def on_submit(self, interaction: Talk) -> None:
        files = [await file.read() for file in self.file.values]
        said = f"{self.word.value} {self.net.values} {files}"
        await interaction.response.send_message(said)


async def test_a_modal_is_filled_in_by_its_labels(scene: Scene) -> None:
    async with scene.bot() as bot:
        await command(bot, lambda talk: talk.response.send_modal(Ask()))
        await scene.amal.slash(scene.room, "go")
        modal = scene.amal.modal
        assert modal is not None
        assert [field.label for field in modal.fields] == ["Word", "Network", "File"]
        for wrong in ({"Word": "a"}, {"Word": "abcdef", "Network": "Bsky"}, {"Wort": "a"}):
            with pytest.raises(Impossible):
                await scene.amal.submit(modal, wrong)
        files = Upload("a.txt", b"abc")
        await scene.amal.submit(modal, {"Word": "hey", "Network": "Masto", "File": files})
        await scene.amal.until(scene.room, "hey ['masto'] [b'abc']")
        assert scene.amal.modal is None
        with pytest.raises(Impossible, match="not open"):
            await scene.amal.submit(modal, {})


async def test_a_modal_whose_answer_never_comes_stays_open(scene: Scene) -> None:
    async with scene.bot() as bot:
        await command(bot, lambda talk: talk.response.send_modal(Ask()))
        await scene.amal.slash(scene.room, "go")
        modal = scene.amal.modal
        assert modal is not None
        scene.server.gateway.refusing = True
        scene.server.gateway.abort()
        sending = asyncio.create_task(scene.amal.submit(modal, {"Word": "a", "Network": "Bsky"}))
        await asyncio.sleep(0.05)
        scene.server.clock.advance(3.1)
        assert (await sending).lost
        assert scene.amal.modal is modal
        scene.server.gateway.refusing = False


# Commands.


async def declare(bot: TrialBot) -> None:
    """Give a bot `/quitx migrate plan`, in two languages."""
    quitx = app_commands.Group(name="quitx", description="Leave X")
    migrate = app_commands.Group(
        name=app_commands.locale_str("migrate"), description="Move", parent=quitx
    )

    async def names(_: Talk, typed: str) -> list[app_commands.Choice[str]]:
        return [app_commands.Choice(name=f"{typed}!", value=typed)]

    @migrate.command(name=app_commands.locale_str("plan"), description="Plan")
    @app_commands.autocomplete(handle=names)
    @app_commands.choices(to=[app_commands.Choice(name="Bluesky", value="bsky")])
    async def plan(
        talk: Talk,
        handle: str,
        posts: app_commands.Range[int, 1, 10],
        to: str = "none",
        who: discord.Member | None = None,
        archive: discord.Attachment | None = None,
    ) -> None:
        content = await archive.read() if archive else b""
        name = who.display_name if who else None
        await talk.response.send_message(f"{handle} {posts} {to} {name} {content!r}")

    class French(app_commands.Translator):
        async def translate(
            self,
            string: app_commands.locale_str,
            locale: discord.Locale,
            context: app_commands.TranslationContextTypes,
        ) -> str | None:
            del context
            words = {"migrate": "déménager", "plan": "prévoir"}
            return words.get(string.message) if locale is discord.Locale.french else None

    bot.tree.add_command(quitx)
    await bot.tree.set_translator(French())
    await bot.tree.sync()


async def test_a_command_is_typed_with_options_in_the_persons_language(scene: Scene) -> None:
    async with scene.bot() as bot:
        await declare(bot)
        assert scene.app.commands() == ["quitx migrate plan"]
        archive = Upload("a.zip", b"zip")
        await scene.amal.slash(
            scene.room,
            "quitx déménager prévoir handle:@me posts:3",
            to="Bluesky",
            who=scene.zoe,
            archive=archive,
        )
        await scene.zoe.until(scene.room, "@me 3 bsky Zoé b'zip'")
        with pytest.raises(Impossible, match="no subcommand 'déménager'"):
            await scene.zoe.slash(scene.room, "quitx déménager prévoir")
        offers = await scene.zoe.autocomplete(scene.room, "quitx migrate plan", "handle", "am")
        assert offers == ["am!"]


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({"handle": "a"}, "needs posts"),
        ({"handle": "a", "posts": 11}, "from 1 to 10"),
        ({"handle": "a", "posts": "many"}, "is a number"),
        ({"handle": "a", "posts": 1, "to": "x"}, "is one of"),
        ({"handle": "a", "posts": 1, "archive": "a.zip"}, "takes something else"),
        ({"handle": "a", "posts": 1, "more": "x"}, "no option"),
        ({"handle": "", "posts": 1}, "characters"),
    ],
)
async def test_a_command_cannot_be_sent_wrongly(
    scene: Scene, options: dict[str, Any], why: str
) -> None:
    async with scene.bot() as bot:
        await declare(bot)
        with pytest.raises(Impossible, match=why):
            await scene.amal.slash(scene.room, "quitx migrate plan", **options)
    assert not scene.server.interactions()


async def test_more_than_eight_thousand_characters_of_a_command_are_refused(scene: Scene) -> None:
    big = app_commands.Group(name="big", description="d")
    for number in range(20):

        @big.command(name=f"sub{number}", description="x" * 100)
        @app_commands.describe(**dict.fromkeys(("a", "b", "c"), "x" * 100))
        async def sub(talk: Talk, a: str, b: str, c: str) -> None: ...

    async with scene.bot() as bot:
        bot.tree.add_command(big)
        with pytest.raises(app_commands.CommandSyncFailure):
            await bot.tree.sync()
    assert "maximum size" in str(scene.server.take_violations()[0])
    assert not scene.app.commands()


async def test_a_command_of_the_guild_hides_the_global_one(scene: Scene) -> None:
    async with scene.bot() as bot:
        await command(bot, lambda talk: talk.response.send_message("hello"))
        bot.tree.copy_global_to(guild=discord.Object(int(scene.guild.id)))
        await bot.tree.sync(guild=discord.Object(int(scene.guild.id)))
        called = await scene.amal.slash(scene.room, "go")
        assert called.data["guild_id"] == scene.guild.id
        direct = await scene.amal.slash(scene.amal.direct(scene.app), "go")
        assert "guild_id" not in direct.data
        fetched = await bot.tree.fetch_commands()
    assert [one.name for one in fetched] == ["go"]


# Reading.


async def test_people_are_pinged_only_where_the_message_allows_it(scene: Scene) -> None:
    text = f"<@{scene.amal.id}> @everyone `<@{scene.zoe.id}>`"
    async with scene.bot() as bot:
        channel = scene.there(bot)
        await channel.send(text)
        await channel.send(text, allowed_mentions=discord.AllowedMentions(users=True))
    quiet, loud = scene.amal.seen(scene.room)
    assert (quiet.pings, quiet.pinged) == ((), False)
    assert (loud.pings, loud.pinged) == (("Amal",), True)
    assert loud.text == f"@Amal @everyone <@{scene.zoe.id}>"
    assert not scene.zoe.seen(scene.room)[1].pinged


async def test_an_attachment_is_downloaded_until_its_address_expires(scene: Scene) -> None:
    async with scene.bot(message_content=True) as bot:
        await scene.amal.post(scene.room, "here", [Upload("a.txt", b"abc")])
        await scene.server.until(lambda: bot.messages)
        attachment = bot.messages[0].attachments[0]
        assert await attachment.read() == b"abc"
        scene.server.clock.advance(25 * 3600)
        with pytest.raises(discord.NotFound):
            await attachment.read()
        sent = await scene.there(bot).send(file=discord.File(io.BytesIO(b"xyz"), "b.txt"))
        assert await sent.attachments[0].read() == b"xyz"
    assert scene.zoe.seen(scene.room)[1].files[0].content == b"xyz"
