"""The rules of a customer: to decide an order, to count a decline, to judge a decision.

`docs/fraud.md` tells them to their users. Each rule is handed the `Customer` to keep and changes it
in place. Fraud must not teach: a declined order changes nothing of what is usual.
"""

from collections.abc import Callable
from typing import Any, Final

from udfs.contract import Outcome, View, WakeUp
from udfs.fraud.events import (
    ALERTS,
    DECISIONS,
    JUDGEMENTS,
    PAYMENT_DECLINED,
    RULES,
    FraudOutcome,
    FraudSignal,
    OrderInitiated,
)
from udfs.fraud.history import DECLINES, ORDERS, learn, remember_order
from udfs.fraud.rule_data import DAY_MS
from udfs.fraud.score import band_of, rule_set_of
from udfs.fraud.state import Customer, Decided, short

KEPT_MS: Final = 180 * DAY_MS
"""How long a customer without orders, and a decision, are remembered (ms of event time)."""

Output = tuple[str, dict[str, Any]]
FraudEvent = OrderInitiated | FraudOutcome | FraudSignal


def decide(customer: Customer | None, event: FraudEvent | WakeUp, view: View) -> Outcome:
    """Apply one event, or wake-up, to its customer."""
    return _RULES[type(event)](customer, event, view)


def on_order(customer: Customer | None, order: OrderInitiated, view: View) -> Outcome:
    """Score the order against what was usual before it, then learn from it.

    A repeated event changes nothing; another event of the same order_id gets the first decision
    again, and teaches nothing.
    """
    known = _known(customer, order, view)
    if known is not None and known.event_id:
        wake_at = customer.wake_at if customer is not None else None
        is_told = known.event_id == order.event_id
        outputs: list[Output] = [] if is_told else [(DECISIONS, _decision(order, known))]
        return Outcome(customer, outputs, wake_at)

    if customer is None:
        customer = Customer(order.event_time + KEPT_MS)
    answers = view.answers
    device = answers[0] if order.device_id else None
    card = answers[1 if order.device_id else 0] if order.card_fingerprint else None
    rules = rule_set_of(view.reference(RULES))
    score, reasons, shadow_reasons = rules.score(order, customer, device, card)
    decided = Decided(
        order.event_id,
        score,
        rules.version,
        reasons,
        shadow_reasons,
        known.outcome if known is not None else None,
    )
    store = view.children.add if known is None else view.children.put
    store(order.order_id, decided, order.event_time + KEPT_MS)

    decision = _decision(order, decided)
    outputs = [(DECISIONS, decision)]
    band = decision["band"]
    remember_order(customer, order)
    if band == "DECLINE":
        outputs.append((ALERTS, _alert(order, decision)))
    else:
        learn(customer, order, trusted=band != "REVIEW")
    if decided.outcome is not None:
        outputs.append((JUDGEMENTS, _judgement(order.order_id, decided)))
    return Outcome(customer, outputs, customer.wake_at)


def _known(customer: Customer | None, order: OrderInitiated, view: View) -> Decided | None:
    """What is known of the order already, without a look where there can be nothing.

    Nothing is known of the first order of a customer, nor of one that is newer than the last 16
    and not among them, unless an outcome came before its order.
    """
    if customer is None:
        return None
    orders = customer.orders
    is_new = not customer.early and short(order.order_id) not in orders.ids
    if is_new and (len(orders.ids) < ORDERS or order.event_time > orders.times[0]):
        return None
    known: Decided | None = view.children.get(order.order_id)
    if known is not None and not known.event_id:
        customer.early -= 1
    return known


def on_outcome(customer: Customer | None, outcome: FraudOutcome, view: View) -> Outcome:
    """Put the outcome beside the decision; one that comes before its order waits for it.

    Only the first outcome of an order is judged.
    """
    wake_at = customer.wake_at if customer is not None else None
    decided: Decided | None = view.children.get(outcome.order_id)
    if decided is None:
        customer = customer or Customer(outcome.event_time + KEPT_MS)
        customer.early += 1
        early = Decided(outcome=outcome.outcome)
        view.children.add(outcome.order_id, early, outcome.event_time + KEPT_MS)
        return Outcome(customer, [], customer.wake_at)
    if decided.outcome is not None:
        return Outcome(customer, [], wake_at)
    decided.outcome = outcome.outcome
    view.children.put(outcome.order_id, decided, outcome.event_time + KEPT_MS)
    return Outcome(customer, [(JUDGEMENTS, _judgement(outcome.order_id, decided))], wake_at)


def on_signal(customer: Customer | None, signal: FraudSignal, _view: View) -> Outcome:
    """Count a declined payment; a fraud counts at its device and its card."""
    if signal.signal != PAYMENT_DECLINED:
        return Outcome(customer, [], customer.wake_at if customer is not None else None)
    if customer is None:
        customer = Customer(signal.event_time + KEPT_MS)
    customer.declines.add(signal.event_time, short(signal.event_id), DECLINES)
    return Outcome(customer, [], customer.wake_at)


def on_wake_up(customer: Customer | None, wake_up: WakeUp, view: View) -> Outcome:
    """Forget a decision, or a customer who has not ordered for 180 days.

    One who has is looked at again when these will have passed. To move the wake-up with every
    order would cost state.
    """
    if wake_up.child_id is not None:
        view.children.remove(wake_up.child_id)
        return Outcome(customer, [], customer.wake_at if customer is not None else None)
    if customer is None:
        return Outcome(None, [])
    times = customer.orders.times or customer.declines.times
    forget_at = times[-1] + KEPT_MS if times else wake_up.event_time
    if wake_up.event_time >= forget_at:
        return Outcome(None, [])
    customer.wake_at = forget_at
    return Outcome(customer, [], forget_at)


def _decision(order: OrderInitiated, decided: Decided) -> dict[str, Any]:
    """The decision's record. A rule has no clock: `decided_at` is for the runtime to overwrite."""
    return {
        "decision_id": f"{order.order_id}/{decided.event_id}",
        "order_id": order.order_id,
        "customer_id": order.customer_id,
        "score": decided.score,
        "band": band_of(decided.score),
        "reasons": _told(decided.reasons),
        "shadow_reasons": _told(decided.shadow_reasons),
        "rules_version": decided.rules_version,
        "decided_at": order.event_time,
    }


def _told(reasons: list[tuple[str, int]]) -> list[dict[str, Any]]:
    return [{"rule_id": rule_id, "points": points} for rule_id, points in reasons]


def _alert(order: OrderInitiated, decision: dict[str, Any]) -> dict[str, Any]:
    return {
        "alert_type": "ORDER_DECLINED",
        "decision_id": decision["decision_id"],
        "order_id": order.order_id,
        "customer_id": order.customer_id,
        "score": decision["score"],
        "amount_minor": order.amount_minor,
        "currency": order.currency,
        "reasons": decision["reasons"],
    }


def _judgement(order_id: str, decided: Decided) -> dict[str, Any]:
    return {
        "event_id": f"judgement/{order_id}/{decided.event_id}",
        "rule_set": str(decided.rules_version),
        "rules_version": decided.rules_version,
        "order_id": order_id,
        "outcome": decided.outcome,
        "band": band_of(decided.score),
        "rules": [rule_id for rule_id, _ in decided.reasons],
        "shadow_rules": [rule_id for rule_id, _ in decided.shadow_reasons],
    }


_RULES: Final[dict[type, Callable[[Customer | None, Any, View], Outcome]]] = {
    OrderInitiated: on_order,
    FraudOutcome: on_outcome,
    FraudSignal: on_signal,
    WakeUp: on_wake_up,
}
