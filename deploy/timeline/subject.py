"""Whom a timeline is about: which topics can name it, where there, and whether a record does."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final, Literal

from connectors.partitioning import partition_of
from connectors.topics import TOPICS, Topic

Kind = Literal["order", "customer", "sku"]
FIELDS: Final[dict[Kind, str]] = {"order": "order_id", "customer": "customer_id", "sku": "sku"}

DEAD_LETTERS: Final = "dlq"
RESERVATION: Final = "reservation_id"
FREE: Final = "*"
"""Stands for the fields of a map, which may be any."""


@dataclass(frozen=True)
class Subject:
    """An order, customer or sku by its id.

    orders: of a customer, the orders that are told as well.
    """

    kind: Kind
    id: str
    orders: frozenset[str] = field(default=frozenset())

    @cached_property
    def wanted(self) -> Mapping[str, frozenset[str]]:
        """The values by which a record names the subject, by field."""
        own = {FIELDS[self.kind]: frozenset({self.id})}
        return own | ({"order_id": self.orders} if self.orders else {})

    @cached_property
    def pattern(self) -> re.Pattern[bytes]:
        """Occurs in the bytes of every record that names the subject: Avro keeps text as it is."""
        ids = sorted(set().union(*self.wanted.values()), key=len)
        return re.compile(b"|".join(re.escape(one.encode()) for one in ids))

    def topics(self) -> list[str]:
        """The topics that can name it."""
        return [name for name, topic in TOPICS.items() if name == DEAD_LETTERS or self._in(topic)]

    def places(self, partitions: Mapping[str, int], topics: Iterable[str]) -> list[tuple[str, int]]:
        """Where in these topics it can be: one partition of what is keyed by it, all of others.

        partitions: how many each topic has.
        """
        return [
            (name, number)
            for name in topics
            for number in self._numbers(TOPICS[name], partitions[name])
        ]

    def _numbers(self, topic: Topic, count: int) -> Iterable[int]:
        keys = self.wanted.get(topic.key[0]) if len(topic.key) == 1 else None
        return range(count) if keys is None else {partition_of(key, count) for key in keys}

    def is_named_by(self, topic: str, record: Mapping[str, Any]) -> bool:
        """Whether the record, of the topic, names it; a dead letter does if its bytes do."""
        if topic == DEAD_LETTERS:
            return any(
                self.pattern.search(record[name] or b"") for name in ("record_key", "record_value")
            )
        return any(self._is_own(name, value) for name, value in _texts(record))

    def _is_own(self, name: str, value: str) -> bool:
        if name == RESERVATION and "order_id" in self.wanted:
            return _order_of(value) in self.wanted["order_id"]
        own = self.wanted.get(name) or self.wanted.get(name.removesuffix("s"))
        return own is not None and value in own

    def _in(self, topic: Topic) -> bool:
        fields = set(_fields(topic.avro_schema))
        return any(name in fields or f"{name}s" in fields or FREE in fields for name in self.wanted)


def _order_of(reservation_id: str) -> str:
    """The order whose line is reserved by this id: order, slash, number of the line."""
    order_id, _, line = reservation_id.rpartition("/")
    return order_id if line.isdigit() else ""


def _texts(value: Any, name: str = "") -> Iterator[tuple[str, str]]:
    """Every text in a record with the name of the field that it is in."""
    if isinstance(value, str):
        yield name, value
    elif isinstance(value, Mapping):
        for inner, one in value.items():
            yield from _texts(one, inner)
    elif isinstance(value, list):
        for one in value:
            yield from _texts(one, name)


def _fields(schema: Any) -> Iterator[str]:
    """Every field in a schema, at whatever depth."""
    if isinstance(schema, list):
        for branch in schema:
            yield from _fields(branch)
    elif isinstance(schema, Mapping):
        if schema.get("type") == "map" and schema["values"] == "string":
            yield FREE
        for one in schema.get("fields", ()):
            yield one["name"]
            yield from _fields(one["type"])
        for inner in ("items", "type"):
            yield from _fields(schema.get(inner))
