"""The `quitx` program."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import signal
import sys
from collections.abc import Iterable
from pathlib import Path

import click

from chatops.clock import utc_now
from chatops.config import Settings, system_language
from chatops.language import Speaker, Text, _
from chatops.service_manager import ServiceManager
from chatops.terminal import asked, run
from chatops.terminal_language import speak

_HELP = {"help_option_names": ["-h", "--help"]}


def main() -> None:
    """Run what the command line says, in the language of the terminal."""
    speak(program, system_language(os.environ))
    program()


@click.group(context_settings=_HELP)
@click.option(
    "--config",
    type=click.Path(path_type=Path, dir_okay=False),
    help="The settings; without it, quitx.toml in the working folder if it is there.",
)
@click.option("--verbose", is_flag=True, help="Log what happens, not only what goes wrong.")
@click.version_option(package_name="quitx-chatops")
@click.pass_context
def program(context: click.Context, config: Path | None, *, verbose: bool) -> None:
    """Help an association leave X together, and well."""
    logging.basicConfig(
        level=logging.INFO if verbose else logging.WARNING,
        stream=sys.stderr,
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
    )
    # It logs every request at INFO, addresses and all.
    logging.getLogger("httpx").setLevel(logging.WARNING)
    context.obj = config


@program.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a line.")
@click.pass_obj
def console(config: Path | None, *, as_json: bool) -> None:
    """Talk to the bot here; on a pipe, run its lines."""

    async def work(settings: Settings) -> int:
        from chatops.bootstrap import talk  # noqa: PLC0415 - every room loads on use

        return await talk(settings, as_json=as_json)

    run(config, work)


@program.command("run")
@click.pass_obj
def serve(config: Path | None) -> None:
    """Run every configured platform and do the bot's work, until SIGTERM."""
    # Whoever starts it wants to see that each chat is connected.
    logging.getLogger("chatops.conversation.connection").setLevel(logging.INFO)

    async def work(settings: Settings) -> int:
        from chatops import bootstrap  # noqa: PLC0415 - every room loads on use

        manager = ServiceManager(os.environ)
        living = asyncio.create_task(manager.keep_telling())
        stopped = _told_to_stop(manager)
        await bootstrap.serve(settings, stopped, ready=lambda: manager.tell("READY=1"))
        living.cancel()
        return 0

    run(config, work)


@program.command()
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
        from chatops.errands import connect_account  # noqa: PLC0415 - every room loads on use

        speaker = Speaker(settings.language.default)
        handle = account or asked(speaker, _("Account:"))
        secret = asked(speaker, _("App password of {handle}:", handle=handle), hidden=True)
        said = await connect_account(settings, network, handle, secret, service, organisation)
        click.echo(speaker.say(said))
        return 0

    run(config, work)


@program.command()
@click.argument("name", required=False)
@click.option("--language", help="The language that the organisation is spoken to in: fr or en.")
@click.option("--zone", default="Europe/Paris", show_default=True, help="Its time zone.")
@click.option(
    "--from",
    "listed",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="A CSV list of organisations: name, language, zone.",
)
@click.option("--recover", metavar="ORGANISATION", help="Make a new admin of one that stands.")
@click.pass_obj
def setup(
    config: Path | None,
    name: str | None,
    *,
    language: str | None,
    zone: str,
    listed: Path | None,
    recover: str | None,
) -> None:
    """Print a one-time code for the first admin of the organisation NAME.

    The code is typed in chat, in the place that becomes the organisation's home. With a list there
    is one code for each organisation. A code is shown once and works for a week.
    """
    if sum(given is not None for given in (name, listed, recover)) > 1:
        speaker = Speaker(system_language(os.environ))
        raise click.UsageError(speaker.say(_("Give one of NAME, --from and --recover.")))

    async def work(settings: Settings) -> int:
        from chatops import errands  # noqa: PLC0415 - every room loads on use
        from chatops.organisations.listing import read_list, read_wish  # noqa: PLC0415

        speaker = Speaker(settings.language.default)
        spoken = language or settings.language.default
        if recover is not None:
            lines = await errands.recover(settings, recover)
        elif listed is not None:
            wishes = read_list(await asyncio.to_thread(listed.read_bytes), spoken, zone)
            lines = await errands.invite(settings, wishes)
        else:
            called = name or asked(speaker, _("Name of the organisation:"))
            lines = await errands.invite(settings, [read_wish(called, spoken, zone)])
        for line in lines:
            click.echo(speaker.say(line))
        return 0

    run(config, work)


@program.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--with-key", is_flag=True, help="Put the vault's key inside, too.")
@click.pass_obj
def backup(config: Path | None, file: Path, *, with_key: bool) -> None:
    """Write a backup to FILE while the bot goes on working.

    It holds the database, the kept files and the state of Matrix. Without the vault's key, which
    you keep elsewhere, nobody can read a credential in it. The settings and the archives in the
    inbox are not in it.
    """

    async def work(settings: Settings) -> int:
        from chatops.upkeep.backup import back_up  # noqa: PLC0415 - rooms load on use
        from chatops.upkeep.telling import backed_up  # noqa: PLC0415

        made = await back_up(settings, file, utc_now(), with_key=with_key)
        _say(settings, backed_up(made))
        return 0

    run(config, work)


@program.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--force", is_flag=True, help="Keep what is there under another name.")
@click.pass_obj
def restore(config: Path | None, file: Path, *, force: bool) -> None:
    """Put the backup FILE back, into an empty place.

    What was done after it was made counts as unknown: the networks are asked before anything is
    published again, and what was under way waits for you.
    """

    async def work(settings: Settings) -> int:
        from chatops import errands  # noqa: PLC0415 - every room loads on use
        from chatops.upkeep.telling import restored  # noqa: PLC0415

        _say(settings, restored(await errands.put_back(settings, file, force=force)))
        return 0

    run(config, work)


@program.command()
@click.pass_obj
def doctor(config: Path | None) -> None:
    """Look at everything, and say what is missing, each with its mend."""

    async def work(settings: Settings) -> int:
        from chatops import errands  # noqa: PLC0415 - every room loads on use
        from chatops.upkeep.telling import diagnosis  # noqa: PLC0415

        findings = await errands.examine(settings)
        _say(settings, diagnosis(findings))
        return 1 if any(finding.verdict == "broken" for finding in findings) else 0

    run(config, work)


@program.command()
@click.argument("platform", type=click.Choice(["slack"]))
@click.pass_obj
def manifest(config: Path | None, platform: str) -> None:
    """Print the manifest from which PLATFORM (slack) makes the bot's app."""
    assert platform == "slack", "the only one that has manifests"

    async def work(settings: Settings) -> int:
        from chatops import bootstrap  # noqa: PLC0415 - every room loads on use
        from chatops.platforms import slack_manifest  # noqa: PLC0415

        made = slack_manifest(bootstrap.registry(), settings.language.default)
        click.echo(json.dumps(made, ensure_ascii=False, indent=2))
        return 0

    run(config, work)


def _told_to_stop(manager: ServiceManager) -> asyncio.Event:
    """Return what is set at the first signal; the second one ends the program at once."""
    stopped, loop = asyncio.Event(), asyncio.get_running_loop()
    signals = (signal.SIGTERM, signal.SIGINT)

    def stop() -> None:
        stopped.set()
        manager.tell("STOPPING=1")
        for number in signals:
            loop.remove_signal_handler(number)

    for number in signals:
        loop.add_signal_handler(number, stop)
    return stopped


def _say(settings: Settings, lines: Iterable[Text]) -> None:
    speaker = Speaker(settings.language.default)
    for line in lines:
        click.echo(speaker.say(line))
