"""A conversation from what is heard to what is answered, on both stores."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from msgspec.structs import replace
from sqlalchemy import select

from chatops.conversation.addresses import Member, Place
from chatops.conversation.disclosures import MARK
from chatops.language import Speaker
from chatops.organisations.records import Role
from chatops.store import Store
from chatops.store.tables import events
from tests.support.conversations import ANNA, BEN, EVE, ROOM, Talk, talking


@pytest_asyncio.fixture
async def empty(store: Store) -> AsyncIterator[Talk]:
    """A bot that nobody has set up."""
    async with talking(store) as opened:
        yield opened


@pytest_asyncio.fixture
async def talk(empty: Talk) -> Talk:
    """A bot of one organisation, in which Anna is an admin and Ben a reader."""
    organisation = await empty.found()
    await empty.grant(organisation, ANNA, Role.ADMIN)
    await empty.grant(organisation, BEN, Role.READER)
    return empty


async def test_a_command_is_answered(talk: Talk) -> None:
    said = await talk.say(BEN, "greet Zoé")

    assert said.text == "Hello Zoé!"
    assert said.address.place == ROOM


async def test_both_languages_work_everywhere(talk: Talk) -> None:
    said = await talk.say(BEN, "SALUER Zoe ton=formel")

    assert said.text == "Good day Zoe."


async def test_values_are_forgiven_what_phones_do(talk: Talk) -> None:
    said = await talk.say(BEN, "greet «\u00a0Zoé et Léa\u00a0» tone=“Formal”")

    assert said.text == "Good day Zoé et Léa."


async def test_a_message_that_is_addressed_to_the_bot_is_a_command(talk: Talk) -> None:
    await talk.platform.post(BEN, ROOM, "! Quitx greet Zoé")

    assert (await talk.answer()).text == "Hello Zoé!"


async def test_nobody_may_do_anything_by_default(talk: Talk) -> None:
    said = await talk.say(EVE, "count")

    assert "needs the role reader in Les Amis" in said.text
    assert "An admin of Les Amis can give it" in said.text
    assert said.asked.private
    assert talk.ledger.done == []


async def test_a_role_is_not_enough_for_more_than_it_allows(talk: Talk) -> None:
    said = await talk.say(BEN, "post remove 3")

    assert "needs the role admin" in said.text
    assert talk.ledger.done == []


async def test_a_place_without_an_organisation_is_explained(empty: Talk) -> None:
    said = await empty.say(ANNA, "count", Place("memory", "home", "elsewhere"))

    assert "belongs to no organisation" in said.text


async def test_a_direct_conversation_belongs_to_the_person_s_organisation(talk: Talk) -> None:
    direct = Place("memory", "home", "D1", direct=True)

    assert (await talk.say(BEN, "greet Zoé", direct)).text == "Hello Zoé!"
    assert "You have no role" in (await talk.say(EVE, "greet Zoé", direct)).text


async def test_of_several_organisations_one_is_asked_for(talk: Talk) -> None:
    others = await talk.found("Les Autres")
    await talk.grant(others, ANNA, Role.ADMIN)

    question = await talk.say(ANNA, "offer")
    assert [choice.says for choice in question.choices] == [
        f"organisation={talk.home.id} offer",
        f"organisation={others.id} offer",
    ]

    await talk.platform.press(ANNA, question.ref, f"organisation={others.id} offer")
    offer = await talk.answer()
    assert [choice.says for choice in offer.choices] == [f"organisation={others.id} count"]
    # Ben has a role in one of them only, so it is that one.
    assert (await talk.say(BEN, "greet Zoé")).text == "Hello Zoé!"
    assert "not served here" in (await talk.say(ANNA, "association=99 offer")).text


async def test_an_event_that_is_delivered_again_is_answered_once(talk: Talk) -> None:
    for _delivery in range(3):
        await talk.platform.call(BEN, ROOM, "count", event_id="same")
    await talk.answer()

    assert talk.ledger.done == ["count 1"]
    assert len(talk.platform.said) == 1


async def test_an_event_that_is_delivered_again_after_a_restart_is_dropped(store: Store) -> None:
    async with talking(store) as before:
        await before.grant(await before.found(), BEN, Role.READER)
        await before.platform.call(BEN, ROOM, "count", event_id="same")
        await before.answer()
    async with talking(store) as after:
        await after.platform.call(BEN, ROOM, "count", event_id="same")
        await after.conversation.settled()

    assert after.ledger.done == []
    assert after.platform.said == []


async def test_what_was_stored_and_not_handled_is_handled_at_the_next_start(store: Store) -> None:
    async with talking(store) as before:
        await before.grant(await before.found(), BEN, Role.READER)
        # Who speaks while the program stops is heard, and answered after the next start.
        await before.conversation.stop()
        await before.platform.call(BEN, ROOM, "greet Zoé")
        assert before.platform.said == []
    async with talking(store) as after:
        assert (await after.answer()).text == "Hello Zoé!"
    async with talking(store) as later:
        await later.conversation.settled()
        assert later.platform.said == []


async def test_what_may_have_been_done_is_told_and_not_done_again(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with talking(store) as before:
        await before.grant(await before.found(), BEN, Role.READER)

        async def power_cut(*_arguments: object) -> None:
            raise OSError

        monkeypatch.setattr(before.conversation._events, "finish", power_cut)
        await before.platform.call(BEN, ROOM, "count")
        await before.answer()
        assert before.ledger.done == ["count 1"]
    async with talking(store) as after:
        said = await after.answer()

    assert "stopped while this was being done" in said.text
    assert "count" in said.text
    assert after.ledger.done == []


async def test_effects_outside_are_previewed_then_confirmed(talk: Talk) -> None:
    preview = await talk.say(ANNA, "post send to=bluesky Au revoir, X !")

    assert preview.text.startswith("Les Amis: practice, nothing is really published.")
    assert "This would be published: Au revoir, X !" in preview.text
    assert talk.ledger.done == []

    yes, no = preview.choices
    assert (yes.emoji, no.emoji) == ("✅", "❌")
    assert yes.label.message == "Publish"
    receipt = await talk.say(ANNA, yes.says)

    assert talk.ledger.done == ["Anna sent 'Au revoir, X !' to bluesky"]
    assert receipt.text == ("Les Amis: practice, nothing is really published.\nIt is published.")
    assert "Anna confirmed." in preview.text
    assert preview.choices == ()


async def test_a_reaction_a_button_and_words_are_the_same(talk: Talk) -> None:
    first = await talk.say(ANNA, "post send to=bluesky one")
    await talk.platform.react_to(ANNA, first.ref, "✅\ufe0f")
    await talk.answer()
    second = await talk.say(ANNA, "billet envoyer vers=bluesky two")
    await talk.platform.press(ANNA, second.ref, second.choices[0].says)
    await talk.answer()
    third = await talk.say(ANNA, "post send to=both three")
    await talk.say(ANNA, third.choices[0].says.upper())

    assert talk.ledger.done == [
        "Anna sent 'one' to bluesky",
        "Anna sent 'two' to bluesky",
        "Anna sent 'three' to bluesky+mastodon",
    ]


async def test_a_skin_tone_does_not_change_a_reaction(talk: Talk) -> None:
    offer = await talk.say(BEN, "offer")
    await talk.platform.react_to(BEN, offer.ref, "👍🏽")
    await talk.answer()

    assert talk.ledger.done == ["count 1"]


async def test_other_reactions_and_reactions_taken_back_do_nothing(talk: Talk) -> None:
    offer = await talk.say(BEN, "offer")
    await talk.platform.react_to(BEN, offer.ref, "🎉")
    await talk.platform.react_to(BEN, offer.ref, "👍", added=False)
    await talk.platform.react_to(BEN, replace(offer.ref, id="unknown"), "👍")
    await talk.answer()

    assert talk.ledger.done == []
    assert talk.platform.said == [offer]


async def test_a_reaction_needs_the_role_that_its_line_needs(talk: Talk) -> None:
    preview = await talk.say(ANNA, "post send to=bluesky one")
    await talk.platform.react_to(BEN, preview.ref, "✅")

    assert "needs the role editor" in (await talk.answer()).text
    assert talk.ledger.done == []


async def test_a_button_does_only_what_its_message_offers(talk: Talk) -> None:
    offer = await talk.say(ANNA, "offer")
    await talk.platform.press(ANNA, offer.ref, "post remove 1")

    assert "no longer offers that" in (await talk.answer()).text
    assert talk.ledger.done == []


async def test_confirming_twice_acts_once(talk: Talk) -> None:
    preview = await talk.say(ANNA, "post send to=bluesky one")
    yes = preview.choices[0].says
    for _press in range(2):
        await talk.platform.call(ANNA, ROOM, yes)
        await talk.platform.call(ANNA, Place("memory", "home", "room", thread="t"), yes)
    said = await talk.answer()

    assert len(talk.ledger.done) == 1
    assert "Anna confirmed this before." in said.text


async def test_what_was_cancelled_is_not_done(talk: Talk) -> None:
    preview = await talk.say(ANNA, "post send to=bluesky one")
    yes, no = preview.choices
    await talk.platform.react_to(ANNA, preview.ref, "❌")
    said = await talk.answer()

    assert "nothing was done: /quitx post send to=bluesky one" in said.text
    assert "Anna cancelled." in preview.text
    assert "cancelled before" in (await talk.say(ANNA, yes.says)).text
    assert talk.ledger.done == []
    assert no.says.startswith("cancel ")


async def test_a_confirmation_survives_a_restart(store: Store) -> None:
    async with talking(store) as before:
        await before.grant(await before.found(), ANNA, Role.EDITOR)
        preview = await before.say(ANNA, "post send to=bluesky one")
    async with talking(store, before.platform) as after:
        await after.platform.react_to(ANNA, preview.ref, "✅")
        await after.answer()

    assert after.ledger.done == ["Anna sent 'one' to bluesky"]
    assert "Anna confirmed." in preview.text


async def test_a_confirmation_ends_after_a_day(talk: Talk) -> None:
    preview = await talk.say(ANNA, "post send to=bluesky one")
    talk.now = talk.now.replace(day=17)
    said = await talk.say(ANNA, preview.choices[0].says)

    assert "more than a day" in said.text
    assert talk.ledger.done == []


async def test_going_live_voids_what_was_asked_in_practice(talk: Talk) -> None:
    preview = await talk.say(ANNA, "post send to=bluesky one")
    await talk.organisations.go_live(talk.home.id)
    said = await talk.say(ANNA, preview.choices[0].says)

    assert "changed since" in said.text
    assert talk.ledger.done == []
    live = await talk.say(ANNA, "post send to=bluesky two")
    assert live.text.startswith("Les Amis: live.")


async def test_a_confirmation_belongs_to_its_organisation(talk: Talk) -> None:
    elsewhere = Place("memory", "home", "elsewhere")
    await talk.grant(await talk.found("Les Autres", place=elsewhere), EVE, Role.ADMIN)
    preview = await talk.say(ANNA, "post send to=bluesky one")

    assert "Nothing waits under" in (await talk.say(EVE, preview.choices[0].says, elsewhere)).text
    assert talk.ledger.done == []


async def test_what_a_preview_refuses_is_not_asked(talk: Talk) -> None:
    said = await talk.say(ANNA, "post send to=bluesky impossible")

    assert "That cannot be said." in said.text
    assert said.choices == ()


async def test_a_shared_place_warns_in_the_preview(talk: Talk) -> None:
    public = replace(ROOM, shared=True)
    asked = await talk.say(ANNA, "post send to=bluesky one", public)
    private, here = asked.choices
    said = await talk.say(ANNA, here.says, public)

    assert asked.asked.private
    assert "one" not in asked.text.split()
    assert private.label.message == "Answer me in private"
    assert "Other people than the organisation's can read this place." in said.text


@pytest.mark.parametrize(
    "secret",
    [
        "abcd-efgh-ijkl-mnop",
        "Abcd–2345–ijkl–mnop",
        "xoxb-123456789-abcdefghij",
        "syt_YW5uYQ_abcdefghij",
        "eyJ0eXAiOiJhdCtqd3QifQ.eyJzdWIiOiJkaWQ6cGxjOmEifQ.c2lnbmF0dXJl",
        "Bearer abcdef0123456789abcdef",
    ],
)
async def test_a_secret_is_deleted_and_never_kept(
    talk: Talk, secret: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    kept: list[bytes] = []
    remember = talk.conversation._events.keep

    async def keep(heard: object) -> bool:
        new = await remember(heard)  # type: ignore[arg-type]
        async with talk.store.read() as connection:
            kept.extend((await connection.scalars(select(events.c.payload))).all())
        return new

    talk.conversation._events.keep = keep  # type: ignore[method-assign]
    message = await talk.platform.post(ANNA, ROOM, f"!quitx connect bluesky anna {secret}")
    said = await talk.answer()

    assert not talk.platform.stands(message)
    assert "It has been deleted." in said.text
    assert "revoke" in said.text
    assert "quitx connect" in said.text
    assert said.asked.private
    everything = [said.text, caplog.text, *(payload.decode() for payload in kept)]
    assert not any(secret in text for text in everything)
    assert any(MARK in text for text in everything)


async def test_a_secret_in_a_plain_message_is_deleted_too(talk: Talk) -> None:
    message = await talk.platform.post(EVE, ROOM, "mon code: abcd-efgh-ijkl-mnop")
    await talk.answer()

    assert not talk.platform.stands(message)


async def test_plain_messages_are_not_stored(talk: Talk) -> None:
    await talk.platform.post(EVE, ROOM, "what a nice day")
    await talk.conversation.settled()

    async with talk.store.read() as connection:
        assert (await connection.scalars(select(events.c.event_id))).all() == []


async def test_the_content_of_an_event_is_dropped_once_it_is_handled(talk: Talk) -> None:
    await talk.say(BEN, "greet Zoé")

    async with talk.store.read() as connection:
        assert (await connection.scalars(select(events.c.payload))).all() == [b""]


async def test_a_mistyped_verb_is_offered_as_it_may_have_been_meant(talk: Talk) -> None:
    said = await talk.say(BEN, "gret Zoé tone=formal")

    assert "Did you mean /quitx greet?" in said.text
    assert "“gret Zoé tone=formal”" in said.text
    await talk.platform.press(BEN, said.ref, said.choices[0].says)
    assert (await talk.answer()).text == "Good day Zoé."


async def test_a_mistyped_action_or_choice_is_offered_too(talk: Talk) -> None:
    action = await talk.say(ANNA, "post sned to=bluesky one")
    choice = await talk.say(ANNA, "greet Zoé tone=formel2")

    assert [each.says for each in action.choices] == ["post send to=bluesky one"]
    assert [each.says for each in choice.choices] == ["greet Zoé tone=formal", "greet"]
    assert [each.form for each in choice.choices] == [False, True]


async def test_a_verb_alone_shows_its_actions(talk: Talk) -> None:
    said = await talk.say(ANNA, "post")

    assert [choice.says for choice in said.choices] == ["post send", "post remove"]


async def test_an_uncertain_time_is_asked_about(talk: Talk) -> None:
    said = await talk.say(ANNA, 'post send to=bluesky at="lundi 21 janvier 9h" one')

    assert said.choices[0].says == ('post send to=bluesky at="2025-01-20 09:00" one')


async def test_a_fault_is_told_with_an_id_that_the_log_has(
    talk: Talk, caplog: pytest.LogCaptureFixture
) -> None:
    said = await talk.say(BEN, "break")

    complaint = said.asked.complaint
    assert complaint is not None
    assert len(complaint.id) == 6
    assert complaint.typed == "break"
    assert complaint.id in caplog.text
    assert "RuntimeError: the toy is broken" in caplog.text
    assert "the toy is broken" not in said.text


async def test_a_file_that_came_with_the_command_is_its_file(talk: Talk) -> None:
    file = talk.platform.attach("archive.zip", b"")
    await talk.platform.call(BEN, ROOM, "read", file)

    assert (await talk.answer()).text == "Reading attached archive.zip."
    assert (await talk.say(BEN, "read other.zip")).text == "Reading other.zip."
    assert "Something is missing" in (await talk.say(BEN, "read")).text


async def test_a_form_is_read_as_a_line_is(talk: Talk) -> None:
    await talk.platform.fill_in(ANNA, ROOM, "saluer", nom="Zoé Léa", ton="", tone="formel")

    assert (await talk.answer()).text == "Good day Zoé Léa."
    await talk.platform.fill_in(ANNA, ROOM, "post send", to="bluesky", text="a=b “c”")
    preview = await talk.answer()
    await talk.say(ANNA, preview.choices[0].says)
    assert talk.ledger.done == ["Anna sent 'a=b “c”' to bluesky"]


async def test_the_member_s_language_wins_over_the_organisation_s(empty: Talk) -> None:
    organisation = await empty.found("Les Amis", "fr")
    await empty.grant(organisation, ANNA, Role.ADMIN)

    assert (await empty.say(ANNA, "greet Zoé")).speaker == Speaker("fr")
    chosen = await empty.say(ANNA, "langue anglais")
    assert chosen.speaker == Speaker("en")
    assert "English" in chosen.text
    assert (await empty.say(ANNA, "greet Zoé")).speaker == Speaker("en")


async def test_the_platform_s_language_counts_in_private_only(empty: Talk) -> None:
    organisation = await empty.found("Les Amis", "fr")
    guest = Member("memory", "home", "U9", "Guest", language="en-GB")
    await empty.grant(organisation, guest, Role.READER)

    assert (await empty.say(guest, "greet Zoé")).speaker == Speaker("fr")
    assert (await empty.say(guest, "help")).speaker == Speaker("en")


async def test_a_bare_call_is_a_menu_of_what_the_member_can_do(talk: Talk) -> None:
    menu = await talk.say(BEN, "")

    assert "offer" in [choice.says for choice in menu.choices]
    assert "count" not in [choice.says for choice in menu.choices]
    forms = [choice.says for choice in menu.choices if choice.form]
    assert "greet" in forms
    assert "confirm" not in forms
    assert "/quitx greet NAME" in menu.text
    assert "post send" not in menu.text
    assert "post send" in (await talk.say(ANNA, "")).text


async def test_help_tells_all_about_one_command(talk: Talk) -> None:
    said = await talk.say(BEN, "aide saluer")

    assert "/quitx greet NAME [tone=…]" in said.text
    assert "warm and formal" in said.text
    assert "Did you mean /quitx help greet?" in (await talk.say(BEN, "help gret")).text
    assert "/quitx post remove NUMBER" in (await talk.say(BEN, "help post")).text


async def test_commands_in_one_channel_are_done_in_their_order(talk: Talk) -> None:
    for _time in range(10):
        await talk.platform.call(BEN, ROOM, "count")
    await talk.answer()

    assert [f"This is number {number}." for number in range(1, 11)] == talk.texts


async def test_a_listener_hears_messages_and_reactions_taken_back(store: Store) -> None:
    heard: list[object] = []

    async def listener(event: object) -> None:
        heard.append(event)

    async with talking(store, listeners=[listener]) as talk:
        await talk.grant(await talk.found(), BEN, Role.READER)
        message = await talk.platform.post(BEN, ROOM, "oui")
        await talk.platform.react_to(BEN, message, "👍", added=False)
        await talk.conversation.settled()

    assert len(heard) == 2


async def test_what_no_encoding_can_write_is_replaced(talk: Talk) -> None:
    said = await talk.say(BEN, "greet Zo\udce9")

    assert said.text == "Hello Zo\N{REPLACEMENT CHARACTER}!"
