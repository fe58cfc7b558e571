"""What `quitx doctor` looks at on Discord: addresses, token, intents, servers, permissions."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any, Final, TypeAlias

from adapters.discord.asking import GATEWAY, Asking, Said, asking
from adapters.discord.connecting import deaf
from adapters.discord.errors import revoked
from adapters.discord.permissions import (
    NEEDED,
    WANTED,
    held_in_channel,
    held_on_guild,
    invitation,
    lacking,
)
from chatops.clock import Clock
from chatops.conversation.addresses import Place
from chatops.conversation.finding import Finding
from chatops.language import Code, Link, Series, Text, _

Json: TypeAlias = Mapping[str, Any]

# An application on few servers has the limited one of each pair.
_MEMBERS: Final = 1 << 14 | 1 << 15
_MESSAGE_CONTENT: Final = 1 << 18 | 1 << 19

_SKEW: Final = 30.0
"""Seconds by which the machine's clock may differ."""


async def examine(
    token: str,
    clock: Clock,
    *,
    api_url: str = "",
    gateway_url: str = "",
    places: Sequence[Place] = (),
) -> list[Finding]:
    """Connect to Discord as the bot would, changing nothing, and tell what is missing.

    Args:
        api_url: Where the API stands, if not at Discord.
        gateway_url: Where the gateway stands, if not at Discord.
        places: Channels in which the bot has to speak.
    """
    async with asking(api_url, token) as ask:
        examination = _Examination(ask, clock, gateway_url, places)
        return [finding async for finding in examination.findings()]


class _Examination:
    """Looks at one thing after the other; what makes all others pointless ends it."""

    def __init__(
        self, ask: Asking, clock: Clock, gateway_url: str, places: Sequence[Place]
    ) -> None:
        self._ask = ask
        self._clock = clock
        self._gateway_url = gateway_url
        self._places = places

    async def findings(self) -> AsyncIterator[Finding]:
        """Go through what is found."""
        api = await self._ask.get("/gateway", known=False)
        if not (api.well and "url" in api.body):
            yield _unanswered(api)
            return
        yield Finding(_("Discord’s API answers."), "fine")
        yield self._time(api)
        yield await self._gateway()
        me = await self._ask.get("/users/@me")
        if not me.well:
            reason, mend = revoked()
            yield Finding(reason, "broken", mend)
            return
        yield Finding(_("Discord: the bot’s token is good."), "fine")
        application = await self._ask.get("/oauth2/applications/@me")
        if not application.well:
            yield _unanswered(application)
            return
        for finding in _of_application(application.body):
            yield finding
        async for finding in self._servers(application.body["id"]):
            yield finding
        for place in self._places:
            if place.channel.isdecimal() and place.workspace:
                yield await self._place(place, me.body["id"])

    def _time(self, said: Said) -> Finding:
        skew = abs((self._clock() - said.at).total_seconds()) if said.at is not None else 0.0
        if skew <= _SKEW:
            return Finding(_("Discord and this machine agree on the time."), "fine")
        return Finding(
            _("This machine’s clock is {seconds} seconds off Discord’s.", seconds=round(skew)),
            "weak",
            _("Set it from the network: {command}.", command=Code("timedatectl set-ntp true")),
        )

    async def _gateway(self) -> Finding:
        url = self._gateway_url or GATEWAY
        if await self._ask.greeted(url):
            return Finding(_("Discord’s gateway answers."), "fine")
        return Finding(
            _("Discord’s gateway does not answer at {address}.", address=Code(url)),
            "broken",
            _(
                "Check that web sockets may leave this network, and {setting}.",
                setting=Code("[discord] gateway_url"),
            ),
        )

    async def _servers(self, application_id: str) -> AsyncIterator[Finding]:
        servers = await self._ask.get("/users/@me/guilds")
        add = Link(invitation(application_id), "")
        if not servers.well or not servers.body:
            yield Finding(
                _("Discord: the bot is on no server."),
                "broken",
                _("Add it to yours: {page}", page=add),
            )
            return
        for server in servers.body:
            yield _of_server(server["name"], int(server.get("permissions") or 0), add)

    async def _place(self, place: Place, bot_id: str) -> Finding:
        channel = await self._ask.get(f"/channels/{place.channel}")
        roles = await self._ask.get(f"/guilds/{place.workspace}/roles")
        member = await self._ask.get(f"/guilds/{place.workspace}/members/{bot_id}")
        if not (channel.well and roles.well and member.well):
            return Finding(
                _(
                    "Discord: the bot does not see the channel {channel}.",
                    channel=Code(place.channel),
                ),
                "broken",
                _("Give it {permission} there, or remove the place.", permission=_seeing()),
            )
        own = member.body["roles"]
        base = held_on_guild(place.workspace, roles.body, own)
        overwrites = channel.body.get("permission_overwrites") or ()
        held = held_in_channel(base, place.workspace, overwrites, own, bot_id)
        return _of_channel(channel.body["name"], held)


def _unanswered(said: Said) -> Finding:
    if said.status == 0:
        return Finding(
            _("Discord’s API does not answer."),
            "broken",
            _(
                "Check that this machine reaches the internet, and {setting}.",
                setting=Code("[discord] api_url"),
            ),
        )
    return Finding(
        _("What answers is not Discord’s API (status {status}).", status=str(said.status)),
        "broken",
        _(
            "{setting} must end in the version, as in {example}; leave it out for Discord itself.",
            setting=Code("[discord] api_url"),
            example=Code("https://discord.com/api/v10"),
        ),
    )


def _of_application(application: Json) -> list[Finding]:
    flags = int(application.get("flags") or 0)
    found: list[Finding] = []
    if flags & _MESSAGE_CONTENT:
        found.append(Finding(_("Discord: the bot may read messages."), "fine"))
    else:
        reason, mend = deaf()
        found.append(Finding(reason, "weak", mend))
    if flags & _MEMBERS:
        found.append(Finding(_("Discord: the bot hears of members who leave."), "fine"))
    else:
        found.append(
            Finding(
                _("Discord: the bot does not hear of members who leave; they keep their roles."),
                "weak",
                _(
                    "Switch on Server Members Intent in the developer portal, under Bot, and start "
                    "the bot again."
                ),
            )
        )
    if application.get("interactions_endpoint_url"):
        found.append(
            Finding(
                _("Discord: commands and buttons go to a web address instead of to the bot."),
                "broken",
                _(
                    "Empty Interactions Endpoint URL in the developer portal, under General "
                    "Information."
                ),
            )
        )
    return found


def _of_server(name: str, held: int, add: Link) -> Finding:
    missing = lacking(held, NEEDED)
    if missing:
        return Finding(
            _(
                "Discord: on {server} the bot lacks permissions: {names}.",
                server=name,
                names=Series(missing),
            ),
            "broken",
            _("Add it again, which keeps everything: {page}", page=add),
        )
    wanting = lacking(held, WANTED)
    if wanting:
        return Finding(
            _(
                "Discord: on {server} the bot cannot take passwords and archives out of sight.",
                server=name,
            ),
            "weak",
            _(
                "Give its role {names}, or add it again: {page}",
                names=Series(wanting),
                page=add,
            ),
        )
    return Finding(_("Discord: on {server} the bot has what it needs.", server=name), "fine")


def _of_channel(name: str, held: int) -> Finding:
    missing = lacking(held, NEEDED)
    if not missing:
        return Finding(
            _("Discord: in the channel {channel} the bot can speak.", channel=name), "fine"
        )
    return Finding(
        _(
            "Discord: in the channel {channel} the bot lacks permissions: {names}.",
            channel=name,
            names=Series(missing),
        ),
        "broken",
        _("Give them to its role in the channel’s settings, under Permissions."),
    )


def _seeing() -> Text:
    return NEEDED["view_channel"]
