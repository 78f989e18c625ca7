"""Real topics in tests: records in, records out, and waiting for what is to come."""

import time
from collections.abc import Callable, Iterable
from typing import Any

from connectors.codec import Encoder
from connectors.kafka import Publisher
from connectors.registry import Registry
from connectors.settings import settings
from connectors.topics import topic
from deploy.audit.log import LogReader

Record = dict[str, Any]
DEADLINE_S = 120.0


class Sender:
    """Sends records from one thread; all are acknowledged when its context ends."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._encoders: dict[str, Encoder] = {}
        self._publisher = Publisher(settings().kafka_bootstrap)

    def __enter__(self) -> "Sender":
        return self

    def __exit__(self, *error: Any) -> None:
        self._publisher.__exit__(*error)

    def send(self, name: str, *records: Record) -> None:
        declared = topic(name)
        encoder = self._encoders.get(name)
        if encoder is None:
            schema_id = self._registry.schema_id(declared)
            encoder = self._encoders[name] = Encoder(name, declared.avro_schema, schema_id)
        for record in records:
            value = encoder.encode(record)
            self._publisher.send(name, declared.key_of(record), value, record["event_time"])


class LiveTopics:
    """Writes inputs and reads `outputs`, from their beginning, as they become readable."""

    def __init__(self, outputs: Iterable[str]) -> None:
        self.registry = Registry(settings().registry_url)
        self.seen: dict[str, list[Record]] = {name: [] for name in outputs}
        self._reader = LogReader(settings().kafka_bootstrap, self.registry, self.seen)

    def send(self, name: str, *records: Record) -> None:
        with Sender(self.registry) as sender:
            sender.send(name, *records)

    def wait_for(self, condition: Callable[[], Any], what: str) -> Any:
        """Read outputs until `condition` gives something true, and return it."""
        give_up = time.monotonic() + DEADLINE_S
        while not (found := condition()):
            assert time.monotonic() < give_up, f"waited {DEADLINE_S:.0f} s for {what}"
            for entry in self._reader.read(0.2):
                assert entry.record is not None
                self.seen[entry.topic].append(entry.record)
        return found

    def close(self) -> None:
        self._reader.close()
