"""Which posts move, which stay, and what the plan foretells."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatops.archive import SourcePost
from chatops.language import ENGLISH, Text, _
from chatops.migrations.records import Selection
from chatops.migrations.selecting import SAMPLES, Forecast, choose
from chatops.migrations.states import ItemState
from chatops.posts.memory import LIMITS
from chatops.posts.post import KINDS, Media, Mention, Post, PostKind, Words

PARIS = Selection("Europe/Paris")
NOTHING_MISSING: frozenset[str] = frozenset()


def source(
    kind: PostKind = "post",
    at: datetime = datetime(2020, 5, 1, 12, tzinfo=UTC),
    text: str = "Bonjour",
    held: Text | None = None,
    **more: object,
) -> SourcePost:
    body = (Words(text),) if text else ()
    return SourcePost(Post("1", kind, at, body, **more), held)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("kind", "state"),
    [
        ("post", ItemState.PLANNED),
        ("thread", ItemState.PLANNED),
        ("quote", ItemState.PLANNED),
        ("reply", ItemState.SKIPPED),
        ("repost", ItemState.SKIPPED),
    ],
)
def test_without_a_choice_everything_moves_but_answers_and_reposts(
    kind: PostKind, state: ItemState
) -> None:
    item = choose(source(kind), PARIS, NOTHING_MISSING)
    assert item.state is state
    assert (item.reason is None) is (state is ItemState.PLANNED)


def test_a_repost_never_moves() -> None:
    everything = Selection("UTC", frozenset(KINDS))
    assert choose(source("repost"), everything, NOTHING_MISSING).state is ItemState.SKIPPED


def test_days_are_those_of_the_organisation() -> None:
    new_year = datetime(2019, 12, 31, 23, 30, tzinfo=UTC)
    since = Selection("Europe/Paris", since=date(2020, 1, 1))
    assert choose(source(at=new_year), since, NOTHING_MISSING).state is ItemState.PLANNED
    elsewhere = Selection("UTC", since=date(2020, 1, 1))
    assert choose(source(at=new_year), elsewhere, NOTHING_MISSING).state is ItemState.SKIPPED


def test_the_last_day_is_included() -> None:
    until = Selection("UTC", until=date(2020, 5, 1))
    assert choose(source(), until, NOTHING_MISSING).state is ItemState.PLANNED
    later = source(at=datetime(2020, 5, 2, tzinfo=UTC))
    assert choose(later, until, NOTHING_MISSING).state is ItemState.SKIPPED


def test_what_may_not_have_been_public_is_held_with_its_reason() -> None:
    item = choose(source(held=_("It may have been for your Circle.")), PARIS, NOTHING_MISSING)
    assert item.state is ItemState.HELD
    assert item.reason is not None


def test_a_post_of_which_nothing_is_left_stays_behind() -> None:
    picture = source(text="", media=(Media("image", "a.png"),))
    assert choose(picture, PARIS, frozenset({"a.png"})).state is ItemState.SKIPPED
    assert choose(picture, PARIS, NOTHING_MISSING).state is ItemState.PLANNED


def test_every_reason_and_loss_is_counted() -> None:
    forecast = Forecast(LIMITS)
    for post in (
        source("repost"),
        source("reply"),
        source("reply"),
        source(text="word " * 100),
        source(text="", media=tuple(Media("image", f"{n}.png") for n in range(5))),
    ):
        forecast.add(choose(post, PARIS, NOTHING_MISSING), NOTHING_MISSING)
    assert [reason.count for reason in forecast.skipped] == [2, 1]
    assert forecast.moves == {"post": 2}
    assert forecast.records == 4, "a long text and five pictures take two records each"
    assert {ENGLISH.say(loss.text).split(":")[0] for loss in forecast.losses} == {
        "Too long for one post",
        "Pictures have no description",
    }


def test_a_mention_is_told_as_a_loss() -> None:
    forecast = Forecast(LIMITS)
    post = Post("1", "post", datetime(2020, 1, 1, tzinfo=UTC), (Mention("ana"), Words(" merci")))
    forecast.add(choose(SourcePost(post, None), PARIS, NOTHING_MISSING), NOTHING_MISSING)
    assert [loss.count for loss in forecast.losses] == [1]


@given(st.lists(st.tuples(st.sampled_from(KINDS), st.integers(0, 700)), max_size=30))
def test_every_post_is_accounted_for(posts: list[tuple[PostKind, int]]) -> None:
    forecast = Forecast(LIMITS)
    for day, (kind, length) in enumerate(posts):
        at = datetime(2020, 1, 1, tzinfo=UTC) + timedelta(days=day)
        item = choose(source(kind, at, "x" * (length + 1)), PARIS, NOTHING_MISSING)
        forecast.add(item, NOTHING_MISSING)
    moved = sum(forecast.moves.values())
    assert moved + sum(reason.count for reason in forecast.skipped) == len(posts)
    assert forecast.records >= moved
    assert len(forecast.samples) == min(SAMPLES, moved)
