"""People and the Slack double: commands, buttons, forms, and what the client forbids."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from slack_bolt.async_app import AsyncAck
from slack_sdk.web.async_client import AsyncWebClient

from tests.support.slack import EVERYTHING, Impossible
from tests.support.slack.records import Json
from tests.support.slack.trial import (
    BUTTONS,
    FORM,
    Heard,
    Stage,
    connected,
    error_of,
    listening_app,
    refused,
    staged,
    told,
)

HOME: Json = {
    "type": "home",
    "blocks": [{"type": "section", "text": {"type": "plain_text", "text": "Welcome"}}],
}
Listener = Callable[..., Awaitable[None]]


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    async with staged() as stage:
        yield stage


async def test_a_command_is_answered_with_its_acknowledgement(stage: Stage) -> None:
    bolt = listening_app(stage).bolt

    @bolt.command("/quitx")
    async def quitx(ack: AsyncAck, command: Json) -> None:
        await ack(f"You said {command['text']}")

    async with connected(stage, bolt):
        called = await stage.amal.slash(stage.general, "/quitx a & <b>")
    assert called.acked
    assert called.latency < 3
    (seen,) = stage.amal.seen(stage.general)
    assert (seen.text, seen.ephemeral) == ("You said a & <b>", True)


async def test_commands_are_refused_as_the_client_refuses_them(stage: Stage) -> None:
    seen = await stage.amal.post(stage.general, "Hello")
    with pytest.raises(Impossible, match="not supported in threads"):
        await stage.amal.slash(stage.general, "/quitx", thread=seen)
    with pytest.raises(Impossible, match="not a valid command"):
        await stage.amal.slash(stage.general, "/other")
    stage.general.archive()
    with pytest.raises(Impossible):
        await stage.amal.slash(stage.general, "/quitx")


async def test_nobody_connected_and_nobody_acknowledging_is_shown(stage: Stage) -> None:
    await stage.amal.slash(stage.general, "/quitx")
    assert "dispatch_failed" in stage.amal.seen(stage.general)[-1].text
    bolt = listening_app(stage).bolt

    @bolt.command("/quitx")
    async def quitx() -> None:
        await asyncio.sleep(0)

    stage.server.ack_seconds = 0.2
    async with connected(stage, bolt):
        called = await stage.amal.slash(stage.general, "/quitx")
    assert called.attempts[0].outcome == "timeout"
    assert "operation_timeout" in stage.amal.seen(stage.general)[-1].text
    assert [each.kind for each in stage.server.take_violations()] == ["deadline"]


async def test_a_late_acknowledgement_is_kept_as_late(stage: Stage) -> None:
    bolt = listening_app(stage).bolt

    @bolt.command("/quitx")
    async def quitx(ack: AsyncAck) -> None:
        await asyncio.sleep(0.4)
        await ack()

    stage.server.ack_seconds = 0.2
    async with connected(stage, bolt):
        called = await stage.amal.slash(stage.general, "/quitx")
        assert not called.acked
        await stage.server.until(lambda: called.attempts[0].outcome == "late")
    assert called.latency > 0.2
    stage.server.take_violations()


async def test_a_response_url_takes_five_answers_in_half_an_hour(stage: Stage) -> None:
    bolt = listening_app(stage).bolt
    urls: list[str] = []

    @bolt.command("/quitx")
    async def quitx(ack: AsyncAck, command: Json) -> None:
        await ack()
        urls.append(command["response_url"])

    async with connected(stage, bolt):
        for _ in range(2):
            await stage.amal.slash(stage.general, "/quitx")
        await stage.server.until(lambda: len(urls) == 2)

    async def respond(url: str, **given: object) -> str:
        async with stage.session.post(url, json={"text": "a", **given}) as answer:
            return await answer.text()

    assert await respond(urls[0], response_type="in_channel") == "ok"
    assert not stage.amal.seen(stage.general)[-1].ephemeral
    for _ in range(4):
        assert await respond(urls[0]) == "ok"
    assert "used_url" in await respond(urls[0])
    stage.server.clock.advance(30 * 60 + 1)
    assert "expired_url" in await respond(urls[1])
    assert [each.kind for each in stage.server.take_violations()] == ["response_url"] * 2


async def test_a_button_is_pressed_by_who_sees_it(stage: Stage) -> None:
    benoit = stage.team.person("Benoît")
    stage.general.invite(benoit)
    bolt = listening_app(stage).bolt
    bodies: list[Json] = []

    @bolt.action("go")
    async def go(ack: AsyncAck, body: Json) -> None:
        await ack()
        bodies.append(body)

    await stage.client.chat_postEphemeral(
        channel=stage.general.id, user=stage.amal.id, text="a", blocks=BUTTONS
    )
    (mine,) = stage.amal.seen(stage.general)
    async with connected(stage, bolt):
        for what in ("Start", "go", "start"):
            assert (await stage.amal.press(mine, what)).acked
        with pytest.raises(Impossible):
            await benoit.press(mine, "Start")
        with pytest.raises(Impossible):
            await stage.amal.press(mine, "Stop")
        shared = await stage.said(blocks=BUTTONS)
        await benoit.press(shared, "Start")
    await stage.server.until(lambda: len(bodies) == 4)
    assert "message" not in bodies[0]
    assert bodies[0]["container"]["is_ephemeral"]
    assert bodies[-1]["message"]["ts"] == shared.ts
    assert bodies[-1]["actions"][0]["value"] == "start"


async def test_what_was_pressed_is_replaced_or_removed(stage: Stage) -> None:
    bolt = listening_app(stage).bolt

    @bolt.action("go")
    async def go(ack: AsyncAck, respond: Listener, body: Json) -> None:
        await ack()
        if body["container"]["is_ephemeral"]:
            await respond(delete_original=True)
        else:
            await respond(text="Begun", replace_original=True)

    shared = await stage.said(blocks=BUTTONS)
    await stage.client.chat_postEphemeral(
        channel=stage.general.id, user=stage.amal.id, text="a", blocks=BUTTONS
    )
    mine = stage.amal.seen(stage.general)[-1]
    async with connected(stage, bolt):
        await stage.amal.press(shared, "Start")
        await stage.amal.until(stage.general, "Begun")
        await stage.amal.press(mine, "Start")
        await stage.server.until(lambda: len(stage.amal.seen(stage.general)) == 1)
    with pytest.raises(Impossible):
        await stage.amal.press(shared, "Start")


async def test_without_interactivity_buttons_are_dead(stage: Stage) -> None:
    settings = {**EVERYTHING["settings"], "interactivity": {"is_enabled": False}}
    quiet = stage.server.app({**EVERYTHING, "settings": settings})
    bot = stage.team.install(quiet)
    stage.general.invite(bot)
    client = stage.as_token(bot.token)
    await client.chat_postMessage(channel=stage.general.id, text="a", blocks=BUTTONS)
    with pytest.raises(Impossible, match="not configured"):
        await stage.amal.press(stage.amal.seen(stage.general)[-1], "Start")


def form_app(stage: Stage) -> Heard:
    heard = listening_app(stage)

    @heard.bolt.command("/quitx")
    async def quitx(ack: AsyncAck, client: AsyncWebClient, command: Json) -> None:
        await ack()
        heard.events.append({"type": "trigger", "id": command["trigger_id"]})
        await client.views_open(trigger_id=command["trigger_id"], view=FORM)

    @heard.bolt.view("form")
    async def form(ack: AsyncAck, view: Json) -> None:
        match view["state"]["values"]["name"]["typed"]["value"]:
            case "nobody":
                await ack(response_action="errors", errors={"name": "Not a name"})
            case "wrong":
                await ack(response_action="errors", errors={"age": "No such field"})
            case "next":
                title = {"type": "plain_text", "text": "Next"}
                await ack(response_action="push", view={**FORM, "title": title})
            case "again":
                title = {"type": "plain_text", "text": "Again"}
                await ack(response_action="update", view={**FORM, "title": title})
            case "enough":
                await ack(response_action="clear")
            case _:
                await ack()

    return heard


async def test_a_form_is_opened_corrected_and_sent(stage: Stage) -> None:
    amal = stage.amal
    async with connected(stage, form_app(stage).bolt):
        await amal.slash(stage.general, "/quitx")
        form = await amal.until_view("Form")
        with pytest.raises(Impossible, match="must be filled in"):
            await amal.submit(form, {})
        await amal.submit(form, {"Name": "nobody"})
        corrected = await amal.until_view(lambda sight: sight.errors)
        assert corrected.errors == {"name": "Not a name"}
        await amal.submit(form, {"Name": "again"})
        again = await amal.until_view("Again")
        await amal.submit(again, {"Name": "next"})
        on_top = await amal.until_view("Next")
        await amal.close(on_top)
        await amal.submit(await amal.until_view("Again"), {"Name": "Amal"})
        assert amal.view is None
        with pytest.raises(Impossible):
            await amal.submit(form, {"Name": "Amal"})


async def test_a_wrong_answer_to_a_form_is_a_violation(stage: Stage) -> None:
    async with connected(stage, form_app(stage).bolt):
        await stage.amal.slash(stage.general, "/quitx")
        form = await stage.amal.until_view("Form")
        await stage.amal.submit(form, {"Name": "wrong"})
        assert stage.amal.view
        assert "trouble connecting" in stage.amal.view.banner
        await stage.amal.submit(form, {"Name": "enough"})
    assert [each.kind for each in stage.server.take_violations()] == ["view"]


async def test_a_trigger_opens_one_view_within_three_seconds(stage: Stage) -> None:
    heard = form_app(stage)
    async with connected(stage, heard.bolt):
        await stage.amal.slash(stage.general, "/quitx")
        await stage.amal.until_view("Form")
    spent = heard.events[-1]["id"]

    def opened(trigger: str, view: Json = FORM) -> Awaitable[object]:
        return stage.client.views_open(trigger_id=trigger, view=view)

    assert await error_of(opened(spent)) == "exchanged_trigger_id"
    assert await error_of(opened("1.2.3")) == "invalid_trigger_id"
    fresh = stage.server._world.exchanges.trigger(stage.bot, stage.amal.user)
    stage.server.clock.advance(3.1)
    assert await error_of(opened(fresh)) == "expired_trigger_id"
    fresh = stage.server._world.exchanges.trigger(stage.bot, stage.amal.user)
    answer = await refused(opened(fresh, {"type": "modal", "blocks": FORM["blocks"]}))
    assert answer["error"] == "invalid_arguments"
    assert "title" in answer["response_metadata"]["messages"][0]
    kinds = [each.kind for each in stage.server.take_violations()]
    assert kinds == ["trigger", "trigger", "trigger", "view"]


async def test_the_home_tab_is_published_for_one_person(stage: Stage) -> None:
    heard = listening_app(stage)
    async with connected(stage, heard.bolt):
        await stage.amal.open_home()
        await stage.server.until(lambda: "app_home_opened" in heard.kinds())
    assert stage.amal.home() is None
    answer = await told(stage.client.views_publish(user_id=stage.amal.id, view=HOME))
    home = stage.amal.home()
    assert home
    assert home.text == "Welcome"
    stale = stage.client.views_publish(user_id=stage.amal.id, view=HOME, hash="0.0")
    assert await error_of(stale) == "hash_conflict"
    await stage.client.views_publish(user_id=stage.amal.id, view=HOME, hash=answer["view"]["hash"])


async def test_a_shortcut_is_taken_where_it_is_declared(stage: Stage) -> None:
    bolt = listening_app(stage).bolt
    taken: list[str] = []

    async def take(ack: AsyncAck, body: Json) -> None:
        await ack()
        taken.append(body["type"])

    bolt.global_shortcut("say")(take)
    bolt.message_shortcut("take")(take)
    async with connected(stage, bolt):
        await stage.amal.shortcut("say")
        await stage.amal.message_shortcut(await stage.said(), "take")
        with pytest.raises(Impossible):
            await stage.amal.shortcut("take")
    await stage.server.until(lambda: sorted(taken) == ["message_action", "shortcut"])
