from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from chatops.conversation.addresses import Member
from chatops.conversation.events import ButtonPressed, CommandCalled, FormSubmitted
from chatops.conversation.platform import MessageGone
from chatops.conversation.reply import Choice, Choices, Listing, Paragraph, Reply
from chatops.language import ENGLISH, Speaker, _, verbatim
from tests.support.slack_stage import Stage, on_stage


@pytest_asyncio.fixture
async def stage() -> AsyncIterator[Stage]:
    async with on_stage() as opened:
        yield opened


GO = Choices((Choice(_("Go"), "confirm abc", "✅", "primary"), Choice(_("No"), "cancel abc")))


def form(says: str) -> Choices:
    return Choices((Choice(_("Fill in a form"), says, form=True),))


async def opened_form(stage: Stage, says: str) -> None:
    await stage.say(Paragraph(verbatim("fill it in")), form(says))
    seen = await stage.amal.until(stage.general, "fill it in")
    delivery = await stage.amal.press(seen, "Fill in a form")
    assert delivery.acked


async def test_a_pressed_button_is_acknowledged_and_says_its_line(stage: Stage) -> None:
    ref = await stage.say(Paragraph(verbatim("sure?")), GO)
    seen = await stage.amal.until(stage.general, "sure?")
    delivery = await stage.amal.press(seen, "✅ Go")
    assert delivery.acked
    assert delivery.latency < 1
    pressed = await stage.hears(ButtonPressed)
    assert pressed.message == ref
    assert pressed.says == "confirm abc"
    assert pressed.member == stage.member(stage.amal)


async def test_a_button_in_a_thread_is_pressed_in_that_thread(stage: Stage) -> None:
    root = await stage.ben.post(stage.general, "!quitx status")
    await stage.amal.post(stage.general, "!quitx status", thread=root)
    event = await stage.hears(CommandCalled, 2)
    await stage.say(Paragraph(verbatim("sure?")), GO, place=event.place)
    seen = await stage.amal.until(stage.general, "sure?")
    await stage.amal.press(seen, "✅ Go")
    assert (await stage.hears(ButtonPressed)).message.place.thread == root.ts


@pytest.mark.parametrize("reader", ["everybody", "one"])
async def test_a_line_longer_than_a_button_holds_is_said_whole(stage: Stage, reader: str) -> None:
    line = "announce & <say> 100 % " + "é" * 3_000
    to = stage.amal if reader == "one" else None
    ref = await stage.say(Choices((Choice(_("Go"), line),)), Paragraph(verbatim("sure?")), to=to)
    await stage.amal.press(await stage.amal.until(stage.general, "sure?"), "Go")
    pressed = await stage.hears(ButtonPressed)
    assert pressed.says == line
    assert pressed.message == ref


async def test_a_long_line_is_known_after_a_restart(stage: Stage) -> None:
    line = "announce " + "é" * 3_000
    await stage.say(Choices((Choice(_("Go"), line),)), Paragraph(verbatim("sure?")))
    await stage.restart()
    await stage.amal.press(await stage.amal.until(stage.general, "sure?"), "Go")
    assert (await stage.hears(ButtonPressed)).says == line


async def test_what_slack_escapes_is_pressed_as_it_was_written(stage: Stage) -> None:
    await stage.say(
        Paragraph(verbatim("sure?")), Choices((Choice(_("Go"), "say a & b <c> %26\n"),))
    )
    await stage.amal.press(await stage.amal.until(stage.general, "sure?"), "Go")
    assert (await stage.hears(ButtonPressed)).says == "say a & b <c> %26\n"


async def test_a_private_reply_is_edited_once_somebody_presses_its_button(stage: Stage) -> None:
    await stage.amal.slash(stage.general, "/quitx live")
    event = await stage.hears(CommandCalled)
    ref = await stage.say(Paragraph(verbatim("sure?")), GO, to=stage.amal, answering=event.event_id)
    with pytest.raises(MessageGone):
        await stage.platform.edit(ref, Reply((Paragraph(verbatim("done")),)), ENGLISH)
    seen = await stage.amal.until(stage.general, "sure?")
    await stage.amal.press(seen, "✅ Go")
    assert (await stage.hears(ButtonPressed)).message == ref
    await stage.platform.edit(ref, Reply((Paragraph(verbatim("done")),)), ENGLISH)
    [only] = stage.amal.seen(stage.general)
    assert only.text == "done"
    assert only.ephemeral
    assert await stage.platform.delete(ref)
    assert not stage.amal.seen(stage.general)


async def test_the_answer_to_a_pressed_button_stands_below_it(stage: Stage) -> None:
    await stage.say(Paragraph(verbatim("sure?")), GO)
    await stage.amal.press(await stage.amal.until(stage.general, "sure?"), "✅ Go")
    event = await stage.hears(ButtonPressed)
    await stage.say(Paragraph(verbatim("secret")), to=stage.amal, answering=event.event_id)
    await stage.amal.until(stage.general, "secret")
    assert (await stage.amal.until(stage.general, "sure?")).buttons == ("✅ Go", "No")


async def test_a_form_is_opened_filled_in_and_heard(stage: Stage) -> None:
    await opened_form(stage, "remind")
    sight = await stage.amal.until_view("remind")
    assert "Be reminded." in sight.text
    required = [label for label in sight.labels if label]
    values = {f"value:{name}": value for name, value in REMINDER.items()}
    delivery = await stage.amal.submit(sight, values)
    assert delivery.acked
    submitted = await stage.hears(FormSubmitted)
    assert submitted.verb == "remind"
    assert submitted.place == stage.place
    assert dict(submitted.values) == REMINDER
    assert stage.amal.view is None
    assert required


REMINDER = {"at": "tomorrow 9am"}


async def test_a_form_for_one_of_several_organisations_keeps_which(stage: Stage) -> None:
    await opened_form(stage, "organisation=3 remind")
    sight = await stage.amal.until_view("remind")
    await stage.amal.submit(sight, {f"value:{name}": each for name, each in REMINDER.items()})
    assert (await stage.hears(FormSubmitted)).verb == "organisation=3 remind"


async def test_a_mistake_keeps_the_form_open_and_says_what_is_wrong(stage: Stage) -> None:
    await opened_form(stage, "lookup")
    sight = await stage.amal.until_view("lookup")
    delivery = await stage.amal.submit(sight, {"value:handle": "not a handle!"})
    assert delivery.acked
    sight = await stage.amal.until_view("lookup")
    assert "is not an X handle" in sight.errors["value:handle"]
    assert not stage.all_heard(FormSubmitted)
    await stage.amal.submit(sight, {"value:handle": "@alice"})
    assert (await stage.hears(FormSubmitted)).values == {"handle": "@alice"}


async def test_files_can_be_given_in_a_form(stage: Stage) -> None:
    await opened_form(stage, "read")
    sight = await stage.amal.until_view("read")
    await stage.amal.submit(sight, {"files:file": ("a.zip", b"PK")})
    submitted = await stage.hears(FormSubmitted)
    assert [(file.name, file.size) for file in submitted.attachments] == [("a.zip", 2)]


async def test_the_same_form_submitted_again_has_the_same_id(stage: Stage) -> None:
    await opened_form(stage, "remind")
    sight = await stage.amal.until_view("remind")
    delivery = await stage.amal.submit(
        sight, {f"value:{name}": each for name, each in REMINDER.items()}
    )
    await stage.server.redeliver(delivery)
    await stage.hears(FormSubmitted, 2)
    assert len({event.event_id for event in stage.all_heard(FormSubmitted)}) == 1


async def test_the_answer_to_a_form_is_private_where_its_button_was(stage: Stage) -> None:
    aside = stage.team.channel("aside", stage.amal, stage.ben, private=True)
    await stage.amal.slash(aside, "/quitx remind")
    event = await stage.hears(CommandCalled)
    await stage.say(
        Paragraph(verbatim("fill it in")),
        form("remind"),
        place=event.place,
        to=stage.amal,
        answering=event.event_id,
    )
    await stage.amal.press(await stage.amal.until(aside, "fill it in"), "Fill in a form")
    sight = await stage.amal.until_view("remind")
    await stage.amal.submit(sight, {f"value:{name}": each for name, each in REMINDER.items()})
    submitted = await stage.hears(FormSubmitted)
    await stage.say(
        Paragraph(verbatim("reminded")),
        place=submitted.place,
        to=stage.amal,
        answering=submitted.event_id,
    )
    assert (await stage.amal.until(aside, "reminded")).ephemeral


async def test_a_form_that_comes_too_late_is_excused(stage: Stage) -> None:
    stage.server.faults.error("views.open", "expired_trigger_id")
    await opened_form(stage, "remind")
    seen = await stage.amal.until(stage.general, "did not open in time")
    assert seen.ephemeral
    stage.server.take_violations()


async def test_every_command_has_a_form_that_slack_takes(stage: Stage) -> None:
    for command in stage.platform._setup.registry.commands:
        if stage.platform._setup.registry.fields(command):
            words = command.words("fr")
            await opened_form(stage, words)
            sight = await stage.amal.until_view(lambda each: each.title)
            await stage.amal.close(sight)


async def test_the_home_tab_shows_where_things_stand_and_its_buttons_answer_aside() -> None:
    async def home(member: Member) -> tuple[Reply, Speaker]:
        text = Paragraph(verbatim(f"hello {member.name} ({member.language})"))
        return Reply((text, Choices((Choice(_("Status"), "status"),)), form("remind"))), ENGLISH

    async with on_stage(home=home) as stage:
        await stage.amal.open_home()
        await stage.server.until(lambda: stage.amal.home() is not None)
        shown = stage.amal.home()
        assert shown is not None
        assert "hello Amal (fr-FR)" in shown.text
        await stage.amal.press(shown, "Status")
        called = await stage.hears(CommandCalled)
        assert called.line == "status"
        assert called.place.direct
        assert called.place.channel == stage.amal.dm().id
        await stage.amal.press(shown, "Fill in a form")
        sight = await stage.amal.until_view("remind")
        await stage.amal.submit(sight, {f"value:{name}": each for name, each in REMINDER.items()})
        assert (await stage.hears(FormSubmitted)).place.direct


async def test_a_home_tab_that_is_too_long_says_that_there_is_more() -> None:
    async def home(_member: Member) -> tuple[Reply, Speaker]:
        lines = Listing(tuple(verbatim(f"line {number}") for number in range(5_000)))
        return Reply((lines, Choices((Choice(_("Status"), "status"),)))), ENGLISH

    async with on_stage(home=home) as stage:
        await stage.amal.open_home()
        await stage.server.until(lambda: stage.amal.home() is not None)
        shown = stage.amal.home()
        assert shown is not None
        assert "/quitx status shows all of it" in shown.text
        assert shown.buttons == ("Status",)
