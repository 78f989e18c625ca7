"""The wire format: what is written is read back, and garbage is told apart from an outage."""

import copy
import json
import pickle
import time

import pytest
from fastavro import parse_schema, schemaless_writer
from hypothesis import given
from hypothesis import strategies as st
from support.avro_records import values_of

from connectors import codec
from connectors.codec import (
    Decoder,
    Encoder,
    RegistryUnavailableError,
    UndecodableError,
    UnencodableError,
)
from connectors.registry import Registry
from connectors.topics import TOPICS

EVENTS = TOPICS["inventory.events"]
SCHEMA_ID = 7
HEADER = b"\0\0\0\0\7"

RESERVE = {
    "event_id": "e1",
    "event_time": 1_700_000_000_123,
    "event_type": "RESERVE_REQUESTED",
    "sku": "mug",
    "warehouse_id": None,
    "quantity": 2,
    "reservation_id": "r1",
    "order_id": "o1",
    "channel": "web",
    "ship_to_region": "eu",
}


def registered(schema_text=EVENTS.schema_text):
    """A registry that has one schema."""
    return lambda schema_id: schema_text if schema_id == SCHEMA_ID else None


def decoder(schema_text=EVENTS.schema_text):
    return Decoder(EVENTS.name, EVENTS.avro_schema, registered(schema_text))


def encoder():
    return Encoder(EVENTS.name, EVENTS.avro_schema, SCHEMA_ID)


def changed(change):
    schema = copy.deepcopy(EVENTS.avro_schema)
    change({field["name"]: field for field in schema["fields"]}, schema["fields"])
    return schema


@pytest.mark.parametrize("topic", TOPICS.values(), ids=TOPICS)
@given(data=st.data())
def test_what_is_encoded_decodes_to_the_same_record(topic, data):
    record = data.draw(values_of(topic.avro_schema))
    value = Encoder(topic.name, topic.avro_schema, SCHEMA_ID).encode(record)
    decode = Decoder(topic.name, topic.avro_schema, registered(topic.schema_text)).decode
    assert decode(value) == record


def test_the_header_is_a_zero_byte_and_the_schema_id():
    assert encoder().encode(RESERVE)[:5] == HEADER


def test_times_stay_epoch_milliseconds():
    assert decoder().decode(encoder().encode(RESERVE))["event_time"] == 1_700_000_000_123


def test_fields_with_a_default_may_be_left_out():
    value = encoder().encode(
        {"event_id": "e", "event_time": 1, "event_type": "SHIPPED", "sku": "mug"}
    )
    assert decoder().decode(value)["quantity"] == 0


def test_an_encoder_forgets_a_record_that_it_refused():
    encode = encoder().encode
    with pytest.raises(UnencodableError):
        encode({**RESERVE, "ship_to_region": 4})
    assert decoder().decode(encode(RESERVE)) == RESERVE


def test_a_record_of_an_older_schema_gets_the_new_fields_defaults():
    old = changed(lambda _, fields: fields.pop())
    value = Encoder(EVENTS.name, old, SCHEMA_ID).encode(
        {name: value for name, value in RESERVE.items() if name != "ship_to_region"}
    )
    assert decoder(json.dumps(old)).decode(value) == {**RESERVE, "ship_to_region": None}


def test_a_field_that_only_the_writer_knows_is_passed_over():
    new = changed(lambda _, fields: fields.insert(2, {"name": "gift", "type": "string"}))
    value = Encoder(EVENTS.name, new, SCHEMA_ID).encode({**RESERVE, "gift": "yes"})
    assert decoder(json.dumps(new)).decode(value) == RESERVE


def test_docs_and_layout_of_the_registered_schema_do_not_cost_a_resolution():
    subject = decoder(json.dumps(changed(lambda by_name, _: by_name["sku"].update(doc="other"))))
    subject.decode(encoder().encode(RESERVE))
    assert [theirs for _, theirs in subject._plans.values()] == [None]


def test_the_registry_is_asked_once_for_an_id():
    asked = []
    lookup = registered()
    decode = Decoder(EVENTS.name, EVENTS.avro_schema, lambda i: asked.append(i) or lookup(i)).decode
    for _ in range(3):
        decode(encoder().encode(RESERVE))
    assert asked == [SCHEMA_ID]


def test_an_unknown_id_is_asked_for_again_only_after_a_while(monkeypatch):
    asked = []
    decode = Decoder(EVENTS.name, EVENTS.avro_schema, asked.append).decode
    now = time.monotonic()
    for later in (0, 1, codec.UNKNOWN_IS_REMEMBERED_S - 1, codec.UNKNOWN_IS_REMEMBERED_S + 2):
        monkeypatch.setattr(codec.time, "monotonic", lambda later=later: now + later)
        with pytest.raises(UndecodableError, match="no schema of id 7"):
            decode(HEADER)
    assert asked == [SCHEMA_ID, SCHEMA_ID]


def test_an_outage_of_the_registry_is_no_fault_of_the_record_and_is_not_remembered():
    answers = iter([RegistryUnavailableError("down"), EVENTS.schema_text])

    def lookup(_):
        answer = next(answers)
        if isinstance(answer, Exception):
            raise answer
        return answer

    decode = Decoder(EVENTS.name, EVENTS.avro_schema, lookup).decode
    with pytest.raises(RegistryUnavailableError):
        decode(encoder().encode(RESERVE))
    assert decode(encoder().encode(RESERVE)) == RESERVE


RECORD = encoder().encode(RESERVE)


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (None, "expected an Avro record, came no value"),
        (b"", "came only 0 bytes"),
        (b"\0\0\0", "came only 3 bytes"),
        (b'{"sku":1}', "starts with byte 0x00, came byte 0x7b"),
        (b"\0\0\0\0\x08abc", "the registry has no schema of id 8"),
        (HEADER, "came one cut off after 5 bytes"),
        (RECORD[:-1], "came one cut off after"),
        (RECORD + b"x", f"expected the record to end at byte {len(RECORD)}"),
        (RECORD.replace(b"mug", b"\xff\xff\xff"), "not a record of schema 7: 'utf-8' codec"),
    ],
)
def test_what_is_no_record_is_refused_with_the_reason(value, reason):
    with pytest.raises(UndecodableError, match=r"^inventory\.events: ") as caught:
        decoder().decode(value)
    assert reason in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_record_of_another_topic_is_refused_with_the_fields_that_do_not_fit():
    alerts = TOPICS["inventory.alerts"]
    value = Encoder(alerts.name, alerts.avro_schema, SCHEMA_ID).encode(
        {"event_id": "a", "event_time": 1, "alert_type": "LOW_STOCK", "sku": "m", "quantity": 1}
    )
    with pytest.raises(UndecodableError, match=r"InventoryAlert.*field event_type: is new"):
        decoder(alerts.schema_text).decode(value)


@pytest.mark.parametrize("schema_text", ['syntax = "proto3";', '{"type": "rekord"}', "4", "null"])
def test_a_registered_schema_that_is_not_avro_makes_the_record_undecodable(schema_text):
    with pytest.raises(UndecodableError, match="schema 7"):
        decoder(schema_text).decode(RECORD)


OLD = json.dumps(changed(lambda _, fields: fields.pop()))


@pytest.mark.parametrize("schema_text", [EVENTS.schema_text, OLD], ids=["same", "resolving"])
@given(garbage=st.binary(max_size=200), at=st.integers(0, len(RECORD)))
def test_garbage_raises_nothing_but_undecodable(schema_text, garbage, at):
    decode = decoder(schema_text).decode
    for value in (garbage, HEADER + garbage, RECORD[:at] + garbage + RECORD[at + len(garbage) :]):
        try:
            decode(value)
        except UndecodableError:
            continue


@pytest.mark.parametrize("schema_text", [EVENTS.schema_text, OLD], ids=["same", "resolving"])
@pytest.mark.parametrize(
    "body",
    [
        bytes(1 << 20),
        b"\xff" * (1 << 20),
        b"\xfe" + b"\xff" * 8 + b"\x01abc",  # a string of 2^63 - 1 bytes
        b"\xfe\xff\xff\xff\x0fabc",  # a string of 2 GB
        b"\x01abc",  # a string of -1 bytes
    ],
    ids=["zeros", "endless number", "huge length", "2 GB", "negative length"],
)
def test_garbage_of_any_size_is_refused_at_once(schema_text, body):
    started = time.monotonic()
    with pytest.raises(UndecodableError):
        decoder(schema_text).decode(HEADER + body)
    assert time.monotonic() - started < 1


@pytest.mark.parametrize(
    ("field", "value", "reason"),
    [
        ("quantity", 1.5, "expected long, came 1.5 (float)"),
        ("quantity", True, "expected long, came True (bool)"),
        ("quantity", "2", "expected long, came '2' (str)"),
        ("quantity", None, "expected long, came null"),
        ("quantity", 1 << 63, "expected long, came 9223372036854775808 (int)"),
        ("event_time", 1.0, "expected long (epoch ms), came 1.0 (float)"),
        ("sku", None, "expected string, came null"),
        ("sku", "\ud800", "expected a string that is UTF-8"),
        ("channel", 3, "expected null or string, came 3 (int)"),
        ("colour", "red", "not in the schema; its fields are event_id, "),
    ],
)
def test_a_record_that_does_not_fit_is_refused_with_topic_and_field(field, value, reason):
    with pytest.raises(UnencodableError) as caught:
        encoder().encode({**RESERVE, field: value})
    assert str(caught.value).startswith(f"inventory.events: field {field}: {reason}")


def test_a_missing_field_without_a_default_is_named():
    with pytest.raises(UnencodableError, match="field sku: expected string, came nothing"):
        encoder().encode({"event_id": "e", "event_time": 1, "event_type": "SHIPPED"})


def test_a_registry_travels_to_a_worker():
    copied = pickle.loads(pickle.dumps(Registry("http://127.0.0.1:1/api").lookup))
    assert copied.__self__.url == "http://127.0.0.1:1/api"


def test_an_unreachable_registry_is_an_outage_and_names_the_fix():
    with pytest.raises(RegistryUnavailableError, match="shopstream up"):
        Registry("http://127.0.0.1:1/apis/ccompat/v7").lookup(3)


def test_nested_types_are_read_and_written():
    line = {"type": "record", "name": "Line", "fields": [{"name": "n", "type": "long"}]}
    schema = {
        "type": "record",
        "name": "Order",
        "namespace": "shopstream",
        "fields": [
            {"name": "lines", "type": {"type": "array", "items": line}},
            {"name": "more", "type": {"type": "array", "items": "Line"}, "default": []},
            {"name": "tags", "type": {"type": "map", "values": "string"}},
        ],
    }
    record = {"lines": [{"n": 1}], "more": [{"n": 2}], "tags": {"a": "b"}}
    encode = Encoder("orders", schema, SCHEMA_ID).encode
    decode = Decoder("orders", schema, registered(json.dumps(schema))).decode
    assert decode(encode(record)) == record
    with pytest.raises(UnencodableError, match=r"orders: field lines\[0\].n: expected long"):
        encode({**record, "lines": [{"n": "x"}]})


def test_a_record_written_by_any_avro_library_is_read(tmp_path):
    path = tmp_path / "record"
    with path.open("wb") as stream:
        stream.write(HEADER)
        schemaless_writer(stream, parse_schema(copy.deepcopy(EVENTS.avro_schema)), RESERVE)
    assert decoder().decode(path.read_bytes()) == RESERVE
