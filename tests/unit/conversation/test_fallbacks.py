"""What a platform cannot show stands there in words, and a note says so."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from chatops.conversation.addresses import Place
from chatops.conversation.fallbacks import (
    FEWER_BUTTONS,
    NO_FILES,
    NO_FORMS,
    NO_PICTURES,
    NOT_PRIVATE,
    adapt,
)
from chatops.conversation.platform import Capabilities
from chatops.conversation.reply import (
    Block,
    Choice,
    Choices,
    Document,
    Field,
    Fields,
    Heading,
    Listing,
    Note,
    Paragraph,
    Picture,
    Reply,
)
from chatops.language import ENGLISH, verbatim
from chatops.testing import EVERYTHING, WORDS_ONLY, plain

SHARED = Place("memory", "w", "general")
THREE = Choices(tuple(Choice(verbatim(f"Do {n}"), f"do {n}", "✅") for n in range(3)))


def test_what_a_platform_can_show_stays_as_it_is() -> None:
    reply = Reply((Heading(verbatim("a")), THREE), private=True)

    assert adapt(reply, EVERYTHING, SHARED) == reply


def test_choices_beyond_the_buttons_are_numbered_words() -> None:
    shown = adapt(Reply((THREE,)), replace(EVERYTHING, buttons=2), SHARED)

    assert shown.blocks[0] == Choices(THREE.choices[:2])
    assert isinstance(shown.blocks[1], Listing)
    assert shown.blocks[1].numbered
    assert shown.blocks[2] == Note(FEWER_BUTTONS)
    assert "Do 2: type /quitx do 2, or react with ✅" in "\n".join(plain(shown, ENGLISH))


def test_where_there_are_no_slash_commands_words_start_with_an_exclamation_mark() -> None:
    shown = adapt(Reply((THREE,)), WORDS_ONLY, SHARED)

    assert "- Do 0: type !quitx do 0" in "\n".join(plain(shown, ENGLISH)).splitlines()


def test_buttons_are_counted_over_the_whole_message() -> None:
    shown = adapt(Reply((THREE, THREE)), replace(EVERYTHING, buttons=4), SHARED)

    assert sum(len(b.choices) for b in shown.blocks if isinstance(b, Choices)) == 4


def test_a_picture_becomes_its_description() -> None:
    picture = Picture("a.png", b"", verbatim("Ten cats"))
    shown = adapt(Reply((picture,)), replace(EVERYTHING, pictures=False), SHARED)

    assert list(plain(shown, ENGLISH)) == ["Picture: Ten cats", ENGLISH.say(NO_PICTURES)]


def test_a_file_that_is_too_large_becomes_its_description() -> None:
    document = Document("a.csv", b"123", verbatim("All"))
    shown = adapt(Reply((document,)), replace(EVERYTHING, files=2), SHARED)

    words, note = plain(shown, ENGLISH)
    assert words.startswith("File a.csv")
    assert note == ENGLISH.say(NO_FILES)


def test_fields_beyond_the_limit_become_a_list() -> None:
    fields = Fields(tuple(Field(verbatim(f"n{n}"), verbatim(f"v{n}")) for n in range(3)))
    shown = adapt(Reply((fields,)), replace(EVERYTHING, fields=1), SHARED)

    assert list(plain(shown, ENGLISH)) == ["n0: v0", "- n1: v1", "- n2: v2"]


def test_a_private_reply_that_is_not_private_says_so() -> None:
    reply = Reply((Paragraph(verbatim("psst")),), private=True)

    assert adapt(reply, WORDS_ONLY, SHARED).blocks[-1] == Note(NOT_PRIVATE)
    assert not adapt(reply, WORDS_ONLY, SHARED).private
    assert adapt(reply, WORDS_ONLY, replace(SHARED, direct=True)) == reply


_LIMITS = st.builds(
    Capabilities,
    slash=st.booleans(),
    slash_in_threads=st.booleans(),
    message_characters=st.just(2000),
    buttons=st.integers(0, 4),
    fields=st.integers(0, 4),
    private_replies=st.sampled_from(["here", "direct", "none"]),
    threads=st.booleans(),
    edits=st.booleans(),
    deletes_others=st.booleans(),
    reactions=st.booleans(),
    pictures=st.booleans(),
    files=st.integers(0, 4),
    forms=st.booleans(),
)
_TEXT = st.text(max_size=5).map(verbatim)
_BLOCK: st.SearchStrategy[Block] = st.one_of(
    st.builds(Paragraph, _TEXT),
    st.builds(Picture, st.just("p"), st.binary(max_size=6), _TEXT),
    st.builds(Document, st.just("d"), st.binary(max_size=6), _TEXT),
    st.builds(Fields, st.lists(st.builds(Field, _TEXT, _TEXT), max_size=5).map(tuple)),
    st.builds(
        Choices,
        st.lists(
            st.builds(Choice, _TEXT, st.text(max_size=5), st.sampled_from(["", "✅"])), max_size=5
        ).map(tuple),
    ),
)


@given(st.lists(_BLOCK, max_size=4), st.booleans(), _LIMITS)
@settings(deadline=None)
def test_nothing_is_lost_and_adapting_twice_changes_nothing_more(
    blocks: list[Block],
    private: bool,  # noqa: FBT001 - hypothesis chooses it
    limits: Capabilities,
) -> None:
    reply = Reply(tuple(blocks), private=private)
    shown = adapt(reply, limits, SHARED)

    words = "\n".join(plain(shown, ENGLISH))
    labels = [choice.label for b in blocks if isinstance(b, Choices) for choice in b.choices]
    assert all(ENGLISH.say(label) in words for label in labels)
    assert sum(len(b.choices) for b in shown.blocks if isinstance(b, Choices)) <= limits.buttons
    assert sum(len(b.fields) for b in shown.blocks if isinstance(b, Fields)) <= limits.fields
    again = adapt(shown, limits, SHARED)
    assert [b for b in again.blocks if b != Choices(())] == [
        b for b in shown.blocks if b != Choices(())
    ]


def test_where_there_are_no_forms_their_buttons_give_way_to_a_note() -> None:
    form = Choice(verbatim("Fill in"), "do", form=True)

    shown = adapt(
        Reply((Choices((form, *THREE.choices)),)), replace(EVERYTHING, forms=False), SHARED
    )

    assert shown.blocks == (THREE, Note(NO_FORMS))
