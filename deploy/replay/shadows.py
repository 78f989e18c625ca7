"""The topics of a replay: what it reads, in order, and what it writes; gone when it is over."""

from collections.abc import Iterable, Mapping, Sequence

from confluent_kafka import ConsumerGroupTopicPartitions, IsolationLevel, TopicPartition
from confluent_kafka.admin import OffsetSpec

from connectors.errors import ShopstreamError
from connectors.kafka import (
    TIMEOUT_S,
    Publisher,
    admin,
    delete_topics,
    ensure_topics,
    existing_partitions,
)
from connectors.topics import TOPICS
from deploy.replay.order import Taken
from deploy.waiting import until
from jobs.replay.plan import ARRIVED, OFFSET, PARTITION, TOPIC, Plan, domains_of
from jobs.runtime.dead_letters import DEAD_LETTERS
from jobs.runtime.streams import LARGEST_RECORD_BYTES
from udfs.contract import Domain

COMMITTED_WITHIN_S = 30.0
# Records of the past: by their timestamps Kafka would drop them at once, were there a limit.
FOR_EVER = {"cleanup": "delete", "retention_ms": -1, "max_message_bytes": LARGEST_RECORD_BYTES}


class Shadows:
    """The topics of one replay."""

    def __init__(self, bootstrap: str, plan: Plan) -> None:
        self._bootstrap = bootstrap
        self._plan = plan
        self._domains = domains_of(plan.job)
        self._admin = admin(bootstrap)
        self.outputs = sorted({DEAD_LETTERS, *(o for d in self._domains for o in d.outputs)})

    @property
    def names(self) -> list[str]:
        """All of them, as Kafka has them."""
        inputs = [self._plan.inputs(domain) for domain in self._domains]
        return [*inputs, *map(self._plan.shadow, self.outputs)]

    def create(self) -> None:
        """Make them, each of one partition. Raises ShopstreamError if Kafka does not."""
        pattern = TOPICS[DEAD_LETTERS]
        ensure_topics(
            self._bootstrap,
            [
                pattern.model_copy(update={"name": name, "partitions": 1, **FOR_EVER})
                for name in self.names
            ],
        )

    def publish(self, inputs: Mapping[str, Sequence[Taken]]) -> None:
        """Write the inputs of each domain, by its name, in their order."""
        with Publisher(self._bootstrap) as publisher:
            for domain in self._domains:
                name = self._plan.inputs(domain)
                for at, (topic, partition, offset, timestamp, key, value) in inputs[domain.name]:
                    place: dict[str, str | bytes] = {
                        TOPIC: topic,
                        PARTITION: str(partition),
                        OFFSET: str(offset),
                        ARRIVED: str(at),
                    }
                    publisher.send(name, key, value, timestamp, place)

    def decided(self) -> int:
        """How many inputs the job has decided, as its last complete checkpoint says."""
        return sum(map(self._decided_of, self._domains))

    def _decided_of(self, domain: Domain) -> int:
        group = self._plan.group(domain)
        place = TopicPartition(self._plan.inputs(domain), 0)
        asked = [ConsumerGroupTopicPartitions(group, [place])]
        found = self._admin.list_consumer_group_offsets(asked)[group].result(TIMEOUT_S)
        return max(0, found.topic_partitions[0].offset)

    def wait_until_readable(self) -> None:
        """Wait until no transaction on an output is open: its end is written after it was told.

        Raises ShopstreamError if one stays open.
        """
        outputs = [TopicPartition(self._plan.shadow(name), 0) for name in self.outputs]

        def all_ended() -> bool:
            committed, all_of_it = (
                self._ends(outputs, isolation)
                for isolation in (IsolationLevel.READ_COMMITTED, IsolationLevel.READ_UNCOMMITTED)
            )
            return committed == all_of_it

        what = "the replay's transactions to end"
        until(all_ended, COMMITTED_WITHIN_S, what, "`shopstream status`")

    def _ends(self, places: Iterable[TopicPartition], isolation: IsolationLevel) -> list[int]:
        asked = {place: OffsetSpec.latest() for place in places}
        found = self._admin.list_offsets(asked, isolation_level=isolation)
        return [future.result(TIMEOUT_S).offset for future in found.values()]

    def delete(self) -> None:
        """Remove them, and what Kafka remembers of who read them."""
        delete_topics(self._bootstrap, self.names)
        listed = self._admin.list_consumer_groups().result(TIMEOUT_S).valid
        known = {self._plan.group(domain) for domain in self._domains}
        if groups := [one.group_id for one in listed if one.group_id in known]:
            for future in self._admin.delete_consumer_groups(groups).values():
                future.result(TIMEOUT_S)


def places(bootstrap: str, topics: Iterable[str]) -> list[tuple[str, int]]:
    """Every partition of these topics. Raises ShopstreamError if Kafka has not all of them."""
    partitions = existing_partitions(admin(bootstrap), bootstrap)
    missing = [topic for topic in topics if topic not in partitions]
    if missing:
        raise ShopstreamError(f"Kafka has no topic {missing[0]}; create it with `shopstream up`")
    return [(topic, number) for topic in topics for number in range(partitions[topic])]
