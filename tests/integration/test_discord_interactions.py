"""Commands, buttons and forms on Discord."""

from __future__ import annotations

import asyncio
from typing import Annotated

import pytest
from msgspec import Struct

from adapters.discord import ears
from chatops.conversation.command import Call, Command, Names, Parameter
from chatops.conversation.events import ButtonPressed, CommandCalled, FormSubmitted
from chatops.conversation.kinds import Colleague
from chatops.conversation.mentions import Whom
from chatops.conversation.registry import Registry
from chatops.conversation.reply import Choice, Choices, Paragraph, Reply, mark_of
from chatops.language import _
from chatops.organisations.records import Role
from tests.support.discord import Upload
from tests.support.on_discord import on_discord

CALLBACK = "POST /interactions/{interaction_id}/{interaction_token}/callback"
HELLO = Reply((Paragraph(_("Hello")),), private=True)


def offering(*choices: Choice) -> Reply:
    return Reply((Paragraph(_("What now?")), Choices(choices)))


async def test_the_commands_are_told_once_and_again_only_when_they_changed() -> None:
    async with on_discord() as stage:
        assert stage.application.syncs == 1
        assert "quitx post send" in stage.application.commands()
        assert "quitx line" in stage.application.commands()
        await stage.restart()
        await stage.restart()
        await stage.bot.until(
            lambda: len(stage.server.called("GET /applications/{application_id}/commands")) == 3
        )
        assert stage.application.syncs == 1
        command = stage.application.registered[None][0]
        command["options"][0]["description"] = "another"
        await stage.restart()
        await stage.server.until(lambda: stage.application.syncs == 2)


async def test_commands_are_told_again_after_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("adapters.discord.platform._SYNC_AGAIN", (0.05,))
    async with on_discord(connected=False) as stage:
        stage.server.faults.fail(503, "POST /applications/{application_id}/commands", times=2)
        stage.bot.start()
        await stage.server.until(stage.application.commands)


async def test_options_have_their_types() -> None:
    async with on_discord() as stage:
        await stage.amal.slash(stage.room, "quitx post remove", number=7, quietly=True)
        removal = await stage.bot.heard(FormSubmitted)
        assert removal.verb == "post remove"
        assert removal.values == {"number": "7", "quietly": "yes"}
        await stage.amal.slash(stage.room, "quitx greet", name="Zoé", tone="chaleureux")
        greeting = await stage.bot.heard(FormSubmitted, 2)
        assert greeting.values == {"name": "Zoé", "tone": "warm"}


async def test_french_names_call_the_same_commands() -> None:
    async with on_discord() as stage:
        await stage.amal.slash(stage.room, "quitx billet envoyer", vers="bluesky", texte="Bonjour")
        event = await stage.bot.heard(FormSubmitted)
        assert event.verb == "post send"
        assert event.values == {"to": "bluesky", "text": "Bonjour"}


async def test_a_file_is_attached_to_a_command_or_named() -> None:
    async with on_discord() as stage:
        await stage.amal.slash(stage.room, "quitx read", file=Upload("a.zip", b"PK"))
        attached = await stage.bot.heard(FormSubmitted)
        assert [file.name for file in attached.attachments] == ["a.zip"]
        assert attached.values == {}
        await stage.amal.slash(stage.room, "quitx read", **{"file-name": "b.zip"})
        named = await stage.bot.heard(FormSubmitted, 2)
        assert (named.values, named.attachments) == ({"file": "b.zip"}, ())


async def test_any_line_can_be_typed_and_is_completed() -> None:
    async with on_discord() as stage:
        offered = await stage.amal.autocomplete(stage.room, "quitx line", "line", "sal")
        assert offered == ["saluer"]
        offered = await stage.amal.autocomplete(
            stage.room, "quitx line", "line", "billet envoyer v"
        )
        assert offered == ["billet envoyer vers="]
        await stage.amal.slash(stage.room, "quitx line", line="saluer Zoé")
        event = await stage.bot.heard(CommandCalled)
        assert event.line == "saluer Zoé"
        assert event.message is None


async def test_several_choices_are_completed_one_after_the_other() -> None:
    async with on_discord() as stage:
        line = "quitx post send"
        assert await stage.amal.autocomplete(stage.room, line, "to", "b") == ["bluesky"]
        offered = await stage.amal.autocomplete(stage.room, line, "to", "bluesky, m")
        assert offered == ["bluesky, mastodon"]
        assert await stage.amal.autocomplete(stage.room, line, "to", "nothing") == []


async def test_a_button_says_its_line_even_after_a_restart() -> None:
    async with on_discord() as stage:
        await stage.bot.tell(stage.place, offering(Choice(_("Count"), "count", "👍")), "one")
        await stage.restart()
        seen = stage.amal.seen(stage.room)[-1]
        pressed = await stage.amal.press(seen, "Count")
        assert pressed.answered
        event = await stage.bot.heard(ButtonPressed)
        assert (event.says, event.message.id) == ("count", seen.id)
        assert event.message.place == stage.place
        await stage.bot.say(event, HELLO)
        assert stage.amal.seen(stage.room)[-1].ephemeral


async def test_a_line_that_is_too_long_for_a_button_is_pressed_by_its_mark() -> None:
    async with on_discord() as stage:
        line = "announce " + "words " * 40
        await stage.bot.tell(stage.place, offering(Choice(_("Again"), line)), "one")
        await stage.amal.press(stage.amal.seen(stage.room)[-1], "Again")
        assert (await stage.bot.heard(ButtonPressed)).says == mark_of(line)


async def test_buttons_with_the_same_line_stand_beside_each_other() -> None:
    async with on_discord() as stage:
        choices = [Choice(_("Number {n}", n=n), "count") for n in range(25)]
        await stage.bot.tell(stage.place, offering(*choices), "one")
        await stage.amal.press(stage.amal.seen(stage.room)[-1], "Number 24")
        assert (await stage.bot.heard(ButtonPressed)).says == "count"


async def test_a_button_opens_the_form_of_a_command() -> None:
    async with on_discord() as stage:
        choice = Choice(_("Fill in a form"), "billet envoyer", form=True)
        await stage.bot.tell(stage.place, offering(choice), "one")
        await stage.amal.press(stage.amal.seen(stage.room)[-1], "Fill in a form")
        modal = stage.amal.modal
        assert modal is not None
        assert modal.title == "/quitx billet envoyer"
        assert [field.label for field in modal.fields] == ["vers", "texte", "quand"]
        sent = await stage.amal.submit(
            modal, {"vers": ["bluesky", "mastodon"], "texte": "Bonjour\nà tous"}
        )
        assert sent.answered
        event = await stage.bot.heard(FormSubmitted)
        assert event.verb == "post send"
        assert event.values["text"] == "Bonjour\nà tous"
        assert set(event.values["to"].split(", ")) == {"bluesky", "mastodon"}
        assert event.place == stage.place
        await stage.bot.say(event, HELLO)
        assert stage.amal.seen(stage.room)[-1].ephemeral


async def test_a_form_is_for_the_organisation_whose_button_opened_it() -> None:
    async with on_discord() as stage:
        choice = Choice(_("Fill in a form"), "organisation=2 billet envoyer", form=True)
        await stage.bot.tell(stage.place, offering(choice), "one")
        await stage.amal.press(stage.amal.seen(stage.room)[-1], "Fill in a form")
        assert stage.amal.modal is not None
        await stage.amal.submit(stage.amal.modal, {"vers": ["bluesky"], "texte": "Bonjour"})
        event = await stage.bot.heard(FormSubmitted)
        assert event.verb == "organisation=2 post send"


async def test_a_form_takes_a_file_or_its_name() -> None:
    async with on_discord() as stage:
        choice = Choice(_("Fill in a form"), "read", form=True)
        await stage.bot.tell(stage.place, offering(choice), "one")
        for number, filled in enumerate((Upload("a.zip", b"PK"), None), 1):
            await stage.amal.press(stage.amal.seen(stage.room)[0], "Fill in a form")
            modal = stage.amal.modal
            assert modal is not None
            upload, name = modal.fields
            given = {upload.label: filled} if filled else {name.label: "b.zip"}
            await stage.amal.submit(modal, given)
            event = await stage.bot.heard(FormSubmitted, number)
            assert [file.name for file in event.attachments] == (["a.zip"] if filled else [])
            assert event.values.get("file", "") == ("" if filled else "b.zip")


async def test_an_interaction_that_is_told_twice_acts_once() -> None:
    async with on_discord() as stage:
        stage.server.faults.interactions_twice = 0.02
        await stage.amal.slash(stage.room, "quitx count")
        event = await stage.bot.heard(FormSubmitted)
        await stage.bot.until(lambda: len(stage.bot.told) == 2)
        assert len(stage.bot.events) == 1
        await stage.bot.say(event, HELLO)
        assert [each.text for each in stage.amal.seen(stage.room)] == ["Hello"]


async def test_an_interaction_that_comes_too_late_is_not_run() -> None:
    async with on_discord() as stage:
        stage.server.faults.interactions_late = 0.3
        called = stage.amal.slash_unawaited(stage.room, "quitx count")
        stage.server.clock.advance(4)
        await stage.bot.until(lambda: stage.server.called(CALLBACK))
        await stage.amal.post(stage.room, "!quitx help")
        await stage.bot.heard(CommandCalled)
        assert not called.answered
        assert [type(event) for event in stage.bot.events] == [CommandCalled]


async def test_a_lost_acknowledgement_still_runs_the_command() -> None:
    async with on_discord() as stage:
        stage.server.faults.lose_answer(CALLBACK)
        await stage.amal.slash(stage.room, "quitx count")
        event = await stage.bot.heard(FormSubmitted)
        await stage.bot.say(event, HELLO)
        assert [each.text for each in stage.amal.seen(stage.room)] == ["Hello"]


async def test_who_calls_while_nothing_can_be_stored_is_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(ears, "PAUSES", (0.01,))
    async with on_discord() as stage:
        stage.bot.broken = 2
        await stage.amal.slash(stage.room, "quitx count")
        seen = await stage.amal.until(stage.room, "rien n’a été fait")
        assert seen.ephemeral
        assert not stage.bot.events


async def test_acknowledgements_do_not_wait_for_the_core() -> None:
    async with on_discord() as stage:
        going = asyncio.Event()

        async def slowly(_event: object) -> None:
            await going.wait()

        stage.bot.answer = slowly
        calls = [stage.amal.slash(stage.room, "quitx count") for _number in range(20)]
        called = await asyncio.gather(*calls)
        assert all(each.answered and (each.latency or 0) < 1 for each in called)
        going.set()
        await stage.bot.until(lambda: len(stage.bot.events) == 20)


async def test_an_old_version_of_a_command_still_says_what_was_meant() -> None:
    async with on_discord() as stage:
        [command] = stage.application.registered[None]
        old = {"type": 1, "name": "wave", "description": "Gone."}
        command["options"].append(
            {**old, "options": [{"type": 3, "name": "who", "description": "Whom."}]}
        )
        await stage.amal.slash(stage.room, "quitx wave", who="Zoé et moi")
        event = await stage.bot.heard(CommandCalled)
        assert event.line == 'wave who="Zoé et moi"'


def with_colleagues() -> Registry:
    async def welcome(_call: Call, _parameters: Welcome) -> Reply:
        return HELLO

    command = Command(
        path=(Names("welcome", "accueillir"),),
        summary=_("Welcome a colleague."),
        parameters=Welcome,
        run=welcome,
        role=Role.READER,
    )
    return Registry([[command]])


class Welcome(Struct, frozen=True):
    """Who is welcomed."""

    who: Annotated[Whom, Parameter(Names("who", "qui"), Colleague(), _("Whom."))]


async def test_a_colleague_is_chosen_among_the_people_of_the_server() -> None:
    async with on_discord(registry=with_colleagues()) as stage:
        dan = stage.guild.person("Dan <3")
        await stage.amal.slash(stage.room, "quitx welcome", who=dan)
        event = await stage.bot.heard(FormSubmitted)
        assert event.values == {"who": f"<@{dan.id}|Dan 3>"}


async def test_a_colleague_who_is_mentioned_is_known_by_name() -> None:
    async with on_discord() as stage:
        dan, eve = stage.guild.person("Dan"), stage.guild.person("Eve")
        await stage.amal.slash(stage.room, "quitx line", line=f"grant <@{dan.id}> editor")
        event = await stage.bot.heard(CommandCalled)
        assert event.line == f"grant <@{dan.id}|Dan> editor"
        await stage.amal.post(stage.room, f"!quitx grant <@{eve.id}> editor")
        event = await stage.bot.heard(CommandCalled, 2)
        assert event.line == f"grant <@{eve.id}|Eve> editor"
        await stage.amal.slash(stage.room, "quitx line", line="grant <@12345> editor")
        event = await stage.bot.heard(CommandCalled, 3)
        assert event.line == "grant <@12345> editor"


async def test_acknowledgements_do_not_wait_for_the_limits_of_messages() -> None:
    async with on_discord() as stage:
        stage.server.faults.limit(
            "POST /channels/{channel_id}/messages", retry_after=1.5, everywhere=True
        )
        late = asyncio.create_task(stage.bot.tell(stage.place, HELLO, "late"))
        await asyncio.sleep(0.1)
        called = await stage.amal.slash(stage.room, "quitx count")
        assert called.latency is not None
        assert called.latency < 1
        await stage.bot.say(await stage.bot.heard(FormSubmitted), HELLO)
        assert not late.done()
        await late
