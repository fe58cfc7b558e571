"""Faults of the Slack double's Web API, as the untouched SDK meets them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.builtin_async_handlers import (
    AsyncRateLimitErrorRetryHandler,
    AsyncServerErrorRetryHandler,
)

from tests.support.slack.trial import Stage, error_of, staged


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    async with staged() as stage:
        yield stage


async def test_a_rate_limit_is_told_and_waited_for(stage: Stage) -> None:
    stage.server.faults.rate_limit("chat.*", retry_after=0.1)
    with pytest.raises(SlackApiError) as caught:
        await stage.said()
    assert caught.value.response.status_code == 429
    assert caught.value.response.headers["Retry-After"] == "0.1"
    stage.server.faults.rate_limit("chat.postMessage", retry_after=0)
    stage.client.retry_handlers.append(AsyncRateLimitErrorRetryHandler(max_retry_count=1))
    assert (await stage.said()).text == "Status"
    assert [call.status for call in stage.server.calls] == [429, 429, 200]


async def test_a_pace_holds_for_each_channel(stage: Stage) -> None:
    stage.server.faults.pace("chat.postMessage", per_second=1)
    await stage.said()
    with pytest.raises(SlackApiError) as caught:
        await stage.said()
    assert caught.value.response.headers["Retry-After"] == "1"
    await stage.client.chat_postMessage(channel=stage.amal.id, text="elsewhere")


async def test_a_broken_server_answers_with_a_page(stage: Stage) -> None:
    stage.server.faults.fail("chat.*", 503)
    with pytest.raises(SlackApiError):
        await stage.said()
    stage.server.faults.fail("chat.*", 500)
    stage.client.retry_handlers.append(AsyncServerErrorRetryHandler(max_retry_count=1))
    await stage.said()
    stage.server.faults.error("chat.*", "internal_error")
    said = stage.client.chat_postMessage(channel=stage.general.id, text="a")
    assert await error_of(said) == "internal_error"


async def test_a_dropped_answer_leaves_the_message_and_a_dropped_request_none(
    stage: Stage,
) -> None:
    stage.client.retry_handlers.clear()
    for fault, left in (("drop_request", 0), ("drop_answer", 1)):
        getattr(stage.server.faults, fault)("chat.postMessage")
        with pytest.raises(aiohttp.ClientError):
            await stage.said()
        assert len(stage.amal.seen(stage.general)) == left


async def test_uploads_downloads_and_answers_break_too(stage: Stage) -> None:
    faults = stage.server.faults
    for name in ("files.upload", "files.download", "response_url"):
        faults.fail(name, 503)
    statuses = []
    for method, path in (
        ("POST", "upload/v1/F1"),
        ("GET", "files-pri/T-F/a"),
        ("POST", "actions/T/a"),
    ):
        async with stage.session.request(method, f"{stage.server.url}/{path}") as answer:
            statuses.append(answer.status)
    assert statuses == [503, 503, 503]
    assert [call.method for call in stage.server.calls] == [
        "files.upload",
        "files.download",
        "response_url",
    ]


async def test_a_delay_holds_back_what_is_asked(stage: Stage) -> None:
    stage.server.faults.delay("chat.postMessage", 0.1)
    saying = asyncio.create_task(stage.said())
    await asyncio.sleep(0.05)
    assert stage.amal.seen(stage.general) == []
    await saying
    stage.server.faults.delay("chat.postMessage", 5)
    stage.server.faults.clear()
    await asyncio.wait_for(stage.said(), 1)
