"""NDJSON as people write and read it: one record a line, times as epoch ms, bytes as base64."""

import time
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

import msgspec

from connectors.codec import Encoder
from connectors.records import InvalidRecordError, RecordCheck
from connectors.topics import Topic

# Kafka refuses records that are further ahead (`message.timestamp.after.max.ms`)
MOST_AHEAD_MS = 3_600_000
NOT_JSON = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


class InvalidLineError(ValueError):
    """A line that is not a record of the topic; the message names line, field and reason."""


class EncodedRecord(NamedTuple):
    """A record as it goes to Kafka; event_time (epoch ms) is its Kafka timestamp."""

    key: str
    value: bytes
    event_time: int


class LineEncoder:
    """Reads lines as records of one topic and encodes them."""

    def __init__(self, topic: Topic, schema_id: int) -> None:
        self._topic = topic
        self._check = RecordCheck(topic.avro_schema)
        self._encoder = Encoder(topic.name, topic.avro_schema, schema_id)

    def records(self, lines: Iterable[bytes]) -> Iterator[EncodedRecord]:
        """The records in order; blank lines are passed over.

        Raises InvalidLineError at the first line that is none.
        """
        for number, line in enumerate(lines, start=1):
            if line.isspace():
                continue
            try:
                yield self._encoded(line)
            except InvalidRecordError as error:
                raise InvalidLineError(f"line {number}: {error}") from error
            except NOT_JSON as error:
                raise InvalidLineError(f"line {number}: not JSON: {error}") from error

    def _encoded(self, line: bytes) -> EncodedRecord:
        record = self._check.complete(msgspec.json.decode(line), text=True)
        event_time = record["event_time"]
        if not 0 < event_time <= time.time() * 1000 + MOST_AHEAD_MS:
            raise InvalidRecordError(
                "field event_time: expected epoch ms from 1970 until an hour from now, came "
                f"{event_time}"
            )
        return EncodedRecord(self._topic.key_of(record), self._encoder.encode(record), event_time)


def line_of(record: Mapping[str, Any]) -> bytes:
    """The record as one line, without the line break."""
    return msgspec.json.encode(record)
