"""Deliveries as records of Kafka: their events, what to remember, and dead letters."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import msgspec

from connectors.codec import Encoder, UnencodableError
from connectors.ndjson import MOST_AHEAD_MS
from connectors.registry import Registry
from connectors.topics import topic
from connectors.webhooks.contract import EVENTS, Event, Fact, Unmappable
from connectors.webhooks.snapshots import Known, Lookup, Remember, settle

DELIVERIES = "webhooks.deliveries"
SNAPSHOTS = "webhooks.snapshots"
DEAD_LETTERS = "dlq"
TOPICS = (*dict.fromkeys(event.topic for event in EVENTS), DELIVERIES, SNAPSHOTS, DEAD_LETTERS)

JOB = "webhooks"
ENVELOPE_BYTES = 1024
"""What Kafka adds to a record, at most, within a topic's limit."""
SHOWN = 200

log = logging.getLogger("shopstream.webhooks")


@dataclass(frozen=True)
class Delivery:
    """A webhook that was signed rightly; received_ms is epoch ms."""

    platform: str
    delivery_id: str
    topic: str
    body: bytes
    received_ms: int

    @property
    def key(self) -> str:
        """Names it among the deliveries of all platforms."""
        return f"{self.platform}|{self.delivery_id}"


class KafkaRecord(NamedTuple):
    """A record as it goes to Kafka; timestamp in epoch ms."""

    topic: str
    key: str
    value: bytes
    timestamp: int


@dataclass(frozen=True)
class Written:
    """What a delivery comes to: its records, what to remember, and how it is told."""

    outcome: str
    records: list[KafkaRecord]
    remember: Remember


class Records:
    """Makes records with an encoder a topic. Not to be shared between threads."""

    def __init__(self, encoders: Mapping[str, Encoder]) -> None:
        self._encoders = encoders

    @classmethod
    def registered(cls, registry: Registry) -> "Records":
        """By the registered schemas.

        Raises ShopstreamError if the registry does not answer or lacks a schema.
        """
        return cls(
            {
                name: Encoder(name, topic(name).avro_schema, registry.schema_id(topic(name)))
                for name in TOPICS
            }
        )

    def of(self, delivery: Delivery, facts: list[Fact] | Exception, lookup: Lookup) -> Written:
        """What to write for a delivery that says `facts`, or that could not be mapped."""
        if isinstance(facts, Exception):
            return self._dead(delivery, facts)
        try:
            return self._settled(delivery, facts, lookup)
        except Unmappable as error:
            return self._dead(delivery, error)
        except Exception as error:  # a defect of ours: the delivery is kept, and so are the others
            log.exception("%s could not be settled", delivery.key)
            return self._dead(delivery, error)

    def _settled(self, delivery: Delivery, facts: list[Fact], lookup: Lookup) -> Written:
        remember: dict[str, Known] = {}
        records: list[KafkaRecord] = []

        def latest(subject: str) -> Known | None:
            return remember.get(subject) or lookup(subject)

        for fact in facts:
            events, known = settle(fact, latest)
            remember |= known
            records += [self._event(event, delivery.received_ms) for event in events]
        outcome = "ACCEPTED" if records or remember else "IGNORED"
        count = len(records)
        for subject, said in remember.items():
            fields = {"sku": said.sku, "quantities": said.quantities, "subject": subject}
            name = f"{subject}|{said.at}"
            records.append(self._record(SNAPSHOTS, name, said.at, delivery.received_ms, fields))
        records.append(self._delivery(delivery, outcome, count))
        return Written(outcome, records, remember)

    def _event(self, event: Event, now_ms: int) -> KafkaRecord:
        fields = msgspec.to_builtins(event)
        event_id, event_time = fields.pop("event_id"), fields.pop("event_time")
        return self._record(event.topic, event_id, event_time, now_ms, fields)

    def _record(
        self, name: str, event_id: str, event_time: int, now_ms: int, fields: dict[str, Any]
    ) -> KafkaRecord:
        """Raises Unmappable for what Kafka would refuse: a transaction would fail with it."""
        if event_time > now_ms + MOST_AHEAD_MS:
            raise Unmappable(
                f"expected a time until an hour from now, came {event_time} at {now_ms} (epoch ms)"
            )
        declared, record = topic(name), {"event_id": event_id, "event_time": event_time, **fields}
        try:
            value = self._encoders[name].encode(record)
        except UnencodableError as error:
            raise Unmappable(str(error)) from error
        key = declared.key_of(record)
        size = len(value) + len(key.encode()) + ENVELOPE_BYTES
        if size > declared.max_message_bytes:
            most = declared.max_message_bytes
            raise Unmappable(f"{name}: expected a record of up to {most} bytes, came {size}")
        return KafkaRecord(name, key, value, event_time)

    def _delivery(self, delivery: Delivery, outcome: str, events: int) -> KafkaRecord:
        at = delivery.received_ms
        fields = {
            "platform": delivery.platform,
            "delivery_id": delivery.delivery_id,
            "webhook_topic": delivery.topic[:SHOWN],
            "outcome": outcome,
            "events": events,
        }
        return self._record(DELIVERIES, delivery.key, at, at, fields)

    def _dead(self, delivery: Delivery, error: Exception) -> Written:
        """The body as it came. It has no place in Kafka yet, so its offset there is -1."""
        at = delivery.received_ms
        fields = {
            "source_topic": f"webhooks.{delivery.platform}",
            "source_partition": -1,
            "source_offset": -1,
            "source_timestamp": at,
            "record_key": delivery.delivery_id.encode(),
            "record_value": delivery.body,
            "job": JOB,
            "error_class": type(error).__name__,
            "error_message": f"{delivery.topic[:SHOWN]}: {error}"[:2000],
            "attempt": 1,
        }
        letter = self._record(DEAD_LETTERS, f"{JOB}|{delivery.key}", at, at, fields)
        return Written("DEAD_LETTER", [letter, self._delivery(delivery, "DEAD_LETTER", 0)], {})
