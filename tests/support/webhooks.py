"""The gateway without Kafka: what it would write is kept in memory."""

import json
import time
from collections.abc import Callable
from typing import Any

from fastapi import FastAPI

from connectors.codec import Decoder, Encoder
from connectors.settings import settings
from connectors.topics import topic
from connectors.webhooks.app import application
from connectors.webhooks.memory import Deliveries, Snapshots
from connectors.webhooks.metrics import Metrics
from connectors.webhooks.platforms import PLATFORMS
from connectors.webhooks.reading import Told
from connectors.webhooks.receiver import Receiver
from connectors.webhooks.records import TOPICS, Records
from connectors.webhooks.serve import shops
from connectors.webhooks.signatures import signed_body, signed_message
from connectors.webhooks.writer import Pending

Record = dict[str, Any]
RECEIVED_MS = 1_764_000_000_000
SCHEMA_IDS = {name: number for number, name in enumerate(TOPICS, start=1)}


class Shelf:
    """Writes at once, unless it is told to wait; remembers as the writer does."""

    def __init__(self) -> None:
        self.deliveries = Deliveries(24)
        self.snapshots = Snapshots()
        self.ready = True
        self.waiting: list[Pending] | None = None
        self.written: dict[str, list[Record]] = {name: [] for name in TOPICS}
        self._records = Records(
            {n: Encoder(n, topic(n).avro_schema, schema_id) for n, schema_id in SCHEMA_IDS.items()}
        )
        self._decoders = {n: Decoder(n, topic(n).avro_schema, _schema) for n in TOPICS}

    def put(self, pending: Pending) -> None:
        if self.waiting is None:
            self.write(pending)
        else:
            self.waiting.append(pending)

    def write(self, pending: Pending) -> None:
        """What the writer does with it."""
        delivery = pending.delivery
        written = self._records.of(delivery, pending.facts, self.snapshots.get)
        for name, key, value, timestamp in written.records:
            record = self._decoders[name].decode(value)
            assert key == topic(name).key_of(record)
            assert 0 < timestamp == record["event_time"]
            self.written[name].append(record)
        self.snapshots.update(written.remember)
        self.deliveries.add(delivery.key, delivery.received_ms)
        pending.done(written.outcome)


def _schema(schema_id: int) -> str:
    name = next(name for name, known in SCHEMA_IDS.items() if known == schema_id)
    return topic(name).schema_text


def gateway(
    shelf: Shelf,
    metrics: Metrics | None = None,
    *,
    most: int = 10,
    max_bytes: int = 100_000,
    clock: Callable[[], float] = time.time,
) -> FastAPI:
    """The gateway's application, with the settings' secrets, over a shelf."""
    metrics = metrics or Metrics()
    receiver = Receiver(
        shops(settings()), shelf, metrics, most=most, max_bytes=max_bytes, clock=clock
    )
    return application(receiver, metrics, lambda: shelf.ready)


def signed_headers(
    platform: str, name: str, delivery_id: str, body: bytes, now_s: float | None = None
) -> dict[str, str]:
    """What the platform would send with the body, by the first secret."""
    secret = shops(settings())[platform].secrets[0]
    if platform == "custom":
        stamp = int(time.time() if now_s is None else now_s)
        signature = signed_message(secret, delivery_id, stamp, body)
        return {
            "webhook-id": delivery_id,
            "webhook-timestamp": str(stamp),
            "webhook-signature": signature,
        }
    topic_header, id_header, signature_header = PLATFORMS[platform].headers
    return {
        topic_header: name,
        id_header: delivery_id,
        signature_header: signed_body(secret, body),
    }


def facts_of(platform: str, name: str, body: object, delivery_id: str = "d-1") -> list[Any]:
    """What a body says, received at RECEIVED_MS by a shop whose currency is EUR."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    told = Told(platform, "EUR", delivery_id, RECEIVED_MS)
    return PLATFORMS[platform].facts(name, raw, told)
