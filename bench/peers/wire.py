"""Confluent-framed Avro in and out, and what a peer is told on standard input."""

import io
import json
import sys
from operator import itemgetter
from pathlib import Path
from typing import Any

import fastavro
import msgspec

Record = dict[str, Any]

TOPIC = "$topic"
"""The field of a decoded record that says where it came from."""


class Source(msgspec.Struct):
    """A topic that is read: the file of its schema, and the fields of its key."""

    schema: Path
    key: list[str]


class Target(msgspec.Struct):
    """A topic that is written. fallback: the field that is the key where that of `key` is null."""

    schema: Path
    schema_id: int
    key: list[str]
    fallback: list[str]


class Told(msgspec.Struct):
    """What to do, and with which guarantee. reference: topic -> its records by identity."""

    job: str
    bootstrap: str
    group: str
    guarantee: str
    sources: dict[str, Source]
    targets: dict[str, Target]
    reference: dict[str, dict[str, Record]]


class Wire:
    """Decodes the records of the sources, encodes those of the targets."""

    def __init__(self) -> None:
        self.told = msgspec.json.decode(
            sys.stdin.buffer.read(), type=Told, dec_hook=lambda kind, value: kind(value)
        )
        self._reads = {name: _schema(one.schema) for name, one in self.told.sources.items()}
        self._writes = {
            name: (b"\0" + one.schema_id.to_bytes(4, "big"), _schema(one.schema), _key_of(one))
            for name, one in self.told.targets.items()
        }
        self.topics = tuple(self._writes)

    def decode(self, topic: str, value: bytes) -> Record:
        record: Record = fastavro.schemaless_reader(io.BytesIO(value[5:]), self._reads[topic])
        record[TOPIC] = topic
        return record

    def encode(self, topic: str, row: Record) -> tuple[str, bytes]:
        """Key and value."""
        head, schema, key_of = self._writes[topic]
        out = io.BytesIO(head)
        out.seek(0, io.SEEK_END)
        fastavro.schemaless_writer(out, schema, row)
        return key_of(row), out.getvalue()


def _key_of(target: Target) -> Any:
    if target.fallback:
        (first,), (second,) = target.key, target.fallback
        return lambda row: row[first] or row[second]
    if len(target.key) > 1:
        return lambda row: "|".join(row[name] for name in target.key)
    return itemgetter(*target.key)


def _schema(path: Path) -> Any:
    """Without logical types, so that times stay numbers: half the cost of decoding."""

    def plain(part: dict[str, Any]) -> dict[str, Any]:
        return {name: value for name, value in part.items() if name != "logicalType"}

    return fastavro.parse_schema(json.loads(path.read_text(), object_hook=plain))
