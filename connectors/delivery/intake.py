"""Records of Kafka for a service that commits what it is done with: tables first, then events."""

import logging
import time
from enum import Enum, auto
from typing import Any, Final, NamedTuple

from confluent_kafka import (
    OFFSET_BEGINNING,
    OFFSET_INVALID,
    Consumer,
    KafkaError,
    KafkaException,
    Message,
    TopicPartition,
)

from connectors.codec import Decoder, UndecodableError
from connectors.delivery.progress import Place, Progress
from connectors.errors import ShopstreamError
from connectors.kafka import TIMEOUT_S, consumer, existing_partitions, require_topic
from connectors.reading import RawRecord, is_end
from connectors.registry import Registry
from connectors.topics import topic

BATCH: Final = 1000
COMMIT_EVERY_S: Final = 1.0

# Kafka forgets what nobody has committed for long, also of a partition in which nothing happens.
COMMIT_ALL_EVERY_S: Final = 3600.0

# The client connects again by itself.
_PASSING: Final = (KafkaError._ALL_BROKERS_DOWN, KafkaError._TRANSPORT, KafkaError._RESOLVE)

log = logging.getLogger(__name__)


class Reading(Enum):
    """From where a topic is read."""

    REFERENCE = auto()
    """All of it at every start, before any event; nothing of it is to be delivered."""
    TABLE = auto()
    """All of it at every start, before any event; what is not committed is to be delivered."""
    EVENTS = auto()
    """What is not committed; at the very first start all of it."""
    NEW_EVENTS = auto()
    """What is not committed; at the very first start only what comes from then on."""


_FIRST: Final = (Reading.REFERENCE, Reading.TABLE)


class Arrival(NamedTuple):
    """A record as it came.

    value: the decoded record; None if it deletes its key, or if `error` says why it is unreadable.
    is_due: whether it is to be delivered; its place is then held until somebody releases it.
    """

    record: RawRecord
    value: dict[str, Any] | None
    error: str | None
    is_due: bool

    @property
    def place(self) -> Place:
        return Place(self.record.topic, self.record.partition, self.record.offset)


class Intake:
    """Reads `topics` and commits under `group`. For one process at a time, and one thread.

    Raises ShopstreamError if Kafka or the registry does not answer, or a topic is missing.
    """

    def __init__(
        self,
        bootstrap: str,
        registry: Registry,
        group: str,
        topics: dict[str, Reading],
        progress: Progress,
    ) -> None:
        self._topics = topics
        self._progress = progress
        self._decoders = {
            name: Decoder(name, topic(name).avro_schema, registry.lookup) for name in topics
        }
        self._consumer: Consumer = consumer(bootstrap, group=group)
        try:
            self._begin(existing_partitions(self._consumer, bootstrap))
        except BaseException:
            self._consumer.close()
            raise

    def _begin(self, partitions: dict[str, int]) -> None:
        for name in self._topics:
            require_topic(partitions, name)
        places = [
            TopicPartition(name, partition)
            for name, reading in self._topics.items()
            if reading is not Reading.REFERENCE
            for partition in range(partitions[name])
        ]
        committed = self._consumer.committed(places, timeout=TIMEOUT_S) if places else []
        self._due = {(at.topic, at.partition): self._due_from(at) for at in committed}
        for partition, offset in self._due.items():
            self._progress.start(Place(*partition, offset))
        first = [
            TopicPartition(name, partition, OFFSET_BEGINNING)
            for name, reading in self._topics.items()
            if reading in _FIRST
            for partition in range(partitions[name])
        ]
        self._later = [
            TopicPartition(*partition, offset)
            for partition, offset in self._due.items()
            if self._topics[partition[0]] not in _FIRST
        ]
        self._behind = {(at.topic, at.partition) for at in first}
        self._early: list[Arrival] = []
        self._committed: dict[tuple[str, int], int] = {}
        self._commit_at = self._commit_all_at = 0.0
        self._is_paused = False
        # Where to begin is decided now: a second start must not begin somewhere else.
        self.commit()
        self._consumer.assign(first or self._start_later())

    def _due_from(self, at: TopicPartition) -> int:
        """The offset of the first record that is to be delivered."""
        if at.error is not None:
            raise ShopstreamError(
                f"cannot read what was committed of {at.topic}: {at.error.str()}; "
                "see `shopstream status`"
            )
        if at.offset != OFFSET_INVALID:
            return int(at.offset)
        low, high = self._consumer.get_watermark_offsets(at, timeout=TIMEOUT_S)
        return int(high if self._topics[at.topic] is Reading.NEW_EVENTS else low)

    @property
    def is_complete(self) -> bool:
        """Whether the tables were read to where they ended at that moment."""
        return not self._behind

    def read(self, timeout_s: float) -> list[Arrival]:
        """What came within `timeout_s` seconds, or less long if that was `BATCH` records.

        What is to be delivered is held back until the tables are complete: what it says may hang on
        what another partition has not told yet.
        """
        arrivals = []
        for message in self._consumer.consume(BATCH, timeout=timeout_s):
            error = message.error()
            if is_end(message):
                self._behind.discard((message.topic(), message.partition()))
            elif error is not None and error.code() in _PASSING:
                log.warning("Kafka: %s", error.str())
            else:
                arrivals.append(self._arrival(message))
        if not self.is_complete:
            self._early += [arrival for arrival in arrivals if arrival.is_due]
            return [arrival for arrival in arrivals if not arrival.is_due]
        if self._later:
            self._consumer.incremental_assign(self._start_later())
        if self._early:
            known = [arrival for arrival in arrivals if not arrival.is_due]
            due = self._early + [arrival for arrival in arrivals if arrival.is_due]
            self._early = []
            return known + due
        return arrivals

    def _start_later(self) -> list[TopicPartition]:
        later, self._later = self._later, []
        return later

    def pause(self, is_wanted: bool) -> None:
        """Read nothing more that is to be delivered, for now, or go on."""
        if is_wanted != self._is_paused:
            self._is_paused = is_wanted
            due = [
                at for at in self._consumer.assignment() if (at.topic, at.partition) in self._due
            ]
            (self._consumer.pause if is_wanted else self._consumer.resume)(due)

    def commit_if_time(self) -> None:
        """Commit what is done with, unless that was a moment ago."""
        if time.monotonic() >= self._commit_at:
            self.commit()

    def commit(self) -> None:
        """Commit what is done with; if Kafka does not take it, the next time may."""
        now = time.monotonic()
        if now >= self._commit_all_at:
            self._committed.clear()
        done = {(topic, number): offset for topic, number, offset in self._progress.committable()}
        changed = {at: offset for at, offset in done.items() if self._committed.get(at) != offset}
        self._commit_at = now + COMMIT_EVERY_S
        if not changed:
            return
        if not self._committed:
            self._commit_all_at = now + COMMIT_ALL_EVERY_S
        offsets = [TopicPartition(*partition, offset) for partition, offset in changed.items()]
        try:
            for at in self._consumer.commit(offsets=offsets, asynchronous=False) or ():
                if at.error is not None:
                    raise KafkaException(at.error)
        except KafkaException as error:
            log.warning("cannot commit offsets: %s", error.args[0].str())
        else:
            self._committed |= changed

    def close(self) -> None:
        """Commit what is done with, and leave."""
        self.commit()
        self._consumer.close()

    def _arrival(self, message: Message) -> Arrival:
        error, name = message.error(), message.topic()
        partition, offset = message.partition(), message.offset()
        if error is not None or name is None or partition is None or offset is None:
            raise ShopstreamError(f"cannot read {name}: {error}; see `shopstream status`")
        value = message.value()
        record = RawRecord(name, partition, offset, message.timestamp()[1], message.key(), value)
        due_from = self._due.get((name, partition))
        is_due = due_from is not None and offset >= due_from
        if is_due:
            self._progress.hold(Place(name, partition, offset))
        if value is None and topic(name).cleanup == "compact":
            return Arrival(record, None, None, is_due)
        try:
            return Arrival(record, self._decoders[name].decode(value), None, is_due)
        except UndecodableError as reason:
            return Arrival(record, None, str(reason), is_due)
