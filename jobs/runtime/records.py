"""Between Kafka's bytes and what a rule takes and returns."""

from collections.abc import Sequence
from time import time_ns
from typing import Any

from connectors.codec import UnencodableError
from connectors.topics import TOPICS
from jobs.runtime.attempts import parted
from jobs.runtime.packets import OutputRow
from jobs.runtime.typed import typing_of
from jobs.runtime.wire import Wire
from udfs.contract import Domain, InvalidEventError, Source

DECIDED_AT = "decided_at"
AHEAD_MS = 3_600_000  # as far as Kafka lets a record's timestamp be ahead of its clock
CLOCKS_DIFFER_MS = 60_000
FRAME_BYTES = 1_024  # what Kafka adds to a record that is alone in its batch, and some


class Inputs:
    """Makes a domain's typed events of raw records."""

    def __init__(self, domain: Domain, wire: Wire):
        self._entity = domain.entity
        self._has_links = domain.links is not None
        self._topics = {
            name: (wire.decoder(name).decode, TOPICS[name].key_of, typing_of(kind))
            for name, kind in domain.inputs.items()
        }

    def read(self, source: Source) -> tuple[Any, str | None]:
        """The event and its entity, if it names one; without entity and links it is nobody's.

        Raises a ValueError that says why the record is no event.
        """
        topic, _, _, timestamp, key, value = source
        decode, key_of, typed = self._topics.get(topic) or self._topics[parted(topic)[0]]
        record = decode(value)
        entity = record.get(self._entity)
        event = None if entity is None and not self._has_links else typed(record)
        expected = key_of(record)
        if key is None or key.decode() != expected:
            raise InvalidEventError(
                f"expected the Kafka key {expected!r}, which the record's content gives, "
                f"came {key!r}"
            )
        if event is not None and event.event_time > timestamp + AHEAD_MS:
            raise InvalidEventError(
                f"expected an event_time of at most an hour after the record's timestamp "
                f"{timestamp}, came {event.event_time}"
            )
        return event, entity


class Outputs:
    """Makes rows of the records that a rule returns.

    A rule has no clock: where a topic says by the clock when something was decided, in a field
    `decided_at`, it is filled in here. What Kafka would refuse is refused here, where it is the
    event's fault; in the sink it would stop the job: a record that is larger than its topic takes
    raises UnencodableError, and a timestamp further ahead than Kafka allows is written as less.
    """

    def __init__(self, domain: Domain, wire: Wire):
        self._topics = {
            name: (
                wire.encoder(name).encode,
                TOPICS[name].key_of,
                DECIDED_AT in _fields(name),
                TOPICS[name].max_message_bytes - FRAME_BYTES,
            )
            for name in domain.outputs
        }

    def rows(self, outputs: Sequence[tuple[str, dict[str, Any]]], event: Any) -> list[OutputRow]:
        """The rows in order, with ids that a replay of the event repeats."""
        rows: list[OutputRow] = []
        if not outputs:
            return rows
        now = time_ns() // 1_000_000
        latest = now + AHEAD_MS - CLOCKS_DIFFER_MS
        for number, (topic, record) in enumerate(outputs):
            encode, key_of, is_timed, most_bytes = self._topics[topic]
            if is_timed:
                record[DECIDED_AT] = now
            record.setdefault("event_id", f"{event.event_id}#{number}")
            event_time = record.setdefault("event_time", event.event_time)
            value = encode(record)  # first, since it names a field that is missing
            key = key_of(record).encode()
            if len(key) + len(value) > most_bytes:
                raise UnencodableError(
                    f"{topic}: expected a record of at most {most_bytes} bytes, came "
                    f"{len(key) + len(value)}"
                )
            rows.append((topic, key, value, min(event_time, latest)))
        return rows


def _fields(topic: str) -> set[str]:
    return {field["name"] for field in TOPICS[topic].avro_schema["fields"]}
