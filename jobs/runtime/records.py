"""Between Kafka's bytes and what a rule takes and returns."""

from collections.abc import Callable
from typing import Any, get_args

import msgspec
from pyflink.common import Row

from connectors.topics import TOPICS
from jobs.runtime.wire import Wire
from udfs.contract import Domain, InvalidEventError

AHEAD_MS = 3_600_000  # as far as Kafka lets a record's timestamp be ahead of its clock


class Inputs:
    """Makes a domain's typed events of raw records."""

    def __init__(self, domain: Domain, wire: Wire):
        self._entity = domain.entity
        self._topics = {
            name: (wire.decoder(name).decode, TOPICS[name].key_of, typing_of(kind))
            for name, kind in domain.inputs.items()
        }

    def read(
        self, topic: str, value: bytes | None, key: bytes | None, timestamp: int
    ) -> tuple[Any, str]:
        """The event and its entity; raises a ValueError that says why the record is none."""
        decode, key_of, typed = self._topics[topic]
        record = decode(value)
        event = typed(record)
        expected = key_of(record)
        if key is None or key.decode() != expected:
            raise InvalidEventError(
                f"expected the Kafka key {expected!r}, which the record's content gives, "
                f"came {key!r}"
            )
        if event.event_time > timestamp + AHEAD_MS:
            raise InvalidEventError(
                f"expected an event_time of at most an hour after the record's timestamp "
                f"{timestamp}, came {event.event_time}"
            )
        return event, record[self._entity]


class Outputs:
    """Makes rows (topic, key, value, epoch ms) of the records that a rule returns."""

    def __init__(self, domain: Domain, wire: Wire):
        self._topics = {
            name: (wire.encoder(name).encode, TOPICS[name].key_of) for name in domain.outputs
        }

    def rows(self, outputs: list[tuple[str, dict[str, Any]]], event: Any) -> list[Row]:
        """The rows in order, with ids that a replay of the event repeats."""
        rows = []
        for number, (topic, record) in enumerate(outputs):
            encode, key_of = self._topics[topic]
            record.setdefault("event_id", f"{event.event_id}#{number}")
            event_time = record.setdefault("event_time", event.event_time)
            value = encode(record)  # first, since it names a field that is missing
            rows.append(Row(topic, key_of(record).encode(), value, event_time))
        return rows


def typing_of(kind: Any) -> Callable[[dict[str, Any]], Any]:
    """What makes `kind` of a record: a Struct, or one of a union of tagged Structs.

    msgspec analyses a union anew at every conversion, which takes 20 times as long as converting
    to the Struct that the tag names. A tag of none is left to msgspec, which says what it expected.
    """
    members = get_args(kind)
    if not members:
        return lambda record: msgspec.convert(record, kind)
    by_tag = {member.__struct_config__.tag: member for member in members}
    tag_field = members[0].__struct_config__.tag_field
    return lambda record: msgspec.convert(record, by_tag.get(record.get(tag_field), kind))
