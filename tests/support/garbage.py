"""Bytes that somebody may write to a topic: garbage, and what was a record once."""

from typing import Any

from hypothesis import strategies as st
from support.avro_records import values_of

from connectors.codec import Encoder
from connectors.topics import Topic

SCHEMA_ID, UNKNOWN_ID = 7, 8
HEADER = b"\0" + SCHEMA_ID.to_bytes(4, "big")
UNKNOWN = b"\0" + UNKNOWN_ID.to_bytes(4, "big")


def values_in(topic: Topic) -> st.SearchStrategy[bytes | None]:
    """Values of records that may stand in `topic`, whose schema has the id `SCHEMA_ID`."""
    encode = Encoder(topic.name, topic.avro_schema, SCHEMA_ID).encode
    records = values_of(topic.avro_schema).map(encode)
    return st.one_of(
        st.none(),
        st.binary(max_size=64),
        st.integers(0, 1 << 20).map(bytes),  # zeros
        st.binary(max_size=64).map(HEADER.__add__),
        st.binary(max_size=16).map(UNKNOWN.__add__),
        st.tuples(st.binary(min_size=1, max_size=9), st.binary(max_size=9)).map(_claiming),
        st.tuples(records, st.integers(0, 10_000)).map(_cut),
        st.tuples(records, st.binary(min_size=1, max_size=9)).map(b"".join),
        st.tuples(records, st.integers(0, 10_000), st.integers(1, 255)).map(_flipped),
        records,
    )


def _claiming(parts: tuple[bytes, bytes]) -> bytes:
    """A field of a length such as no record has."""
    length, rest = parts
    return HEADER + bytes(byte | 0x80 for byte in length) + rest


def _cut(drawn: tuple[bytes, int]) -> bytes:
    value, at = drawn
    return value[: at % len(value)]


def _flipped(drawn: tuple[bytes, int, int]) -> bytes:
    value, at, bits = drawn
    at %= len(value)
    return value[:at] + bytes([value[at] ^ bits]) + value[at + 1 :]


def sources_of(topic: Topic) -> st.SearchStrategy[Any]:
    """Records of `topic` as a job is handed them: of its types, but not of its meaning."""
    encode = Encoder(topic.name, topic.avro_schema, SCHEMA_ID).encode
    return st.builds(
        lambda record, key, timestamp: (
            topic.name,
            0,
            0,
            timestamp,
            topic.key_of(record).encode() if key is None else key,
            encode(record),
        ),
        values_of(topic.avro_schema),
        st.none() | st.binary(max_size=9),
        st.integers(-1, 1 << 45),
    )
