"""Writing records, one by one, each acknowledged before it is gone on."""

import asyncio
from collections.abc import Iterable, Mapping
from typing import Any, Final

from connectors.clock import now_ms
from connectors.codec import Encoder
from connectors.kafka import Publisher
from connectors.reading import RawRecord
from connectors.registry import Registry
from connectors.topics import topic

DEAD_LETTERS: Final = "dlq"


class Writer:
    """Writes to `topics`; for one event loop.

    Raises ShopstreamError if Kafka does not take a record: nothing may then be committed.
    """

    def __init__(self, bootstrap: str, registry: Registry, topics: Iterable[str]) -> None:
        self._encoders = {
            name: Encoder(name, topic(name).avro_schema, registry.schema_id(topic(name)))
            for name in topics
        }
        self._publisher = Publisher(bootstrap, linger_ms=0)
        self._lock = asyncio.Lock()

    async def write(self, name: str, record: Mapping[str, Any]) -> None:
        """Return once Kafka has the record."""
        async with self._lock:
            await asyncio.to_thread(self._write, name, record)

    async def set_aside(
        self, job: str, at: RawRecord, error_class: str, error_message: str, attempt: int
    ) -> None:
        """Keep a record that cannot be processed in the dead letters.

        The letter's id is a function of job and place: the same record gives the same one again.
        """
        letter = {
            "event_id": f"{job}/{at.topic}/{at.partition}/{at.offset}",
            "event_time": now_ms(),
            "source_topic": at.topic,
            "source_partition": at.partition,
            "source_offset": at.offset,
            "source_timestamp": at.timestamp,
            "record_key": at.key,
            "record_value": at.value,
            "job": job,
            "error_class": error_class,
            "error_message": error_message,
            "attempt": attempt,
        }
        await self.write(DEAD_LETTERS, letter)

    def _write(self, name: str, record: Mapping[str, Any]) -> None:
        value = self._encoders[name].encode(record)
        self._publisher.send(name, topic(name).key_of(record), value, record["event_time"])
        self._publisher.finish()
