"""The composition root: the only place that knows every room.

`opened` makes the rooms from the settings, in the order in which they stand on each other, and
closes them at the end. Adapters are imported here, each only when it is used.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, TypeVar, cast

from chatops.clock import Clock, utc_now
from chatops.config import Settings
from chatops.conversation import builtins
from chatops.conversation.completing import Endings
from chatops.conversation.dispatch import Conversation
from chatops.conversation.localising import Localiser
from chatops.conversation.outbox import Outbox
from chatops.conversation.platform import ChatPlatform
from chatops.conversation.registry import Registry
from chatops.conversation.reply import Heading, Paragraph, Reply
from chatops.engine import DurableEngine, Engine
from chatops.language import Code, Invalid, Speaker, Strong, Text, _
from chatops.migrations.keeping import KeptFiles
from chatops.migrations.ledger import Ledger
from chatops.migrations.service import Migrations
from chatops.migrations.sources import Sources
from chatops.migrations.work import Work
from chatops.organisations.accounts import Accounts
from chatops.organisations.directory import EVERYWHERE, Organisations
from chatops.organisations.records import Organisation
from chatops.organisations.vault import Vault, key_from_file
from chatops.posts.network import Credential, NetworkName, SocialNetwork
from chatops.publishing.networks import Networks
from chatops.publishing.publisher import Publisher
from chatops.publishing.rehearsals import Rehearsals
from chatops.store import Store

if TYPE_CHECKING:
    from adapters.console.completion import Completer

S = TypeVar("S")

CONSOLE = "console"
_TRUSTED = frozenset({CONSOLE})
_SETTLING = timedelta(hours=12)
"""How long the end of the console's input waits for the work that its lines started."""


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """Every room, open."""

    settings: Settings
    store: Store
    engine: Engine
    outbox: Outbox
    conversation: Conversation
    organisations: Organisations
    accounts: Accounts
    networks: Networks


class Services:
    """Finds the one service of a type."""

    def __init__(self, services: Sequence[object]) -> None:
        self._services: Mapping[type[Any], object] = {type(each): each for each in services}

    def __call__(self, kind: type[S]) -> S:
        """Return the service."""
        return cast("S", self._services[kind])


@asynccontextmanager
async def opened(
    settings: Settings, platforms: Sequence[ChatPlatform] = (), *, clock: Clock = utc_now
) -> AsyncIterator[House]:
    """Open every room; durable work has not started."""
    store = await Store.open(settings.store.url.reveal())
    networks = _networks(settings, store)
    try:
        yield await _furnished(settings, store, networks, platforms, clock)
    finally:
        await networks.close()
        await store.close()


@asynccontextmanager
async def working(house: House) -> AsyncIterator[None]:
    """Run durable work and send messages, until the end; then stop in good order."""
    house.outbox.start()
    await house.engine.start()
    await house.conversation.replay()
    try:
        yield
    finally:
        await house.conversation.stop()
        await house.engine.stop()
        await house.outbox.stop()


async def talk(settings: Settings, *, as_json: bool) -> int:
    """Open the console; return its exit status."""
    from adapters.console.platform import ConsolePlatform  # noqa: PLC0415 - adapters load on use

    async def answered() -> None:
        await house.conversation.settled()

    async def settled() -> None:
        await house.engine.settled(_SETTLING)
        await house.conversation.settled()

    speaker = Speaker(settings.language.default)
    console = ConsolePlatform(
        answered=answered,
        settled=settled,
        completer=_completer(speaker),
        speaker=speaker,
        json=as_json,
    )
    async with opened(settings, [console]) as house, working(house):
        console.greeting = _greeting(await house.organisations.at(CONSOLE, "", ""))
        await console.run(house.conversation.receive)
    return console.exit_status


def _completer(speaker: Speaker) -> Completer:
    """Complete what is typed in the console, in the installation's language."""
    from adapters.console.completion import Completion  # noqa: PLC0415 - adapters load on use

    endings = Endings(registry(), speaker.language)

    def completed(line: str) -> list[Completion]:
        return [
            Completion(
                ending.text,
                ending.replaces,
                speaker.say(ending.summary) if ending.summary else "",
                path=ending.file,
            )
            for ending in endings.of(line)
        ]

    return completed


async def serve(settings: Settings, stopped: asyncio.Event) -> None:
    """Do durable work until told to stop."""
    async with opened(settings) as house, working(house):
        await stopped.wait()


async def connect_account(
    settings: Settings,
    network: str,
    account: str,
    secret: str,
    service: str | None,
    organisation_id: int | None,
) -> Text:
    """Try a credential and keep it; return what to tell the person.

    Raises:
        Invalid: It is no app password: a main password could do more than publish.
    """
    async with opened(settings) as house:
        known = house.networks.real(cast("NetworkName", network))
        if known.name == "bluesky":
            _check_app_password(secret)
        organisation = await _whose(house, organisation_id)
        server = service or settings.bluesky.service
        credential = Credential(server, account.removeprefix("@"), secret)
        row = await house.accounts.connect(organisation.id, known, credential)
    return _(
        "{handle} is connected for {organisation}. Its credential is kept encrypted.",
        handle=Strong(row.handle),
        organisation=organisation.name,
    )


def _check_app_password(secret: str) -> None:
    from adapters.bluesky.sessions import looks_like_app_password  # noqa: PLC0415 - loads on use

    if not looks_like_app_password(secret):
        raise Invalid(
            _("That is not an app password."),
            _("Make one in the settings of your Bluesky account, under App passwords."),
        )


async def _furnished(
    settings: Settings,
    store: Store,
    networks: Networks,
    platforms: Sequence[ChatPlatform],
    clock: Clock,
) -> House:
    organisations = Organisations(store, clock, _TRUSTED)
    await _first_organisation(settings, organisations)
    vault = Vault(store, clock, await asyncio.to_thread(_vault_key, settings))
    accounts = Accounts(store, clock, vault)
    connected = {platform.name: platform for platform in platforms}
    commands = registry()
    engine = DurableEngine(store, settings.engine.executor_id)
    outbox = Outbox(
        store, clock, connected, worded=Localiser(commands), executor=engine.executor_id
    )
    kept = KeptFiles(settings.archive.kept)
    ledger = Ledger(store, clock)
    migrations = Migrations(store, engine, ledger, accounts, networks, kept)
    Work(
        store=store,
        engine=engine,
        clock=clock,
        organisations=organisations,
        accounts=accounts,
        networks=networks,
        publisher=Publisher(store, clock, accounts),
        outbox=outbox,
        migrations=migrations,
        ledger=ledger,
        kept=kept,
    ).register()
    sources = Sources(settings.archive.inbox, kept, _anywhere(settings, connected))
    conversation = Conversation(
        store=store,
        clock=clock,
        organisations=organisations,
        registry=commands,
        outbox=outbox,
        platforms=connected,
        service=Services([organisations, accounts, migrations, sources, Rehearsals(store), outbox]),
        executor=engine.executor_id,
        language=settings.language.default,
    )
    return House(
        settings=settings,
        store=store,
        engine=engine,
        outbox=outbox,
        conversation=conversation,
        organisations=organisations,
        accounts=accounts,
        networks=networks,
    )


def registry() -> Registry:
    """Bind every command."""
    from commands import accounts, live, migrate, practice, status  # noqa: PLC0415 - load on use

    own = (status, migrate, practice, accounts, live)
    return Registry((*(each.blueprint for each in own), builtins.blueprint))


def _networks(settings: Settings, store: Store) -> Networks:
    from adapters.bluesky.network import BlueskyNetwork  # noqa: PLC0415 - adapters load on use
    from adapters.rehearsal import RehearsalNetwork  # noqa: PLC0415

    bluesky = settings.bluesky
    real: dict[NetworkName, SocialNetwork] = {
        "bluesky": BlueskyNetwork(bluesky.service, bluesky.points_per_hour, bluesky.points_per_day)
    }
    rehearsals = Rehearsals(store)
    return Networks(
        real,
        {name: RehearsalNetwork(rehearsals, network.limits) for name, network in real.items()},
    )


def _vault_key(settings: Settings) -> str:
    if settings.vault.key is not None:
        return settings.vault.key.reveal()
    return key_from_file(settings.vault.key_file)


def _anywhere(settings: Settings, platforms: Mapping[str, ChatPlatform]) -> frozenset[str]:
    return frozenset(platforms) if settings.archive.allow_paths else _TRUSTED


async def _first_organisation(settings: Settings, organisations: Organisations) -> None:
    """Make the sample organisation where there is none, so that the console works at once."""
    if await organisations.all():
        return
    french = settings.language.default == "fr"
    await organisations.found(
        "Les Jardins partagés" if french else "The Shared Gardens",
        settings.language.default,
        "Europe/Paris",
        (CONSOLE, "", EVERYWHERE),
    )


async def _whose(house: House, organisation_id: int | None) -> Organisation:
    if organisation_id is not None:
        return await house.organisations.get(organisation_id)
    known = await house.organisations.all()
    if len(known) == 1:
        return known[0]
    raise Invalid(
        _("Several organisations are served here."),
        _("Say whose account it is: {option}.", option=Code(f"--organisation {known[0].id}")),
    )


def _greeting(organisations: Sequence[Organisation]) -> Reply:
    if any(organisation.mode == "live" for organisation in organisations):
        live = _(
            "You are live: what you confirm is published. {status} shows where things stand.",
            status=Code("/quitx status"),
        )
        return Reply((Heading(_("Welcome to QuitX")), Paragraph(live)))
    return Reply(
        (
            Heading(_("Welcome to QuitX")),
            Paragraph(
                _(
                    "This is a practice: nothing is published. Type {sample} to make an archive to "
                    "try everything with, or {help} to see what can be done.",
                    sample=Code("/quitx practice sample"),
                    help=Code("/quitx help"),
                )
            ),
        )
    )
