"""The rules of an order: event -> facts -> trigger -> table -> actions -> outputs.

Each rule is handed the order's state to keep, and changes it in place. What holds after each: every
event was recorded in the lifecycle, kept for an order to come, given up with a reason, or said
nothing new; and whatever the order waits for will be told when it takes too long.
"""

from typing import Final

from udfs.contract import Outcome, View, WakeUp
from udfs.orders.actions import ACTIONS
from udfs.orders.early import forget_early, keep_early
from udfs.orders.events import (
    DELAYS,
    LIMITS,
    LaterEvent,
    OrderInitiated,
    OrderRequest,
    PaymentEvent,
    ReservationStep,
)
from udfs.orders.facts import follow_up, trigger_of
from udfs.orders.limits import Limits, kept_until, next_look, watch
from udfs.orders.state import Line, Order, State
from udfs.orders.step import Output, Step
from udfs.orders.table import Trigger

NOTED_LENGTH: Final = 200
"""Characters of a customer's own words that the lifecycle repeats."""


def decide(order: Order | None, event: OrderInitiated | LaterEvent | WakeUp, view: View) -> Outcome:
    """Apply one event, or wake-up, to its order."""
    limits = Limits(view.reference(LIMITS))
    if isinstance(event, WakeUp):
        return on_wake_up(order, event, limits, view)
    if order is None:
        order = Order()
    outputs: list[Output] = []
    if order.state is not None:
        apply(order, event, event.event_time, outputs)
    elif isinstance(event, OrderInitiated):
        start(order, event, outputs)
    else:
        return keep_early(order, event, limits, view)
    return Outcome(order, outputs, next_look(order, limits))


def start(order: Order, event: OrderInitiated, outputs: list[Output]) -> None:
    """Begin the order, then let the events that came before it count, as if they came now."""
    order.state = State.INITIATED
    order.initiated_id = event.event_id
    order.customer_id = event.customer_id
    order.amount_minor = event.amount_minor
    order.currency = event.currency
    order.channel = event.channel
    order.region = event.shipping_country
    order.lines = [Line(line.sku, line.quantity) for line in event.lines]
    order.entered_at = event.event_time
    step = Step(order, event.order_id, event.event_id, event.event_time, outputs)
    _walk(step, Trigger.ORDER_INITIATED)
    watch(order, event.event_time)

    early, order.early = order.early, []
    for kept in early:
        apply(order, kept.event, max(kept.event.event_time, event.event_time), outputs)


def apply(order: Order, event: OrderInitiated | LaterEvent, at: int, outputs: list[Output]) -> None:
    """Take an event's facts over and go where they lead, at `at` (epoch ms)."""
    trigger = trigger_of(order, event)
    if trigger is None:
        return
    step = Step(order, event.order_id, event.event_id, at, outputs)
    _walk(step, trigger, _note(event))
    while (trigger := follow_up(order)) is not None:
        _walk(step, trigger)
    watch(order, at)


def _walk(step: Step, trigger: Trigger, note: str = "") -> None:
    transition = step.take(trigger, note)
    if transition is not None:
        for action in transition.actions:
            ACTIONS[action](step)


def _note(event: OrderInitiated | LaterEvent) -> str:
    """What of the event a person wants to know beside its cause."""
    if isinstance(event, ReservationStep):
        reason = f", {event.reason}" if event.reason else ""
        place = f" at {event.warehouse_id}" if event.warehouse_id else ""
        return f"{event.reservation_id}: {event.sku} {event.status}{place}{reason}"
    if isinstance(event, PaymentEvent):
        return f"{event.event_type} {event.amount_minor} {event.currency}"
    if isinstance(event, OrderRequest):
        return (event.reason or "")[:NOTED_LENGTH]
    return ""


def on_wake_up(order: Order | None, wake_up: WakeUp, limits: Limits, view: View) -> Outcome:
    """Tell what has taken too long, and forget what is over.

    A wake-up may come late, or for something that has moved on meanwhile.
    """
    if order is None:
        return Outcome(None, [])
    now = wake_up.event_time
    if order.state is None:
        return forget_early(order, now, limits)
    end = kept_until(order, limits)
    over = end is not None and now >= end
    outputs: list[Output] = []
    step = Step(order, view.entity, wake_up.event_id, now, outputs)
    for wait in order.waits:
        if not wait.told and (over or now >= wait.since + limits.of(wait.waiting_for)):
            wait.told = True
            step.put(
                DELAYS,
                f"{wait.waiting_for}/{wait.since}",
                state=order.known.value,
                waiting_for=wait.waiting_for,
                waited_ms=now - wait.since,
            )
    if over:
        return Outcome(None, outputs)
    return Outcome(order, outputs, next_look(order, limits))
