"""Interactions: acknowledged within Discord's three seconds, then handed to the core.

In a server they are acknowledged for their member's eyes only, which cannot be changed afterwards:
a private answer takes that place, and a public one stands as an ordinary message instead.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import Any, Final, TypeAlias, cast

import discord
from discord.app_commands import Choice

from adapters.discord.answers import Answers, Interaction
from adapters.discord.buttons import pressed
from adapters.discord.completing import endings
from adapters.discord.ears import Ears
from adapters.discord.errors import Acknowledged, Expired, told
from adapters.discord.filled import Filled, attachment_of, filled, said
from adapters.discord.modals import modal_of, submitted
from adapters.discord.people import People
from adapters.discord.places import member_of, place_of, ref_of
from adapters.discord.rendering import render
from adapters.discord.tree import Tree
from chatops.conversation.addresses import Member, Place
from chatops.conversation.events import ButtonPressed, CommandCalled, Event, FormSubmitted
from chatops.conversation.forms import command_of, form_of
from chatops.conversation.languages import language_of
from chatops.conversation.registry import Registry, key_of
from chatops.conversation.reply import Paragraph, Reply
from chatops.conversation.tokens import quoted
from chatops.conversation.turns import scope_of
from chatops.language import Language, Speaker, Trouble, _

log = logging.getLogger(__name__)

Data: TypeAlias = Mapping[str, Any]

_AT_ONCE: Final = 2.8
"""Seconds for an acknowledgement; Discord waits for three."""

_NOT_KEPT: Final = _("This could not be kept, so nothing was done. Try again in a moment.")


class _Spelled(discord.ui.Modal):
    """A form that is spelled already; stopped, so that the library does not keep it."""

    def __init__(self, spelled: dict[str, Any]) -> None:
        super().__init__(title=spelled["title"], custom_id=spelled["custom_id"])
        self._spelled = spelled
        self.stop()

    def to_dict(self) -> dict[str, Any]:
        """Return it as the API spells it."""
        return self._spelled


class Interactions:
    """Takes what members do with commands, buttons and forms.

    Args:
        language: Spoken to members whose own is not known.
    """

    def __init__(
        self,
        *,
        registry: Registry,
        tree: Tree,
        answers: Answers,
        ears: Ears,
        people: People,
        language: Language,
    ) -> None:
        self._registry = registry
        self._tree = tree
        self._answers = answers
        self._ears = ears
        self._people = people
        self._language: Language = language

    async def take(self, interaction: Interaction) -> None:
        """Answer an interaction at once, or hand it in."""
        try:
            if interaction.type is discord.InteractionType.autocomplete:
                await self._complete(interaction)
            elif not await self._opened_form(interaction):
                await self._hand_in(interaction)
        except (Expired, Acknowledged, Trouble) as trouble:
            log.warning("interaction %s was not answered in time: %r", interaction.id, trouble)
        except Exception:
            log.exception("interaction %s could not be understood", interaction.id)

    async def _hand_in(self, interaction: Interaction) -> None:
        event = self._event(interaction)
        if event is None:
            return
        if not await _acknowledged(interaction):
            return
        answerable = self._answers.expect(event.event_id, interaction)

        async def sound() -> Event | None:
            return await self._people.introduced(interaction.client, event)

        if not await self._ears.hear(sound, interaction.channel_id):
            speaker = Speaker(self._speaks(interaction))
            await answerable.say(event.event_id, render(Reply((Paragraph(_NOT_KEPT),)), speaker))

    def _event(self, interaction: Interaction) -> Event | None:
        place, member = _where(interaction), _who(interaction)
        data = cast("Data", interaction.data or {})
        self._people.named(data.get("resolved") or {})
        event_id = str(interaction.id)
        match interaction.type:
            case discord.InteractionType.application_command:
                return self._called(event_id, place, member, data)
            case discord.InteractionType.component:
                press = pressed(data["custom_id"])
                says = data["custom_id"] if press is None else press.says
                assert interaction.message is not None
                message = ref_of(place, interaction.message.id)
                return ButtonPressed(event_id, message, member, says)
            case discord.InteractionType.modal_submit:
                given = submitted(data["components"], data.get("resolved") or {})
                return _form(event_id, place, member, data["custom_id"], given)
            case _:
                return None

    def _called(self, event_id: str, place: Place, member: Member, data: Data) -> Event:
        called = said(data)
        entry = self._tree.entries.get(called.path)
        if entry is not None and entry.command is not None:
            given = filled(entry, called.options, data)
            return _form(event_id, place, member, key_of(entry.command), given)
        if entry is not None:
            line = str(called.options[0]["value"]) if called.options else ""
            return CommandCalled(event_id, place, member, line)
        # A command of another version of this program: the words tell what was meant.
        files = (data.get("resolved") or {}).get("attachments") or {}
        values = (f"{each['name']}={quoted(str(each['value']))}" for each in called.options)
        line = " ".join((*called.path, *values))
        return CommandCalled(
            event_id, place, member, line, tuple(attachment_of(each) for each in files.values())
        )

    async def _complete(self, interaction: Interaction) -> None:
        called = said(cast("Data", interaction.data or {}))
        entry = self._tree.entries.get(called.path)
        typed = next((each for each in called.options if each.get("focused")), None)
        found: Sequence[tuple[str, str]] = ()
        if entry is not None and typed is not None and typed["name"] in entry.asked:
            asked, language = entry.asked[typed["name"]], self._speaks(interaction)
            found = endings(self._registry, asked, str(typed["value"]), language)
        choices = [Choice(name=shown, value=value) for shown, value in found]
        async with told(_AT_ONCE):
            await interaction.response.autocomplete(choices)

    async def _opened_form(self, interaction: Interaction) -> bool:
        """Open the form that a button is for; return whether there was one."""
        if interaction.type is not discord.InteractionType.component:
            return False
        press = pressed(cast("Data", interaction.data or {})["custom_id"])
        if press is None or not press.form:
            return False
        speaker = Speaker(self._speaks(interaction))
        command = command_of(self._registry, press.says, speaker.language)
        if command is None:
            return False
        scope, _line = scope_of(press.says)
        modal = modal_of(form_of(self._registry, command, speaker.language), speaker, scope)
        async with told(_AT_ONCE):
            await interaction.response.send_modal(_Spelled(modal))
        return True

    def _speaks(self, interaction: Interaction) -> Language:
        return language_of(_who(interaction)) or self._language


def _form(event_id: str, place: Place, member: Member, verb: str, given: Filled) -> FormSubmitted:
    return FormSubmitted(event_id, place, member, verb, given.values, given.attachments)


def _where(interaction: Interaction) -> Place:
    return place_of(interaction.channel, interaction.guild, interaction.guild_id)


def _who(interaction: Interaction) -> Member:
    return member_of(interaction.user, interaction.locale.value)


async def _acknowledged(interaction: Interaction) -> bool:
    """Acknowledge an interaction; return False where Discord has given it up.

    Its member was told then that it failed, so it must not be done any more.
    """
    try:
        async with told(_AT_ONCE):
            await interaction.response.defer(
                ephemeral=interaction.guild_id is not None, thinking=True
            )
    except Expired:
        log.warning("interaction %s came too late to be acknowledged", interaction.id)
        return False
    except Acknowledged:
        log.info("interaction %s was told twice", interaction.id)
    except Trouble as trouble:
        # It may have arrived all the same; the core does nothing twice.
        log.warning("interaction %s: %s", interaction.id, trouble)
    return True
