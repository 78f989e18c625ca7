"""Kafka clients as this project wants them, and its topics as declared."""

import time
from collections.abc import Iterable
from types import TracebackType

from confluent_kafka import Consumer, KafkaError, KafkaException, Message, Producer
from confluent_kafka.admin import (
    AdminClient,
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
    NewTopic,
    ResourceType,
)

from connectors.errors import ShopstreamError
from connectors.topics import Topic

TIMEOUT_S = 10.0
DELIVERY_TIMEOUT_S = 30.0
# librdkafka writes to standard error by itself; what matters comes back as an error anyway
_QUIET = {"log_level": 2}


def admin(bootstrap: str) -> AdminClient:
    return AdminClient({"bootstrap.servers": bootstrap, **_QUIET})


def existing_partitions(
    client: AdminClient | Producer | Consumer, bootstrap: str
) -> dict[str, int]:
    """The number of partitions of every topic in Kafka.

    Raises ShopstreamError if no broker answers.
    """
    try:
        found = client.list_topics(timeout=TIMEOUT_S).topics
    except KafkaException as error:
        raise ShopstreamError(
            f"no Kafka broker answers at {bootstrap}; start it with `shopstream up`"
        ) from error
    return {name: len(metadata.partitions) for name, metadata in found.items()}


def ensure_topics(bootstrap: str, topics: Iterable[Topic]) -> list[str]:
    """Make Kafka's topics what is declared; gives a line for each change.

    Raises ShopstreamError for a number of partitions that differs: fewer cannot be had, and more
    would move keys to other partitions, away from their history and their order.
    """
    client = admin(bootstrap)
    partitions = existing_partitions(client, bootstrap)
    topics = list(topics)
    present = [topic for topic in topics if topic.name in partitions]
    for topic in present:
        if partitions[topic.name] != topic.partitions:
            raise ShopstreamError(
                f"topic {topic.name} has {partitions[topic.name]} partitions and topics.yaml "
                f"declares {topic.partitions}: keys would move to other partitions and lose their "
                "order; declare what there is, or copy the records to a topic of another name"
            )
    absent = [topic for topic in topics if topic.name not in partitions]
    return _create(client, absent) + _configure(client, present)


def _create(client: AdminClient, topics: list[Topic]) -> list[str]:
    if not topics:
        return []
    created = client.create_topics(
        [
            NewTopic(topic.name, topic.partitions, replication_factor=-1, config=topic.config)
            for topic in topics
        ],
        operation_timeout=TIMEOUT_S,
    )
    for name, future in created.items():
        try:
            future.result(TIMEOUT_S)
        except KafkaException as error:
            if error.args[0].code() != KafkaError.TOPIC_ALREADY_EXISTS:
                raise ShopstreamError(
                    f"cannot create topic {name}: {error.args[0].str()}"
                ) from error
    return [f"created topic {topic.name} of {topic.partitions} partitions" for topic in topics]


def _configure(client: AdminClient, topics: list[Topic]) -> list[str]:
    if not topics:
        return []
    resources = {topic.name: ConfigResource(ResourceType.TOPIC, topic.name) for topic in topics}
    found = client.describe_configs(list(resources.values()), request_timeout=TIMEOUT_S)
    current = {resource.name: future.result(TIMEOUT_S) for resource, future in found.items()}
    changes, altered = [], []
    for topic in topics:
        for name, value in topic.config.items():
            was = current[topic.name][name].value
            if was == value:
                continue
            resources[topic.name].add_incremental_config(
                ConfigEntry(name, value, incremental_operation=AlterConfigOpType.SET)
            )
            changes.append(f"changed {name} of topic {topic.name} from {was} to {value}")
        if resources[topic.name].incremental_configs:
            altered.append(resources[topic.name])
    if altered:
        for future in client.incremental_alter_configs(altered).values():
            future.result(TIMEOUT_S)
    return changes


def consumer(
    bootstrap: str, isolation: str = "read_committed", group: str = "shopstream"
) -> Consumer:
    """A consumer to `assign`: it joins no group, and commits nothing by itself.

    group: the name under which offsets are committed, by who does that.
    It reports the end of a partition, as an error of code _PARTITION_EOF.
    """
    return Consumer(
        {
            "bootstrap.servers": bootstrap,
            "group.id": group,
            "enable.auto.commit": False,
            "enable.auto.offset.store": False,
            "enable.partition.eof": True,
            "auto.offset.reset": "error",
            "isolation.level": isolation,
            **_QUIET,
        }
    )


class Publisher:
    """Sends records and knows which were acknowledged.

    As a context it waits for all acknowledgements on the way out, unless an error is on its way.
    Records of a key go to the partition that Java's producers choose for it, and stay in order.
    `linger_ms`: for how long a record may wait for others to go with it.
    `patience_s`: for how long Kafka may be away before a record counts as refused.
    """

    def __init__(
        self, bootstrap: str, linger_ms: int = 20, patience_s: float = DELIVERY_TIMEOUT_S
    ) -> None:
        self._bootstrap = bootstrap
        self._patience_s = patience_s
        self._failure: str | None = None
        self.acknowledged = 0
        self._producer = Producer(
            {
                "bootstrap.servers": bootstrap,
                "acks": "all",
                "enable.idempotence": True,
                "partitioner": "murmur2_random",
                "linger.ms": linger_ms,
                "compression.type": "lz4",
                "message.max.bytes": 8 << 20,  # the topics have their own limits
                "delivery.timeout.ms": int(patience_s * 1000),
                "on_delivery": self._delivered,
                **_QUIET,
            }
        )

    def __enter__(self) -> "Publisher":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if kind is None:
            self.finish()

    def require(self, topic: str) -> None:
        """Raises ShopstreamError if Kafka does not answer or has no such topic."""
        require_topic(existing_partitions(self._producer, self._bootstrap), topic)

    def send(
        self,
        topic: str,
        key: str | bytes | None,
        value: bytes | None,
        timestamp_ms: int = 0,
        headers: dict[str, str | bytes] | None = None,
    ) -> None:
        """Send a record with Kafka timestamp `timestamp_ms` (epoch ms, more than 0; 0 is now).

        Raises ShopstreamError if this or an earlier record was refused.
        """
        deadline = time.monotonic() + self._patience_s
        while True:
            try:
                self._producer.produce(
                    topic, value=value, key=key, timestamp=timestamp_ms, headers=headers or {}
                )
                break
            except BufferError:
                if time.monotonic() > deadline:
                    raise ShopstreamError(self._unacknowledged(len(self._producer))) from None
                self._producer.poll(0.1)
            except KafkaException as error:
                raise ShopstreamError(f"{topic}: {error.args[0].str()}") from error
        self._producer.poll(0)
        self._raise_failure()

    def finish(self) -> None:
        """Wait until Kafka has acknowledged every record; raises ShopstreamError if it does not."""
        unacknowledged = self._producer.flush(self._patience_s)
        self._raise_failure()
        if unacknowledged:
            raise ShopstreamError(self._unacknowledged(unacknowledged))

    def _delivered(self, error: KafkaError | None, message: Message) -> None:
        if error is None:
            self.acknowledged += 1
        elif self._failure is None:
            self._failure = f"Kafka did not take a record of {message.topic()}: {error.str()}"

    def _raise_failure(self) -> None:
        if self._failure:
            raise ShopstreamError(f"{self._failure}; {self.acknowledged} records were acknowledged")

    def _unacknowledged(self, count: int) -> str:
        return (
            f"{count} records were not acknowledged by Kafka at {self._bootstrap} within "
            f"{self._patience_s:.0f} s, {self.acknowledged} were; see `shopstream status`"
        )


def delete_topics(bootstrap: str, names: Iterable[str]) -> None:
    """Delete these topics, as far as they are there."""
    client = admin(bootstrap)
    present = existing_partitions(client, bootstrap)
    if doomed := [name for name in names if name in present]:
        for future in client.delete_topics(doomed, operation_timeout=TIMEOUT_S).values():
            future.result(TIMEOUT_S)


def require_topic(partitions: dict[str, int], topic: str) -> None:
    """Raises ShopstreamError if `topic` is not among the topics that Kafka has."""
    if topic not in partitions:
        raise ShopstreamError(f"Kafka has no topic {topic}; create it with `shopstream up`")
