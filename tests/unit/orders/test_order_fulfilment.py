"""From reserved units to the delivered parcel, and back."""

import pytest
from order_desk import AMOUNT, Desk

from udfs.orders.events import COMMANDS, INVENTORY_EVENTS, NOTIFICATIONS

BOTH = ("o1/0", "o1/1")


def of_both(event_type: str) -> list[tuple[str, str]]:
    return [(event_type, name) for name in BOTH]


def test_an_order_is_confirmed_when_every_line_is_reserved(desk: Desk):
    desk.brought_to("RESERVING").answer(1, "RESERVED", warehouse_id="oslo")
    assert desk.steps() == [("RESERVING", "RESERVING", "LINE_RESERVED")]

    desk.answer(0, "RESERVED")

    assert desk.steps()[-1] == ("RESERVING", "CONFIRMED", "LINES_RESERVED")
    assert desk.stock() == of_both("COMMITTED")
    assert desk.messages() == ["ORDER_CONFIRMED"]
    (command,) = desk.emitted(COMMANDS)
    assert command["command"] == "PICK_AND_PACK"
    assert command["lines"] == [
        {"sku": "mug", "quantity": 2, "warehouse_id": "berlin"},
        {"sku": "pot", "quantity": 1, "warehouse_id": "oslo"},
    ]


def test_a_repeated_answer_says_nothing(desk: Desk):
    desk.brought_to("RESERVING").answer(0, "RESERVED")
    assert desk.answer(0, "RESERVED") == []
    desk.answer(1, "RESERVED")
    desk.answer(0, "COMMITTED")
    assert desk.answer(0, "COMMITTED") == []


@pytest.mark.parametrize("status", ["REJECTED", "EXPIRED", "RELEASED"])
def test_one_lost_line_cancels_the_order_and_releases_the_others(desk: Desk, status: str):
    desk.brought_to("RESERVING").answer(0, "RESERVED")
    desk.answer(1, status)

    assert desk.steps()[-1] == ("RESERVING", "CANCELLED", "LINE_LOST")
    assert desk.stock() == [("RELEASED", "o1/0")]
    assert desk.commands() == ["REFUND_PAYMENT"]
    assert desk.messages() == ["ORDER_CANCELLED"]


def test_a_line_that_is_not_answered_yet_is_released_too(desk: Desk):
    desk.brought_to("RESERVING").answer(0, "REJECTED", warehouse_id=None)

    assert desk.stock() == [("RELEASED", "o1/1")]


def test_answers_to_our_own_releases_are_expected(desk: Desk):
    desk.brought_to("RESERVING").request("CANCEL")
    desk.outputs.clear()

    for status in ("RESERVED", "REROUTED", "RELEASED", "EXPIRED", "REJECTED"):
        desk.answers(status)

    assert desk.outputs == []


@pytest.mark.parametrize("status", ["REJECTED", "EXPIRED", "RELEASED"])
def test_stock_lost_after_the_confirmation_cancels_the_order(desk: Desk, status: str):
    desk.brought_to("CONFIRMED").answer(0, "COMMITTED")
    desk.answer(1, status, reason="STOCK_LOST")

    assert desk.steps()[-1] == ("CONFIRMED", "CANCELLED", "LINE_LOST")
    assert desk.stock() == [("RELEASED", "o1/0")]
    assert desk.commands() == ["REFUND_PAYMENT"]


def test_stock_lost_after_packing_is_recorded_and_nothing_is_captured(desk: Desk):
    desk.brought_to("CONFIRMED").answer(0, "COMMITTED")
    desk.parcel("PACKED")
    desk.answer(1, "EXPIRED")
    desk.answer(1, "REJECTED", reason="RESERVATION_EXPIRED")
    desk.parcel("DELIVERED")

    assert desk.steps().count(("PACKED", "PACKED", "LINE_LOST")) == 1
    assert desk.stock() == [("SHIPPED", "o1/0")]
    assert desk.commands() == []


def test_what_the_inventory_says_of_a_returned_order_is_recorded(desk: Desk):
    desk.brought_to("CONFIRMED").parcel("DELIVERED")
    desk.request("RETURN")
    desk.answers("COMMITTED")
    desk.answer(0, "RELEASED", reason="STOCK_LOST")
    desk.parcel("RETURN_RECEIVED")

    assert [cause for _, _, cause in desk.steps()][2:] == [
        "LINE_COMMITTED",
        "LINES_COMMITTED",
        "LINE_LOST",
        "RETURN_RECEIVED",
    ]
    assert desk.stock()[-1] == ("RESTOCKED", "o1/1")
    assert ("RESTOCKED", "o1/0") not in desk.stock()


def test_a_rerouted_line_is_restocked_where_it_came_from(desk: Desk):
    desk.brought_to("CONFIRMED").answer(0, "REROUTED", warehouse_id="athens")
    desk.parcel("SHIPPED")
    desk.parcel("RETURN_RECEIVED")

    assert desk.steps()[0] == ("CONFIRMED", "CONFIRMED", "LINE_REROUTED")
    back = desk.emitted(INVENTORY_EVENTS, event_type="RESTOCKED")
    assert [(event["sku"], event["quantity"], event["warehouse_id"]) for event in back] == [
        ("mug", 2, "athens"),
        ("pot", 1, "berlin"),
    ]


@pytest.mark.parametrize("parcels", [[], ["PACKED"], ["SHIPPED"], ["DELIVERED"]])
def test_the_payment_is_captured_when_every_line_is_committed(desk: Desk, parcels: list[str]):
    desk.brought_to("CONFIRMED")
    for parcel in parcels:
        desk.parcel(parcel)
    desk.answer(0, "COMMITTED")
    assert desk.commands() == []

    desk.answer(1, "COMMITTED")

    (command,) = desk.emitted(COMMANDS)
    assert command["command"] == "CAPTURE_PAYMENT"
    assert (command["amount_minor"], command["currency"]) == (AMOUNT, "EUR")


def test_nothing_is_captured_after_a_return(desk: Desk):
    desk.brought_to("CONFIRMED").parcel("DELIVERED")
    desk.request("RETURN")
    desk.answers("COMMITTED")

    assert desk.commands() == ["REFUND_PAYMENT"]


def test_a_picked_parcel_is_recorded(desk: Desk):
    desk.brought_to("CONFIRMED").parcel("PICKED")

    assert desk.steps() == [("CONFIRMED", "CONFIRMED", "PARCEL_PICKED")]


@pytest.mark.parametrize("state", ["CONFIRMED", "PACKED"])
def test_a_shipped_parcel_leaves_the_stock_and_tells_its_number(desk: Desk, state: str):
    desk.brought_to(state).parcel("SHIPPED", tracking_number="T1", carrier="post")

    assert desk.steps() == [(state, "SHIPPED", "PARCEL_SHIPPED")]
    assert desk.stock() == of_both("SHIPPED")
    (message,) = desk.emitted(NOTIFICATIONS)
    assert message["template"] == "ORDER_SHIPPED"
    assert message["parameters"]["tracking_number"] == "T1"
    assert message["parameters"]["carrier"] == "post"


@pytest.mark.parametrize("state", ["CONFIRMED", "PACKED", "SHIPPED"])
def test_a_delivered_parcel_has_left_the_stock_whatever_was_heard_before(desk: Desk, state: str):
    desk.brought_to(state).parcel("DELIVERED")

    assert desk.steps() == [(state, "DELIVERED", "PARCEL_DELIVERED")]
    assert desk.stock() == ([] if state == "SHIPPED" else of_both("SHIPPED"))
    assert desk.points() == [(52, "DELIVERED")]
    assert desk.messages() == ["ORDER_DELIVERED"]


def test_an_order_below_a_hundred_minor_units_gives_no_points(desk: Desk):
    desk.place(amount_minor=99)
    desk.fraud("APPROVE")
    desk.payment("AUTHORIZED", 99)
    desk.answers("RESERVED")
    desk.parcel("DELIVERED")
    desk.request("RETURN")

    assert desk.points() == []


def test_a_return_refunds_and_takes_the_points_back_and_the_goods_come_later(desk: Desk):
    desk.brought_to("DELIVERED").request("RETURN", reason="too blue")
    assert desk.steps() == [("DELIVERED", "RETURNED", "RETURN_REQUESTED")]
    assert desk.commands() == ["REFUND_PAYMENT"]
    assert desk.points() == [(-52, "RETURNED")]
    assert desk.messages() == ["ORDER_RETURNED"]
    assert desk.stock() == []

    desk.parcel("RETURN_RECEIVED")
    assert desk.stock() == of_both("RESTOCKED")
    assert desk.parcel("RETURN_RECEIVED") == []


def test_a_parcel_refused_at_the_door_is_a_return_without_points(desk: Desk):
    desk.brought_to("SHIPPED").parcel("RETURN_RECEIVED")

    assert desk.steps() == [("SHIPPED", "RETURNED", "RETURN_RECEIVED")]
    assert desk.stock() == of_both("RESTOCKED")
    assert desk.commands() == ["REFUND_PAYMENT"]
    assert desk.points() == []


@pytest.mark.parametrize(
    "state", ["INITIATED", "STEP_UP", "IN_REVIEW", "RESERVING", "CONFIRMED", "PACKED"]
)
def test_an_order_can_be_cancelled_until_it_is_shipped(desk: Desk, state: str):
    desk.brought_to(state).request("CANCEL")

    assert desk.steps() == [(state, "CANCELLED", "CANCEL_REQUESTED")]
    assert desk.messages() == ["ORDER_CANCELLED"]
    sold = state in ("RESERVING", "CONFIRMED", "PACKED")
    assert desk.stock() == (of_both("RELEASED") if sold else [])
    assert desk.commands() == (["REFUND_PAYMENT"] if sold else [])


@pytest.mark.parametrize("state", ["SHIPPED", "DELIVERED", "RETURNED", "CANCELLED", "REJECTED"])
def test_a_cancellation_that_comes_too_late_is_refused_with_a_reason(desk: Desk, state: str):
    ((_, record),) = desk.brought_to(state).request("CANCEL")

    assert desk.steps() == [(state, state, "CANCEL_REFUSED")]
    assert record["explanation"].startswith("The order can no longer be cancelled: it ")


@pytest.mark.parametrize(
    "state", ["INITIATED", "RESERVING", "CONFIRMED", "SHIPPED", "RETURNED", "CANCELLED"]
)
def test_only_a_delivered_order_can_be_returned(desk: Desk, state: str):
    ((_, record),) = desk.brought_to(state).request("RETURN")

    assert desk.steps() == [(state, state, "RETURN_REFUSED")]
    assert record["explanation"].startswith("The order cannot be returned: it ")


@pytest.mark.parametrize("parcel", ["PICKED", "PACKED", "SHIPPED", "DELIVERED", "RETURN_RECEIVED"])
@pytest.mark.parametrize("state", ["INITIATED", "RESERVING", "CANCELLED", "REJECTED"])
def test_a_parcel_of_an_order_without_one_is_explained(desk: Desk, state: str, parcel: str):
    desk.brought_to(state).parcel(parcel)

    assert desk.steps() == [(state, state, "PARCEL_UNEXPECTED")]


@pytest.mark.parametrize(
    "reservation_id", ["o1/2", "o1/-1", "o1/x", "o1/00", "o2/0", "o1", "o1/²", "o1/" + "9" * 5000]
)
def test_an_answer_about_no_line_of_the_order_is_explained(desk: Desk, reservation_id: str):
    desk.brought_to("RESERVING").answer(0, "REJECTED", reservation_id=reservation_id)

    assert desk.steps() == [("RESERVING", "RESERVING", "RESERVATION_UNEXPECTED")]


def test_captured_and_refunded_money_is_recorded_once(desk: Desk):
    desk.brought_to("DELIVERED").payment("CAPTURED")
    desk.payment("CAPTURED")
    desk.request("RETURN")
    desk.payment("REFUNDED")
    desk.payment("REFUNDED")

    assert [cause for _, _, cause in desk.steps()] == [
        "PAYMENT_CAPTURED",
        "CAPTURE_UNEXPECTED",
        "RETURN_REQUESTED",
        "PAYMENT_REFUNDED",
        "REFUND_UNEXPECTED",
    ]
