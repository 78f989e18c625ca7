"""The records that had to be set aside, and only they."""

from collections.abc import Iterable, Mapping
from typing import Any

from connectors.topics import topic
from deploy.audit.engagement import contract
from deploy.audit.log import Entry
from deploy.audit.verdict import Check

Coordinates = tuple[str, int, int]


def source_of(letter: Mapping[str, Any]) -> Coordinates:
    """Where the record stood that the letter is about."""
    return letter["source_topic"], letter["source_partition"], letter["source_offset"]


def is_none(entry: Entry, as_of: int | None) -> bool:
    """Whether the record is no event, by what every contract says: it does not decode, is keyed
    otherwise than by its content, is of a type that there is not, or of a time to come."""
    record = entry.record
    if record is None or entry.key is None:
        return True
    if entry.key.decode(errors="replace") != topic(entry.topic).key_of(record):
        return True
    if as_of is not None and record["event_time"] > as_of + contract.MOST_AHEAD_MS:
        return True
    return entry.topic == contract.CLICKS and record["event_type"] not in contract.CLICK_TYPES


def audit_letters(
    check: Check,
    letters: Iterable[Mapping[str, Any]],
    entries: Iterable[Entry],
    as_of: int | None,
) -> None:
    """Every record that is none is set aside once, with its bytes; letters are of real records."""
    by_place = {(entry.topic, entry.partition, entry.offset): entry for entry in entries}
    bad = {at for at, entry in by_place.items() if is_none(entry, as_of)}
    seen: set[Coordinates] = set()
    for letter in letters:
        at = source_of(letter)
        if at[0] not in contract.INPUTS:
            continue
        where = f"{at[0]} partition {at[1]} offset {at[2]}"
        source = by_place.get(at)
        if at in seen:
            check.refute(f"{where}: is in dlq twice")
        seen.add(at)
        if source is None:
            check.refute(f"{where}: is in dlq, but there is no such record")
        elif (source.key, source.value) != (letter["record_key"], letter["record_value"]):
            check.refute(f"{where}: the dead letter's bytes are not the record's")
        elif at not in bad:
            check.refute(f"{where}: is in dlq ({letter['error_message']}), but it is an event")
    for at in sorted(bad - seen):
        check.refute(f"{at[0]} partition {at[1]} offset {at[2]}: is no event, but not in dlq")
    check.figure = f"{len(bad):,} of {len(by_place):,} records are none, {len(seen):,} in dlq"
