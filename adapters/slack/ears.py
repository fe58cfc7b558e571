"""What the bot hears on Slack: one method for each kind of thing that Slack sends.

A command is acknowledged first. A message or a reaction is stored first, so that Slack brings it
again where the program stops in between.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine, Mapping
from typing import Any, Final, TypeAlias

from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.request.async_request import AsyncBoltRequest

from adapters.slack import hearing
from adapters.slack.answers import Answers
from adapters.slack.happenings import happened, is_revoked
from adapters.slack.home import HomeTab
from adapters.slack.mrkdwn import unnamed_channels
from adapters.slack.pace import Pace
from adapters.slack.people import Conversation, Profile
from adapters.slack.places import Payload, team_of
from adapters.slack.teams import Team, Teams
from chatops.conversation.events import Event, PlaceLost, Spoken
from chatops.conversation.languages import language_of
from chatops.conversation.pauses import Pauses
from chatops.conversation.platform import Inbox
from chatops.conversation.recent import Recent
from chatops.language import Speaker, _

log = logging.getLogger("adapters.slack")

_BEFORE_ACK: Final = 1.5
"""Seconds that a look-up may take before an event is acknowledged; Slack waits for three."""

_AFTER_ACK: Final = 10.0
_REMEMBERED: Final = 20_000
_RETRIED: Final = "x-slack-retry-num"
_TRIES: Final = 4
_NOT_DONE: Final = _("That could not be done: the bot could not note it. Try again in a moment.")
_LAST_WORDS: Final = 5.0


Hearing: TypeAlias = Callable[[Payload, Payload, Team], Coroutine[Any, Any, Event | None]]
"""Returns the event that something is, if it is one for the core."""


class Work:
    """What goes on after an acknowledgement."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()

    def later(self, work: Coroutine[Any, Any, None]) -> None:
        """Do something once the acknowledgement is on its way."""
        task = asyncio.create_task(_logged(work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def end(self) -> None:
        """Wait for what goes on, for a while."""
        if self._tasks:
            _done, left = await asyncio.wait(self._tasks, timeout=_LAST_WORDS)
            for task in left:
                task.cancel()


class Ears:
    """Hears messages, mentions, commands, reactions, and what happens to members and places."""

    def __init__(
        self, teams: Teams, answers: Answers, home: HomeTab, work: Work, pace: Pace
    ) -> None:
        self._teams = teams
        self._pace = pace
        self._answers = answers
        self._home = home
        self._work = work
        self._inbox: Inbox | None = None
        self._recent: Recent[str, bool] = Recent(_REMEMBERED)
        self._heard: Mapping[str, Hearing] = {
            "message": self._message,
            "app_mention": self._message,
            "reaction_added": self._reaction,
            "reaction_removed": self._reaction,
            "app_home_opened": self._opened_home,
        }

    def listen(self, inbox: Inbox) -> None:
        """Hand events to this inbox from now on."""
        self._inbox = inbox

    async def hand_in(self, event: Event) -> None:
        """Have an event stored."""
        assert self._inbox is not None, "nothing is heard before somebody listens"
        await self._inbox(event)

    async def hand_in_surely(self, event: Spoken) -> None:
        """Have an event stored that Slack will not bring again; tell its member if that fails."""
        self._recent.put(event.event_id, value=True)
        pauses = Pauses(self._pace)
        for _try in range(_TRIES):
            try:
                await self.hand_in(event)
            except Exception:
                log.exception("slack: an event could not be stored")
                await asyncio.sleep(pauses.next())
            else:
                return
        speaker = Speaker(language_of(event.member) or "en")
        await self._answers.excuse(event.event_id, speaker.say(_NOT_DONE))

    def heard_first(self, event_id: str) -> bool:
        """Whether no earlier run of the program can have heard an event."""
        return event_id in self._recent

    async def command(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        """Hear a slash command."""
        await ack()
        self._work.later(self._command(body))

    async def event(
        self, req: AsyncBoltRequest, body: dict[str, Any], event: dict[str, Any]
    ) -> None:
        """Hear anything that is no interaction; it is acknowledged once this returns."""
        team = self._teams.find(team_of(body))
        if team is None:
            return
        hear = self._heard.get(str(event.get("type")), self._happening)
        heard = await hear(event, body, team)
        if heard is not None:
            if not _is_repeated(req):
                self._recent.put(heard.event_id, value=True)
            await self.hand_in(heard)
        self._notice(event, team)

    async def _command(self, body: Payload) -> None:
        team = self._teams.find(team_of(body))
        if team is None:
            return
        user, channel = str(body["user_id"]), str(body["channel_id"])
        self._answers.keep(body.get("response_url"), hearing.command_id(body))
        profile, conversation = await team.people.within(_AFTER_ACK, user, channel)
        if profile.name == user:
            profile = Profile(str(body.get("user_name") or user))
        await self.hand_in_surely(hearing.called(body, profile, conversation))

    async def _message(self, event: Payload, body: Payload, team: Team) -> Event | None:
        if not hearing.is_said(event) or event.get("user") == team.me.user:
            return None
        if event.get("channel_type") == "im":
            team.people.met(str(event["channel"]))
        profile, conversation = await self._known(event, body, str(event["channel"]), team)
        if profile.bot:
            return None
        mentioned = unnamed_channels(str(event.get("text") or ""))
        names = await team.people.names(_BEFORE_ACK / 2, mentioned) if mentioned else {}
        return hearing.said(event, body, profile, conversation, team.me, names)

    async def _reaction(self, event: Payload, body: Payload, team: Team) -> Event | None:
        item = event.get("item") or {}
        if item.get("type") != "message" or event.get("user") == team.me.user:
            return None
        channel = str(item["channel"])
        profile, conversation = await self._known(event, body, channel, team)
        if profile.bot:
            return None
        own = event.get("item_user") == team.me.user
        thread = await self._thread(team, channel, str(item["ts"])) if own else ""
        return hearing.reacted(event, body, profile, conversation, thread)

    async def _opened_home(self, event: Payload, _body: Payload, team: Team) -> Event | None:
        if event.get("tab") == "home":
            self._work.later(self._home.publish(team, str(event["user"])))
        return None

    async def _happening(self, event: Payload, body: Payload, team: Team) -> Event | None:
        known = happened(event, body, team.me)
        # An app that is uninstalled also loses its token: both tell the same.
        again = isinstance(known, PlaceLost) and not known.place.channel and team.workspace.refused
        return None if again else known

    def _notice(self, event: Payload, team: Team) -> None:
        """Keep what is known of people and conversations true."""
        match event.get("type"):
            case "user_change":
                team.people.changed(event.get("user") or {})
            case "member_joined_channel" | "channel_shared" | "channel_unshared":
                team.people.moved(str(event.get("channel")))
            case "app_uninstalled":
                team.workspace.revoked("app_uninstalled")
            case "tokens_revoked" if is_revoked(event, team.me):
                team.workspace.revoked("token_revoked")
            case _:
                pass

    async def _known(
        self, event: Payload, body: Payload, channel: str, team: Team
    ) -> tuple[Profile, Conversation]:
        profile, conversation = await team.people.within(
            _BEFORE_ACK, str(event.get("user")), channel
        )
        if body.get("is_ext_shared_channel"):
            conversation = Conversation(conversation.direct, shared=True)
        return profile, conversation

    async def _thread(self, team: Team, channel: str, timestamp: str) -> str:
        try:
            async with asyncio.timeout(_BEFORE_ACK / 2):
                return await team.threads.of(channel, timestamp)
        except TimeoutError:
            return ""


def _is_repeated(req: AsyncBoltRequest) -> bool:
    """Whether Slack brings something once more, which another run may have heard."""
    return any(number not in ("", "0") for number in req.headers.get(_RETRIED, ()))


async def _logged(work: Coroutine[Any, Any, None]) -> None:
    try:
        await work
    except Exception:
        log.exception("slack: something that was acknowledged could not be done")
