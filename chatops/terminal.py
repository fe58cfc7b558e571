"""How a command of the terminal runs, asks, and says what went wrong."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

import click

from chatops.config import Settings, load, system_language
from chatops.language import Code, Speaker, Text, Trouble, _

_EXTRAS = {
    "atproto": "bluesky",
    "atproto_client": "bluesky",
    "httpx": "bluesky",
    "slack_bolt": "slack",
    "slack_sdk": "slack",
    "aiohttp": "slack",
    "discord": "discord",
    "nio": "matrix",
    "starlette": "web",
    "uvicorn": "web",
}
"""Libraries that come with an extra only."""


def run(config: Path | None, work: Callable[[Settings], Awaitable[int]]) -> None:
    """Run a command to its end; what went wrong is told in the installation's language."""
    speaker = Speaker(system_language(os.environ))
    try:
        settings = load(config, os.environ)
        speaker = Speaker(settings.language.default)
        status = asyncio.run(_awaited(work, settings))
    except Trouble as trouble:
        status = _told(speaker, trouble.reason, trouble.mend)
    except ModuleNotFoundError as missing:
        extra = _EXTRAS.get((missing.name or "").partition(".")[0])
        if extra is None:
            raise
        status = _told(
            speaker,
            _("The library {name} is not installed.", name=missing.name or ""),
            _("Install {package}.", package=Code(f"quitx-chatops[{extra}]")),
        )
    except KeyboardInterrupt:
        status = 130
    sys.exit(status)


def asked(speaker: Speaker, what: Text, *, hidden: bool = False) -> str:
    """Ask a person for something; on a pipe it is the next line."""
    if sys.stdin.isatty():
        typed: str = click.prompt(speaker.say(what), hide_input=hidden, prompt_suffix=" ")
        return typed.strip()
    return sys.stdin.readline().strip()


def _told(speaker: Speaker, reason: Text, mend: Text) -> int:
    """Say what went wrong and what to do; return the exit status."""
    click.echo(speaker.say(reason), err=True)
    click.echo(speaker.say(mend), err=True)
    return 1


async def _awaited(work: Callable[[Settings], Awaitable[int]], settings: Settings) -> int:
    return await work(settings)
