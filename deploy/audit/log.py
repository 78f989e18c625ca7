"""Topics of the log, as they grow: committed records only."""

import time
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from confluent_kafka import (
    OFFSET_BEGINNING,
    OFFSET_END,
    Consumer,
    Message,
    TopicPartition,
)

from connectors.codec import Decoder, UndecodableError
from connectors.errors import ShopstreamError
from connectors.kafka import consumer, existing_partitions, require_topic
from connectors.reading import is_end
from connectors.registry import Registry
from connectors.topics import topic

BATCH = 10_000
READ_S = 0.5
STALLED_S = 20.0


class Entry(NamedTuple):
    """A record of the log; `record` is None if the value does not decode."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    record: dict[str, Any] | None


class LogReader:
    """Reads `topics` as they grow; as a context it closes its connection on the way out.

    It starts at their beginning, or else with what is written from now on.

    Raises ShopstreamError if Kafka or the registry does not answer, or a topic is missing.
    """

    def __init__(
        self,
        bootstrap: str,
        registry: Registry,
        topics: Iterable[str],
        *,
        from_beginning: bool = True,
    ) -> None:
        self._decoders = {
            name: Decoder(name, topic(name).avro_schema, registry.lookup) for name in topics
        }
        self._consumer: Consumer = consumer(bootstrap)
        partitions = existing_partitions(self._consumer, bootstrap)
        for name in self._decoders:
            require_topic(partitions, name)
        self._behind = {
            (name, partition) for name in self._decoders for partition in range(partitions[name])
        }
        self._start = OFFSET_BEGINNING if from_beginning else OFFSET_END
        self._consumer.assign([TopicPartition(*place, self._start) for place in self._behind])

    def __enter__(self) -> "LogReader":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._consumer.close()

    @property
    def at_end(self) -> bool:
        """Whether every partition was read to where it ended at that moment."""
        return not self._behind

    def read(self, timeout_s: float) -> list[Entry]:
        """What came within `timeout_s` seconds, or less long if that was `BATCH` records."""
        entries = []
        for message in self._consumer.consume(BATCH, timeout=timeout_s):
            if is_end(message):
                self._behind.discard((message.topic(), message.partition()))
                continue
            entry = self._entry(message)
            self._behind.add((entry.topic, entry.partition))
            entries.append(entry)
        return entries

    def to_end(self) -> Iterator[list[Entry]]:
        """What was not read yet, up to where the topics end at the time of this call.

        Raises ShopstreamError if nothing comes for `STALLED_S` seconds before that.
        """
        # Where a partition ends is told again once it is assigned again.
        places = self._consumer.position(self._consumer.assignment())
        self._consumer.assign(
            [
                TopicPartition(p.topic, p.partition, p.offset if p.offset >= 0 else self._start)
                for p in places
            ]
        )
        self._behind = {(place.topic, place.partition) for place in places}
        give_up = time.monotonic() + STALLED_S
        while not self.at_end:
            if entries := self.read(READ_S):
                give_up = time.monotonic() + STALLED_S
                yield entries
            elif time.monotonic() > give_up:
                behind = ", ".join(sorted({name for name, _ in self._behind}))
                raise ShopstreamError(
                    f"{behind}: neither records nor an end for {STALLED_S:.0f} s; "
                    "see `shopstream status`"
                )

    def _entry(self, message: Message) -> Entry:
        error, name = message.error(), message.topic()
        partition, offset = message.partition(), message.offset()
        if error is not None or name is None or partition is None or offset is None:
            raise ShopstreamError(f"cannot read {name}: {error}; see `shopstream status`")
        value = message.value()
        try:
            record = self._decoders[name].decode(value)
        except UndecodableError:
            record = None
        return Entry(name, partition, offset, message.key(), value, record)
