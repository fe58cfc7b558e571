"""What looks like a secret is found in every kind of event; what does not is left alone."""

from __future__ import annotations

import pytest

from chatops.conversation.addresses import Member, MessageRef, Place
from chatops.conversation.disclosures import MARK, redact, without_secrets
from chatops.conversation.events import (
    CommandCalled,
    Event,
    FormSubmitted,
    MessagePosted,
    ReactionChanged,
)

PLACE = Place("memory", "home", "room")
ANNA = Member("memory", "home", "U1", "Anna")
MESSAGE = MessageRef(PLACE, "1")
SECRET = "abcd-efgh-ijkl-mnop"


@pytest.mark.parametrize(
    "secret",
    [
        SECRET,
        "Abcd-2345-ijkl-mnop",
        "abcd–efgh–ijkl–mnop",
        "xoxb-123456-abcdef",
        "xapp-1-A111-222-abc",
        "syt_dXNlcg_abcdef",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln",
        "MTk4NjIyNDgzNDcxOTI1MjQ4.Cl2FMQ.ZnCjm1XVW7vRze4b7Cq4se7kKWs",
        "Bearer abcdefghijklmnop",
        "ZA9yEJ-Yg8hpfzXBfH1AvtDOJsOjRuUhqAZJ8kFf0123x",
        "password=hunter2222",
        "mot de passe : soleil2024",
    ],
)
@pytest.mark.parametrize("around", ["{}", "le voici: {} voilà", "({})", "connect bluesky {}"])
def test_a_secret_is_found(secret: str, around: str) -> None:
    redacted = redact(around.format(secret))

    assert secret not in redacted
    assert MARK in redacted


@pytest.mark.parametrize(
    "text",
    [
        "migrate plan twitter-2024-01-02-abcdef0123456789abcdef0123456789.zip",
        "123e4567-e89b-12d3-a456-426614174000",
        "2024-2025-2026-2027",
        "https://example.org/cafe-club-jeux-gens",
        "https://example.org/AbcDEF0123456789012345678901234567890123456789",
        "did:plc:z72i7hdynmk6r22z27h6tvur",
        "at://did:plc:z72i7hdynmk6r22z27h6tvur/app.bsky.feed.post/3l6oveex3ii2l",
        "bafyreib2rxk3rybk3aobmv5cjuql3bm2twh4jo5uxgf5kpqcsgz7soitae",
        "vingt-neuf-mots-français et un mot de passe: demandez à Paul",
        "the secret: meet us at 9",
        "post send to=bluesky Rendez-vous demain à 9h30, 12-14 rue de la Paix",
    ],
)
def test_what_is_no_secret_is_left_alone(text: str) -> None:
    assert redact(text) == text


@pytest.mark.parametrize(
    "event",
    [
        CommandCalled("1", PLACE, ANNA, f"connect {SECRET}"),
        MessagePosted("1", MESSAGE, ANNA, SECRET),
        FormSubmitted("1", PLACE, ANNA, "connect", {"secret": SECRET}),
    ],
)
def test_it_is_taken_out_of_whatever_was_heard(event: Event) -> None:
    kept, disclosed = without_secrets(event)

    assert disclosed
    assert SECRET not in repr(kept)


def test_an_event_without_a_secret_stays_as_it_is() -> None:
    event = ReactionChanged("1", MESSAGE, ANNA, "👍", added=True)

    assert without_secrets(event) == (event, False)
