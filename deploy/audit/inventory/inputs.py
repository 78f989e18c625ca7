"""The input topic as it should have been taken: what is valid, a repeat, or neither."""

from collections.abc import Iterable, Mapping
from enum import Enum
from typing import Any, NamedTuple

REPEAT_WINDOW_MS = 24 * 3600 * 1000
STOCK_EVENTS = frozenset({"RESTOCKED", "ADJUSTED"})
RESERVATION_EVENTS = frozenset({"RESERVE_REQUESTED", "COMMITTED", "RELEASED", "SHIPPED"})

Event = Mapping[str, Any]
Coordinates = tuple[int, int]


class InputRecord(NamedTuple):
    """One record of `inventory.events`; `record` is None if the value does not decode."""

    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    record: Event | None


class Validity(Enum):
    """UNSAID: the contract leaves it open, so the audit follows what the job did."""

    VALID = "valid"
    INVALID = "invalid"
    UNSAID = "unsaid"


class Inputs(NamedTuple):
    """events: by sku, valid ones in offset order without repeats."""

    events: dict[str, list[Event]]
    valid: dict[Coordinates, Event]
    invalid: dict[Coordinates, InputRecord]
    repeats: int


def validity(entry: InputRecord) -> Validity:
    """What the contract says of a record, by itself."""
    event = entry.record
    if event is None or entry.key is None or entry.key != event["sku"].encode():
        return Validity.INVALID
    kind = event["event_type"]
    if kind in STOCK_EVENTS:
        named = event["warehouse_id"]
    elif kind in RESERVATION_EVENTS:
        named = event["reservation_id"]
    else:
        return Validity.INVALID
    if named is None or (kind in ("RESTOCKED", "RESERVE_REQUESTED") and event["quantity"] < 1):
        return Validity.INVALID
    empty = not (named and event["sku"] and event["event_id"])
    if empty or (kind == "ADJUSTED" and event["quantity"] == 0):
        return Validity.UNSAID
    return Validity.VALID


def sort_out(log: Iterable[InputRecord], dead: set[Coordinates]) -> Inputs:
    """Separate the log into events to decide, repeats and invalid records.

    A repeat is an event whose id the sku had within 24 hours of event time. `dead` are the
    coordinates found in the dlq: they settle the records of which the contract says nothing.
    """
    inputs = Inputs({}, {}, {}, 0)
    first_seen: dict[tuple[str, str], int] = {}
    repeats = 0
    for entry in sorted(log, key=lambda entry: (entry.partition, entry.offset)):
        at = (entry.partition, entry.offset)
        judged = validity(entry)
        if judged is Validity.INVALID or (judged is Validity.UNSAID and at in dead):
            inputs.invalid[at] = entry
            continue
        event = entry.record
        assert event is not None
        inputs.valid[at] = event
        sku, event_id, time = event["sku"], event["event_id"], event["event_time"]
        first = first_seen.get((sku, event_id))
        if first is not None and abs(time - first) < REPEAT_WINDOW_MS:
            repeats += 1
            continue
        first_seen[sku, event_id] = time
        inputs.events.setdefault(sku, []).append(event)
    return inputs._replace(repeats=repeats)
