"""Fraud check and payment, in parallel: what an order needs to go on, and what ends it."""

import pytest
from order_desk import AMOUNT, Desk

from udfs.orders.events import COMMANDS, INVENTORY_EVENTS, LIFECYCLE, NOTIFICATIONS


def test_a_placed_order_asks_for_its_payment_at_once(desk: Desk):
    desk.place()

    assert desk.steps() == [("INITIATED", "INITIATED", "ORDER_INITIATED")]
    (command,) = desk.emitted(COMMANDS)
    assert command["command"] == "AUTHORIZE_PAYMENT"
    assert (command["amount_minor"], command["currency"]) == (AMOUNT, "EUR")


def test_payment_and_approval_lead_to_reserving_in_either_order():
    fraud_first, payment_first = Desk(), Desk()
    for desk in (fraud_first, payment_first):
        desk.place()
    fraud_first.fraud("APPROVE")
    fraud_first.payment("AUTHORIZED")
    payment_first.payment("AUTHORIZED")
    payment_first.fraud("APPROVE")

    last = ("INITIATED", "RESERVING", "CLEARED")
    assert fraud_first.steps()[1:] == [("INITIATED", "INITIATED", "FRAUD_APPROVED"), last]
    assert payment_first.steps()[1:] == [("INITIATED", "INITIATED", "PAYMENT_AUTHORIZED"), last]


def test_reserving_asks_for_every_line(desk: Desk):
    desk.brought_to("INITIATED").fraud("APPROVE")
    desk.payment("AUTHORIZED")

    first, second = desk.emitted(INVENTORY_EVENTS)
    assert first["event_id"] == "o1/0/RESERVE_REQUESTED"
    assert (first["event_type"], first["reservation_id"]) == ("RESERVE_REQUESTED", "o1/0")
    assert (first["sku"], first["quantity"], first["order_id"]) == ("mug", 2, "o1")
    assert (first["channel"], first["ship_to_region"]) == ("web", "DE")
    assert (second["reservation_id"], second["sku"], second["quantity"]) == ("o1/1", "pot", 1)


@pytest.mark.parametrize("source", ["CUSTOMER", "REVIEWER"])
def test_a_step_up_asks_the_customer_and_passes_when_somebody_vouches(desk: Desk, source: str):
    desk.brought_to("INITIATED").fraud("STEP_UP")
    assert desk.where() == "STEP_UP"
    assert desk.commands() == ["REQUEST_STEP_UP"]
    (message,) = desk.emitted(NOTIFICATIONS)
    assert (message["template"], message["channel"]) == ("STEP_UP_REQUESTED", "PUSH")

    desk.outcome(source, "LEGITIMATE")
    assert desk.steps()[-1] == ("STEP_UP", "STEP_UP", "STEP_UP_PASSED")
    desk.payment("AUTHORIZED")
    assert desk.steps()[-1] == ("STEP_UP", "RESERVING", "CLEARED")


def test_a_review_needs_a_reviewer(desk: Desk):
    desk.brought_to("IN_REVIEW").payment("AUTHORIZED")

    desk.outcome("CUSTOMER", "LEGITIMATE")
    assert desk.steps()[-1] == ("IN_REVIEW", "IN_REVIEW", "REVIEWER_NEEDED")
    desk.outcome("REVIEWER", "LEGITIMATE")
    assert desk.steps()[-1] == ("IN_REVIEW", "RESERVING", "CLEARED")


def test_a_reviewer_who_is_heard_before_the_decision_counts_when_it_comes(desk: Desk):
    desk.brought_to("INITIATED").outcome("REVIEWER", "LEGITIMATE")
    desk.outcome("CUSTOMER", "LEGITIMATE")
    desk.payment("AUTHORIZED")
    desk.fraud("REVIEW")

    assert desk.steps()[-2:] == [
        ("INITIATED", "IN_REVIEW", "REVIEW_REQUIRED"),
        ("IN_REVIEW", "RESERVING", "CLEARED"),
    ]


def test_a_customer_who_is_heard_before_the_decision_does_not_replace_a_reviewer(desk: Desk):
    desk.brought_to("INITIATED").outcome("CUSTOMER", "LEGITIMATE")
    desk.payment("AUTHORIZED")
    desk.fraud("REVIEW")

    assert desk.where() == "IN_REVIEW"


def test_a_decline_voids_what_is_held(desk: Desk):
    desk.brought_to("INITIATED").payment("AUTHORIZED")
    desk.fraud("DECLINE")

    assert desk.steps()[-1] == ("INITIATED", "REJECTED", "FRAUD_DECLINED")
    assert desk.commands() == ["REFUND_PAYMENT"]
    assert desk.messages() == ["ORDER_REJECTED"]


@pytest.mark.parametrize("state", ["REJECTED", "CANCELLED"])
def test_money_that_comes_after_the_end_is_given_back_once(desk: Desk, state: str):
    desk.brought_to(state)
    assert desk.commands() == []

    desk.payment("AUTHORIZED")
    desk.payment("AUTHORIZED")

    assert desk.commands() == ["REFUND_PAYMENT"]
    assert desk.steps() == [(state, state, "PAYMENT_LATE"), (state, state, "PAYMENT_REPEATED")]


def test_a_repeated_decision_says_nothing(desk: Desk):
    desk.brought_to("INITIATED").fraud("STEP_UP", decision_id="d1")
    desk.outputs.clear()

    assert desk.fraud("STEP_UP", decision_id="d1") == []


def test_another_decision_is_refused(desk: Desk):
    desk.brought_to("STEP_UP").fraud("APPROVE", decision_id="d2")

    assert desk.steps() == [("STEP_UP", "STEP_UP", "DECISION_REFUSED")]
    assert desk.outputs[1:] == []


@pytest.mark.parametrize("source", ["CUSTOMER", "REVIEWER", "CHARGEBACK"])
@pytest.mark.parametrize("state", ["INITIATED", "STEP_UP", "IN_REVIEW", "RESERVING"])
def test_reported_fraud_rejects_what_is_not_confirmed(desk: Desk, state: str, source: str):
    desk.brought_to(state).outcome(source, "FRAUD")

    assert desk.steps() == [(state, "REJECTED", "FRAUD_REPORTED")]


@pytest.mark.parametrize("state", ["CONFIRMED", "PACKED", "SHIPPED", "DELIVERED", "RETURNED"])
def test_fraud_that_is_reported_too_late_is_recorded(desk: Desk, state: str):
    desk.brought_to(state).outcome("CHARGEBACK", "FRAUD")

    assert desk.steps() == [(state, state, "FRAUD_REPORTED")]
    assert desk.outputs[1:] == []


@pytest.mark.parametrize("state", ["INITIATED", "STEP_UP", "IN_REVIEW", "RESERVING"])
def test_a_declined_payment_rejects_what_is_not_confirmed(desk: Desk, state: str):
    desk.brought_to(state).payment("DECLINED")

    assert desk.steps() == [(state, "REJECTED", "PAYMENT_DECLINED")]
    assert desk.messages() == ["ORDER_REJECTED"]
    asked = state == "RESERVING"
    assert desk.commands() == (["REFUND_PAYMENT"] if asked else [])
    assert desk.stock() == ([("RELEASED", "o1/0"), ("RELEASED", "o1/1")] if asked else [])


def test_a_second_authorization_is_refused_and_does_nothing(desk: Desk):
    desk.brought_to("RESERVING").payment("AUTHORIZED")

    assert desk.steps() == [("RESERVING", "RESERVING", "PAYMENT_REPEATED")]
    assert desk.outputs[1:] == []


@pytest.mark.parametrize("money", [(AMOUNT - 1, "EUR"), (AMOUNT, "USD")])
def test_an_authorization_that_does_not_fit_leaves_the_order_unpaid(desk: Desk, money: tuple):
    desk.brought_to("INITIATED").fraud("APPROVE")
    desk.payment("AUTHORIZED", *money)
    assert desk.steps()[-1] == ("INITIATED", "INITIATED", "PAYMENT_MISMATCH")

    desk.payment("AUTHORIZED")
    assert desk.where() == "RESERVING"


def test_money_that_does_not_fit_is_held_and_so_given_back(desk: Desk):
    desk.brought_to("INITIATED").payment("AUTHORIZED", 100, "USD")
    desk.request("CANCEL")

    (command,) = desk.emitted(COMMANDS, command="REFUND_PAYMENT")
    assert (command["amount_minor"], command["currency"]) == (100, "USD")


def test_an_order_of_an_id_that_is_there_is_refused(desk: Desk):
    desk.brought_to("CONFIRMED").place()

    assert desk.steps() == [("CONFIRMED", "CONFIRMED", "ORDER_REPEATED")]


def test_money_that_the_provider_gave_back_by_itself_is_neither_captured_nor_given_back(desk: Desk):
    desk.brought_to("CONFIRMED").payment("REFUNDED")
    desk.answers("COMMITTED")
    desk.request("CANCEL")

    assert ("CONFIRMED", "CONFIRMED", "REFUND_UNEXPECTED") in desk.steps()
    assert desk.commands() == []


def test_steps_are_numbered_and_name_their_cause(desk: Desk):
    desk.place(event_id="the-order")
    desk.fraud("APPROVE", event_id="the-decision")

    steps = desk.emitted(LIFECYCLE)
    assert [(step["sequence"], step["cause_id"]) for step in steps] == [
        (1, "the-order"),
        (2, "the-decision"),
    ]
    assert all(step["customer_id"] == "ann" and step["explanation"] for step in steps)
