"""Events that come before their order: kept for a while, then given up."""

from typing import Final

from udfs.contract import Outcome, Source, View
from udfs.orders.events import LaterEvent
from udfs.orders.limits import ORDER, Limits
from udfs.orders.state import MAX_EARLY, Early, Order

TOO_MANY: Final = f"{MAX_EARLY} events are kept already for an order that has not come"


def keep_early(order: Order, event: LaterEvent, limits: Limits, view: View) -> Outcome:
    """Keep the event, with the record that it came in, until its order or its grace's end comes."""
    assert view.source is not None, "an event has come in a record"
    if len(order.early) >= MAX_EARLY:
        given_up = [(view.source, f"order {view.entity!r}: {TOO_MANY}")]
        return Outcome(order, [], _grace_ends(order, limits), given_up)
    order.early.append(Early(event, view.source))
    return Outcome(order, [], _grace_ends(order, limits))


def forget_early(order: Order, now: int, limits: Limits) -> Outcome:
    """Give up what has waited for its order longer than the limit by `now` (epoch ms)."""
    grace = limits.of(ORDER)
    given_up: list[tuple[Source, str]] = []
    kept: list[Early] = []
    for early in order.early:
        if now >= early.event.event_time + grace:
            reason = f"no order {early.event.order_id!r} came within {grace} ms"
            given_up.append((early.source, reason))
        else:
            kept.append(early)
    if not kept:
        return Outcome(None, [], None, given_up)
    order.early = kept
    return Outcome(order, [], _grace_ends(order, limits), given_up)


def _grace_ends(order: Order, limits: Limits) -> int:
    return min(early.event.event_time for early in order.early) + limits.of(ORDER)
