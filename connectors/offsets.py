"""Where a topic's log ends, for whoever must know that it has read all there was."""

from collections.abc import Iterable

from confluent_kafka import Consumer, KafkaError, KafkaException, TopicPartition

from connectors.errors import ShopstreamError

DEADLINE_S = 30.0


def last_record_offsets(bootstrap: str, topics: Iterable[str]) -> dict[tuple[str, int], int]:
    """(topic, partition) -> the offset of the last committed record, for partitions that have one.

    The records are read to find it: what stands at the log's end may be a transaction's marker
    rather than a record, so this is for small topics, such as reference data.
    """
    consumer = Consumer(
        {
            "bootstrap.servers": bootstrap,
            "group.id": "shopstream-offsets",
            "enable.auto.commit": False,
            "enable.partition.eof": True,
            "auto.offset.reset": "earliest",
            "isolation.level": "read_committed",
        }
    )
    try:
        return _read_to_the_end(consumer, list(topics))
    except KafkaException as error:
        raise ShopstreamError(
            f"expected Kafka at {bootstrap}, came {error.args[0].str()}; "
            "start it with `shopstream up`"
        ) from error
    finally:
        consumer.close()


def _read_to_the_end(consumer: Consumer, topics: list[str]) -> dict[tuple[str, int], int]:
    unread = set()
    for topic in topics:
        partitions = consumer.list_topics(topic, timeout=DEADLINE_S).topics[topic].partitions
        unread |= {(topic, partition) for partition in partitions}
    consumer.assign([TopicPartition(topic, partition, 0) for topic, partition in unread])
    last: dict[tuple[str, int], int] = {}
    while unread:
        message = consumer.poll(DEADLINE_S)
        if message is None:
            raise ShopstreamError(f"no answer for {DEADLINE_S:.0f} s while reading {topics}")
        error = message.error()
        if error is None:
            last[message.topic(), message.partition()] = message.offset()
        elif error.code() == KafkaError._PARTITION_EOF:
            unread.discard((message.topic(), message.partition()))
        else:
            raise KafkaException(error)
    return last
