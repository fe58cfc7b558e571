"""What the doctor finds on a real homeserver."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

from adapters.matrix.doctor import examine
from adapters.matrix.session import Access
from chatops.clock import utc_now
from chatops.conversation.finding import Finding
from chatops.language import ENGLISH
from tests.support.faults import FaultProxy
from tests.support.matrix.stage import HURRIED, Stage, on_matrix
from tests.support.matrix.synapse import SynapseServer


async def found(stage: Stage, **more: Any) -> list[Finding]:  # noqa: ANN401 - as `examine`
    access = Access(stage.homeserver, stage.account.user_id, password=stage.account.password)
    given: dict[str, Any] = {
        "store_dir": stage.folder / "matrix",
        "allow_invites": stage.allowed,
        "secrets": stage.drawer,
        "pace": HURRIED,
    }
    findings = await examine(more.pop("access", access), **(given | more))
    for finding in findings:
        assert (finding.verdict == "fine") == (finding.mend is None)
    return findings


def said(findings: list[Finding], verdict: str) -> str:
    return "\n".join(ENGLISH.say(each.subject) for each in findings if each.verdict == verdict)


async def test_all_is_fine_beside_a_bot_that_runs(
    synapse_server: SynapseServer, tmp_path: Path
) -> None:
    async with on_matrix(synapse_server, tmp_path) as stage:
        findings = await found(stage)
        for _turn in range(100):
            if all(each.verdict == "fine" for each in findings):
                break
            findings = await found(stage)
        assert all(each.verdict == "fine" for each in findings), said(findings, "weak")
        fine = said(findings, "fine")
        for words in ("answers at", "clock agrees", stage.account.user_id, "keys", "vouches"):
            assert words in fine
        assert "in 1 room." in fine


async def test_before_the_first_start_the_password_is_tried(
    synapse_server: SynapseServer, tmp_path: Path
) -> None:
    async with on_matrix(synapse_server, tmp_path, connected=False) as stage:
        devices = await sessions(stage)
        findings = await found(stage, allow_invites=[])
        assert "the password is right" in said(findings, "fine")
        assert "nobody may invite" in said(findings, "weak")
        assert await sessions(stage) == devices
        wrong = Access(stage.homeserver, stage.account.user_id, password="wrong")
        assert "name and password" in said(await found(stage, access=wrong), "broken")
        nothing = Access(stage.homeserver, stage.account.user_id)
        assert "access token" in said(await found(stage, access=nothing), "broken")
        assert not stage.drawer.kept


async def test_a_homeserver_that_asks_to_wait_is_not_told_as_one_that_is_silent(
    synapse_server: SynapseServer, tmp_path: Path
) -> None:
    async with (
        FaultProxy(synapse_server.url) as proxy,
        on_matrix(synapse_server, tmp_path, connected=False, homeserver=proxy.url) as stage,
    ):
        limited = {"errcode": "M_LIMIT_EXCEEDED", "error": "Slow down", "retry_after_ms": 600_000}
        proxy.answer("*/login", 429, body=limited, times=None)
        findings = await found(stage)
        assert "asks to wait" in said(findings, "weak")
        assert "answers" not in said(findings, "broken")
        stage.bot.start()
        await stage.bot.until(lambda: stage.bot.state == "lost")
        trouble = stage.bot.platform.connections[0].trouble
        assert trouble is not None
        assert "asks to wait" in ENGLISH.say(trouble)


async def test_lost_keys_and_readable_keys_are_named(
    synapse_server: SynapseServer, tmp_path: Path
) -> None:
    async with on_matrix(synapse_server, tmp_path) as stage:
        [keys] = (tmp_path / "matrix").glob("device-*.db")
        keys.chmod(0o644)
        assert "Others on this machine can read" in said(await found(stage), "weak")
        await stage.bot.stop()
        keys.unlink()
        assert "are not in" in said(await found(stage), "broken")


async def test_a_device_for_which_nobody_vouches_is_named(
    synapse_server: SynapseServer, tmp_path: Path
) -> None:
    async with on_matrix(synapse_server, tmp_path, connected=False) as stage:
        access = Access(stage.homeserver, access_token=stage.account.access_token)
        findings = await found(stage, access=access)
        assert "does not vouch" in said(findings, "weak")
        assert "in no room yet" in said(findings, "weak")
        other = Access(stage.homeserver, "@other:t.test", stage.account.access_token)
        assert "belongs to" in said(await found(stage, access=other), "broken")


async def test_a_wrong_address_and_a_wrong_clock_are_named(
    synapse_server: SynapseServer, tmp_path: Path
) -> None:
    async with (
        FaultProxy(synapse_server.url) as proxy,
        on_matrix(synapse_server, tmp_path, homeserver=proxy.url, connected=False) as stage,
    ):
        late = await found(stage, clock=lambda: utc_now() - timedelta(minutes=10))
        assert "10 minutes off" in said(late, "weak")
        proxy.answer("*/versions", 200, body=b"<html>Welcome</html>", times=None)
        assert "No Matrix homeserver" in said(await found(stage), "broken")
        there = {"m.homeserver": {"base_url": "https://matrix.example.org/"}}
        proxy.answer("/.well-known/*", 200, body=json.dumps(there).encode())
        [finding] = await found(stage)
        assert finding.mend is not None
        assert "https://matrix.example.org " in ENGLISH.say(finding.mend)
        async with proxy.absent():
            assert "No Matrix homeserver" in said(await found(stage), "broken")


async def test_a_homeserver_that_lately_limited_the_bot_is_named(
    synapse_server: SynapseServer, tmp_path: Path
) -> None:
    async with on_matrix(synapse_server, tmp_path) as stage:
        line = stage.bot.platform._connecting.line()
        await line.remembered.put("limit", "messages", str(int(utc_now().timestamp())))
        assert "made the bot wait" in said(await found(stage), "weak")
        later = await found(stage, clock=lambda: utc_now() + timedelta(days=8))
        assert "made the bot wait" not in said(later, "weak")


async def sessions(stage: Stage) -> int:
    """Return how many sessions the bot's account has."""
    told = stage.server.call("GET", "/_matrix/client/v3/devices", stage.account.access_token)
    return len(told["devices"])
