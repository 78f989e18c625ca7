"""Reading a topic from outside of Flink: all partitions, without a consumer group."""

import time
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from confluent_kafka import (
    OFFSET_BEGINNING,
    Consumer,
    KafkaError,
    KafkaException,
    Message,
    TopicPartition,
)

from connectors.errors import ShopstreamError
from connectors.kafka import TIMEOUT_S, consumer, existing_partitions, require_topic

POLL_S = 0.1
STALLED_S = 20.0
BATCH = 10_000


class RawRecord(NamedTuple):
    """A record as Kafka has it; timestamp in epoch ms."""

    topic: str
    partition: int
    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None

    @property
    def coordinates(self) -> str:
        return f"partition {self.partition} offset {self.offset}"


def records(
    bootstrap: str,
    topic: str,
    *,
    from_beginning: bool,
    most: int | None = None,
    quiet_s: float | None = None,
    isolation: str = "read_committed",
    ready: Callable[[], None] = lambda: None,
) -> Iterator[RawRecord]:
    """The records of `topic`, in order within a partition, as they come.

    Ends after `most` records, or when the end was reached and `quiet_s` seconds brought no more;
    otherwise it goes on. `ready` is called once the starting offsets are fixed: what is produced
    from then on is not missed. Raises ShopstreamError if Kafka does not answer or has no such
    topic.
    """
    reader = consumer(bootstrap, isolation)
    try:
        starts = _starts(reader, bootstrap, topic, from_beginning)
        reader.assign(starts)
        ready()
        behind = {start.partition for start in starts}
        count, last_s = 0, time.monotonic()
        while most is None or count < most:
            message = reader.poll(POLL_S)
            if message is None:
                patience_s = STALLED_S if behind else quiet_s
                if patience_s is not None and time.monotonic() - last_s >= patience_s:
                    _check_silence(reader, bootstrap, topic, behind)
                    return
            elif is_end(message):
                behind.discard(message.partition())
            else:
                yield _record(message)
                count, last_s = count + 1, time.monotonic()
    finally:
        reader.close()


def snapshot(
    bootstrap: str,
    places: Iterable[tuple[str, int]],
    wanted: Callable[[Message], object] = lambda _: True,
) -> Iterator[RawRecord]:
    """The committed records that there are of some (topic, partition)s, each of them to its end.

    In order within a partition, in no order among them. `wanted` is asked before a record is made
    of a message, which takes longer than most questions. Raises ShopstreamError if Kafka does not
    answer or has no such topic.
    """
    reader = consumer(bootstrap)
    try:
        behind = set(places)
        partitions = existing_partitions(reader, bootstrap)
        for topic, _ in behind:
            require_topic(partitions, topic)
        reader.assign([TopicPartition(*place, OFFSET_BEGINNING) for place in behind])
        last_s = time.monotonic()
        while behind:
            messages = reader.consume(BATCH, timeout=POLL_S)
            for message in messages:
                place = (message.topic(), message.partition())
                if is_end(message):
                    behind.discard(place)
                elif place in behind and wanted(message):
                    yield _record(message)
            if messages:
                last_s = time.monotonic()
            elif time.monotonic() - last_s >= STALLED_S:
                existing_partitions(reader, bootstrap)
                raise ShopstreamError(
                    f"{', '.join(sorted({topic for topic, _ in behind}))}: gave neither records "
                    f"nor their end for {STALLED_S:.0f} s; see `shopstream status`"
                )
    finally:
        reader.close()


def last_offsets(bootstrap: str, topics: Iterable[str]) -> dict[tuple[str, int], int]:
    """(topic, partition) -> the offset of the last committed record, for partitions that have one.

    The records are read to find it: what stands at the log's end may be a transaction's marker
    rather than a record, so this is for small topics, such as reference data.
    """
    return {
        (record.topic, record.partition): record.offset
        for topic in topics
        for record in records(bootstrap, topic, from_beginning=True, quiet_s=0)
    }


def _check_silence(reader: Consumer, bootstrap: str, topic: str, behind: set[int]) -> None:
    """Silence is the end of a topic only if Kafka still answers and every end was reached."""
    existing_partitions(reader, bootstrap)
    if behind:
        raise ShopstreamError(
            f"{topic}: partitions {sorted(behind)} gave neither records nor their end for "
            f"{STALLED_S:.0f} s; see `shopstream status`"
        )


def _starts(
    reader: Consumer, bootstrap: str, topic: str, from_beginning: bool
) -> list[TopicPartition]:
    partitions = existing_partitions(reader, bootstrap)
    require_topic(partitions, topic)
    starts = []
    for partition in range(partitions[topic]):
        try:
            first, end = reader.get_watermark_offsets(
                TopicPartition(topic, partition), timeout=TIMEOUT_S
            )
        except KafkaException as error:
            raise ShopstreamError(
                f"{topic} partition {partition} has no leader: {error.args[0].str()}; "
                "see `shopstream status`"
            ) from error
        starts.append(TopicPartition(topic, partition, first if from_beginning else end))
    return starts


def is_end(message: Message) -> bool:
    """Whether this is no record but the news that its partition was read to its end."""
    error = message.error()
    return error is not None and error.code() == KafkaError._PARTITION_EOF


def _record(message: Message) -> RawRecord:
    error = message.error()
    if error is not None:
        raise ShopstreamError(f"cannot read {message.topic()}: {error.str()}")
    return RawRecord(
        message.topic() or "",
        message.partition() or 0,
        message.offset() or 0,
        message.timestamp()[1],
        message.key(),
        message.value(),
    )
