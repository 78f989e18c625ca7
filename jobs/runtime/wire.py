"""How a job's records are decoded and encoded, as plain data that travels to the workers."""

from collections.abc import Iterable
from dataclasses import dataclass

from connectors.codec import Decoder, Encoder
from connectors.registry import Registry
from connectors.topics import TOPICS


@dataclass(frozen=True)
class Wire:
    """What a job knows of the registry when it is submitted.

    schemas: id -> schema, of its inputs as this code knows them: the registry is asked only for
        what was written with another version.
    output_ids: topic -> the id to write it with.
    registry_url: whom to ask.
    """

    schemas: dict[int, str]
    output_ids: dict[str, int]
    registry_url: str

    @classmethod
    def of(cls, registry: Registry, inputs: Iterable[str], outputs: Iterable[str]) -> "Wire":
        """Ask `registry` for all that a job with these topics needs."""
        return cls(
            {registry.schema_id(TOPICS[name]): TOPICS[name].schema_text for name in inputs},
            {name: registry.schema_id(TOPICS[name]) for name in outputs},
            registry.url,
        )

    def decoder(self, topic: str) -> Decoder:
        return Decoder(topic, TOPICS[topic].avro_schema, self._lookup)

    def encoder(self, topic: str) -> Encoder:
        return Encoder(topic, TOPICS[topic].avro_schema, self.output_ids[topic])

    def _lookup(self, schema_id: int) -> str | None:
        known = self.schemas.get(schema_id)
        return known if known is not None else Registry(self.registry_url).lookup(schema_id)
