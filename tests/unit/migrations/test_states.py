"""The table of a migration's phases."""

from chatops.migrations.states import ENDED, TABLE, WORKED, Phase, Step


def test_every_step_can_be_taken_somewhere() -> None:
    assert {step for _phase, step in TABLE} == set(Step)


def test_every_phase_but_the_first_is_reached() -> None:
    assert set(TABLE.values()) == set(Phase) - {Phase.PLANNING}


def test_every_phase_that_has_not_ended_can_be_left_by_a_person_or_by_work() -> None:
    leaving = {phase for phase, _step in TABLE}
    assert set(Phase) - ENDED <= leaving


def test_nothing_is_worked_on_before_somebody_starts_it() -> None:
    assert not WORKED & {Phase.PLANNING, Phase.PLANNED, Phase.ASKING}
    assert {phase for (phase, step) in TABLE if step is Step.START} == {Phase.PLANNED}


def test_live_posts_wait_for_a_yes_between_the_trial_and_the_rest() -> None:
    assert TABLE[Phase.TRIAL, Step.TRY] is Phase.ASKING
    assert TABLE[Phase.ASKING, Step.AGREE] is Phase.MOVING
    assert (Phase.TRIAL, Step.AGREE) not in TABLE
