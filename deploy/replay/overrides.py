"""`--set`: reference data as it was not, such as another weight of a fraud rule."""

import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from connectors.errors import ShopstreamError
from connectors.records import InvalidRecordError, RecordCheck
from connectors.topics import TOPICS

Record = dict[str, Any]
SYNTAX = "TOPIC/RECORD.FIELD=VALUE, such as fraud.rules/velocity.weight=30"


@dataclass(frozen=True)
class Override:
    """A field of a reference record, and what a replay finds there instead.

    identity: names the record among those of its topic. path: the field, and the keys of maps in
    it. text: the call's own words, for errors.
    """

    topic: str
    identity: str
    path: tuple[str, ...]
    value: Any
    text: str

    @classmethod
    def parse(cls, text: str, reference: Collection[str]) -> "Override":
        """Read `TOPIC/RECORD.FIELD=VALUE`; the field may go on with keys of a map: `.KEY`.

        The value is JSON, or else a string as it is. A record's own name may have dots in it: the
        field is the last part that is one of the topic's.

        Raises ShopstreamError, saying what was expected, for anything else.
        """
        topic, slash, rest = text.partition("/")
        name, equals, value = rest.partition("=")
        if not (slash and equals):
            raise ShopstreamError(f"--set: expected {SYNTAX}; came {text!r}")
        if topic not in reference:
            raise ShopstreamError(
                f"--set {text}: expected a reference topic of the job, one of "
                f"{', '.join(reference) or 'none'}; came {topic!r}"
            )
        fields = [field["name"] for field in TOPICS[topic].avro_schema["fields"]]
        parts = name.split(".")
        places = [n for n in range(1, len(parts)) if parts[n] in fields]
        if not places:
            raise ShopstreamError(
                f"--set {text}: expected a record's name and a field of {topic}, one of "
                f"{', '.join(fields)}; came {name!r}"
            )
        identity, path = ".".join(parts[: places[-1]]), parts[places[-1] :]
        keys = [".".join(path[1:])] if len(path) > 1 else []  # a map's key may have dots too
        if path[0] in (*TOPICS[topic].key, *TOPICS[topic].identity):
            raise ShopstreamError(f"--set {text}: {path[0]} names the record, so it must stay")
        return cls(topic, identity, (path[0], *keys), _value(value), text)

    def changed(self, record: Record, kind: Any) -> Record:
        """The record with the new value; `kind` is its type in the rules.

        Raises ShopstreamError for a value that the topic or the rules do not take.
        """
        field, *keys = self.path
        new = dict(record)
        if keys:
            inner = record[field]
            if not isinstance(inner, Mapping):
                raise ShopstreamError(f"--set {self.text}: {field} is no map, so it has no keys")
            new[field] = {**inner, keys[0]: self.value}
        else:
            new[field] = self.value
        try:
            checked = RecordCheck(TOPICS[self.topic].avro_schema).complete(new)
            msgspec.convert(checked, kind)
        except (InvalidRecordError, ValueError) as error:
            raise ShopstreamError(f"--set {self.text}: {error}") from error
        return checked


def _value(text: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        return text


class Overrides:
    """All of a call, applied to every version that a record had.

    Raises ShopstreamError if one is not valid, or two are of the same field.
    """

    def __init__(self, texts: Iterable[str], reference: Mapping[str, Any]) -> None:
        self._kinds = reference
        self._of: dict[tuple[str, str], list[Override]] = {}
        for text in texts:
            one = Override.parse(text, reference)
            known = self._of.setdefault((one.topic, one.identity), [])
            if any(other.path == one.path for other in known):
                raise ShopstreamError(f"--set {text}: is set twice; leave one out")
            known.append(one)
        self._used: set[str] = set()
        self._seen: dict[str, set[str]] = {}

    def __bool__(self) -> bool:
        return bool(self._of)

    def __iter__(self) -> Iterator[Override]:
        return (one for of_record in self._of.values() for one in of_record)

    def changed(self, topic: str, record: Record) -> Record | None:
        """The record with what is set otherwise; None if that is nothing."""
        identity = TOPICS[topic].identity_of(record)
        self._seen.setdefault(topic, set()).add(identity)
        overrides = self._of.get((topic, identity), [])
        for one in overrides:
            record = one.changed(record, self._kinds[topic])
            self._used.add(one.text)
        return record if overrides else None

    def require_used(self) -> None:
        """Raises ShopstreamError if one names a record that its topic has never had."""
        for one in self:
            if one.text not in self._used:
                known = ", ".join(sorted(self._seen.get(one.topic, set()))[:20]) or "none"
                raise ShopstreamError(
                    f"--set {one.text}: expected a record of {one.topic}, such as {known}; came "
                    f"{one.identity!r}"
                )
