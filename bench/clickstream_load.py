"""Clicks to measure with: seeded, plausible shares, written before the clock runs."""

import random
from collections.abc import Iterator
from typing import Any

from bench.pacing import evenly
from connectors.clock import now_ms

CLICKS = "clickstream.events"
SKUS, VISITORS, CATEGORIES = 2_000, 20_000, 20
TYPES = (
    "PAGE_VIEW", "HOVER", "ADD_TO_CART", "REMOVE_FROM_CART", "WISHLIST_ADD", "SEARCH",
    "CHECKOUT_START", "PURCHASE",
)  # fmt: skip
SHARES = (60, 12, 8, 2, 3, 9, 3, 3)
NAMELESS = frozenset({"SEARCH", "CHECKOUT_START"})  # of a sku
REPEATED = 0.01

Record = dict[str, Any]


def clicks(count: int, per_ms: int, seed: int) -> Iterator[Record]:
    """So many clicks, `per_ms` of them a millisecond of event time up to now, a hundredth twice."""
    rng = random.Random(seed)
    begins = now_ms() - count // per_ms
    for number in range(count):
        record = _click(rng, f"{begins:x}-{number}", begins + number // per_ms)
        yield record
        if rng.random() < REPEATED:
            yield record


def paced(rate: int, seconds: float, seed: int) -> Iterator[Record]:
    """Clicks evenly `rate` a second for so many seconds, each as of now."""
    rng = random.Random(seed)
    run = f"{now_ms():x}"
    for number in evenly(rate, round(rate * seconds)):
        yield _click(rng, f"{run}-{number}", now_ms())


def _click(rng: random.Random, event_id: str, event_time: int) -> Record:
    visitor, product = rng.randrange(VISITORS), rng.randrange(SKUS)
    event_type = rng.choices(TYPES, SHARES)[0]
    has_sku = event_type not in NAMELESS
    return {
        "event_id": event_id,
        "event_time": event_time,
        "visitor_id": f"visitor-{visitor}",
        "customer_id": f"customer-{visitor}" if visitor % 2 else None,
        "session_id": f"visit-{visitor}",
        "event_type": event_type,
        "sku": f"sku-{product}" if has_sku else None,
        "category": f"category-{product % CATEGORIES}",
        "query": f"query {product}" if event_type == "SEARCH" else None,
        "price_minor": 500 + 7 * product if has_sku else None,
        "quantity": 1 if has_sku else None,
        "currency": "EUR" if has_sku else None,
    }
