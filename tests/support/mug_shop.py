"""A shop that sells mugs, as its customers see it."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from support.live_topics import LiveTopics, Record

from connectors.clock import now_ms

EVENTS, RESERVATIONS = "inventory.events", "inventory.reservations"


class Shop(LiveTopics):
    """Sells mugs, and had sold cups before."""

    def tell(self, event_id: str, event_type: str, **fields: Any) -> None:
        self.send(EVENTS, event(event_id, event_type, **fields))

    def answer(self, reservation_id: str) -> Record:
        def found() -> list[Record]:
            return [one for one in self.seen[RESERVATIONS] if one["cause"] == reservation_id]

        (answer,) = self.wait_for(found, f"an answer to {reservation_id}")
        return answer

    def shelves(self, sku: str = "mug") -> list[tuple[int, int]]:
        """(version, total) of every record of the sku's shelf."""
        told = self.seen["inventory.availability"]
        return [(one["version"], one["total"]) for one in told if one["sku"] == sku]


def event(event_id: str, event_type: str, **fields: Any) -> Record:
    said = {"event_id": event_id, "event_time": now_ms(), "event_type": event_type, "sku": "mug"}
    return {**said, **fields}


def reserve(event_id: str) -> Record:
    return event(event_id, "RESERVE_REQUESTED", reservation_id=event_id, quantity=1)


@contextmanager
def shoppers(shop: Shop) -> Iterator[list[str]]:
    """Requests that come all the while, and their ids."""
    closed = threading.Event()
    first = now_ms()
    asked: list[str] = []

    def shopping() -> None:
        while not closed.wait(0.05):
            asked.append(f"shopper-{first}-{len(asked)}")
            shop.send(EVENTS, reserve(asked[-1]))

    queue = threading.Thread(target=shopping)
    queue.start()
    try:
        yield asked
    finally:
        closed.set()
        queue.join()
