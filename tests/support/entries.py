"""Records as entries of a log, without a log."""

from collections.abc import Iterator
from typing import Any

from deploy.audit.log import Entry

NOON = 1_767_268_800_000  # 2026-01-01 12:00 UTC


def entry(topic: str, offset: int = 0, **record: Any) -> Entry:
    """A record of that topic; it happened at noon unless it says when."""
    record = {"event_id": f"{topic} {offset}", "event_time": NOON, **record}
    return Entry(topic, 0, offset, None, b"", record)


def stock(sku: str, version: int, available: int = 1, **fields: Any) -> Entry:
    """A record of inventory.availability."""
    units = {"total": available, "reserved": 0, "committed": 0, "available": available}
    place = {"sku": sku, "warehouse_id": "berlin", "version": version}
    return entry("inventory.availability", version, **{**units, **place, **fields})


class GrowingLog:
    """A log that a test appends to; each entry is read once, as from a `LogReader`."""

    def __init__(self, *entries: Entry) -> None:
        self.entries = list(entries)
        self._read = 0

    def to_end(self) -> Iterator[list[Entry]]:
        end = len(self.entries)
        while self._read < end:
            start, self._read = self._read, min(self._read + 1000, end)
            yield self.entries[start : self._read]
