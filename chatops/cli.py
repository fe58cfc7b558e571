"""The `quitx` program."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

import click

from chatops.config import Settings, load
from chatops.language import Code, Speaker, Text, Trouble, _

log = logging.getLogger(__name__)

_EXTRAS = {"atproto": "bluesky", "atproto_client": "bluesky", "httpx": "bluesky"}
"""Libraries that come with an extra only."""

_HELP = {"help_option_names": ["-h", "--help"]}


@click.group(context_settings=_HELP)
@click.option(
    "--config",
    type=click.Path(path_type=Path, dir_okay=False),
    help="The settings; without it, quitx.toml in the working folder if it is there.",
)
@click.option("--verbose", is_flag=True, help="Log what happens, not only what goes wrong.")
@click.version_option(package_name="quitx-chatops")
@click.pass_context
def main(context: click.Context, config: Path | None, *, verbose: bool) -> None:
    """Help an association leave X together, and well."""
    logging.basicConfig(
        level=logging.INFO if verbose else logging.WARNING,
        stream=sys.stderr,
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
    )
    # It logs every request at INFO, addresses and all.
    logging.getLogger("httpx").setLevel(logging.WARNING)
    context.obj = config


@main.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a line.")
@click.pass_obj
def console(config: Path | None, *, as_json: bool) -> None:
    """Talk to the bot here; on a pipe, run its lines."""

    async def work(settings: Settings) -> int:
        from chatops.bootstrap import talk  # noqa: PLC0415 - every room loads on use

        return await talk(settings, as_json=as_json)

    _run(config, work)


@main.command()
@click.pass_obj
def run(config: Path | None) -> None:
    """Do the bot's work until SIGTERM."""

    async def work(settings: Settings) -> int:
        from chatops.bootstrap import serve  # noqa: PLC0415 - every room loads on use

        stopped = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, stopped.set)
        await serve(settings, stopped)
        return 0

    _run(config, work)


@main.command()
@click.argument("network")
@click.argument("account", required=False)
@click.option("--service", help="The account's server, where it is not the network's usual one.")
@click.option("--organisation", type=int, help="Whose account it is, where there are several.")
@click.pass_obj
def connect(
    config: Path | None,
    network: str,
    account: str | None,
    service: str | None,
    organisation: int | None,
) -> None:
    """Connect an ACCOUNT on a NETWORK (bluesky).

    What is not given is asked for, the app password without showing it; on a pipe, account and
    app password are a line each. It is tried before it is kept, and kept encrypted.
    """

    async def work(settings: Settings) -> int:
        from chatops.bootstrap import connect_account  # noqa: PLC0415 - every room loads on use

        handle = account or _asked("Account", hidden=False)
        secret = _asked(f"App password of {handle}", hidden=True)
        said = await connect_account(settings, network, handle, secret, service, organisation)
        click.echo(Speaker(settings.language.default).say(said))
        return 0

    _run(config, work)


def _asked(what: str, *, hidden: bool) -> str:
    """Ask a person for something; on a pipe it is the next line."""
    if sys.stdin.isatty():
        typed: str = click.prompt(what, hide_input=hidden)
        return typed.strip()
    return sys.stdin.readline().strip()


def _run(config: Path | None, work: Callable[[Settings], Awaitable[int]]) -> None:
    """Run a command to its end; what went wrong is told in the installation's language."""
    language = Speaker("en")
    try:
        settings = load(config, os.environ)
        language = Speaker(settings.language.default)
        status = asyncio.run(_awaited(work, settings))
    except Trouble as trouble:
        status = _told(language, trouble.reason, trouble.mend)
    except ModuleNotFoundError as missing:
        extra = _EXTRAS.get(missing.name or "")
        if extra is None:
            raise
        status = _told(
            language,
            _("The library {name} is not installed.", name=missing.name or ""),
            _("Install {package}.", package=Code(f"quitx-chatops[{extra}]")),
        )
    except KeyboardInterrupt:
        status = 130
    sys.exit(status)


def _told(language: Speaker, reason: Text, mend: Text) -> int:
    """Say what went wrong and what to do; return the exit status."""
    click.echo(language.say(reason), err=True)
    click.echo(language.say(mend), err=True)
    return 1


async def _awaited(work: Callable[[Settings], Awaitable[int]], settings: Settings) -> int:
    return await work(settings)
