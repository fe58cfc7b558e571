"""Replies of every shape, for tests of what shows them."""

from __future__ import annotations

from hypothesis import strategies as st

from chatops.conversation.reply import (
    Block,
    Choice,
    Choices,
    Complaint,
    Document,
    Field,
    Fields,
    Heading,
    Listing,
    Note,
    Paragraph,
    Picture,
    Progress,
    Quote,
    Reply,
)
from chatops.language import Code, Link, Strong, Text, Value, _, verbatim

PLAN = Reply(
    (
        Heading(_("Practice: {name}", name="Les Amis du vélo")),
        Paragraph(
            _(
                "Type {command} or read {link}.",
                command=Code("/quitx help"),
                link=Link("https://example.org/plan", "the plan"),
            )
        ),
        Fields((Field(_("Posts"), verbatim("1,200")), Field(_("Pictures"), verbatim("48")))),
        Quote("Bonjour à tous\n  demain 9 h", _("Sample 1 of 3")),
        Listing((_("one"), _("two")), numbered=True),
        Progress(_("Moving posts"), 620, 1000),
        Picture("chart.png", b"", _("A chart.")),
        Document("report.csv", b"a,b\n", _("Every post.")),
        Note(_("Nothing was published.")),
        Choices(
            (
                Choice(_("Confirm"), "confirm abc", "✅", "primary"),
                Choice(_("Not now"), "cancel abc", style="danger"),
            )
        ),
    )
)

COMPLAINT = Reply(
    complaint=Complaint(
        "k3f9qz", _("There is no verb statsu."), _("Did you mean status?"), "statsu « now »"
    )
)

# What a hostile post would try: control characters, escape sequences, a turned reading direction.
_HOSTILE = st.sampled_from(
    ["\x1b[2J", "\x9b31m", "\r", "\x07", "\x08", "\x7f", "\u202e", "\u2028", "\ud800", "\t", "\n"]
)
DATA = st.lists(st.one_of(_HOSTILE, st.text(max_size=12)), max_size=6).map("".join)


def texts() -> st.SearchStrategy[Text]:
    """Sentences with data, code, weight and links in them."""
    values: st.SearchStrategy[Value] = st.one_of(
        DATA,
        DATA.map(Code),
        DATA.map(Strong),
        st.builds(Link, DATA, DATA),
        st.integers(-(10**12), 10**12),
    )
    return st.one_of(
        DATA.map(verbatim),
        st.builds(
            lambda one, other: _("First {one}, then {other}.", one=one, other=other), values, values
        ),
    )


def blocks() -> st.SearchStrategy[Block]:
    """Blocks of every kind."""
    words = texts()
    counts = st.integers(-5, 10**9)
    choice = st.builds(
        Choice,
        words,
        DATA,
        st.sampled_from(["", "✅", "\x1b"]),
        st.sampled_from(["normal", "danger"]),
        st.booleans(),
    )
    return st.one_of(
        st.builds(Heading, words),
        st.builds(Paragraph, words),
        st.builds(Note, words),
        st.builds(Fields, st.lists(st.builds(Field, words, words), max_size=3).map(tuple)),
        st.builds(Listing, st.lists(words, max_size=3).map(tuple), st.booleans()),
        st.builds(Quote, DATA, st.none() | words),
        st.builds(Progress, words, counts, counts),
        st.builds(Picture, DATA, st.binary(max_size=3), words),
        st.builds(Document, DATA, st.binary(max_size=3), words),
        st.builds(Choices, st.lists(choice, max_size=3).map(tuple)),
    )


def replies() -> st.SearchStrategy[Reply]:
    """Whole replies, complaints among them."""
    complaints = st.builds(Complaint, DATA, texts(), texts(), DATA)
    return st.builds(
        Reply,
        st.lists(blocks(), max_size=4).map(tuple),
        st.booleans(),
        st.none() | complaints,
        DATA,
    )
