"""The table of a delivery's states."""

from chatops.publishing.states import FOLLOWS, UNSETTLED, Delivery, before


def test_every_state_is_in_the_table() -> None:
    assert set(FOLLOWS) == set(Delivery)


def test_nothing_is_sent_again_whose_fate_is_unknown() -> None:
    assert not set(UNSETTLED) & before(Delivery.SENDING)


def test_what_is_published_is_never_sent_again() -> None:
    assert Delivery.PUBLISHED not in before(Delivery.SENDING)
