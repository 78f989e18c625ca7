"""Records of three topics that read models are made of: plausible, and written before the clock."""

from collections.abc import Iterator
from typing import Any

from connectors.clock import now_ms

Record = dict[str, Any]

SKUS = 10_000
STEPS = ("INITIATED", "RESERVING", "CONFIRMED", "PACKED", "SHIPPED", "DELIVERED")
VISITORS = 20_000
VISIT = ("PAGE_VIEW", "PAGE_VIEW", "ADD_TO_CART", "PAGE_VIEW", "PURCHASE")


def stock(events: int) -> Iterator[Record]:
    """inventory.availability: the skus in turn, each version one more."""
    for number in range(events):
        version, sku = divmod(number, SKUS)
        units = {"total": 100, "reserved": 1, "committed": version % 90}
        place = {"sku": f"sku-{sku}", "warehouse_id": "berlin"}
        row = {**_named("stock", number, events), **place, **units}
        yield {**row, "available": 99 - version % 90, "version": version + 1}


def steps(events: int) -> Iterator[Record]:
    """orders.lifecycle: orders of six steps, one after the other."""
    for number in range(events):
        order, step = divmod(number, len(STEPS))
        states = {"from_state": STEPS[max(0, step - 1)], "to_state": STEPS[step]}
        who = {"order_id": f"order-{order}", "customer_id": f"customer-{order % 50_000}"}
        why = {"cause": "CLEARED", "explanation": "The order is approved and paid", "cause_id": "c"}
        yield {**_named("step", number, events), **who, **states, **why, "sequence": step + 1}


def clicks(events: int) -> Iterator[Record]:
    """clickstream.events: visitors in turn, every fifth click a purchase of somebody known."""
    for number in range(events):
        visitor = number % VISITORS
        event_type = VISIT[number // VISITORS % len(VISIT)]
        who = {"visitor_id": f"visitor-{visitor}", "customer_id": f"customer-{visitor}"}
        yield {**_named("click", number, events), **who, "event_type": event_type, "sku": "mug"}


def _named(kind: str, number: int, events: int) -> Record:
    """A millisecond of event time an event, up to about now."""
    at = now_ms() - (events - number)
    return {"event_id": f"{kind}-{number}", "event_time": at}
