"""Who wished for a sku, under the sku's key: an alert that it is back names no customer.

A sku's wishes are in `PARTS` links, by customer, so that one more wish rewrites a few kilobytes at
most and an alert fans out to a bounded number of customers, each of whom a signal is written to.
Touches may come again and late: a wish that is repeated after its answer leads to the same trigger,
which the customer's rule knows.
"""

from collections.abc import Sequence
from typing import Any, Final

import msgspec

from udfs.contract import Linked, WakeUp
from udfs.engagement.events import (
    BACK_IN_STOCK,
    SIGNALS,
    Click,
    EngagementEvent,
    Id,
    StockAlert,
    Time,
)
from udfs.engagement.state import Wishes, short

PARTS: Final = 16
MAX_WISHES: Final = 500
"""Wishes of a part; the oldest goes first. So an alert is told to at most 8,000 customers."""

DAY_MS: Final = 86_400_000
KEPT_MS: Final = 180 * DAY_MS
LATE_MS: Final = DAY_MS
"""How long a wish may come after an alert that was later than it, and still be answered by it."""


class Wished(msgspec.Struct, frozen=True, kw_only=True, gc=False, tag="WISHED"):
    """A customer wishes for the sku."""

    event_id: Id
    event_time: Time
    customer_id: Id


class Bought(msgspec.Struct, frozen=True, kw_only=True, gc=False, tag="BOUGHT"):
    """A customer bought the sku, and need not wait for it any more."""

    event_id: Id
    event_time: Time
    customer_id: Id


class Back(msgspec.Struct, frozen=True, kw_only=True, gc=False, tag="BACK"):
    """The sku is back in stock."""

    event_id: Id
    event_time: Time


Touch = Wished | Bought | Back


def touches(event: EngagementEvent | StockAlert) -> Sequence[tuple[str, Touch]]:
    """A wish and a purchase of a known customer's touch the customer's part, an alert all parts."""
    if isinstance(event, StockAlert):
        if event.alert_type != BACK_IN_STOCK:
            return ()
        back = Back(event_id=event.event_id, event_time=event.event_time)
        return [(f"{part}/{event.sku}", back) for part in range(PARTS)]
    if not isinstance(event, Click) or event.customer_id is None or not event.sku:
        return ()
    kinds: dict[str, type[Wished] | type[Bought]] = {"WISHLIST_ADD": Wished, "PURCHASE": Bought}
    kind = kinds.get(event.event_type)
    if kind is None:
        return ()
    touch = kind(
        event_id=event.event_id, event_time=event.event_time, customer_id=event.customer_id
    )
    return [(f"{short(event.customer_id) % PARTS}/{event.sku}", touch)]


def decide(known: Wishes | None, touch: Touch | WakeUp, name: str) -> Linked:
    """Apply a touch, or wake-up, to a part of a sku's wishes; `name` is "part/sku"."""
    wishes = known or Wishes()
    outputs: list[tuple[str, dict[str, Any]]] = []
    match touch:
        case Wished():
            outputs = _wish(wishes, touch, name)
        case Bought():
            at, _ = wishes.wishes.get(touch.customer_id, (touch.event_time + 1, ""))
            if at <= touch.event_time:
                del wishes.wishes[touch.customer_id]
        case Back():
            outputs = _answer(wishes, touch, name)
        case WakeUp():
            _forget(wishes, touch.event_time)
    if not wishes.wishes and not wishes.back_at:
        return Linked(None, None, outputs)
    if not wishes.wake_at:
        forget_at = [at + KEPT_MS for at, _ in wishes.wishes.values()]
        if wishes.back_at:
            forget_at.append(wishes.back_at + LATE_MS)
        wishes.wake_at = max(min(forget_at), touch.event_time + 1)
    return Linked(wishes, None, outputs, wishes.wake_at)


def _wish(wishes: Wishes, touch: Wished, name: str) -> list[tuple[str, dict[str, Any]]]:
    """Keep the wish, unless the sku has come back since: then answer it."""
    if touch.event_time <= wishes.back_at:
        return [_signal(wishes, name, touch.customer_id, touch.event_time, touch.event_id)]
    known = wishes.wishes.get(touch.customer_id)
    if known is None:
        wishes.wishes[touch.customer_id] = (touch.event_time, touch.event_id)
        if len(wishes.wishes) > MAX_WISHES:
            del wishes.wishes[next(iter(wishes.wishes))]
    return []


def _answer(wishes: Wishes, touch: Back, name: str) -> list[tuple[str, dict[str, Any]]]:
    """Tell everybody who wished before the alert, each once, and forget their wishes."""
    if touch.event_time > wishes.back_at:
        wishes.back_at, wishes.back_id = touch.event_time, touch.event_id
    answered = [
        (customer_id, at, wish_id)
        for customer_id, (at, wish_id) in wishes.wishes.items()
        if at <= touch.event_time
    ]
    for customer_id, _, _ in answered:
        del wishes.wishes[customer_id]
    return [
        _signal(wishes, name, customer_id, at, wish_id) for customer_id, at, wish_id in answered
    ]


def _signal(
    wishes: Wishes, name: str, customer_id: str, wished_at: int, wish_id: str
) -> tuple[str, dict[str, Any]]:
    sku = name.partition("/")[2]
    record = {
        "event_id": f"{wishes.back_id}/{customer_id}/{wish_id}",
        "event_time": wishes.back_at,
        "signal": BACK_IN_STOCK,
        "customer_id": customer_id,
        "sku": sku,
        "wish_id": wish_id,
        "wished_at": wished_at,
        "cause_id": wishes.back_id,
    }
    return SIGNALS, record


def _forget(wishes: Wishes, now: int) -> None:
    """Forget wishes of long ago, and an alert that no wish can be late for any more."""
    wishes.wake_at = 0
    wishes.wishes = {
        customer_id: (at, wish_id)
        for customer_id, (at, wish_id) in wishes.wishes.items()
        if at + KEPT_MS > now
    }
    if wishes.back_at and wishes.back_at + LATE_MS <= now:
        wishes.back_at, wishes.back_id = 0, ""
