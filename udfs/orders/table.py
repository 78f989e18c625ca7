"""The order saga as one table: in which state which trigger leads where, and what is done then.

A trigger is an event seen in the light of what is known of the order (`facts.py` tells it), so the
table needs no conditions. What is not in the table is refused: the order stays where it is, and the
lifecycle says why (`causes.py`). A trigger's name is the `cause` of its lifecycle record.
"""

from collections.abc import Iterable
from enum import StrEnum
from typing import Final, NamedTuple

from udfs.orders.state import ON_ITS_WAY, State


class Trigger(StrEnum):
    """What an event means to its order; `causes.py` tells each in words."""

    ORDER_INITIATED = "ORDER_INITIATED"
    ORDER_REPEATED = "ORDER_REPEATED"
    FRAUD_APPROVED = "FRAUD_APPROVED"
    STEP_UP_REQUIRED = "STEP_UP_REQUIRED"
    REVIEW_REQUIRED = "REVIEW_REQUIRED"
    FRAUD_DECLINED = "FRAUD_DECLINED"
    DECISION_REPEATED = "DECISION_REPEATED"
    STEP_UP_PASSED = "STEP_UP_PASSED"
    REVIEW_PASSED = "REVIEW_PASSED"
    REVIEWER_NEEDED = "REVIEWER_NEEDED"
    OUTCOME_NOTED = "OUTCOME_NOTED"
    FRAUD_REPORTED = "FRAUD_REPORTED"
    CLEARED = "CLEARED"
    PAYMENT_AUTHORIZED = "PAYMENT_AUTHORIZED"
    PAYMENT_LATE = "PAYMENT_LATE"
    PAYMENT_REPEATED = "PAYMENT_REPEATED"
    PAYMENT_MISMATCH = "PAYMENT_MISMATCH"
    PAYMENT_DECLINED = "PAYMENT_DECLINED"
    PAYMENT_CAPTURED = "PAYMENT_CAPTURED"
    CAPTURE_UNEXPECTED = "CAPTURE_UNEXPECTED"
    PAYMENT_REFUNDED = "PAYMENT_REFUNDED"
    REFUND_UNEXPECTED = "REFUND_UNEXPECTED"
    LINE_RESERVED = "LINE_RESERVED"
    LINES_RESERVED = "LINES_RESERVED"
    LINE_REROUTED = "LINE_REROUTED"
    LINE_COMMITTED = "LINE_COMMITTED"
    LINES_COMMITTED = "LINES_COMMITTED"
    LINE_LOST = "LINE_LOST"
    RESERVATION_UNEXPECTED = "RESERVATION_UNEXPECTED"
    PARCEL_PICKED = "PARCEL_PICKED"
    PARCEL_PACKED = "PARCEL_PACKED"
    PARCEL_SHIPPED = "PARCEL_SHIPPED"
    PARCEL_DELIVERED = "PARCEL_DELIVERED"
    RETURN_RECEIVED = "RETURN_RECEIVED"
    CANCEL_REQUESTED = "CANCEL_REQUESTED"
    RETURN_REQUESTED = "RETURN_REQUESTED"


class Action(StrEnum):
    """What is done in a transition; `actions.py` does it. Each looks whether it still applies."""

    AUTHORIZE_PAYMENT = "AUTHORIZE_PAYMENT"
    REQUEST_STEP_UP = "REQUEST_STEP_UP"
    RESERVE_LINES = "RESERVE_LINES"
    COMMIT_LINES = "COMMIT_LINES"
    PICK_AND_PACK = "PICK_AND_PACK"
    CAPTURE_PAYMENT = "CAPTURE_PAYMENT"
    SHIP_LINES = "SHIP_LINES"
    RELEASE_LINES = "RELEASE_LINES"
    RESTOCK_LINES = "RESTOCK_LINES"
    REFUND_PAYMENT = "REFUND_PAYMENT"
    ACCRUE_POINTS = "ACCRUE_POINTS"
    TAKE_BACK_POINTS = "TAKE_BACK_POINTS"
    NOTIFY_STEP_UP = "NOTIFY_STEP_UP"
    NOTIFY_CONFIRMED = "NOTIFY_CONFIRMED"
    NOTIFY_SHIPPED = "NOTIFY_SHIPPED"
    NOTIFY_DELIVERED = "NOTIFY_DELIVERED"
    NOTIFY_CANCELLED = "NOTIFY_CANCELLED"
    NOTIFY_REJECTED = "NOTIFY_REJECTED"
    NOTIFY_RETURNED = "NOTIFY_RETURNED"


class Transition(NamedTuple):
    """The state to go to, and what to do on the way, in this order."""

    to: State
    actions: tuple[Action, ...] = ()


S, T, A = State, Trigger, Action

BEFORE_RESERVING: Final = (S.INITIATED, S.STEP_UP, S.IN_REVIEW)
BEFORE_CONFIRMED: Final = (*BEFORE_RESERVING, S.RESERVING)
BEFORE_SHIPPED: Final = (*BEFORE_CONFIRMED, S.CONFIRMED, S.PACKED)

_REJECT: Final = Transition(S.REJECTED, (A.RELEASE_LINES, A.REFUND_PAYMENT, A.NOTIFY_REJECTED))
_CANCEL: Final = Transition(S.CANCELLED, (A.RELEASE_LINES, A.REFUND_PAYMENT, A.NOTIFY_CANCELLED))
_SHIP: Final = Transition(S.SHIPPED, (A.SHIP_LINES, A.NOTIFY_SHIPPED))
_DELIVER: Final = Transition(S.DELIVERED, (A.SHIP_LINES, A.ACCRUE_POINTS, A.NOTIFY_DELIVERED))
_RETURN: Final = (A.REFUND_PAYMENT, A.TAKE_BACK_POINTS, A.NOTIFY_RETURNED)
_Rows = dict[tuple[State, Trigger], Transition]


def _stay(states: Iterable[State], trigger: Trigger, *actions: Action) -> _Rows:
    """Record the trigger in each of the states, and do the actions, without leaving it."""
    return {(state, trigger): Transition(state, actions) for state in states}


def _go(states: Iterable[State], trigger: Trigger, transition: Transition) -> _Rows:
    return dict.fromkeys([(state, trigger) for state in states], transition)


TABLE: Final[dict[tuple[State, Trigger], Transition]] = {
    # Fraud and payment, in parallel: both are needed to go on.
    **_stay([S.INITIATED], T.ORDER_INITIATED, A.AUTHORIZE_PAYMENT),
    **_stay([S.INITIATED], T.FRAUD_APPROVED),
    **_stay([S.INITIATED], T.OUTCOME_NOTED),
    (S.INITIATED, T.STEP_UP_REQUIRED): Transition(S.STEP_UP, (A.REQUEST_STEP_UP, A.NOTIFY_STEP_UP)),
    (S.INITIATED, T.REVIEW_REQUIRED): Transition(S.IN_REVIEW),
    (S.INITIATED, T.FRAUD_DECLINED): _REJECT,
    **_stay([S.STEP_UP], T.STEP_UP_PASSED),
    **_stay([S.IN_REVIEW], T.REVIEW_PASSED),
    **_stay(BEFORE_RESERVING, T.PAYMENT_AUTHORIZED),
    **_go(BEFORE_RESERVING, T.CLEARED, Transition(S.RESERVING, (A.RESERVE_LINES,))),
    **_go(BEFORE_CONFIRMED, T.FRAUD_REPORTED, _REJECT),
    **_go(BEFORE_CONFIRMED, T.PAYMENT_DECLINED, _REJECT),
    # Stock: every line or none.
    **_stay([S.RESERVING], T.LINE_RESERVED),
    (S.RESERVING, T.LINES_RESERVED): Transition(
        S.CONFIRMED, (A.COMMIT_LINES, A.PICK_AND_PACK, A.NOTIFY_CONFIRMED)
    ),
    **_go([S.RESERVING, S.CONFIRMED], T.LINE_LOST, _CANCEL),
    **_stay([S.RESERVING, *ON_ITS_WAY, S.RETURNED], T.LINE_REROUTED),
    **_stay([*ON_ITS_WAY, S.RETURNED], T.LINE_COMMITTED),
    **_stay(ON_ITS_WAY, T.LINES_COMMITTED, A.CAPTURE_PAYMENT),
    **_stay([S.RETURNED], T.LINES_COMMITTED),
    # The parcel: a lost PACKED or SHIPPED strands no order.
    **_stay([S.CONFIRMED], T.PARCEL_PICKED),
    (S.CONFIRMED, T.PARCEL_PACKED): Transition(S.PACKED),
    **_go([S.CONFIRMED, S.PACKED], T.PARCEL_SHIPPED, _SHIP),
    **_go([S.CONFIRMED, S.PACKED, S.SHIPPED], T.PARCEL_DELIVERED, _DELIVER),
    # The customer changes their mind.
    **_go(BEFORE_SHIPPED, T.CANCEL_REQUESTED, _CANCEL),
    (S.DELIVERED, T.RETURN_REQUESTED): Transition(S.RETURNED, _RETURN),
    **_go(
        [S.SHIPPED, S.DELIVERED],
        T.RETURN_RECEIVED,
        Transition(S.RETURNED, (A.RESTOCK_LINES, *_RETURN)),
    ),
    **_stay([S.RETURNED], T.RETURN_RECEIVED, A.RESTOCK_LINES),
    # Money that is told of when the order has ended, or that ends with it.
    **_stay([S.CANCELLED, S.REJECTED], T.PAYMENT_LATE, A.REFUND_PAYMENT),
    **_stay([*ON_ITS_WAY, S.CANCELLED, S.RETURNED], T.PAYMENT_CAPTURED),
    **_stay([S.CANCELLED, S.RETURNED, S.REJECTED], T.PAYMENT_REFUNDED),
}


def mermaid() -> str:
    """The moves of the table as a mermaid stateDiagram; triggers that stay are left out."""
    moves: dict[tuple[State, State], list[str]] = {}
    for (state, trigger), transition in TABLE.items():
        if transition.to != state:
            moves.setdefault((state, transition.to), []).append(trigger.value)
    lines = ["stateDiagram-v2", f"    [*] --> INITIATED: {Trigger.ORDER_INITIATED.value}"]
    for state in State:
        for to in State:
            if triggers := moves.get((state, to)):
                lines.append(f"    {state.value} --> {to.value}: {', '.join(triggers)}")
    left = {state for state, _ in moves}
    lines += [f"    {state.value} --> [*]" for state in State if state not in left]
    return "\n".join(lines)
