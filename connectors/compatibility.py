"""Whether a changed schema still reads what was written with the old one; no registry needed."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from avro.compatibility import ReaderWriterCompatibilityChecker, SchemaCompatibilityType
from avro.errors import AvroException
from avro.schema import Field, RecordSchema, Schema, parse
from fastavro import parse_schema
from fastavro.schema import SchemaParseException


def check_backward(old: Any, new: Any) -> list[str]:
    """Why `new` cannot read records of `old`, one line a reason; empty if it can.

    This is the registry's BACKWARD: a field may go, and may come with a default. Both schemas are
    as in JSON.
    """
    try:
        writer, reader = parse(json.dumps(old)), parse(json.dumps(new))
        parse_schema(new)  # unlike the other, it checks that a default fits its field
    except (AvroException, SchemaParseException) as error:
        return [f"not an Avro schema: {' '.join(str(error).split())}"]
    if _reads(reader, writer):
        return []
    if not isinstance(reader, RecordSchema) or not isinstance(writer, RecordSchema):
        return [f"a {reader.type} cannot be read from a {writer.type}"]
    reasons = []
    if reader.fullname != writer.fullname:
        reasons.append(f"the record is named {reader.fullname}, was {writer.fullname}")
    written = {field.name: field for field in writer.fields}
    reasons += [reason for field in reader.fields if (reason := _field_reason(field, written))]
    return reasons or ["the records do not fit, for a reason that no single field shows"]


def _reads(reader: Schema, writer: Schema) -> bool:
    result = ReaderWriterCompatibilityChecker().get_compatibility(reader=reader, writer=writer)
    return bool(result.compatibility is SchemaCompatibilityType.compatible)


def _field_reason(field: Field, written: Mapping[str, Field]) -> str | None:
    names = (field.name, *_aliases(field))
    source = next((written[name] for name in names if name in written), None)
    if source is None:
        return None if field.has_default else f"field {field.name}: is new and has no default"
    if _reads(field.type, source.type):
        return None
    return f"field {field.name}: was {source.type}, which cannot be read as {field.type}"


def _aliases(field: Field) -> Iterable[str]:
    aliases = field.props.get("aliases")
    return aliases if isinstance(aliases, list) else ()
