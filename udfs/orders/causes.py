"""What each trigger says to a person, where the table has it and where it has not."""

from typing import Final, NamedTuple

from udfs.orders.state import State
from udfs.orders.table import Trigger


class Refusal(NamedTuple):
    """`cause` of the lifecycle record of a trigger that its state does not allow, and why."""

    cause: str
    explanation: str


T = Trigger

MEANINGS: Final[dict[Trigger, str]] = {
    T.ORDER_INITIATED: "The order was placed; fraud check and payment start",
    T.FRAUD_APPROVED: "The fraud check approved the order; its payment is waited for",
    T.STEP_UP_REQUIRED: "The fraud check asks the customer to authenticate",
    T.REVIEW_REQUIRED: "The fraud check asks for a reviewer",
    T.FRAUD_DECLINED: "The fraud check declined the order",
    T.STEP_UP_PASSED: "The customer is who they say; the payment is waited for",
    T.REVIEW_PASSED: "A reviewer approved the order; its payment is waited for",
    T.OUTCOME_NOTED: "Somebody said that the order is legitimate; the fraud check has not decided",
    T.FRAUD_REPORTED: "The order was reported as fraud",
    T.CLEARED: "The order is approved and paid; its units are asked for",
    T.PAYMENT_AUTHORIZED: "The payment was authorized; the fraud check is waited for",
    T.PAYMENT_LATE: "The payment was authorized after the order had ended; it is given back",
    T.PAYMENT_DECLINED: "The payment was declined",
    T.PAYMENT_CAPTURED: "The payment was captured",
    T.PAYMENT_REFUNDED: "The payment was given back",
    T.LINE_RESERVED: "The units of a line were reserved; others are waited for",
    T.LINES_RESERVED: "The units of all lines were reserved",
    T.LINE_REROUTED: "The units of a line come from another warehouse",
    T.LINE_COMMITTED: "The units of a line are firm; others are waited for",
    T.LINES_COMMITTED: "The units of all lines are firm",
    T.LINE_LOST: "The units of a line cannot be had",
    T.PARCEL_PICKED: "The units were picked",
    T.PARCEL_PACKED: "The parcel was packed",
    T.PARCEL_SHIPPED: "The parcel was handed to the carrier",
    T.PARCEL_DELIVERED: "The parcel was delivered",
    T.RETURN_RECEIVED: "The parcel came back",
    T.CANCEL_REQUESTED: "The customer cancelled the order",
    T.RETURN_REQUESTED: "The customer returns the order",
}
"""Of the triggers in the table."""

_DECISION = Refusal(
    "DECISION_REFUSED", "A fraud decision came that the order, {state}, no longer waits for"
)
_OUTCOME = Refusal(
    "OUTCOME_NOTED", "Somebody said that the order is legitimate; nothing waits for that"
)
_PAYMENT_REPEATED = Refusal(
    "PAYMENT_REPEATED", "The payment was authorized already; the order is {state}"
)
_RESERVATION = Refusal(
    "RESERVATION_UNEXPECTED", "The order, {state}, has asked for nothing that this answers"
)
_PARCEL = Refusal("PARCEL_UNEXPECTED", "A parcel is not expected to do this: the order is {state}")
_CAPTURE = Refusal(
    "CAPTURE_UNEXPECTED", "The payment was captured, which the order, {state}, had not asked for"
)
_REFUND = Refusal(
    "REFUND_UNEXPECTED", "The payment was given back, which the order, {state}, had not asked for"
)

REFUSALS: Final[dict[Trigger, Refusal]] = {
    T.ORDER_INITIATED: Refusal("ORDER_REPEATED", "The order is there already, {state}"),
    T.ORDER_REPEATED: Refusal("ORDER_REPEATED", "The order is there already, {state}"),
    T.FRAUD_APPROVED: _DECISION,
    T.STEP_UP_REQUIRED: _DECISION,
    T.REVIEW_REQUIRED: _DECISION,
    T.FRAUD_DECLINED: _DECISION,
    T.CLEARED: _DECISION,
    T.DECISION_REPEATED: Refusal(
        "DECISION_REFUSED", "The fraud check decided already, and the first decision holds"
    ),
    T.STEP_UP_PASSED: _OUTCOME,
    T.REVIEW_PASSED: _OUTCOME,
    T.OUTCOME_NOTED: _OUTCOME,
    T.REVIEWER_NEEDED: Refusal(
        "REVIEWER_NEEDED", "The customer authenticated, but this order needs a reviewer"
    ),
    T.FRAUD_REPORTED: Refusal(
        "FRAUD_REPORTED", "The order was reported as fraud, too late to stop it: it is {state}"
    ),
    T.PAYMENT_AUTHORIZED: _PAYMENT_REPEATED,
    T.PAYMENT_LATE: _PAYMENT_REPEATED,
    T.PAYMENT_REPEATED: _PAYMENT_REPEATED,
    T.PAYMENT_MISMATCH: Refusal(
        "PAYMENT_MISMATCH",
        "The authorized amount is too small or of another currency: still unpaid",
    ),
    T.PAYMENT_DECLINED: Refusal(
        "DECLINE_REFUSED", "The payment was declined, which changes nothing: the order is {state}"
    ),
    T.PAYMENT_CAPTURED: _CAPTURE,
    T.CAPTURE_UNEXPECTED: _CAPTURE,
    T.PAYMENT_REFUNDED: _REFUND,
    T.REFUND_UNEXPECTED: _REFUND,
    T.LINE_RESERVED: _RESERVATION,
    T.LINES_RESERVED: _RESERVATION,
    T.LINE_REROUTED: _RESERVATION,
    T.LINE_COMMITTED: _RESERVATION,
    T.LINES_COMMITTED: _RESERVATION,
    T.LINE_LOST: Refusal(
        "LINE_LOST", "The inventory no longer holds the units, but the order is {state}"
    ),
    T.RESERVATION_UNEXPECTED: _RESERVATION,
    T.PARCEL_PICKED: _PARCEL,
    T.PARCEL_PACKED: _PARCEL,
    T.PARCEL_SHIPPED: _PARCEL,
    T.PARCEL_DELIVERED: _PARCEL,
    T.RETURN_RECEIVED: _PARCEL,
    T.CANCEL_REQUESTED: Refusal("CANCEL_REFUSED", "The order can no longer be cancelled: {why}"),
    T.RETURN_REQUESTED: Refusal("RETURN_REFUSED", "The order cannot be returned: {why}"),
}
"""Of every trigger, wherever the table does not have it."""

WHERE: Final[dict[State, str]] = {
    State.INITIATED: "it has not been shipped; it can be cancelled",
    State.STEP_UP: "it has not been shipped; it can be cancelled",
    State.IN_REVIEW: "it has not been shipped; it can be cancelled",
    State.RESERVING: "it has not been shipped; it can be cancelled",
    State.CONFIRMED: "it has not been shipped; it can be cancelled",
    State.PACKED: "it has not been shipped; it can be cancelled",
    State.SHIPPED: "it is on its way; it can be refused at the door, or returned once delivered",
    State.DELIVERED: "it has been delivered; it can be returned",
    State.CANCELLED: "it has been cancelled",
    State.RETURNED: "it has been returned",
    State.REJECTED: "it was rejected",
}
"""Why a cancellation or a return is refused, by the state of the order."""


def refuse(state: State, trigger: Trigger) -> Refusal:
    """The refusal of the trigger, in words that fit the state."""
    cause, explanation = REFUSALS[trigger]
    return Refusal(cause, explanation.format(state=state.value, why=WHERE[state]))
