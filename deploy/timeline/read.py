"""The records that name a subject, from the log."""

from collections.abc import Collection, Iterable
from dataclasses import replace

from confluent_kafka import Message

from connectors.codec import Decoder, UndecodableError
from connectors.kafka import admin, existing_partitions
from connectors.reading import snapshot
from connectors.registry import Registry
from connectors.topics import TOPICS
from deploy.audit.log import Entry
from deploy.timeline.subject import Subject

ORDERS = "orders.initiated"
STOCK_REFERENCE = ("inventory.policies", "inventory.shipping-costs")


def entries_of(bootstrap: str, registry: Registry, subject: Subject) -> list[Entry]:
    """All records that name the subject; of a customer, those of its orders too.

    Of a sku also the reference data that its stock was decided by. In order within a partition.
    Raises ShopstreamError if Kafka or the registry does not answer.
    """
    log = _Log(bootstrap, registry)
    if subject.kind == "customer":
        placed = log.read(subject, [ORDERS])
        orders = frozenset(entry.record["order_id"] for entry in placed if entry.record)
        subject = replace(subject, orders=orders)
    found = log.read(subject, subject.topics())
    if subject.kind == "sku":
        found += log.reference(STOCK_REFERENCE, found)
    return found


class _Log:
    def __init__(self, bootstrap: str, registry: Registry) -> None:
        self._bootstrap = bootstrap
        self._partitions = existing_partitions(admin(bootstrap), bootstrap)
        self._decoders = {
            name: Decoder(name, declared.avro_schema, registry.lookup)
            for name, declared in TOPICS.items()
        }

    def read(self, subject: Subject, topics: Collection[str]) -> list[Entry]:
        """Most records are passed over by their bytes: to decode one takes far longer."""
        search = subject.pattern.search

        def mentions(message: Message) -> object:
            return search(message.value() or b"")

        places = subject.places(self._partitions, self._there(topics))
        return [
            entry
            for record in snapshot(self._bootstrap, places, mentions)
            if (entry := self._entry(*record)).record is not None
            and subject.is_named_by(entry.topic, entry.record)
        ]

    def reference(self, topics: Iterable[str], known: Collection[Entry]) -> list[Entry]:
        """All records of small topics but those that are known."""
        seen = {entry[:3] for entry in known}
        places = [(t, n) for t in self._there(topics) for n in range(self._partitions[t])]
        found = (self._entry(*record) for record in snapshot(self._bootstrap, places))
        return [entry for entry in found if entry.record is not None and entry[:3] not in seen]

    def _there(self, topics: Iterable[str]) -> list[str]:
        """A topic that Kafka has not yet holds nothing."""
        return [name for name in topics if name in self._partitions]

    def _entry(
        self,
        topic: str,
        partition: int,
        offset: int,
        _timestamp: int,
        key: bytes | None,
        value: bytes | None,
    ) -> Entry:
        try:
            record = self._decoders[topic].decode(value)
        except UndecodableError:
            record = None
        return Entry(topic, partition, offset, key, value, record)
