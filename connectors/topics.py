"""The declared topics: `topics.yaml`, checked against the schemas, and a record's key in each."""

import json
from collections.abc import Callable, Mapping
from functools import cached_property, partial
from operator import itemgetter
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from connectors.errors import ShopstreamError

# A record's timestamp is its event time, so two records may be years apart: by time, each would
# roll a segment of its own, and of a compacted topic all but the latest would be gone at once.
NEVER_MS = 2**63 - 1

HERE = Path(__file__).resolve().parent
DECLARATION = HERE / "topics.yaml"

Record = Mapping[str, Any]
KeyOf = Callable[[Record], str]


class Topic(BaseModel):
    """One topic, as `topics.yaml` explains its fields. `schema_file` is `schema` there."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9.-]*$")
    doc: str = Field(min_length=1)
    owner: str = Field(min_length=1)
    partitions: int = Field(ge=1, le=1000)
    key: tuple[str, ...] = Field(min_length=1)
    key_fallback: tuple[str, ...] = ()
    identity: tuple[str, ...] = ()
    cleanup: Literal["delete", "compact"]
    retention_ms: int = Field(ge=-1)
    max_message_bytes: int = Field(default=1_048_588, ge=1024)
    schema_file: str = Field(alias="schema")

    @property
    def subject(self) -> str:
        """The registry's name for the schema of this topic's values."""
        return f"{self.name}-value"

    @cached_property
    def schema_text(self) -> str:
        """The schema file as it is: what is registered, docs included."""
        return (HERE / "schemas" / self.schema_file).read_text(encoding="utf-8")

    @cached_property
    def avro_schema(self) -> dict[str, Any]:
        schema: dict[str, Any] = json.loads(self.schema_text)
        return schema

    @property
    def config(self) -> dict[str, str]:
        """The topic's configuration in Kafka."""
        return {
            "cleanup.policy": self.cleanup,
            "retention.ms": str(self.retention_ms),
            "max.message.bytes": str(self.max_message_bytes),
        }

    # The two below are functions kept on the topic rather than methods: one call less for every
    # record. They are made of picklable parts, since topics travel to workers.

    @cached_property
    def key_of(self) -> KeyOf:
        """Gives the Kafka key of a record, which must have all fields of the key.

        A value that contains "|" is not escaped: the contract joins the values as they are.
        """
        key = _joined(self.key)
        if not self.key_fallback:
            return key
        return partial(_key_or_fallback, key, _joined(self.key_fallback))

    @cached_property
    def identity_of(self) -> KeyOf:
        """Gives what names a record among the latest ones of a reference topic."""
        return _joined(self.identity) if self.identity else self.key_of


def _joined(fields: tuple[str, ...]) -> KeyOf:
    values = itemgetter(*fields)
    return values if len(fields) == 1 else partial(_join, values)


def _join(values: Callable[[Record], tuple[str, ...]], record: Record) -> str:
    return "|".join(values(record))


def _key_or_fallback(key: KeyOf, fallback: KeyOf, record: Record) -> str:
    return key(record) or fallback(record)


def load(path: Path) -> Mapping[str, Topic]:
    """The topics that `path` declares, by name.

    Raises ShopstreamError, naming topic and field, for a declaration that does not hold.
    """
    try:
        declared = yaml.safe_load(path.read_text(encoding="utf-8"))
    except yaml.YAMLError as error:
        raise ShopstreamError(f"{path.name} is not YAML: {' '.join(str(error).split())}") from error
    if not isinstance(declared, dict):
        raise ShopstreamError(f"{path.name}: expected topics by name, came {declared!r:.60}")
    topics = {}
    for name, fields in declared.items():
        try:
            found = Topic.model_validate({"name": name, **(fields or {})})
        except (ValidationError, TypeError) as error:
            raise ShopstreamError(f"{path.name}: topic {name}: {_reasons(error)}") from error
        _check_schema(found, path)
        topics[found.name] = found
    return MappingProxyType(topics)


def _reasons(error: ValidationError | TypeError) -> str:
    if isinstance(error, TypeError):
        return "expected fields by name"
    return "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())


def _check_schema(topic: Topic, path: Path) -> None:
    """A key must be there in every record: a string, and not null unless there is a fallback."""
    try:
        fields = {field["name"]: field["type"] for field in topic.avro_schema["fields"]}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ShopstreamError(
            f"{path.name}: topic {topic.name}: schema: schemas/{topic.schema_file} is not a file "
            f"with an Avro record ({type(error).__name__}: {error})"
        ) from error
    if topic.key_fallback and len(topic.key) > 1:
        raise ShopstreamError(
            f"{path.name}: topic {topic.name}: key_fallback goes with a key of one field, came "
            f"{', '.join(topic.key)}"
        )
    nullable = topic.key if topic.key_fallback else ()
    for field in (*topic.key, *topic.key_fallback, *topic.identity):
        allowed = ("string", ["null", "string"]) if field in nullable else ("string",)
        if fields.get(field) not in allowed:
            raise ShopstreamError(
                f"{path.name}: topic {topic.name}: the key field {field} must be a string in "
                f"schemas/{topic.schema_file}; there it is {fields.get(field, 'missing')!r}"
            )


TOPICS: Mapping[str, Topic] = load(DECLARATION)


def topic(name: str) -> Topic:
    """The declared topic `name`."""
    try:
        return TOPICS[name]
    except KeyError:
        raise ShopstreamError(
            f"unknown topic {name!r}; declared in connectors/topics.yaml are {', '.join(TOPICS)}"
        ) from None
