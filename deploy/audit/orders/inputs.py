"""The orders as they were placed, and the records that had to be set aside."""

from collections.abc import Callable, Iterable, Mapping
from enum import Enum
from typing import Any, Final, NamedTuple

from connectors.topics import topic
from deploy.audit.log import Entry
from deploy.audit.verdict import Check

Record = Mapping[str, Any]
Coordinates = tuple[str, int, int]
ORDERS = "orders.initiated"
SANE = 10**12
ENUMERATED: Final[dict[str, tuple[tuple[str, frozenset[str]], ...]]] = {
    "payments.events": (
        ("event_type", frozenset({"AUTHORIZED", "DECLINED", "CAPTURED", "REFUNDED"})),
    ),
    "shipments.events": (
        (
            "event_type",
            frozenset({"PICKED", "PACKED", "SHIPPED", "DELIVERED", "RETURN_RECEIVED"}),
        ),
    ),
    "orders.requests": (("request", frozenset({"CANCEL", "RETURN"})),),
    "fraud.outcomes": (
        ("outcome", frozenset({"LEGITIMATE", "FRAUD"})),
        ("source", frozenset({"CHARGEBACK", "REVIEWER", "CUSTOMER"})),
    ),
}


class Validity(Enum):
    """UNSAID: the contract leaves it open, so the audit follows what the job did."""

    VALID = "valid"
    INVALID = "invalid"
    UNSAID = "unsaid"


class Placed(NamedTuple):
    """The orders of the log.

    orders: by order_id, the first record of each that is valid.
    ids: by order_id, the event_ids of its valid records; a second one places it again.
    optional: orders whose event_id another order had before; a job may take them for a repeat.
    """

    orders: dict[str, Record]
    ids: dict[str, set[str]]
    optional: set[str]


def coordinates(entry: Entry) -> Coordinates:
    return entry.topic, entry.partition, entry.offset


def letters_of(job: str, letters: Iterable[Record]) -> list[Record]:
    """The dead letters that `job` wrote."""
    return [letter for letter in letters if letter["job"] == job]


def source_of(letter: Record) -> Coordinates:
    """Where the record stood that the letter is about."""
    return letter["source_topic"], letter["source_partition"], letter["source_offset"]


def validity(entry: Entry) -> Validity:
    """What the contract says of an input record, by itself."""
    record = entry.record
    if record is None or entry.key is None:
        return Validity.INVALID
    if entry.key.decode(errors="replace") != topic(entry.topic).key_of(record):
        return Validity.INVALID
    named = all(record.get(field, "named") for field in ("event_id", "order_id", "customer_id"))
    ordered = entry.topic != ORDERS or _is_plain_order(record)
    money = 0 <= record.get("amount_minor", 0) < SANE
    known = all(record[name] in values for name, values in ENUMERATED.get(entry.topic, ()))
    plain = named and ordered and money and known and record["event_time"] > 0
    return Validity.VALID if plain else Validity.UNSAID


def _is_plain_order(record: Record) -> bool:
    lines = record["lines"]
    return (
        record["amount_minor"] > 0
        and len(record["currency"]) == 3
        and record["currency"].isupper()
        and bool(lines)
        and all(
            line["sku"] and 1 <= line["quantity"] < SANE and 0 <= line["unit_price_minor"] < SANE
            for line in lines
        )
        and abs(record["latitude"] or 0) <= 90
        and abs(record["longitude"] or 0) <= 180
    )


def placed(entries: Iterable[Entry], dead: set[Coordinates]) -> Placed:
    """The orders that a job had to take up; `dead` are those that it set aside."""
    found = Placed({}, {}, set())
    owner: dict[str, str] = {}
    for entry in sorted(entries, key=coordinates):
        judged, record = validity(entry), entry.record
        is_dead = judged is Validity.UNSAID and coordinates(entry) in dead
        if record is None or judged is Validity.INVALID or is_dead:
            continue
        order_id, event_id = record["order_id"], record["event_id"]
        if owner.setdefault(event_id, order_id) != order_id and order_id not in found.orders:
            found.optional.add(order_id)
        found.orders.setdefault(order_id, record)
        found.ids.setdefault(order_id, set()).add(event_id)
    return found


def audit_dead_letters(
    check: Check,
    letters: Iterable[Record],
    entries: Iterable[Entry],
    reference: Iterable[str],
    may_be_given_up: Callable[[Record], bool],
) -> None:
    """Every record that is none is set aside once, as it came, and of the others only some.

    letters: those of one job. entries: its inputs. reference: topics whose letters are not judged.
    may_be_given_up: whether a valid record may belong nowhere.
    """
    by_place = {coordinates(entry): entry for entry in entries}
    invalid = {at for at, entry in by_place.items() if validity(entry) is Validity.INVALID}
    unjudged, seen = set(reference), set()
    for letter in letters:
        at = source_of(letter)
        where, why = _where(at), letter["error_message"]
        if at[0] in unjudged:
            continue
        if at in seen:
            check.refute(f"{where}: is in dlq twice")
        seen.add(at)
        source = by_place.get(at)
        if source is None:
            check.refute(f"{where}: is in dlq ({why}), but there is no such record")
            continue
        if (source.key, source.value) != (letter["record_key"], letter["record_value"]):
            check.refute(f"{where}: the dead letter's bytes are not the record's")
        record = source.record
        is_valid = record is not None and validity(source) is Validity.VALID
        if record is not None and is_valid and not may_be_given_up(record):
            check.refute(f"{where}: is in dlq ({why}), but {record['event_id']} is valid")
        elif record is not None and record.get("order_id", "") is None:
            check.refute(f"{where}: is in dlq ({why}), but it is of no order, so nobody's business")
    for at in sorted(invalid - seen):
        check.refute(f"{_where(at)}: invalid, but not in dlq")
    check.figure = f"{len(invalid):,} invalid of {len(by_place):,} records, {len(seen):,} in dlq"


def _where(at: Coordinates) -> str:
    return f"{at[0]} partition {at[1]} offset {at[2]}"
