"""Checking a record against its schema, field by field, with an error that a person can act on.

The codec's fast path does not need this: it is how `produce` reads lines, and how the encoder says
what was wrong with a record that it could not write.
"""

import binascii
from base64 import b64decode
from collections.abc import Mapping
from typing import Any

Schema = Any  # as in JSON: a name, a list (a union) or an object

_RANGES = {"int": 1 << 31, "long": 1 << 63}
_OTHERS: dict[str, type] = {"bytes": bytes, "boolean": bool, "null": type(None)}


class InvalidRecordError(ValueError):
    """A record that does not fit its schema; the message names the field."""


class RecordCheck:
    """Checks records of one schema and fills in defaults. Times are epoch ms, as integers."""

    def __init__(self, schema: Mapping[str, Any]) -> None:
        self._schema = schema
        self._named: dict[str, Schema] = {}
        self._name_types(schema)

    def complete(self, record: object, *, text: bool = False) -> dict[str, Any]:
        """The record with its defaults filled in; `text` reads bytes as base64, as in NDJSON.

        Raises InvalidRecordError naming the field, what was expected and what came.
        """
        return self._record(self._schema, record, "", text)

    def _name_types(self, schema: Schema) -> None:
        if isinstance(schema, list):
            for branch in schema:
                self._name_types(branch)
        elif isinstance(schema, Mapping):
            if "name" in schema:
                self._named[schema["name"]] = schema
                self._named[f"{self._schema.get('namespace', '')}.{schema['name']}"] = schema
            for field in schema.get("fields", ()):
                self._name_types(field["type"])
            for inner in ("items", "values", "type"):
                self._name_types(schema.get(inner))

    def _record(self, schema: Schema, record: object, path: str, text: bool) -> dict[str, Any]:
        if not isinstance(record, Mapping):
            raise _unfit(path, "an object with fields", record)
        prefix = f"{path}." if path else ""
        fields = {field["name"]: field for field in schema["fields"]}
        for name in record:
            if name not in fields:
                raise InvalidRecordError(
                    f"field {prefix}{name}: not in the schema; its fields are {', '.join(fields)}"
                )
        complete = {}
        for name, field in fields.items():
            if name in record:
                complete[name] = self._value(field["type"], record[name], prefix + name, text)
            elif "default" in field:
                complete[name] = field["default"]
            else:
                raise InvalidRecordError(
                    f"field {prefix}{name}: expected {_described(field['type'])}, came nothing"
                )
        return complete

    def _value(self, schema: Schema, value: Any, path: str, text: bool) -> Any:
        kind = schema["type"] if isinstance(schema, Mapping) else schema
        if isinstance(kind, list):
            return self._union(kind, value, path, text)
        if isinstance(kind, Mapping):
            return self._value(kind, value, path, text)
        if kind in self._named and kind not in ("record", "enum", "fixed"):
            return self._value(self._named[kind], value, path, text)
        match kind:
            case "record":
                return self._record(schema, value, path, text)
            case "array":
                if not isinstance(value, list):
                    raise _unfit(path, "a list", value)
                return [
                    self._value(schema["items"], item, f"{path}[{i}]", text)
                    for i, item in enumerate(value)
                ]
            case "map":
                if not isinstance(value, Mapping):
                    raise _unfit(path, "an object", value)
                return {
                    key: self._value(schema["values"], item, f"{path}.{key}", text)
                    for key, item in value.items()
                }
            case _:
                return _primitive(schema, kind, value, path, text)

    def _union(self, branches: list[Schema], value: Any, path: str, text: bool) -> Any:
        others = [branch for branch in branches if branch != "null"]
        if value is None and len(others) < len(branches):
            return None
        if len(others) == 1:  # the error then is that of the branch, which says more
            try:
                return self._value(others[0], value, path, text)
            except InvalidRecordError as error:
                reason = str(error).replace("expected ", "expected null or ", 1)
                raise InvalidRecordError(reason) from None
        for branch in others:
            try:
                return self._value(branch, value, path, text)
            except InvalidRecordError:
                continue
        raise _unfit(path, _described(branches), value)


def _primitive(schema: Schema, kind: str, value: Any, path: str, text: bool) -> Any:
    if kind in _RANGES:
        limit = _RANGES[kind]
        if type(value) is int and -limit <= value < limit:
            return value
    elif kind in ("double", "float"):
        if type(value) in (int, float):
            return float(value)
    elif kind == "bytes" and text:
        if isinstance(value, str):
            try:
                return b64decode(value, validate=True)
            except binascii.Error:
                pass
        raise _unfit(path, "bytes as base64", value)
    elif kind == "string" and isinstance(value, str):
        try:
            value.encode()
        except UnicodeEncodeError:
            raise _unfit(path, "a string that is UTF-8", value) from None
        return value
    elif kind in _OTHERS and isinstance(value, _OTHERS[kind]):
        return value
    raise _unfit(path, _described(schema), value)


def _described(schema: Schema) -> str:
    """The type in words."""
    if isinstance(schema, list):
        return " or ".join(_described(branch) for branch in schema)
    if not isinstance(schema, Mapping):
        return str(schema)
    if schema.get("logicalType") == "timestamp-millis":
        return "long (epoch ms)"
    return _described(schema["type"])


def _unfit(path: str, expected: str, came: object) -> InvalidRecordError:
    where = f"field {path}: " if path else ""
    shown = "null" if came is None else f"{came!r:.80} ({type(came).__name__})"
    return InvalidRecordError(f"{where}expected {expected}, came {shown}")
