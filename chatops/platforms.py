"""The chat platforms that the settings name: making them, examining them.

Beside `bootstrap`, this is the only file that knows adapters. Those of a platform that the settings
do not name are not even imported.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol, runtime_checkable

from chatops.clock import Clock
from chatops.config import DiscordSettings, MatrixSettings, Secret, Settings, SlackSettings
from chatops.conversation.addresses import Member, Place
from chatops.conversation.finding import Finding
from chatops.conversation.platform import ChatPlatform
from chatops.conversation.registry import Registry
from chatops.conversation.reply import Reply
from chatops.language import Code, Language, Speaker, Text, _
from chatops.organisations.vault import Vault
from chatops.store import Store
from chatops.upkeep.examination import vault_key

if TYPE_CHECKING:
    from adapters.matrix.secret import Secrets
    from adapters.matrix.session import Access

log = logging.getLogger(__name__)

_PATIENCE: Final = 60.0
"""Seconds that looking at one platform may take."""

Glance = Callable[[Member], Awaitable[tuple[Reply, Speaker]]]
"""Returns what a member sees on a page of the platform's own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """What a chat platform may stand on."""

    settings: Settings
    store: Store
    clock: Clock
    vault: Vault
    commands: Registry
    glance: Glance


def configured(ground: Ground) -> Sequence[ChatPlatform]:
    """Make the platforms that the settings name."""
    settings = ground.settings
    platforms: list[ChatPlatform] = []
    if settings.slack.bot_token is not None:
        platforms.append(_slack(ground, settings.slack.bot_token))
    if settings.discord.token is not None:
        platforms.append(_discord(ground, settings.discord.token))
    if settings.matrix.homeserver:
        platforms.append(_matrix(ground))
    return platforms


def _slack(ground: Ground, bot_token: Secret) -> ChatPlatform:
    from adapters.slack.platform import SlackPlatform  # noqa: PLC0415 - adapters load on use
    from adapters.slack.tokens import tokens_in  # noqa: PLC0415

    slack = ground.settings.slack
    return SlackPlatform(
        bot_tokens=tokens_in(bot_token.reveal()),
        app_tokens=tokens_in(_revealed(slack.app_token)),
        registry=ground.commands,
        api_url=slack.api_url,
        signing_secret=_revealed(slack.signing_secret),
        home=ground.glance,
        clock=ground.clock,
    )


def _matrix(ground: Ground) -> ChatPlatform:
    from adapters.matrix.platform import MatrixPlatform  # noqa: PLC0415 - adapters load on use
    from adapters.matrix.secret import InVault  # noqa: PLC0415

    matrix = ground.settings.matrix
    return MatrixPlatform(
        _access(matrix),
        store_dir=matrix.store_dir,
        allow_invites=_listed(matrix.allow_invites),
        secrets=InVault(ground.store, ground.vault),
        clock=ground.clock,
        language=ground.settings.language.default,
    )


def _access(matrix: MatrixSettings) -> Access:
    from adapters.matrix.session import Access  # noqa: PLC0415 - adapters load on use

    return Access(
        homeserver=matrix.homeserver,
        user=matrix.user,
        access_token=_revealed(matrix.access_token),
        password=_revealed(matrix.password),
        device_id=matrix.device_id,
    )


def _listed(setting: str) -> list[str]:
    """Return the words of a setting, which stand between commas, spaces or lines."""
    return setting.replace(",", " ").split()


def _revealed(secret: Secret | None) -> str:
    return secret.reveal() if secret is not None else ""


def _discord(ground: Ground, token: Secret) -> ChatPlatform:
    from adapters.discord.platform import DiscordPlatform  # noqa: PLC0415 - adapters load on use

    return DiscordPlatform(
        token.reveal(),
        ground.commands,
        ground.clock,
        language=ground.settings.language.default,
        api_url=ground.settings.discord.api_url,
        gateway_url=ground.settings.discord.gateway_url,
    )


def offered(platforms: Sequence[ChatPlatform]) -> Sequence[Any]:
    """Return the routes at which platforms may come over HTTP, of those that offer any."""
    return [route for each in platforms if isinstance(each, _Offering) for route in each.routes()]


@runtime_checkable
class _Offering(Protocol):
    def routes(self) -> Sequence[Any]: ...


async def examined(
    settings: Settings, commands: Registry, clock: Clock, places: Sequence[Place]
) -> Sequence[Finding]:
    """Connect to each platform that the settings name, and tell what is missing there.

    Args:
        places: Where the bot has to speak.
    """
    looking: list[tuple[str, Awaitable[Sequence[Finding]]]] = []
    if settings.slack.bot_token is not None:
        looking.append(("Slack", _examine_slack(settings.slack, commands, clock)))
    if settings.discord.token is not None:
        mine = [place for place in places if place.platform == "discord"]
        looking.append(("Discord", _examine_discord(settings.discord, clock, mine)))
    if settings.matrix.homeserver:
        looking.append(("Matrix", _examine_matrix(settings, clock)))
    found = await asyncio.gather(*(_looked_at(name, work) for name, work in looking))
    return [finding for findings in found for finding in findings]


async def _looked_at(name: str, work: Awaitable[Sequence[Finding]]) -> Sequence[Finding]:
    """Return what was found; what goes wrong with one platform is told and stops no other."""
    try:
        async with asyncio.timeout(_PATIENCE):
            return await work
    except ModuleNotFoundError as missing:
        said = _(
            "The library {library} for {platform} is not installed.",
            library=missing.name or "",
            platform=name,
        )
        return [Finding(said, "broken", _install(name))]
    except TimeoutError:
        return [
            Finding(
                _("{platform} does not answer.", platform=name),
                "broken",
                _("Check that this machine reaches it, then try again."),
            )
        ]
    except Exception:
        log.exception("%s could not be examined", name)
        return [
            Finding(
                _("{platform} could not be looked at.", platform=name),
                "broken",
                _("Run {command}: the log says why.", command=Code("quitx --verbose doctor")),
            )
        ]


def _install(name: str) -> Text:
    return _("Install {package}.", package=Code(f"quitx-chatops[{name.lower()}]"))


async def _examine_slack(
    settings: SlackSettings, commands: Registry, clock: Clock
) -> Sequence[Finding]:
    from adapters.slack.doctor import examine  # noqa: PLC0415 - adapters load on use

    return await examine(settings, commands, clock)


async def _examine_discord(
    settings: DiscordSettings, clock: Clock, places: Sequence[Place]
) -> Sequence[Finding]:
    from adapters.discord.doctor import examine  # noqa: PLC0415 - adapters load on use

    return await examine(
        _revealed(settings.token),
        clock,
        api_url=settings.api_url,
        gateway_url=settings.gateway_url,
        places=places,
    )


async def _examine_matrix(settings: Settings, clock: Clock) -> Sequence[Finding]:
    from adapters.matrix.doctor import examine  # noqa: PLC0415 - adapters load on use
    from adapters.matrix.secret import InVault  # noqa: PLC0415

    async with AsyncExitStack() as stack:
        secrets: Secrets = _NoSecrets()
        if key := await vault_key(settings, clock):
            store = await Store.open(settings.store.url.reveal())
            stack.push_async_callback(store.close)
            secrets = InVault(store, Vault(store, clock, key))
        return await examine(
            _access(settings.matrix),
            store_dir=settings.matrix.store_dir,
            allow_invites=_listed(settings.matrix.allow_invites),
            secrets=secrets,
            clock=clock,
        )


class _NoSecrets:
    """Knows no secret and keeps none: there is no vault yet."""

    async def open(self, name: str) -> str | None:  # noqa: ARG002 - the port's signature
        return None

    async def keep(self, name: str, secret: str) -> None:
        """Forget it at once."""


def unlearn(settings: Settings, folder: Path) -> None:
    """Take out of Matrix's folder from a backup what is worse than nothing once time has passed."""
    if not settings.matrix.homeserver:
        return
    from adapters.matrix import restored  # noqa: PLC0415 - adapters load on use

    restored.unlearn(folder, new_device=settings.matrix.password is not None)


def slack_manifest(commands: Registry, language: Language) -> dict[str, Any]:
    """Return the manifest from which Slack makes the app."""
    from adapters.slack.manifest import manifest  # noqa: PLC0415 - adapters load on use

    return manifest(commands, language)
