"""What an order waits for, since when, and when that has to be told.

A wait ends by what happens, never by its limit: the limit only makes it known, once, as a delay.
"""

from collections.abc import Iterator, Mapping
from typing import Final

from udfs.orders.events import OrderLimit
from udfs.orders.state import ON_ITS_WAY, TERMINAL, LineStatus, Order, State, Wait

SECOND: Final = 1_000
MINUTE: Final = 60 * SECOND
HOUR: Final = 60 * MINUTE
DAY: Final = 24 * HOUR

ORDER: Final = "ORDER"
RETENTION: Final = "RETENTION"

DEFAULTS_MS: Final = {
    ORDER: HOUR,
    "FRAUD": 5 * SECOND,
    "PAYMENT": 15 * MINUTE,
    "STEP_UP": 15 * MINUTE,
    "REVIEW": 4 * HOUR,
    "RESERVATION": MINUTE,
    "COMMIT": MINUTE,
    "CAPTURE": HOUR,
    "REFUND": DAY,
    "PACKING": DAY,
    "SHIPPING": 2 * DAY,
    "DELIVERY": 7 * DAY,
    RETENTION: 30 * DAY,
}
"""Of the names that orders.limits has no record of, in ms of event time."""

_STAGES: Final = {
    State.RESERVING: "RESERVATION",
    State.CONFIRMED: "PACKING",
    State.PACKED: "SHIPPING",
    State.SHIPPED: "DELIVERY",
}


class Limits:
    """The limits in force: those of the topic, else the defaults."""

    def __init__(self, records: Mapping[str, OrderLimit]) -> None:
        self._records = records

    def of(self, name: str) -> int:
        """The limit of that name, in ms."""
        record = self._records.get(name)
        return DEFAULTS_MS[name] if record is None else record.limit_ms


def awaited(order: Order) -> Iterator[str]:
    """What the order waits for now, by what is known of it."""
    state = order.state
    if state in TERMINAL:
        if order.refund_asked and not order.refunded:
            yield "REFUND"
        return
    if state == State.INITIATED and order.decision_id is None:
        yield "FRAUD"
    if state in (State.INITIATED, State.STEP_UP, State.IN_REVIEW) and not order.paid:
        yield "PAYMENT"
    if state == State.STEP_UP and not order.cleared:
        yield "STEP_UP"
    if state == State.IN_REVIEW and not order.cleared:
        yield "REVIEW"
    if state in _STAGES:
        yield _STAGES[state]
    if state in ON_ITS_WAY and not order.captured:
        firm = order.capture_asked or order.every_line(LineStatus.COMMITTED)
        yield "CAPTURE" if firm else "COMMIT"


def watch(order: Order, at: int) -> None:
    """End the waits that are over, and begin those that are new, at `at` (epoch ms)."""
    known = {wait.waiting_for: wait for wait in order.waits}
    order.waits = [known.get(name) or Wait(name, at) for name in awaited(order)]


def kept_until(order: Order, limits: Limits) -> int | None:
    """When the order's state is forgotten (epoch ms); None while it is not finished."""
    if order.state in TERMINAL or order.state == State.DELIVERED:
        return order.entered_at + limits.of(RETENTION)
    return None


def next_look(order: Order, limits: Limits) -> int | None:
    """When to look at the order again (epoch ms): the next limit, or the end of its retention."""
    times = [wait.since + limits.of(wait.waiting_for) for wait in order.waits if not wait.told]
    end = kept_until(order, limits)
    return min(times if end is None else [*times, end], default=None)
