"""Lines of JSON become records or a reason, with the line's number."""

import json
import time

import pytest
from hypothesis import assume, given
from support.avro_records import values_of

from connectors.codec import Decoder
from connectors.ndjson import InvalidLineError, LineEncoder, line_of
from connectors.provision import SEEDS
from connectors.topics import TOPICS, topic

GOOD = {"event_id": "e", "event_time": 1_700_000_000_000, "event_type": "SHIPPED", "sku": "mug"}


def encoded(lines, name="inventory.events"):
    return list(LineEncoder(topic(name), 1).records(lines))


def decoded(value, name):
    declared = topic(name)
    return Decoder(name, declared.avro_schema, lambda _: declared.schema_text).decode(value)


def test_a_line_is_keyed_as_declared_and_carries_its_event_time():
    (record,) = encoded([json.dumps(GOOD).encode()])
    assert (record.key, record.event_time) == ("mug", 1_700_000_000_000)
    assert decoded(record.value, "inventory.events")["quantity"] == 0


def test_blank_lines_are_passed_over_but_counted():
    with pytest.raises(InvalidLineError, match=r"^line 3: "):
        encoded([b"\n", b"  \r\n", b"{}\n"])


@given(record=values_of(TOPICS["dlq"].avro_schema))
def test_what_consume_writes_produce_reads(record):
    assume(0 < record["event_time"] < 1_700_000_000_000)
    (again,) = encoded([line_of(record)], "dlq")
    assert decoded(again.value, "dlq") == record


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"mug\n", "not JSON: "),
        (b'{"event_id": "e"', "not JSON: "),
        (b'{"event_id": "\xff"}', "not JSON: "),
        (b"[" * 100_000, "not JSON: "),
        (b"[1]", "expected an object with fields, came [1] (list)"),
        (b"null", "expected an object with fields, came null"),
        (b"{}", "field event_id: expected string, came nothing"),
    ],
)
def test_a_line_that_is_no_record_is_refused(line, reason):
    with pytest.raises(InvalidLineError) as caught:
        encoded([json.dumps(GOOD).encode(), line])
    assert str(caught.value).startswith(f"line 2: {reason}")


@pytest.mark.parametrize(
    ("field", "value", "reason"),
    [
        ("quantity", "3", "field quantity: expected long, came '3' (str)"),
        ("quantity", 1.5, "field quantity: expected long, came 1.5 (float)"),
        ("quantity", 10**30, "field quantity: expected long, came"),
        ("sku", None, "field sku: expected string, came null"),
        ("channel", 4, "field channel: expected null or string, came 4 (int)"),
        ("qty", 1, "field qty: not in the schema; its fields are event_id"),
        ("event_time", "2024-01-01", "field event_time: expected long (epoch ms), came '2024"),
        ("event_time", 0, "field event_time: expected epoch ms from 1970"),
        ("event_time", int(time.time() * 1e6), "field event_time: expected epoch ms from 1970"),
    ],
)
def test_a_field_that_does_not_fit_is_named(field, value, reason):
    with pytest.raises(InvalidLineError) as caught:
        encoded([json.dumps({**GOOD, field: value}).encode()])
    assert str(caught.value).startswith(f"line 1: {reason}")


def test_bytes_that_are_not_base64_are_refused():
    letter = {field["name"]: 1 for field in topic("dlq").avro_schema["fields"]}
    letter |= dict.fromkeys(("event_id", "source_topic", "job"), "x")
    letter |= {"error_class": "x", "error_message": "x", "record_key": None, "record_value": "mug"}
    with pytest.raises(InvalidLineError, match="record_value: expected null or bytes as base64"):
        encoded([json.dumps(letter).encode()], "dlq")


@pytest.mark.parametrize("seed", sorted(SEEDS.glob("*.ndjson")), ids=lambda path: path.stem)
def test_default_reference_data_fits_its_topic(seed):
    with seed.open("rb") as lines:
        assert encoded(lines, seed.stem)
