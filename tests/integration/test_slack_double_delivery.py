"""Events from the Slack double: who hears what, over which socket, and how that breaks."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import aiohttp
import pytest
from aiohttp import web
from slack_bolt.async_app import AsyncAck, AsyncBoltRequest

from tests.support.slack import EVERYTHING, Impossible
from tests.support.slack.records import Json
from tests.support.slack.trial import Stage, connected, listening_app, staged, told


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    async with staged() as stage:
        yield stage


async def test_events_are_heard_where_the_bot_is(stage: Stage) -> None:
    heard = listening_app(stage)
    far = stage.team.channel("far", stage.amal)
    async with connected(stage, heard.bolt):
        seen = await stage.amal.mention(stage.general, "status")
        await stage.amal.react(seen, "+1")
        await stage.amal.unreact(seen, "+1")
        await stage.amal.edit(seen, "other words")
        await stage.amal.post(far, "unheard")
        await stage.amal.post(stage.amal.dm(), "heard")
        await stage.server.settled()
    assert [(each["type"], each.get("subtype")) for each in heard.events] == [
        ("message", None),
        ("app_mention", None),
        ("reaction_added", None),
        ("reaction_removed", None),
        ("message", "message_changed"),
        ("message", None),
    ]
    assert heard.events[1]["text"] == f"<@{stage.bot.user_id}> status"
    assert heard.events[-1]["channel_type"] == "im"


async def test_events_without_subscription_or_scope_are_silently_dead(stage: Stage) -> None:
    events = {"bot_events": ["reaction_added", "app_mention"]}
    settings = {**EVERYTHING["settings"], "event_subscriptions": events}
    narrow = stage.server.app({**EVERYTHING, "settings": settings})
    bot = stage.team.install(narrow)
    stage.general.invite(bot)
    bot.lose("app_mentions:read")
    stage.server.deliveries.clear()
    seen = await stage.amal.mention(stage.general, "hello", bot=bot)
    await stage.amal.react(seen, "+1")
    own = [each.name for each in stage.server.deliveries if each.payload["api_app_id"] == narrow.id]
    assert own == ["reaction_added"]


async def test_what_happens_to_channels_and_members_is_told(stage: Stage) -> None:
    heard = listening_app(stage)
    board = stage.team.channel("board", stage.amal, stage.bot, private=True)
    async with connected(stage, heard.bolt):
        board.rename("council")
        await stage.amal.leave(stage.general)
        stage.general.archive()
        board.kick(stage.bot)
        await stage.amal.leave_workspace()
        await stage.server.settled()
    assert heard.kinds() == [
        "group_rename",
        "member_left_channel",
        "channel_archive",
        "group_left",
        "user_change",
    ]
    assert heard.events[-1]["user"]["deleted"]


async def test_an_uninstalled_app_hears_so_and_then_nothing(stage: Stage) -> None:
    heard = listening_app(stage)
    async with connected(stage, heard.bolt):
        stage.bot.uninstall()
        await stage.server.settled()
        await stage.amal.post(stage.general, "unheard")
        await stage.server.settled()
    assert [each.name for each in stage.server.deliveries] == ["tokens_revoked", "app_uninstalled"]
    with pytest.raises(Impossible):
        await stage.amal.slash(stage.general, "/quitx")


async def test_a_person_cannot_do_what_the_client_forbids(stage: Stage) -> None:
    secret = stage.team.channel("secret", private=True)
    with pytest.raises(Impossible):
        stage.amal.seen(secret)
    with pytest.raises(Impossible):
        await stage.amal.post(secret, "a")
    with pytest.raises(Impossible):
        await stage.amal.join(secret)
    seen = await stage.said()
    with pytest.raises(Impossible):
        await stage.amal.edit(seen, "a")
    with pytest.raises(Impossible):
        await stage.amal.delete(seen)
    await stage.amal.react(seen, "+1")
    with pytest.raises(Impossible):
        await stage.amal.react(seen, "+1")


# Socket Mode: connections and their faults.


async def raw_socket(stage: Stage) -> aiohttp.ClientWebSocketResponse:
    answer = await told(stage.client.apps_connections_open(app_token=stage.app.token))
    return await stage.session.ws_connect(answer["url"])


async def test_a_payload_goes_to_one_socket_and_its_acknowledgement_is_matched(
    stage: Stage,
) -> None:
    first, second = await raw_socket(stage), await raw_socket(stage)
    hello = await second.receive_json()
    assert (hello["type"], hello["num_connections"]) == ("hello", 2)
    assert hello["connection_info"] == {"app_id": stage.app.id}
    await first.receive_json()
    seen = await stage.amal.post(stage.general, "one")
    await stage.amal.react(seen, "+1")
    envelopes = [await first.receive_json(timeout=1), await second.receive_json(timeout=1)]
    kinds = {each["payload"]["event"]["type"] for each in envelopes}
    assert kinds == {"message", "reaction_added"}
    for socket, envelope in zip((first, second), envelopes, strict=True):
        assert envelope["accepts_response_payload"] is False
        await socket.send_json({"envelope_id": envelope["envelope_id"]})
    await stage.server.settled()
    assert all(each.acked for each in stage.server.deliveries)
    await first.send_json({"envelope_id": "other"})
    await first.send_json({"envelope_id": envelopes[0]["envelope_id"]})
    await stage.server.until(lambda: len(stage.server.violations) == 2)
    assert {each.kind for each in stage.server.take_violations()} == {"acknowledgement"}
    await first.close()
    await second.close()


async def test_a_ticket_opens_one_socket_and_an_app_has_at_most_ten(stage: Stage) -> None:
    answer = await told(stage.client.apps_connections_open(app_token=stage.app.token))
    sockets = [await stage.session.ws_connect(answer["url"])]
    with pytest.raises(aiohttp.WSServerHandshakeError):
        await stage.session.ws_connect(answer["url"])
    sockets += [await raw_socket(stage) for _ in range(9)]
    eleventh = await raw_socket(stage)
    assert (await eleventh.receive_json())["reason"] == "too_many_websockets"
    for socket in [*sockets, eleventh]:
        await socket.close()


async def test_the_sdk_comes_back_after_a_disconnect_frame_and_after_a_cut(stage: Stage) -> None:
    heard = listening_app(stage)
    async with connected(stage, heard.bolt):
        (old,) = stage.app.connections
        await stage.app.disconnect()
        await stage.server.until(lambda: stage.app.connections not in ([], [old]))
        (newer,) = [each for each in stage.app.connections if each is not old]
        newer.abort()
        await stage.server.until(
            lambda: any(each not in (old, newer) for each in stage.app.connections)
        )
        await stage.amal.post(stage.general, "heard")
        await stage.server.until(lambda: heard.events)


async def test_the_sdk_leaves_a_silent_socket(stage: Stage) -> None:
    heard = listening_app(stage)
    async with connected(stage, heard.bolt):
        (old,) = stage.app.connections
        stage.app.silence()
        await stage.amal.post(stage.general, "lost at first")
        await stage.server.until(
            lambda: [each for each in stage.app.connections if each is not old]
        )
        stage.server.clock.advance(400)
        await stage.server.until(lambda: heard.events)
    (delivery,) = stage.server.delivered("message")
    assert delivery.attempts[0].outcome == "lost"


async def test_a_stopped_server_comes_back_with_all_that_was_said(stage: Stage) -> None:
    heard = listening_app(stage)
    seen = await stage.said()
    async with connected(stage, heard.bolt):
        url = stage.server.url
        await stage.server.stop()
        with pytest.raises(aiohttp.ClientError):
            await stage.client.auth_test()
        await stage.server.start()
        assert stage.server.url == url
        await stage.server.connected(stage.app)
        await stage.client.chat_update(channel=stage.general.id, ts=seen.ts, text="Still here")
    assert stage.amal.seen(stage.general)[0].text == "Still here"


async def test_an_event_that_nobody_took_comes_again(stage: Stage) -> None:
    heard = listening_app(stage)
    await stage.amal.post(stage.general, "Hello")
    (delivery,) = stage.server.deliveries
    await stage.server.until(lambda: len(delivery.attempts) == 2)
    assert [each.outcome for each in delivery.attempts] == ["unconnected"] * 2
    async with connected(stage, heard.bolt):
        stage.server.clock.advance(61)
        await stage.server.until(lambda: delivery.acked)
    assert [each["text"] for each in heard.events] == ["Hello"]


async def test_events_come_twice_or_in_another_order_on_demand(stage: Stage) -> None:
    heard = listening_app(stage)
    async with connected(stage, heard.bolt):
        stage.app.repeat()
        await stage.amal.post(stage.general, "twice")
        await stage.server.settled()
        (delivery,) = stage.server.deliveries
        assert len(delivery.attempts) == 2
        await stage.server.redeliver(delivery)
        stage.app.hold()
        for text in ("one", "two"):
            await stage.amal.post(stage.general, text)
        await asyncio.sleep(0.02)
        stage.app.release(reverse=True)
        await stage.server.settled()
    assert [each["text"] for each in heard.events] == ["twice", "twice", "twice", "two", "one"]
    assert delivery.event_id


# Signed HTTP.


async def test_deliveries_are_signed_where_the_app_has_a_request_url(stage: Stage) -> None:
    heard = listening_app(stage)
    form = "application/x-www-form-urlencoded"

    @heard.bolt.command("/quitx")
    async def quitx(ack: AsyncAck, command: Json) -> None:
        await ack(f"You said {command['text']}")

    async def receive(request: web.Request) -> web.Response:
        asked = AsyncBoltRequest(body=await request.text(), headers={**request.headers})
        answer = await heard.bolt.async_dispatch(asked)
        return web.Response(status=answer.status, text=answer.body)

    site = web.Application()
    site.router.add_post("/slack/events", receive)
    runner = web.AppRunner(site, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    stage.app.request_url = f"http://127.0.0.1:{runner.addresses[0][1]}/slack/events"
    called = await stage.amal.slash(stage.general, "/quitx hello")
    assert called.acked
    assert stage.amal.seen(stage.general)[-1].text == "You said hello"
    await stage.amal.post(stage.general, "by HTTP")
    await stage.server.settled()
    assert [each["text"] for each in heard.events] == ["by HTTP"]
    async with stage.session.post(
        stage.app.request_url,
        data="command=%2Fquitx",
        headers={"Content-Type": form, "X-Slack-Signature": "v0=0"},
    ) as unsigned:
        assert unsigned.status == 401
    stage.app.signing_secret = "another"
    refused_one = await stage.amal.slash(stage.general, "/quitx hello")
    assert not refused_one.acked
    await runner.cleanup()
