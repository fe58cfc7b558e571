from __future__ import annotations

import asyncio
import itertools
import json
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import pytest_asyncio
from aiohttp import ClientSession
from msgspec.structs import replace

from adapters.slack.manifest import manifest
from adapters.slack.platform import SlackPlatform
from chatops.conversation.addresses import Address, Place
from chatops.conversation.events import CommandCalled, PlaceLost, ReactionChanged
from chatops.conversation.platform import PlatformUnavailable
from chatops.conversation.reply import Paragraph, Reply
from chatops.language import ENGLISH, verbatim
from tests.support.ports import free_port
from tests.support.slack import SlackServer
from tests.support.slack_stage import HURRIED, REGISTRY, Stage, on_stage, running


@pytest_asyncio.fixture
async def stage() -> AsyncIterator[Stage]:
    async with on_stage() as opened:
        yield opened


def state(stage: Stage) -> str:
    return stage.platform.connections[0].state


async def works(stage: Stage) -> None:
    before = len(stage.all_heard(CommandCalled))
    await stage.server.until(lambda: state(stage) == "connected")
    assert (await stage.amal.slash(stage.general, "/quitx status")).acked
    await stage.hears(CommandCalled, before + 1)
    await stage.say(Paragraph(verbatim(f"answer {before}")))


async def test_a_connection_is_called_as_its_workspace(stage: Stage) -> None:
    [connection] = stage.platform.connections
    assert (connection.name, connection.state) == ("Les Amis", "connected")


async def test_asked_to_reconnect_it_stays_reachable_all_the_time(stage: Stage) -> None:
    sockets = stage.app.connections
    await stage.app.disconnect("warning")
    deliveries = [await stage.amal.slash(stage.general, f"/quitx {number}") for number in range(50)]
    assert all(delivery.acked for delivery in deliveries)
    await stage.server.until(lambda: stage.app.connections and sockets[0].broken)
    assert state(stage) == "connected"
    await works(stage)


async def test_stopped_while_it_reconnects_it_leaves_nothing_behind(stage: Stage) -> None:
    stage.server.faults.fail("apps.connections.open", times=None)
    await stage.app.disconnect("warning")
    await asyncio.sleep(0.2)
    stage.running.cancel()
    await asyncio.gather(stage.running, return_exceptions=True)
    left = [task for task in asyncio.all_tasks() if "Line." in repr(task)]
    stage.running = asyncio.create_task(asyncio.sleep(60))
    assert left == []


async def test_a_cut_connection_is_made_again(stage: Stage) -> None:
    stage.app.abort()
    await stage.server.until(lambda: state(stage) == "lost")
    await works(stage)


async def test_a_silent_socket_is_noticed_and_replaced(stage: Stage) -> None:
    [socket] = stage.app.connections
    stage.app.silence()
    await stage.server.until(lambda: socket.broken)
    await works(stage)


async def test_a_socket_that_answers_but_brings_nothing_is_replaced() -> None:
    async with on_stage(pace=replace(HURRIED, quiet=0.3)) as stage:
        [socket] = stage.app.connections
        await stage.server.until(lambda: socket.broken)
        await works(stage)


async def test_too_many_sockets_are_told_and_tried_again_slowly() -> None:
    async with on_stage() as stage, ClientSession() as session:
        others = []
        for _socket in range(9):
            async with session.post(
                f"{stage.server.api_url}apps.connections.open",
                headers={"Authorization": f"Bearer {stage.app.token}"},
            ) as answer:
                others.append(await session.ws_connect((await answer.json())["url"]))
        stage.app.connections[0].abort()
        async with session.post(
            f"{stage.server.api_url}apps.connections.open",
            headers={"Authorization": f"Bearer {stage.app.token}"},
        ) as answer:
            others.append(await session.ws_connect((await answer.json())["url"]))
        await stage.server.until(
            lambda: "Stop other copies" in str(stage.platform.connections[0].mend)
        )
        before = len(stage.server.calls_of("apps.connections.open"))
        await asyncio.sleep(0.65)
        assert len(stage.server.calls_of("apps.connections.open")) - before <= 4
        for other in others:
            await other.close()
        await works(stage)


async def test_the_server_is_restarted_under_traffic_and_nothing_is_lost_or_doubled() -> None:
    async with on_stage() as stage:
        ref = await stage.say(Paragraph(verbatim("vote")))
        seen = await stage.amal.until(stage.general, "vote")
        answered: list[str] = []

        async def answer() -> None:
            for number in itertools.count():
                while True:
                    try:
                        await stage.say(Paragraph(verbatim(f"said {number}.")), key=f"n{number}")
                    except PlatformUnavailable:
                        await asyncio.sleep(0.02)
                    else:
                        break
                answered.append(f"said {number}.")
                await asyncio.sleep(0.005)

        speaking = asyncio.create_task(answer())
        for _restart in range(3):
            await asyncio.sleep(0.15)
            await stage.server.stop()
            # What members do while their Slack is down is brought to the bot afterwards.
            await asyncio.sleep(0.1)
            await stage.server.start()
            await stage.server.connected(stage.app)
            await stage.amal.react(seen, "+1")
            await stage.amal.unreact(seen, "+1")
        await stage.server.settled()
        speaking.cancel()
        await asyncio.gather(speaking, return_exceptions=True)
        said = [each.text for each in stage.ben.seen(stage.general) if "said" in each.text]
        assert len(said) == len(set(said))
        assert set(answered) <= set(said)
        ids = {event.event_id for event in stage.all_heard(ReactionChanged)}
        assert len(ids) == 6
        assert {event.message for event in stage.all_heard(ReactionChanged)} == {ref}
        await works(stage)
        stage.server.take_violations()


async def test_a_command_that_slack_could_not_bring_is_told_by_slack_itself() -> None:
    async with on_stage() as stage:
        await stage.server.stop()
        await stage.server.until(lambda: state(stage) == "lost")
        await stage.server.start()
        await works(stage)


async def test_lost_acknowledgements_bring_events_again_with_the_same_id(stage: Stage) -> None:
    stage.app.repeat(3)
    for number in range(3):
        await stage.amal.post(stage.general, f"!quitx {number}")
    await stage.hears(CommandCalled, 6)
    ids = [event.event_id for event in stage.all_heard(CommandCalled)]
    assert sorted(ids) == sorted([*set(ids), *set(ids)])


async def test_events_in_another_order_are_all_heard(stage: Stage) -> None:
    stage.app.hold()
    for number in range(5):
        await stage.amal.post(stage.general, f"!quitx {number}")
    stage.app.release(reverse=True)
    await stage.hears(CommandCalled, 5)
    assert {event.line for event in stage.all_heard(CommandCalled)} == {*"01234"}


async def test_a_revoked_bot_token_is_told_and_nothing_spins(stage: Stage) -> None:
    stage.bot.revoke()
    assert (await stage.hears(PlaceLost)).place == Place("slack", stage.team.id, "")
    await stage.server.until(lambda: state(stage) == "refused")
    [connection] = stage.platform.connections
    assert "token_revoked" in ENGLISH.say(connection.trouble) if connection.trouble else False
    assert connection.mend is not None
    before = len(stage.server.calls)
    await asyncio.sleep(1)
    assert len(stage.server.calls) - before <= 5
    with pytest.raises(PlatformUnavailable):
        await stage.say(Paragraph(verbatim("hello?")))


async def test_a_token_that_is_refused_in_passing_works_again_later(stage: Stage) -> None:
    stage.bot.refuse("account_inactive")
    await stage.server.until(lambda: state(stage) == "refused")
    stage.bot.refuse("")
    await works(stage)


async def test_a_refused_app_token_is_told_and_tried_rarely(stage: Stage) -> None:
    stage.app.revoke()
    await stage.server.until(lambda: state(stage) == "refused")
    [connection] = stage.platform.connections
    assert "connections:write" in str(connection.mend)
    before = len(stage.server.calls_of("apps.connections.open"))
    await asyncio.sleep(1)
    assert len(stage.server.calls_of("apps.connections.open")) - before <= 3
    stage.app.refusal = ""
    await works(stage)


async def test_socket_mode_that_is_switched_off_is_told(stage: Stage) -> None:
    await stage.app.disconnect("link_disabled")
    await stage.server.until(lambda: state(stage) == "refused")
    assert "Socket Mode" in str(stage.platform.connections[0].trouble)


async def test_slack_that_asks_to_wait_before_a_socket_is_left_alone() -> None:
    def prepare(stage: Stage) -> None:
        stage.server.faults.rate_limit("apps.connections.open", retry_after=1)

    async with on_stage(prepare=prepare) as stage:
        first, second = stage.server.calls_of("apps.connections.open")
        assert second.at - first.at >= 0.9


async def test_slack_that_does_not_answer_at_the_start_is_waited_for() -> None:
    async with SlackServer() as server:
        app = server.app(manifest(REGISTRY))
        team = server.team("Les Amis")
        stage = Stage(server, app, team, team.install(app))
        await server.stop()
        stage.platform = SlackPlatform(
            bot_tokens=[stage.bot.token],
            app_tokens=[app.token],
            registry=REGISTRY,
            api_url=server.api_url,
            pace=HURRIED,
        )
        running = asyncio.create_task(stage.platform.run(stage.inbox))
        try:
            await server.until(lambda: state(stage) == "lost")
            with pytest.raises(PlatformUnavailable):
                await stage.say(Paragraph(verbatim("hello?")))
            await server.start()
            await works(stage)
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)


@asynccontextmanager
async def two_workspaces(server: SlackServer, *, apps: int) -> AsyncIterator[list[Stage]]:
    made = [server.app(manifest(REGISTRY)) for _app in range(apps)]
    stages = []
    for number, name in enumerate(("Les Amis", "Otters")):
        team = server.team(name)
        app = made[number % apps]
        stages.append(Stage(server, app, team, team.install(app)))
    platform = SlackPlatform(
        bot_tokens=[stage.bot.token for stage in stages],
        app_tokens=[app.token for app in made],
        registry=REGISTRY,
        api_url=server.api_url,
        pace=HURRIED,
    )
    for stage in stages:
        stage.platform = platform
        stage.heard = stages[0].heard
    running = asyncio.create_task(platform.run(stages[0].inbox))
    try:
        await server.until(lambda: all(each.state == "connected" for each in platform.connections))
        yield stages
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


@pytest.mark.parametrize("apps", [1, 2])
async def test_several_workspaces_are_heard_and_spoken_to(apps: int) -> None:
    async with SlackServer() as server, two_workspaces(server, apps=apps) as (one, other):
        for number, stage in enumerate((one, other), start=1):
            await stage.amal.slash(stage.general, f"/quitx {stage.team.name}")
            called = await stage.hears(CommandCalled, number)
            assert called.place == stage.place
            await stage.say(Paragraph(verbatim(f"hello {stage.team.name}")))
            await stage.amal.until(stage.general, f"hello {stage.team.name}")


@pytest.mark.parametrize("apps", [1, 2])
async def test_one_refused_workspace_does_not_stop_the_other(apps: int) -> None:
    async with SlackServer() as server, two_workspaces(server, apps=apps) as (one, other):
        one.bot.refuse("account_inactive")
        await server.until(lambda: one.platform.connections[0].state == "refused")
        assert one.platform.connections[1].state == "connected"
        await other.amal.slash(other.general, "/quitx status")
        await other.hears(CommandCalled)
        await other.say(Paragraph(verbatim("still here")))


async def test_before_it_runs_it_asks_to_be_asked_again() -> None:
    platform = SlackPlatform(bot_tokens=["xoxb-1"], app_tokens=["xapp-1"], registry=REGISTRY)
    assert platform.name == "slack"
    assert platform.connections[0].state == "connecting"
    with pytest.raises(PlatformUnavailable):
        await platform.send(
            Address(Place("slack", "T", "C")), Reply((Paragraph(verbatim("x")),)), ENGLISH, key="k"
        )


@asynccontextmanager
async def by_http() -> AsyncIterator[tuple[Stage, str]]:
    """Open a workspace whose events come by signed HTTP; give the address to which they come."""
    import uvicorn  # noqa: PLC0415 - only here
    from starlette.applications import Starlette  # noqa: PLC0415

    port = free_port()
    address = f"http://127.0.0.1:{port}/slack/events"
    async with SlackServer() as server:
        app = server.app(manifest(REGISTRY), signing_secret="secret", request_url=address)
        team = server.team("Les Amis")
        stage = Stage(server, app, team, team.install(app))
        stage.platform = SlackPlatform(
            bot_tokens=[stage.bot.token],
            app_tokens=[],
            signing_secret="secret",
            registry=REGISTRY,
            api_url=server.api_url,
            pace=HURRIED,
        )
        web = uvicorn.Server(
            uvicorn.Config(
                Starlette(routes=stage.platform.routes()),
                port=port,
                log_level="warning",
                lifespan="off",
            )
        )
        serving = asyncio.create_task(web.serve())
        try:
            async with running(stage.platform, stage):
                await server.until(lambda: web.started and state(stage) == "connected")
                yield stage, address
        finally:
            web.should_exit = True
            await asyncio.gather(serving, return_exceptions=True)


async def test_slack_may_come_by_signed_http_instead() -> None:
    async with by_http() as (stage, address):
        await works(stage)
        await stage.amal.post(stage.general, "!quitx status")
        await stage.hears(CommandCalled, 2)
        async with ClientSession() as session, session.post(address, json={"type": "x"}) as answer:
            assert answer.status == 401


async def test_what_comes_by_http_before_the_workspace_is_known_comes_again() -> None:
    async with by_http() as (stage, _address):
        stage.running.cancel()
        await asyncio.gather(stage.running, return_exceptions=True)
        stage.server.faults.fail("auth.test", times=4)
        stage.running = asyncio.create_task(stage.platform.run(stage.inbox))
        await asyncio.sleep(0)
        await stage.amal.post(stage.general, "!quitx early")
        await stage.server.until(lambda: state(stage) == "lost")
        await stage.server.until(lambda: state(stage) == "connected")
        stage.server.clock.advance(60)
        assert (await stage.hears(CommandCalled)).line == "early"


def test_nothing_of_slack_is_imported_before_it_is_used() -> None:
    script = (
        "import sys, json, chatops.bootstrap, adapters.slack.manifest, adapters.slack.rendering;"
        "print(json.dumps([name for name in sys.modules if name.startswith('slack_')"
        " or name == 'aiohttp']))"
    )
    root = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=root, capture_output=True, text=True, check=True
    )
    assert json.loads(done.stdout) == []
