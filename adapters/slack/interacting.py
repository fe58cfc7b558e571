"""Buttons and forms: what a member presses, and what they fill in."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any, Final

from msgspec import Struct
from slack_bolt.context.ack.async_ack import AsyncAck

from adapters.slack import hearing, modals
from adapters.slack.answers import Answers
from adapters.slack.ears import Ears, Work
from adapters.slack.failures import Failure
from adapters.slack.modals import Asking
from adapters.slack.people import Profile
from adapters.slack.places import Payload, member, message, place, team_of, thread_of
from adapters.slack.posting import Posting, payload_of
from adapters.slack.pressing import Button, button_of, unfolded, unpacked
from adapters.slack.teams import Team, Teams, direct
from chatops.clock import Clock
from chatops.conversation.events import ButtonPressed, CommandCalled, FormSubmitted
from chatops.conversation.forms import command_of
from chatops.conversation.recent import Recent
from chatops.conversation.registry import Registry
from chatops.language import Speaker, _

log = logging.getLogger("adapters.slack")

_PATIENCE: Final = 10.0
_FORMS: Final = 2_000
_TOO_LATE: Final = _("The form did not open in time. Press the button again.")


class Press(Struct, frozen=True):
    """One pressed button.

    Args:
        value: What it carries.
        channel: Where its message stands; empty on the Home tab.
    """

    body: Payload
    team: Team
    user: str
    button: Button
    value: str
    channel: str

    @property
    def thread(self) -> str:
        """The thread in which its message stands."""
        container = self.body.get("container") or {}
        thread = str(container.get("thread_ts") or "")
        if thread:
            return "" if thread == container.get("message_ts") else thread
        return thread_of(self.body.get("message") or {})


class Interacting:
    """Hears buttons and forms; both are acknowledged first.

    Args:
        registry: Knows the forms of commands.
    """

    def __init__(  # noqa: PLR0913 - one for each thing that an interaction touches
        self,
        *,
        teams: Teams,
        answers: Answers,
        posting: Posting,
        registry: Registry,
        clock: Clock,
        ears: Ears,
        work: Work,
    ) -> None:
        self._teams = teams
        self._answers = answers
        self._posting = posting
        self._registry = registry
        self._clock = clock
        self._ears = ears
        self._work = work
        self._opened_by: Recent[str, str] = Recent(_FORMS)

    async def action(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        """Hear a pressed button."""
        await ack()
        for action in body.get("actions") or ():
            press = self._press(action, body)
            if press is not None:
                self._work.later(self._open(press) if press.button.form else self._say(press))

    async def submission(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        """Hear a form; one with a mistake stays open with all that was filled in."""
        view: Payload = body["view"]
        team = self._teams.find(team_of(body))
        if team is None or view.get("callback_id") != modals.CALLBACK:
            await ack()
            return
        asking = Asking.read(str(view.get("private_metadata")))
        values, files = modals.filled_in(view.get("state") or {})
        wrong = modals.mistakes(self._registry, asking, values, self._clock())
        if wrong:
            await ack(response_action="errors", errors=wrong)
            return
        await ack()
        self._work.later(self._submit(body, team, asking, values, files))

    def _press(self, action: Mapping[str, Any], body: Payload) -> Press | None:
        button = button_of(str(action.get("action_id")), str(action.get("block_id")))
        team = self._teams.find(team_of(body))
        if button is None or team is None:
            return None
        container = body.get("container") or {}
        channel = container.get("channel_id") or (body.get("channel") or {}).get("id") or ""
        user, value = str(body["user"]["id"]), str(action.get("value") or "")
        return Press(body, team, user, button, value, str(channel))

    async def _say(self, press: Press) -> None:
        event_id = hearing.press_id(press.body)
        says = unpacked(press.value) or await self._long_line(press)
        profile = await self._profile(press)
        who = member(press.team.me.team, press.user, profile)
        if not press.channel:
            aside = await direct(press.team, who)
            await self._ears.hand_in_surely(CommandCalled(event_id, aside, who, says))
            return
        self._keep_address(press, event_id)
        conversation = await press.team.people.conversation(press.channel)
        where = place(press.team.me.team, press.channel, conversation, press.thread)
        stamp = str((press.body.get("container") or {}).get("message_ts") or "")
        pressed = message(where, press.button.mark or stamp)
        await self._ears.hand_in_surely(ButtonPressed(event_id, pressed, who, says))

    async def _open(self, press: Press) -> None:
        assert press.button.form is not None
        language = press.button.form
        says = unpacked(press.value) or ""
        command = command_of(self._registry, says, language)
        if command is None:
            log.warning("slack: there is no form for what a button says")
            return
        asking = Asking(press.channel, press.thread if press.channel else "", says, language)
        view = modals.modal(self._registry, command, asking)
        trigger = press.body.get("trigger_id")
        self._keep_address(press, hearing.press_id(press.body))
        try:
            answer = await press.team.workspace.call("views.open", trigger_id=trigger, view=view)
        except Failure as failure:
            log.warning("slack: a form could not be opened: %s", failure)
            late = Speaker(language).say(_TOO_LATE)
            await self._answers.excuse(hearing.press_id(press.body), late)
            return
        opened = str((answer.get("view") or {}).get("id"))
        self._opened_by.put(opened, hearing.press_id(press.body))

    async def _submit(
        self,
        body: Payload,
        team: Team,
        asking: Asking,
        values: Mapping[str, str],
        files: tuple[Mapping[str, Any], ...],
    ) -> None:
        event_id, user = hearing.form_id(body), str(body["user"]["id"])
        who = member(team.me.team, user, await team.people.profile(user))
        self._answers.hand_on(self._opened_by.get(str(body["view"]["id"])) or "", event_id)
        if asking.channel:
            conversation = await team.people.conversation(asking.channel)
            where = place(team.me.team, asking.channel, conversation, asking.thread)
        else:
            where = await direct(team, who)
        attached = modals.attachments(files, team.me.team)
        await self._ears.hand_in_surely(
            FormSubmitted(event_id, where, who, asking.says, values, attached)
        )

    async def _profile(self, press: Press) -> Profile:
        profile, _conversation = await press.team.people.within(
            _PATIENCE, press.user, press.channel or "D"
        )
        return profile

    def _keep_address(self, press: Press, event_id: str) -> None:
        marks = [press.button.mark] if press.button.mark else []
        self._answers.keep(press.body.get("response_url"), event_id, *marks)

    async def _long_line(self, press: Press) -> str:
        """Return the line of a button whose value only names it."""
        kept = self._posting.long_values.get(press.value)
        if kept is None:
            kept = _line_in(press.body.get("message") or {}, press.value)
        if kept is None and press.channel and not press.button.mark:
            kept = _line_in(await self._read(press), press.value)
        # What is still unknown is no line that the message offers, and the core says so.
        return kept if kept is not None else press.value

    async def _read(self, press: Press) -> Payload:
        stamp = str((press.body.get("container") or {}).get("message_ts") or "")
        try:
            answer = await press.team.workspace.ask(
                "conversations.replies",
                channel=press.channel,
                ts=stamp,
                limit=1,
                include_all_metadata=True,
            )
        except Failure:
            return {}
        return next(iter(answer.get("messages") or ()), {})


def _line_in(said: Payload, value: str) -> str | None:
    lines = payload_of(said).get("lines") or {}
    line = lines.get(value)
    return unfolded(str(line)) if line is not None else None
