"""What `quitx doctor` looks at that is the machine's and the store's, and no platform's."""

from __future__ import annotations

import asyncio
import os
import shutil
import stat
from collections.abc import AsyncIterator, Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.engine import URL
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine
from sqlalchemy.pool import NullPool

from chatops.clock import Clock
from chatops.config import Settings
from chatops.conversation.addresses import Place
from chatops.conversation.finding import Finding
from chatops.language import Bytes, Code, Span, Strong, Trouble, Unavailable, _
from chatops.organisations.organisations import Organisations
from chatops.organisations.places import EVERYWHERE, Places
from chatops.organisations.vault import Vault
from chatops.store import Store, address, schema, troubles
from chatops.store.tables import events, secrets

_LOW: Final = 1 << 30
_TOO_LOW: Final = 200 << 20
_SKEW: Final = timedelta(seconds=30)
_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO
_PATIENCE: Final = 10


async def examine(settings: Settings, clock: Clock) -> tuple[Sequence[Finding], Sequence[Place]]:
    """Look at the store, the vault, the folders, the disk and the clock; change nothing.

    Returns:
        What was found, and where organisations are at home.
    """
    places: list[Place] = []
    findings = [*_disk(settings), *_folders(settings)]
    url = address.parsed(settings.store.url.reveal())
    try:
        revision = await _revision(url, clock, findings)
    except Trouble as trouble:
        findings.append(Finding(trouble.reason, "broken", trouble.mend))
        revision = None
    findings += await asyncio.to_thread(lambda: list(_key(settings, empty=revision is None)))
    if revision == schema.known()[-1]:
        findings += [each async for each in _inside(settings, clock, places)]
    return findings, places


async def _revision(url: URL, clock: Clock, findings: list[Finding]) -> str | None:
    """Return the schema's revision; None where there is no database yet."""
    sqlite = url.get_backend_name() == "sqlite"
    place = Code(troubles.place(url))
    if sqlite and not await asyncio.to_thread(Path(url.database or "").exists):
        findings.append(
            Finding(
                _(
                    "There is no database at {place} yet: it is made at the first start.",
                    place=place,
                ),
                "fine",
            )
        )
        return None
    options = {} if sqlite else {"connect_timeout": _PATIENCE}
    engine = create_async_engine(url, poolclass=NullPool, connect_args=options)
    try:
        async with asyncio.timeout(_PATIENCE), engine.connect() as connection:
            revision = await connection.run_sync(schema.current)
            if not sqlite:
                findings.append(await _server_clock(connection, clock))
    except TimeoutError:
        raise Unavailable(
            _("The database {place} does not answer.", place=place),
            _("Check that it runs, and that nothing holds it."),
        ) from None
    except SQLAlchemyError as error:
        trouble = troubles.translated(error, url, writing=False)
        if trouble is None:
            raise
        raise trouble from error
    finally:
        await engine.dispose()
    findings.append(_schema(url, revision))
    return revision


def _schema(url: URL, revision: str | None) -> Finding:
    place = Code(troubles.place(url))
    if revision is None:
        return Finding(_("The database {place} is empty and answers.", place=place), "fine")
    if revision not in schema.known():
        trouble = troubles.too_new(url, revision)
        return Finding(trouble.reason, "broken", trouble.mend)
    if revision != schema.known()[-1]:
        return Finding(
            _("The tables of {place} are older than this program.", place=place),
            "weak",
            _("Make a backup, then start the bot: it brings them up to date."),
        )
    return Finding(_("The database {place} answers, its tables are current.", place=place), "fine")


async def _server_clock(connection: AsyncConnection, clock: Clock) -> Finding:
    there = (await connection.execute(select(func.clock_timestamp()))).scalar_one()
    skew = abs(there - clock())
    if skew < _SKEW:
        return Finding(_("The clocks of this machine and of PostgreSQL agree."), "fine")
    return Finding(
        _("The clocks of this machine and of PostgreSQL differ by {span}.", span=Span(skew)),
        "broken",
        _SET_CLOCK,
    )


_SET_CLOCK: Final = _(
    "Set the clock, and keep it set: {command}.", command=Code("timedatectl set-ntp true")
)


def _disk(settings: Settings) -> Iterator[Finding]:
    seen: set[int] = set()
    for folder in (_database_folder(settings), settings.archive.kept.absolute()):
        standing = _standing(folder)
        device = standing.stat().st_dev
        if device in seen:
            continue
        seen.add(device)
        free = shutil.disk_usage(standing).free
        place = Code(str(folder))
        said = _("{free} are free on the disk of {folder}.", free=Bytes(free), folder=place)
        mend = _("Free some space, or move the bot's folders to a larger disk.")
        if free < _TOO_LOW:
            yield Finding(said, "broken", mend)
        elif free < _LOW:
            yield Finding(said, "weak", mend)
        else:
            yield Finding(said, "fine")


def _folders(settings: Settings) -> Iterator[Finding]:
    wanted = [_database_folder(settings), settings.archive.kept.absolute()]
    if settings.matrix.homeserver:
        wanted.append(settings.matrix.store_dir.absolute())
    for folder in dict.fromkeys(wanted):
        place = Code(str(folder))
        if os.access(_standing(folder), os.W_OK | os.X_OK):
            yield Finding(_("The bot may write to {folder}.", folder=place), "fine")
        else:
            yield Finding(
                _("The bot may not write to {folder}.", folder=place),
                "broken",
                _("Give the folder to the user as whom the bot runs."),
            )
    yield _inbox(settings.archive.inbox.absolute())


def _inbox(inbox: Path) -> Finding:
    place = Code(str(inbox))
    if os.access(inbox, os.R_OK | os.X_OK):
        return Finding(_("The inbox for archives is {folder}.", folder=place), "fine")
    return Finding(
        _("There is no inbox for archives at {folder} that the bot can read.", folder=place),
        "weak",
        _(
            "Without it archives come in direct messages only. Make one: {command}.",
            command=Code(f"mkdir {inbox}"),
        ),
    )


def _key(settings: Settings, *, empty: bool) -> Iterator[Finding]:
    if settings.vault.key is not None:
        yield Finding(_("The vault's key stands in the settings."), "fine")
        return
    file = settings.vault.key_file
    place = Code(str(file))
    try:
        mode = file.stat().st_mode
        file.read_bytes()
    except FileNotFoundError:
        if empty:
            said = _("There is no key at {file} yet: it is made at the first start.", file=place)
            yield Finding(said, "fine")
        else:
            yield Finding(
                _("The vault's key is missing at {file}.", file=place),
                "broken",
                _("Put it back from where you keep it; a new one does not open what is kept."),
            )
        return
    except OSError:
        yield Finding(
            _("The vault's key {file} cannot be read.", file=place),
            "broken",
            _("Give the file to the user as whom the bot runs."),
        )
        return
    if mode & _OTHERS:
        yield Finding(
            _("Other users of this machine may read the vault's key {file}.", file=place),
            "broken",
            _("Take that right away: {command}.", command=Code(f"chmod 600 {file}")),
        )
    else:
        yield Finding(_("Only its owner can read the vault's key {file}.", file=place), "fine")


async def vault_key(settings: Settings, clock: Clock) -> str:
    """Return the key of a vault that can be opened without making anything; else nothing."""
    url = address.parsed(settings.store.url.reveal())
    try:
        revision = await _revision(url, clock, [])
    except Trouble:
        return ""
    if revision != schema.known()[-1]:
        return ""
    return await asyncio.to_thread(_known_key, settings)


async def _inside(settings: Settings, clock: Clock, places: list[Place]) -> AsyncIterator[Finding]:
    """Look at what the store holds, and collect the places in it."""
    store = await Store.open(settings.store.url.reveal())
    try:
        places += await _places(store, clock)
        yield await _past(store, clock)
        key = await asyncio.to_thread(_known_key, settings)
        if key:
            yield await _vault(store, Vault(store, clock, key))
        orphans = await Organisations(store, clock).without_admin()
        for organisation in orphans:
            yield Finding(
                _("{organisation} has no admin any more.", organisation=Strong(organisation.name)),
                "broken",
                _(
                    "Make one: {command}.",
                    command=Code(f'quitx setup --recover "{organisation.name}"'),
                ),
            )
        if not orphans:
            yield Finding(_("No organisation has lost its admins."), "fine")
    finally:
        await store.close()


async def _places(store: Store, clock: Clock) -> list[Place]:
    held = [
        each
        for organisation in await Organisations(store, clock).all()
        for each in await Places(store, clock).of(organisation.id)
    ]
    spots = dict.fromkeys(each.spot for each in held if each.spot.channel != EVERYWHERE)
    return [Place(spot.platform, spot.workspace, spot.channel) for spot in spots]


async def _past(store: Store, clock: Clock) -> Finding:
    async with store.read() as connection:
        newest = await connection.scalar(select(func.max(events.c.received_at)))
    if newest is not None and newest - clock() > _SKEW:
        return Finding(
            _(
                "The clock is behind: the bot has heard something {span} later.",
                span=Span(newest - clock()),
            ),
            "broken",
            _SET_CLOCK,
        )
    return Finding(_("The clock has not gone back."), "fine")


async def _vault(store: Store, vault: Vault) -> Finding:
    async with store.read() as connection:
        names = (await connection.scalars(select(secrets.c.name))).all()
    try:
        for name in names:
            await vault.open(name)
    except Trouble as trouble:
        return Finding(trouble.reason, "broken", trouble.mend)
    return Finding(_("The key opens what the vault keeps."), "fine")


def _known_key(settings: Settings) -> str:
    if settings.vault.key is not None:
        return settings.vault.key.reveal()
    try:
        return settings.vault.key_file.read_text("ascii").strip()
    except OSError:
        return ""


def _database_folder(settings: Settings) -> Path:
    url = address.parsed(settings.store.url.reveal())
    if url.get_backend_name() == "sqlite":
        return Path(url.database or "").absolute().parent
    return Path().absolute()


def _standing(folder: Path) -> Path:
    """Return the folder, or the nearest one above it that there is."""
    return next(each for each in (folder, *folder.parents) if each.is_dir())
