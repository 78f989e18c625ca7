"""The schema registry: what is registered there for a topic, and the schema behind an id."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cached_property

from confluent_kafka.schema_registry import (
    ConfigCompatibilityLevel,
    Schema,
    SchemaRegistryClient,
    ServerConfig,
)
from confluent_kafka.schema_registry.common._httpx_compat import httpx  # whichever it uses
from confluent_kafka.schema_registry.error import SchemaRegistryError

from connectors.codec import RegistryUnavailableError
from connectors.compatibility import check_backward
from connectors.errors import ShopstreamError
from connectors.topics import Topic

COMPATIBILITY = ConfigCompatibilityLevel.BACKWARD
TIMEOUT_S = 5.0
PATIENCE_S, FIRST_PAUSE_S, LONGEST_PAUSE_S = 150.0, 0.5, 10.0
NOT_FOUND = (40401, 40402, 40403)  # a bare 404 comes from a server that is no registry
IDS = range(1, 1 << 31)  # an id is a signed integer on the registry's side


class Registry:
    """One registry, by the base URL of its Confluent API. Picklable: a copy connects anew."""

    def __init__(self, url: str) -> None:
        self.url = url

    def __reduce__(self) -> tuple[type["Registry"], tuple[str]]:
        return Registry, (self.url,)

    @cached_property
    def _client(self) -> SchemaRegistryClient:
        retries = {"max.retries": 2, "retries.wait.ms": 200, "retries.max.wait.ms": 1000}
        return SchemaRegistryClient({"url": self.url, "timeout": TIMEOUT_S, **retries})

    def wait(self, say: Callable[[str], None]) -> None:
        """Wait until it answers, asking again with back-off; `say` hears of each time it does not.

        Raises RegistryUnavailableError when it has not for `PATIENCE_S`.
        """
        give_up, pause_s = time.monotonic() + PATIENCE_S, FIRST_PAUSE_S
        while True:
            try:
                self.lookup(IDS.start)
                return
            except RegistryUnavailableError as error:
                if time.monotonic() + pause_s > give_up:
                    raise
                say(f"{error}; asking again in {pause_s:g} s")
            time.sleep(pause_s)
            pause_s = min(2 * pause_s, LONGEST_PAUSE_S)

    def lookup(self, schema_id: int) -> str | None:
        """The schema of an id as JSON, or None if the registry has none of that id.

        Raises RegistryUnavailableError if the registry cannot say.
        """
        if schema_id not in IDS:
            return None
        with self._reached():
            try:
                return self._client.get_schema(schema_id).schema_str
            except SchemaRegistryError as error:
                if error.error_code in NOT_FOUND:
                    return None
                raise

    def schema_id(self, topic: Topic) -> int:
        """The id under which the topic's schema, as this code knows it, is registered."""
        schema_id = self._registered_id(topic)
        if schema_id is None:
            raise ShopstreamError(
                f"the schema of {topic.name} is not registered as {topic.subject} at {self.url}; "
                "register it with `shopstream up`"
            )
        return schema_id

    def register(self, topic: Topic) -> bool:
        """Register the topic's schema, to be changed compatibly only; False if it was already.

        Raises ShopstreamError, with the reasons, if it cannot read what is registered now.
        """
        new = self._registered_id(topic) is None
        with self._reached():
            if new:
                self._refuse_incompatible(topic)
                self._register(topic)
            self._demand_compatibility(topic.subject)
        return new

    def _registered_id(self, topic: Topic) -> int | None:
        with self._reached():
            try:
                found = self._client.lookup_schema(topic.subject, Schema(topic.schema_text, "AVRO"))
            except SchemaRegistryError as error:
                if error.error_code in NOT_FOUND:
                    return None
                raise
            return found.schema_id

    def _register(self, topic: Topic) -> None:
        try:
            self._client.register_schema(topic.subject, Schema(topic.schema_text, "AVRO"))
        except SchemaRegistryError as error:
            if error.http_status_code == 409:
                raise _incompatible(topic.subject, error.error_message) from error
            raise

    def _refuse_incompatible(self, topic: Topic) -> None:
        """The registry refuses it too, but does not name the field."""
        try:
            latest = self._client.get_latest_version(topic.subject).schema
        except SchemaRegistryError as error:
            if error.error_code in NOT_FOUND:
                return
            raise
        reasons = check_backward(json.loads(latest.schema_str or "null"), topic.avro_schema)
        if reasons:
            raise _incompatible(topic.subject, "; ".join(reasons))

    def _demand_compatibility(self, subject: str) -> None:
        try:
            level = self._client.get_config(subject).compatibility_level
        except SchemaRegistryError as error:
            if error.error_code not in NOT_FOUND:
                raise
            level = None
        if level != COMPATIBILITY:
            self._client.set_config(subject, ServerConfig(compatibility=COMPATIBILITY))

    @contextmanager
    def _reached(self) -> Iterator[None]:
        try:
            yield
        except httpx.TransportError as error:
            raise RegistryUnavailableError(
                f"no schema registry answers at {self.url} ({type(error).__name__}); "
                "start it with `shopstream up`"
            ) from error
        except (SchemaRegistryError, ValueError) as error:  # ValueError: an answer that is no JSON
            raise RegistryUnavailableError(
                f"expected a schema registry at {self.url}, came {' '.join(str(error).split())}; "
                "check registry_port in settings.toml"
            ) from error


def _incompatible(subject: str, reason: str) -> ShopstreamError:
    return ShopstreamError(
        f"{subject}: the new schema cannot read what was written with the registered one: "
        f"{reason}; give new fields a default, and never change a field's type"
    )
