"""The composition root: the only place that knows every room.

`opened` makes the rooms from the settings, in the order in which they stand on each other, and
closes them at the end. Adapters are imported here, each only when it is used.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from chatops.clock import Clock, utc_now
from chatops.config import Settings
from chatops.conversation import builtins
from chatops.conversation.addresses import Member
from chatops.conversation.completing import Endings
from chatops.conversation.dispatch import Conversation
from chatops.conversation.localising import Localiser
from chatops.conversation.outbox import Outbox
from chatops.conversation.platform import ChatPlatform
from chatops.conversation.registry import Registry
from chatops.conversation.reply import Heading, Paragraph, Reply
from chatops.conversation.supervision import Connections
from chatops.engine import DurableEngine, Engine
from chatops.language import Code, Speaker, _
from chatops.migrations.keeping import KeptFiles
from chatops.migrations.ledger import Ledger
from chatops.migrations.runs import Runs
from chatops.migrations.service import Migrations
from chatops.migrations.sources import Sources
from chatops.organisations.accounts import Accounts
from chatops.organisations.codes import Codes
from chatops.organisations.linking import Linking
from chatops.organisations.organisations import Organisations
from chatops.organisations.people import People
from chatops.organisations.places import EVERYWHERE, Places
from chatops.organisations.records import Organisation
from chatops.organisations.setup import Setup
from chatops.organisations.vault import Vault, key_from_file
from chatops.platforms import Ground, configured, offered
from chatops.posts.network import NetworkName, SocialNetwork
from chatops.publishing.networks import Networks
from chatops.publishing.publisher import Publisher
from chatops.publishing.rehearsals import Rehearsals
from chatops.store import Store
from chatops.upkeep.aftermath import Aftermath, last_restore

if TYPE_CHECKING:
    from adapters.console.completion import Completer

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
    platforms: Sequence[ChatPlatform]
    connections: Connections
    conversation: Conversation
    organisations: Organisations
    setup: Setup
    accounts: Accounts
    networks: Networks


Making = Callable[[Ground], Sequence[ChatPlatform]]
"""Makes the chat platforms that are wanted."""


def _no_platforms(_ground: Ground) -> Sequence[ChatPlatform]:
    return ()


@asynccontextmanager
async def opened(
    settings: Settings,
    making: Making = _no_platforms,
    *,
    clock: Clock = utc_now,
    trusted: frozenset[str] = _TRUSTED,
) -> AsyncIterator[House]:
    """Open every room; durable work has not started.

    Args:
        trusted: Platforms whose every member is an admin.
    """
    store = await Store.open(settings.store.url.reveal())
    networks = _networks(settings, store)
    try:
        yield await _furnished(settings, store, networks, making, clock, trusted)
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
    async with opened(settings, lambda _ground: (console,)) as house, working(house):
        greeting = _greeting(await house.organisations.at(CONSOLE, "", ""))
        console.greeting = Localiser(registry())(greeting, settings.language.default)
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


async def serve(
    settings: Settings, stopped: asyncio.Event, ready: Callable[[], None] = lambda: None
) -> None:
    """Run every configured platform and do durable work, until told to stop.

    When it stops, nothing new is heard first; then what is under way ends, what is due is said, and
    the platforms are left last.
    """
    async with AsyncExitStack() as stack:
        house = await stack.enter_async_context(opened(settings, configured))
        if settings.web.listen:
            await stack.enter_async_context(_watched(house))
        stack.push_async_callback(house.connections.stop)
        await stack.enter_async_context(working(house))
        house.connections.start(house.conversation.receive)
        ready()
        await stopped.wait()


@asynccontextmanager
async def _watched(house: House) -> AsyncIterator[None]:
    """Tell over HTTP how the program is."""
    from adapters.web.health import HealthCheck  # noqa: PLC0415 - adapters load on use
    from adapters.web.server import serving  # noqa: PLC0415

    check = HealthCheck(house.connections, house.store, lambda: house.engine.running)
    routes = [check.route, *offered(house.platforms)]
    async with serving(house.settings.web.listen, routes):
        yield


async def _furnished(
    settings: Settings,
    store: Store,
    networks: Networks,
    making: Making,
    clock: Clock,
    trusted: frozenset[str],
) -> House:
    organisations = Organisations(store, clock)
    people, places, codes = (
        People(store, clock, trusted),
        Places(store, clock),
        Codes(store, clock),
    )
    setup = Setup(store, clock, organisations, people, places, codes)
    await _first_organisation(settings, organisations)
    vault = Vault(store, clock, await asyncio.to_thread(_vault_key, settings))
    accounts = Accounts(store, clock, vault)
    commands = registry()

    async def glance(member: Member) -> tuple[Reply, Speaker]:
        return await conversation.glance(member, "status")

    platforms = making(
        Ground(
            settings=settings,
            store=store,
            clock=clock,
            vault=vault,
            commands=commands,
            glance=glance,
        )
    )
    connected = {platform.name: platform for platform in platforms}
    connections = Connections([each for each in platforms if each.name not in _TRUSTED], clock)
    engine = DurableEngine(store, settings.engine.executor_id)
    restored = await last_restore(store)
    if restored is not None and not restored.settled:
        await Aftermath(store, clock, engine, engine.executor_id).settle(restored)
    outbox = Outbox(
        store,
        clock,
        connected,
        worded=Localiser(commands),
        executor=engine.executor_id,
        since=restored.name if restored else "",
    )
    kept = KeptFiles(settings.archive.kept)
    ledger = Ledger(store, clock)
    migrations = Migrations(store, engine, ledger, accounts, networks, kept)
    Runs(
        store=store,
        engine=engine,
        clock=clock,
        organisations=organisations,
        accounts=accounts,
        networks=networks,
        publisher=Publisher(store, clock, accounts, doubtful=restored is not None),
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
        people=people,
        places=places,
        registry=commands,
        outbox=outbox,
        platforms=connected,
        services=[
            accounts,
            setup,
            Linking(store, people, codes),
            migrations,
            sources,
            Rehearsals(store),
            connections,
        ],
        executor=engine.executor_id,
        language=settings.language.default,
    )
    return House(
        settings=settings,
        store=store,
        engine=engine,
        outbox=outbox,
        platforms=platforms,
        connections=connections,
        conversation=conversation,
        organisations=organisations,
        setup=setup,
        accounts=accounts,
        networks=networks,
    )


def registry() -> Registry:
    """Bind every command."""
    from commands import (  # noqa: PLC0415 - they load on use
        accounts,
        link,
        live,
        members,
        migrate,
        places,
        practice,
        setup,
        status,
    )

    own = (status, migrate, practice, accounts, live, members, places, link, setup)
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
