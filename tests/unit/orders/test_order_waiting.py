"""Nothing waits in silence: delays, retention, and wake-ups that come late or for nothing."""

import pytest
from order_desk import DAY, HOUR, MINUTE, NOON, SECOND, Desk

from udfs.orders.events import DELAYS


def test_an_order_waits_for_fraud_and_payment_at_once(desk: Desk):
    desk.limit("FRAUD", 5 * SECOND)
    desk.limit("PAYMENT", 10 * MINUTE)
    desk.brought_to("INITIATED").advance(NOON + HOUR)

    assert desk.delays() == [
        ("INITIATED", "FRAUD", 5 * SECOND),
        ("INITIATED", "PAYMENT", 10 * MINUTE),
    ]


def test_a_delayed_order_is_not_dropped(desk: Desk):
    desk.brought_to("INITIATED").advance(NOON + DAY)
    desk.fraud("APPROVE")
    desk.payment("AUTHORIZED")

    assert desk.where() == "RESERVING"


def test_what_came_in_time_is_no_delay(desk: Desk):
    desk.brought_to("INITIATED").fraud("APPROVE")
    desk.payment("AUTHORIZED")
    desk.answers("RESERVED")
    desk.answers("COMMITTED")
    desk.payment("CAPTURED")
    desk.parcel("PACKED")
    desk.parcel("SHIPPED")
    desk.parcel("DELIVERED")
    desk.advance(NOON + 365 * DAY)

    assert desk.delays() == []
    desk.assert_no_wake_ups_left()


@pytest.mark.parametrize(
    ("state", "waits"),
    [
        ("STEP_UP", {"PAYMENT", "STEP_UP"}),
        ("IN_REVIEW", {"PAYMENT", "REVIEW"}),
        ("RESERVING", {"RESERVATION"}),
        ("CONFIRMED", {"COMMIT", "PACKING"}),
        ("PACKED", {"CAPTURE", "SHIPPING"}),
        ("SHIPPED", {"CAPTURE", "DELIVERY"}),
        ("DELIVERED", {"CAPTURE"}),
        ("RETURNED", {"REFUND"}),
        ("CANCELLED", set()),
        ("REJECTED", set()),
    ],
)
def test_every_state_tells_what_it_waits_for(desk: Desk, state: str, waits: set[str]):
    desk.brought_to(state).advance(NOON + 20 * DAY)

    delays = desk.delays()
    assert {waiting_for for _, waiting_for, _ in delays} == waits
    assert len(delays) == len(waits)
    assert {where for where, _, _ in delays} <= {state}


def test_a_cleared_step_up_waits_for_its_payment_only(desk: Desk):
    desk.brought_to("STEP_UP").outcome("CUSTOMER", "LEGITIMATE")
    desk.advance(NOON + DAY)

    assert [waiting_for for _, waiting_for, _ in desk.delays()] == ["PAYMENT"]


def test_a_wait_that_goes_on_over_states_counts_from_its_beginning(desk: Desk):
    desk.limit("COMMIT", HOUR)
    desk.brought_to("CONFIRMED").advance(NOON + 30 * MINUTE)
    desk.parcel("SHIPPED")
    desk.advance(NOON + HOUR)

    assert desk.delays() == [("SHIPPED", "COMMIT", HOUR)]


def test_stock_that_is_lost_after_the_capture_was_asked_leaves_the_capture_to_wait_for(desk: Desk):
    desk.brought_to("PACKED").answer(0, "RELEASED", reason="STOCK_LOST")
    desk.advance(NOON + 12 * HOUR)
    assert [waiting_for for _, waiting_for, _ in desk.delays()] == ["CAPTURE"]

    desk.payment("CAPTURED")
    desk.parcel("DELIVERED")
    desk.advance(NOON + DAY)
    assert len(desk.delays()) == 1


def test_a_late_wake_up_tells_how_long_it_was(desk: Desk):
    desk.brought_to("RESERVING").wake("o1", NOON + HOUR)

    assert desk.delays() == [("RESERVING", "RESERVATION", HOUR)]
    assert desk.wake("o1", NOON + 2 * HOUR) == []


def test_a_wake_up_for_what_has_moved_on_does_nothing(desk: Desk):
    desk.brought_to("RESERVING").wake("o1", NOON + SECOND)
    desk.wake("nobody", NOON)

    assert desk.outputs == []
    desk.advance(NOON + HOUR)
    assert len(desk.emitted(DELAYS)) == 1


def test_a_limit_that_was_raised_meanwhile_holds(desk: Desk):
    desk.limit("RESERVATION", MINUTE)
    desk.brought_to("RESERVING")
    desk.limit("RESERVATION", HOUR)
    desk.advance(NOON + 2 * MINUTE)
    assert desk.delays() == []

    desk.advance(NOON + HOUR)
    assert desk.delays() == [("RESERVING", "RESERVATION", HOUR)]


@pytest.mark.parametrize("state", ["DELIVERED", "RETURNED", "CANCELLED", "REJECTED"])
def test_a_finished_order_is_forgotten_after_its_retention(desk: Desk, state: str):
    desk.limit("RETENTION", 30 * DAY)
    desk.brought_to(state).advance(NOON + 30 * DAY - 1)
    assert desk.where() == state

    desk.advance(NOON + 30 * DAY)
    assert desk.state("o1") is None
    desk.assert_no_wake_ups_left()


def test_an_order_on_its_way_is_never_forgotten(desk: Desk):
    desk.brought_to("SHIPPED").advance(NOON + 3650 * DAY)

    assert desk.where() == "SHIPPED"


def test_what_is_still_waited_for_is_told_before_the_order_is_forgotten(desk: Desk):
    desk.limit("REFUND", 60 * DAY)
    desk.brought_to("RETURNED").advance(NOON + 90 * DAY)

    assert desk.delays() == [("RETURNED", "REFUND", 30 * DAY)]


def test_a_return_begins_the_retention_anew(desk: Desk):
    desk.brought_to("DELIVERED").advance(NOON + 20 * DAY)
    desk.request("RETURN")
    desk.advance(NOON + 40 * DAY)

    assert desk.where() == "RETURNED"
