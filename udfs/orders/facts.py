"""What an event adds to what is known of an order, and what trigger that makes it.

Each function writes down the event's facts and returns its trigger, or None when the event says
nothing new: a pure repeat, or the answer to a release of our own.
"""

from collections.abc import Callable
from typing import Any, Final

from udfs.orders.events import (
    FraudDecision,
    FraudOutcome,
    LaterEvent,
    OrderInitiated,
    OrderRequest,
    PaymentEvent,
    ReservationStep,
    ShipmentEvent,
)
from udfs.orders.lines import on_reservation_step
from udfs.orders.state import TERMINAL, Order, State
from udfs.orders.table import Trigger

_DECIDED: Final = {
    "STEP_UP": Trigger.STEP_UP_REQUIRED,
    "REVIEW": Trigger.REVIEW_REQUIRED,
    "DECLINE": Trigger.FRAUD_DECLINED,
}
_PARCELS: Final = {
    "PICKED": Trigger.PARCEL_PICKED,
    "PACKED": Trigger.PARCEL_PACKED,
    "SHIPPED": Trigger.PARCEL_SHIPPED,
    "DELIVERED": Trigger.PARCEL_DELIVERED,
    "RETURN_RECEIVED": Trigger.RETURN_RECEIVED,
}
_REQUESTS: Final = {
    "CANCEL": Trigger.CANCEL_REQUESTED,
    "RETURN": Trigger.RETURN_REQUESTED,
}


def trigger_of(order: Order, event: OrderInitiated | LaterEvent) -> Trigger | None:
    """Take the event's facts over into the order; what the event means to it."""
    return _FACTS[type(event)](order, event)


def follow_up(order: Order) -> Trigger | None:
    """What an earlier event means to the state that the order has just come to, if anything.

    Decisions and outcomes come from two topics, so a reviewer may be heard before the decision
    that asked for them.
    """
    if order.cleared or order.vouched_by is None:
        return None
    if order.state == State.STEP_UP:
        return _cleared(order, Trigger.STEP_UP_PASSED)
    if order.state == State.IN_REVIEW and order.vouched_by == "REVIEWER":
        return _cleared(order, Trigger.REVIEW_PASSED)
    return None


def _cleared(order: Order, unpaid: Trigger) -> Trigger:
    order.cleared = True
    return Trigger.CLEARED if order.paid else unpaid


def on_initiated(order: Order, event: OrderInitiated) -> Trigger | None:
    """An order of an id that is there already."""
    return None if event.event_id == order.initiated_id else Trigger.ORDER_REPEATED


def on_decision(order: Order, event: FraudDecision) -> Trigger | None:
    """The first decision counts; it is written at least once, so a repeat is nothing new."""
    if order.decision_id is not None:
        same = event.decision_id == order.decision_id
        return None if same else Trigger.DECISION_REPEATED
    order.decision_id = event.decision_id
    if event.band != "APPROVE":
        return _DECIDED[event.band]
    return _cleared(order, Trigger.FRAUD_APPROVED)


def on_outcome(order: Order, event: FraudOutcome) -> Trigger:
    """Who may clear an order depends on what the fraud check asked for."""
    if event.outcome == "FRAUD":
        return Trigger.FRAUD_REPORTED
    if event.source == "CHARGEBACK" or order.cleared:
        return Trigger.OUTCOME_NOTED
    if order.state == State.STEP_UP:
        return _cleared(order, Trigger.STEP_UP_PASSED)
    if order.state == State.IN_REVIEW:
        if event.source == "CUSTOMER":
            return Trigger.REVIEWER_NEEDED
        return _cleared(order, Trigger.REVIEW_PASSED)
    if order.vouched_by != "REVIEWER":
        order.vouched_by = event.source
    return Trigger.OUTCOME_NOTED


def on_payment(order: Order, event: PaymentEvent) -> Trigger:
    """What the provider holds is known whether or not it suffices: it may have to be given back."""
    if event.event_type == "AUTHORIZED":
        return _on_authorized(order, event)
    if event.event_type == "DECLINED":
        return Trigger.PAYMENT_DECLINED
    if event.event_type == "CAPTURED":
        if order.captured or not order.capture_asked:
            return Trigger.CAPTURE_UNEXPECTED
        order.captured = True
        return Trigger.PAYMENT_CAPTURED
    if order.refunded or not order.refund_asked:
        # The provider gave it back by itself: never do so again, and never capture it.
        order.refunded = order.refunded or order.held_minor is not None
        return Trigger.REFUND_UNEXPECTED
    order.refunded = True
    return Trigger.PAYMENT_REFUNDED


def _on_authorized(order: Order, event: PaymentEvent) -> Trigger:
    ended = order.state in TERMINAL
    if order.paid or (ended and order.held_minor is not None):
        return Trigger.PAYMENT_REPEATED
    order.held_minor, order.held_currency = event.amount_minor, event.currency
    if ended:
        return Trigger.PAYMENT_LATE
    if event.currency != order.currency or event.amount_minor < order.amount_minor:
        return Trigger.PAYMENT_MISMATCH
    order.paid = True
    return Trigger.CLEARED if order.cleared else Trigger.PAYMENT_AUTHORIZED


def on_shipment(order: Order, event: ShipmentEvent) -> Trigger | None:
    """The latest tracking number and carrier hold; a parcel comes back once."""
    order.tracking_number = event.tracking_number or order.tracking_number
    order.carrier = event.carrier or order.carrier
    if event.event_type == "RETURN_RECEIVED" and order.restocked:
        return None
    return _PARCELS[event.event_type]


def on_request(order: Order, event: OrderRequest) -> Trigger:  # noqa: ARG001
    """A request adds no fact: the state alone says whether it is granted."""
    return _REQUESTS[event.request]


_FACTS: Final[dict[type, Callable[[Order, Any], Trigger | None]]] = {
    OrderInitiated: on_initiated,
    FraudDecision: on_decision,
    FraudOutcome: on_outcome,
    PaymentEvent: on_payment,
    ReservationStep: on_reservation_step,
    ShipmentEvent: on_shipment,
    OrderRequest: on_request,
}
