"""Confluent-framed Avro in and out, and what a peer is told on its command line."""

import argparse
import io
import json
from pathlib import Path
from typing import Any

import fastavro


class Wire:
    """Decodes the records of the input, encodes those of the outputs."""

    def __init__(self, jobs: tuple[str, ...]) -> None:
        parser = argparse.ArgumentParser()
        parser.add_argument("job", choices=jobs)
        for name in ("bootstrap", "source", "group", "guarantee"):
            parser.add_argument(f"--{name}", required=True)
        parser.add_argument("--read-schema", type=Path, required=True)
        parser.add_argument(
            "--write", nargs=3, action="append", required=True, metavar=("TOPIC", "SCHEMA", "ID")
        )
        self.told = parser.parse_args()
        self._reads = _schema(self.told.read_schema)
        self._writes = {
            topic: (
                b"\0" + int(schema_id).to_bytes(4, "big"),
                _schema(Path(schema)),
            )
            for topic, schema, schema_id in self.told.write
        }
        self.topics = tuple(self._writes)

    def decode(self, value: bytes) -> dict[str, Any]:
        return fastavro.schemaless_reader(io.BytesIO(value[5:]), self._reads)

    def encode(self, topic: str, row: dict[str, Any]) -> bytes:
        head, schema = self._writes[topic]
        out = io.BytesIO(head)
        out.seek(0, io.SEEK_END)
        fastavro.schemaless_writer(out, schema, row)
        return out.getvalue()


def _schema(path: Path) -> Any:
    """Without logical types, so that times stay numbers: half the cost of decoding."""

    def plain(part: dict[str, Any]) -> dict[str, Any]:
        return {name: value for name, value in part.items() if name != "logicalType"}

    return fastavro.parse_schema(json.loads(path.read_text(), object_hook=plain))
