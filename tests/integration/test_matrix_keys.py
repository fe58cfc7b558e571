"""Encryption: keys that come late, devices that are vouched for, sessions that go on."""

from __future__ import annotations

import asyncio
from pathlib import Path

from chatops.conversation.events import CommandCalled
from chatops.conversation.reply import Paragraph, Reply
from chatops.language import _
from tests.support.faults import FaultProxy
from tests.support.matrix.person import Person
from tests.support.matrix.stage import Stage, on_matrix
from tests.support.matrix.synapse import SynapseServer

HELLO = Reply((Paragraph(_("Hello")),))


async def vouched_for(stage: Stage) -> bool:
    """Whether everybody sees that the bot's account vouches for its device."""
    user = stage.account.user_id
    told = await stage.amal.ask("POST", "/keys/query", {"device_keys": {user: []}})
    if user not in told["self_signing_keys"]:
        return False
    [signer] = told["self_signing_keys"][user]["keys"]
    return signer in told["device_keys"][user][stage.device]["signatures"][user]


def expire_session(proxy: FaultProxy) -> None:
    """Let the homeserver ask the bot to log in again as the same device."""
    expired = {"errcode": "M_UNKNOWN_TOKEN", "error": "expired", "soft_logout": True}
    for path in ("*/sync", "*/whoami"):
        proxy.answer(path, 401, body=expired)


async def until_vouched_for(stage: Stage) -> None:
    for _turn in range(200):
        if await vouched_for(stage):
            return
        await stage.bot.until(lambda: True)
    raise AssertionError("nobody vouches for the device")


async def test_the_account_vouches_for_each_device_of_the_bot(
    synapse_server: SynapseServer, tmp_path: Path
) -> None:
    async with on_matrix(synapse_server, tmp_path) as stage:
        await until_vouched_for(stage)
        first = stage.device
        synapse_server.forget_session(stage.account, first)
        await stage.bot.until(lambda: stage.bot.state != "connected")
        await stage.bot.connected()
        assert stage.device != first
        await until_vouched_for(stage)


async def test_keys_of_another_client_are_replaced_where_the_password_is_given(
    synapse_server: SynapseServer, tmp_path: Path
) -> None:
    async with on_matrix(synapse_server, tmp_path) as stage:
        await until_vouched_for(stage)
        await stage.bot.stop()
        # Without what was kept, the account's keys are like those of somebody else's client.
        stage.drawer.kept.clear()
        token = stage.account.access_token
        stage.bot = stage.new_bot(stage.bot.known, access_token=token)
        stage.bot.start()
        await stage.bot.connected()
        await stage.amal.say(stage.room, "!quitx here")
        await stage.bot.heard(CommandCalled)
        assert not await vouched_for(stage)
        await stage.restart(user=stage.account.user_id, password=stage.account.password)
        await until_vouched_for(stage)


async def test_a_session_that_has_expired_goes_on_as_the_same_device(
    synapse_server: SynapseServer, tmp_path: Path
) -> None:
    async with (
        FaultProxy(synapse_server.url) as proxy,
        on_matrix(synapse_server, tmp_path, encrypted=True, homeserver=proxy.url) as stage,
    ):
        await stage.amal.say(stage.room, "!quitx before")
        await stage.bot.heard(CommandCalled)
        device, logins = stage.device, proxy.count("*/login")
        expire_session(proxy)
        await stage.amal.say(stage.room, "!quitx meanwhile")
        await stage.bot.until(lambda: proxy.count("*/login") > logins)
        await stage.bot.heard(CommandCalled, 2)
        await stage.bot.connected()
        assert stage.device == device


async def test_whoever_stops_while_a_session_ends_does_not_wait_for_the_next_one(
    synapse_server: SynapseServer, tmp_path: Path
) -> None:
    async with (
        FaultProxy(synapse_server.url) as proxy,
        on_matrix(synapse_server, tmp_path, homeserver=proxy.url) as stage,
    ):
        for turn in range(12):
            running = stage.bot.running
            assert running is not None
            expire_session(proxy)
            await stage.amal.say(stage.room, f"!quitx {turn}")
            # Somewhere between the end of the session and the next one.
            await asyncio.sleep(turn * 0.01)
            running.cancel()
            async with asyncio.timeout(10):
                await asyncio.gather(running, return_exceptions=True)
            proxy.clear()
            stage.bot.start()
            await stage.bot.connected()
            await stage.bot.heard(CommandCalled, turn + 1)


async def test_a_message_is_read_when_its_key_comes_and_the_room_told_when_it_does_not(
    synapse_server: SynapseServer, tmp_path: Path
) -> None:
    async with on_matrix(synapse_server, tmp_path, encrypted=True, pace={"late": 0.8}) as stage:
        amal, room, own = stage.amal, stage.room, stage.account.user_id
        await stage.bot_is_known()
        kept = await amal.keep_key(room)
        await amal.say(room, "!quitx one")
        await amal.sees(room, lambda each: "could not read" in each.body)
        assert not stage.bot.all(CommandCalled)
        await amal.say(room, "!quitx two")
        await amal.give_key(kept, own)
        await stage.bot.heard(CommandCalled, 2)
        assert [event.line for event in stage.bot.all(CommandCalled)] == ["one", "two"]
        told = [each for each in await amal.read(room) if "could not read" in each.body]
        assert len(told) == 1


async def test_nonsense_between_devices_stops_nothing(
    synapse_server: SynapseServer, tmp_path: Path
) -> None:
    async with on_matrix(synapse_server, tmp_path, encrypted=True) as stage:
        await stage.bot_is_known()
        own, device = stage.account.user_id, stage.device
        accept = {"transaction_id": "t", "method": "m.sas.v1"}
        for number, (kind, content) in enumerate(
            (
                ("m.key.verification.start", {"from_device": "X", "method": "m.sas.v1"}),
                ("m.key.verification.key", {"transaction_id": "t", "key": "!"}),
                ("m.key.verification.key", {"transaction_id": "t", "key": "!"}),
                ("m.key.verification.accept", accept),
                ("m.key.verification.mac", {"transaction_id": "t"}),
                ("m.room.encrypted", {"algorithm": "m.olm.v1.curve25519-aes-sha2"}),
                ("m.room_key_request", {"action": "request"}),
                ("m.dummy", {}),
            )
        ):
            messages = {own: {device: content}}
            path = f"/sendToDevice/{kind}/{number}"
            await stage.amal.ask("PUT", path, {"messages": messages})
        await stage.amal.say(stage.room, "!quitx still")
        await stage.bot.heard(CommandCalled)


async def test_a_new_member_reads_what_is_said_from_then_on(
    synapse_server: SynapseServer, tmp_path: Path
) -> None:
    async with (
        on_matrix(synapse_server, tmp_path, encrypted=True) as stage,
        Person(synapse_server, "Bea") as bea,
    ):
        await stage.bot.tell(stage.place, HELLO, "one")
        await stage.amal.invite(stage.room, bea.id)
        await bea.join(stage.room)
        await stage.bot_sees(bea.id)
        said = await stage.bot.tell(stage.place, HELLO, "two")
        heard = await bea.sees(stage.room, lambda each: each.id == said.id)
        assert (heard.body, heard.encrypted) == ("Hello", True)
