"""The Confluent wire format: a zero byte, the schema's id (4 bytes, big-endian), the Avro record.

A job decodes and encodes every record here, so it is written for speed: fastavro's C code, one plan
per schema id, and logical types taken out of the schemas, so that times stay epoch milliseconds.
"""

import json
import time
from collections.abc import Callable, Mapping
from io import BytesIO
from typing import Any

from fastavro import parse_schema, schemaless_reader, schemaless_writer
from fastavro.read import SchemaResolutionError
from fastavro.schema import to_parsing_canonical_form

from connectors.compatibility import check_backward
from connectors.errors import ShopstreamError
from connectors.records import InvalidRecordError, RecordCheck

HEADER_BYTES = 5
UNKNOWN_IS_REMEMBERED_S = 30.0

# (writer's schema, ours), as fastavro wants them; None where both are the same
_Plan = tuple[Any, Any]


class UndecodableError(ValueError):
    """Bytes that are not a record of the topic; trying again will not help."""


class UnencodableError(ValueError):
    """A record that does not fit its topic's schema; the message names topic and field."""


class RegistryUnavailableError(ShopstreamError):
    """The registry did not answer: nothing is known about the record, so try again later."""


class Decoder:
    """Reads values of one topic, whatever version of the schema they were written with.

    topic: named in errors.
    schema: the schema that the caller knows; every record comes out with its fields.
    lookup: gives the schema of an id as JSON, None if the registry has none of that id, and
        raises RegistryUnavailableError if that cannot be said. Asked once per id.
    """

    def __init__(
        self, topic: str, schema: Mapping[str, Any], lookup: Callable[[int], str | None]
    ) -> None:
        self._topic = topic
        self._ours: Any = parse_schema(without_logical_types(schema))
        self._canonical = to_parsing_canonical_form(self._ours)
        self._lookup = lookup
        self._plans: dict[bytes, _Plan] = {}
        self._unknown: dict[bytes, float] = {}

    def decode(self, value: bytes | None) -> dict[str, Any]:
        """The record; raises UndecodableError, or RegistryUnavailableError for a new schema id."""
        if value is None:
            raise UndecodableError(f"{self._topic}: expected an Avro record, came no value")
        header = value[:HEADER_BYTES]
        plan = self._plans.get(header)
        if plan is None:
            plan = self._plan(header)
        stream = BytesIO(value)
        stream.seek(HEADER_BYTES)
        try:
            record: Any = schemaless_reader(stream, plan[0], plan[1])
        except MemoryError:
            raise
        except Exception as error:  # garbage makes fastavro raise whatever it stumbles over
            raise UndecodableError(self._reason(header, stream.tell(), value, error)) from error
        if stream.tell() != len(value):
            raise UndecodableError(
                f"{self._topic}: expected the record to end at byte {stream.tell()}, as schema "
                f"{_schema_id(header)} says, came {len(value)} bytes"
            )
        return record

    def _plan(self, header: bytes) -> _Plan:
        if len(header) < HEADER_BYTES:
            raise UndecodableError(
                f"{self._topic}: expected a zero byte and a 4-byte schema id, came only "
                f"{len(header)} bytes: {header!r}"
            )
        if header[0] != 0:
            raise UndecodableError(
                f"{self._topic}: expected Avro with a schema id, which starts with byte 0x00, came "
                f"byte 0x{header[0]:02x}: {header!r}..."
            )
        if self._unknown.get(header, 0.0) < time.monotonic():
            text = self._lookup(_schema_id(header))
            if text is not None:
                plan = self._plans[header] = self._resolution(header, text)
                return plan
            if len(self._unknown) >= 1000:  # garbage has many ids
                self._unknown.clear()
            self._unknown[header] = time.monotonic() + UNKNOWN_IS_REMEMBERED_S
        raise UndecodableError(
            f"{self._topic}: the registry has no schema of id {_schema_id(header)}"
        )

    def _resolution(self, header: bytes, text: str) -> _Plan:
        try:
            writers = parse_schema(without_logical_types(json.loads(text)))
            if to_parsing_canonical_form(writers) == self._canonical:
                return self._ours, None
        except Exception as error:
            raise UndecodableError(
                f"{self._topic}: schema {_schema_id(header)} in the registry is not an Avro record "
                f"({type(error).__name__}: {error})"
            ) from error
        return writers, self._ours

    def _reason(self, header: bytes, at: int, value: bytes, error: Exception) -> str:
        schema = f"schema {_schema_id(header)}"
        if isinstance(error, SchemaResolutionError):
            misfits = "; ".join(check_backward(self._plans[header][0], self._ours))
            return (
                f"{self._topic}: expected what reads as {self._ours['name']}, came {schema}: "
                f"{misfits or error}"
            )
        if isinstance(error, EOFError):
            return (
                f"{self._topic}: expected a whole record of {schema}, came one cut off after "
                f"{len(value)} bytes"
            )
        return f"{self._topic}: not a record of {schema}: {error}, by byte {at} of {len(value)}"


class Encoder:
    """Writes values of one topic with one registered schema. Not to be shared between threads."""

    def __init__(self, topic: str, schema: Mapping[str, Any], schema_id: int) -> None:
        self._topic = topic
        plain = without_logical_types(schema)
        self._schema = parse_schema(plain)
        self._buffer = BytesIO(b"\0" + schema_id.to_bytes(4, "big"))
        self._check = RecordCheck(schema)
        # fastavro cuts 1.5 down to 1 without a word
        self._integers = tuple(
            (field["name"], field.get("default"))
            for field in plain["fields"]
            if field["type"] in ("int", "long")
        )

    def encode(self, record: Mapping[str, Any]) -> bytes:
        """The value for Kafka. Fields with a default may be missing, unknown ones may not be there.

        Raises UnencodableError, naming the field.
        """
        buffer = self._buffer
        buffer.seek(HEADER_BYTES)
        buffer.truncate()
        for name, default in self._integers:
            if record.get(name, default).__class__ is not int:
                raise self._unencodable(record, None)
        try:
            schemaless_writer(buffer, self._schema, record, strict_allow_default=True)
        except Exception as error:  # of many kinds, by type of field
            raise self._unencodable(record, error) from error
        return buffer.getvalue()

    def _unencodable(self, record: Mapping[str, Any], error: Exception | None) -> UnencodableError:
        try:
            self._check.complete(record)
        except InvalidRecordError as reason:
            return UnencodableError(f"{self._topic}: {reason}")
        return UnencodableError(f"{self._topic}: {error or 'an integer field holds another type'}")


def without_logical_types(schema: Any) -> Any:
    """The schema with plain types only: a timestamp-millis is a long of epoch ms."""
    if isinstance(schema, list):
        return [without_logical_types(branch) for branch in schema]
    if not isinstance(schema, Mapping):
        return schema
    plain = {
        name: without_logical_types(inner) if name in ("type", "items", "values") else inner
        for name, inner in schema.items()
        if name != "logicalType"
    }
    if "fields" in schema:
        plain["fields"] = [without_logical_types(field) for field in schema["fields"]]
    if set(plain) == {"type"}:
        return plain["type"]
    return plain


def _schema_id(header: bytes) -> int:
    return int.from_bytes(header[1:], "big")
