"""Where a topic's log ends, for whoever must know that it has read all there was."""

from collections.abc import Iterable

from confluent_kafka import Consumer, KafkaError, TopicPartition

from connectors.errors import ShopstreamError
from connectors.kafka import TIMEOUT_S, consumer, existing_partitions, require_topic


def last_record_offsets(bootstrap: str, topics: Iterable[str]) -> dict[tuple[str, int], int]:
    """(topic, partition) -> the offset of the last committed record, for partitions that have one.

    The records are read to find it: what stands at the log's end may be a transaction's marker
    rather than a record, so this is for small topics, such as reference data.
    """
    reader = consumer(bootstrap)
    try:
        partitions = existing_partitions(reader, bootstrap)
        for topic in topics:
            require_topic(partitions, topic)
        return _read_to_the_end(
            reader, {(topic, number) for topic in topics for number in range(partitions[topic])}
        )
    finally:
        reader.close()


def _read_to_the_end(reader: Consumer, unread: set[tuple[str, int]]) -> dict[tuple[str, int], int]:
    reader.assign([TopicPartition(topic, partition, 0) for topic, partition in unread])
    last: dict[tuple[str, int], int] = {}
    while unread:
        message = reader.poll(TIMEOUT_S)
        if message is None:
            raise ShopstreamError(
                f"Kafka gave no record of {sorted(unread)} for {TIMEOUT_S:.0f} s; "
                "see `shopstream status`"
            )
        error = message.error()
        if error is None:
            last[message.topic(), message.partition()] = message.offset()
        elif error.code() == KafkaError._PARTITION_EOF:
            unread.discard((message.topic(), message.partition()))
        else:
            raise ShopstreamError(f"cannot read {message.topic()}: {error.str()}")
    return last
