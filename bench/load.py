"""Inventory events to measure with: plausible, seeded, written before the clock runs."""

import random
from collections.abc import Iterator
from typing import Any

from bench.pacing import evenly
from connectors.clock import now_ms

EVENTS = "inventory.events"
WAREHOUSES = ("berlin", "lyon", "gdansk")
PLENTY = 1_000_000

Record = dict[str, Any]


def mixed(events: int, skus: int, seed: int) -> Iterator[Record]:
    """`events` events over `skus` skus: two fifths requests, the rest commits and shipments.

    Event time runs a millisecond an event up to now, so nothing expires.
    """
    rng = random.Random(seed)
    stamp = _Stamp(now_ms() - events)
    for number in range(skus):
        for warehouse in WAREHOUSES:
            yield stamp.restocked(f"sku-{number}", warehouse)
    reserved: list[tuple[str, str]] = []
    committed: list[tuple[str, str]] = []
    while stamp.count < events:
        if rng.random() < 0.4 or not (reserved or committed):
            sku = f"sku-{rng.randrange(skus)}"
            reserved.append((stamp.next_reservation(), sku))
            yield stamp.reserve(*reserved[-1], rng.randint(1, 3))
        elif reserved and (not committed or rng.random() < 0.5):
            committed.append(_take(reserved, rng))
            yield stamp.about("COMMITTED", *committed[-1])
        else:
            yield stamp.about("SHIPPED", *_take(committed, rng))


def crowded(events: int, open_reservations: int) -> Iterator[Record]:
    """One sku with so many open reservations, then `events` events that keep their number."""
    stamp = _Stamp(now_ms() - events - open_reservations)
    yield stamp.restocked("crowded", "berlin")
    for _ in range(open_reservations):
        yield stamp.reserve(stamp.next_reservation(), "crowded", 1)
    for _ in range(events // 2):
        reservation = stamp.next_reservation()
        yield stamp.reserve(reservation, "crowded", 1)
        yield stamp.about("RELEASED", reservation, "crowded")


def stocked(skus: int) -> Iterator[Record]:
    """Plenty of each sku."""
    stamp = _Stamp(now_ms() - skus)
    for number in range(skus):
        yield stamp.restocked(f"sku-{number}", WAREHOUSES[0])


def spread(events: int, skus: int, seed: int) -> Iterator[Record]:
    """`events` events, each other one a request for one of `skus` skus, which the next gives up."""
    rng = random.Random(seed)
    stamp = _Stamp(now_ms() - events)
    for _ in range(events // 2):
        reservation, sku = stamp.next_reservation(), f"sku-{rng.randrange(skus)}"
        yield stamp.reserve(reservation, sku, 1)
        yield stamp.about("RELEASED", reservation, sku)


def paced(rate: int, seconds: int, skus: int) -> Iterator[Record]:
    """Deliveries, then requests, evenly `rate` a second for so many seconds, each as of now."""
    stamp = _Stamp(now_ms())
    for number in range(skus):
        for warehouse in WAREHOUSES:
            yield stamp.restocked(f"sku-{number}", warehouse)
    for number in evenly(rate, rate * seconds):
        record = stamp.reserve(stamp.next_reservation(), f"sku-{number % skus}", 1)
        yield record | {"event_time": now_ms()}


class _Stamp:
    """Numbers events and reservations, a millisecond apart."""

    def __init__(self, start: int):
        self._start = start
        self._run = f"{start:x}"
        self.count = 0

    def next_reservation(self) -> str:
        return f"r-{self._run}-{self.count}"

    def restocked(self, sku: str, warehouse: str) -> Record:
        return self._event("RESTOCKED", sku, warehouse_id=warehouse, quantity=PLENTY)

    def reserve(self, reservation_id: str, sku: str, quantity: int) -> Record:
        return self._event(
            "RESERVE_REQUESTED",
            sku,
            reservation_id=reservation_id,
            order_id=f"o-{reservation_id}",
            quantity=quantity,
            ship_to_region="DE",
        )

    def about(self, event_type: str, reservation_id: str, sku: str) -> Record:
        return self._event(event_type, sku, reservation_id=reservation_id)

    def _event(self, event_type: str, sku: str, **fields: Any) -> Record:
        self.count += 1
        return {
            "event_id": f"e-{self._run}-{self.count}",
            "event_time": self._start + self.count,
            "event_type": event_type,
            "sku": sku,
            **fields,
        }


def _take(pairs: list[tuple[str, str]], rng: random.Random) -> tuple[str, str]:
    """Remove one at random, without moving the others."""
    index = rng.randrange(len(pairs))
    pairs[index], pairs[-1] = pairs[-1], pairs[index]
    return pairs.pop()
