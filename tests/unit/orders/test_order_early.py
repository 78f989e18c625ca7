"""Events that come before their order: kept, counted when it comes, or given up."""

from order_desk import HOUR, MINUTE, NOON, Desk

from udfs.orders.events import DECISIONS, LIFECYCLE, PAYMENTS
from udfs.orders.state import MAX_EARLY


def test_events_that_came_first_count_when_the_order_comes(desk: Desk):
    assert desk.payment("AUTHORIZED", event_id="pay") == []
    assert desk.fraud("APPROVE", event_id="judge") == []
    desk.place()

    assert desk.steps() == [
        ("INITIATED", "INITIATED", "ORDER_INITIATED"),
        ("INITIATED", "INITIATED", "PAYMENT_AUTHORIZED"),
        ("INITIATED", "RESERVING", "CLEARED"),
    ]
    assert [step["cause_id"] for step in desk.emitted(LIFECYCLE)][1:] == ["pay", "judge"]
    assert desk.given_up == []
    desk.advance(NOON + 2 * HOUR)
    assert desk.where() == "RESERVING"


def test_every_kind_of_event_is_kept_until_its_order_comes(desk: Desk):
    desk.fraud("STEP_UP")
    desk.outcome("CUSTOMER", "LEGITIMATE")
    desk.payment("AUTHORIZED")
    desk.answer(0, "RESERVED")
    desk.parcel("SHIPPED")
    desk.request("CANCEL")
    assert desk.outputs == []

    desk.place()

    assert desk.where() == "CANCELLED"
    assert desk.commands() == ["AUTHORIZE_PAYMENT", "REQUEST_STEP_UP", "REFUND_PAYMENT"]
    assert [step["sequence"] for step in desk.emitted(LIFECYCLE)] == list(range(1, 8))


def test_events_of_no_order_are_given_up_after_the_grace(desk: Desk):
    desk.payment("AUTHORIZED", order_id="ghost", at=NOON)
    desk.fraud("APPROVE", order_id="ghost", at=NOON + 10 * MINUTE)

    desk.advance(NOON + HOUR)
    ((source, reason),) = desk.given_up
    assert source[0] == PAYMENTS
    assert "ghost" in reason
    assert desk.state("ghost") is not None

    desk.advance(NOON + HOUR + 10 * MINUTE)
    assert [source[0] for source, _ in desk.given_up] == [PAYMENTS, DECISIONS]
    assert desk.state("ghost") is None
    desk.assert_no_wake_ups_left()


def test_the_grace_is_a_limit_like_others(desk: Desk):
    desk.limit("ORDER", MINUTE)
    desk.payment("AUTHORIZED")
    desk.advance(NOON + MINUTE)

    assert len(desk.given_up) == 1
    desk.place()
    assert desk.steps() == [("INITIATED", "INITIATED", "ORDER_INITIATED")]


def test_what_exceeds_the_bound_is_given_up_at_once(desk: Desk):
    for _ in range(MAX_EARLY):
        desk.payment("AUTHORIZED")
    assert desk.given_up == []

    desk.payment("DECLINED")

    ((source, reason),) = desk.given_up
    assert source[0] == PAYMENTS
    assert str(MAX_EARLY) in reason
    desk.place()
    assert desk.where() == "INITIATED"


def test_what_comes_later_of_a_forgotten_order_is_kept_and_given_up(desk: Desk):
    desk.limit("RETENTION", MINUTE)
    desk.brought_to("CANCELLED").advance(NOON + MINUTE)
    desk.now = NOON + MINUTE
    desk.parcel("SHIPPED")
    desk.advance(NOON + 2 * HOUR)

    assert len(desk.given_up) == 1
    desk.assert_no_wake_ups_left()
