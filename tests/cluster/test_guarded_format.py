"""Our format for Flink's SQL: a record that it cannot read is a row with an error, or none."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from py4j.protocol import Py4JJavaError
from pyflink.java_gateway import get_gateway
from support.garbage import HEADER, SCHEMA_ID, UNKNOWN, values_in

from connectors.codec import Decoder, Encoder, UndecodableError
from connectors.topics import TOPICS
from deploy.gate.session import prepare

CLICKS = TOPICS["clickstream.events"]
CLICK = {
    "event_id": "e1",
    "event_time": 1_700_000_000_123,
    "visitor_id": "ann",
    "event_type": "PAGE_VIEW",
}
VALUE = Encoder(CLICKS.name, CLICKS.avro_schema, SCHEMA_ID).encode(CLICK)
ALL = ("error", "raw", "size")


class Answers:
    """What the registry answers: path -> (status, body); and how often it was asked."""

    def __init__(self) -> None:
        self.asked = 0
        self.status, self.body = 404, '{"error_code": 40403, "message": "no such schema"}'
        self.schemas = {SCHEMA_ID: CLICKS.schema_text}

    def to(self, path: str) -> tuple[int, str]:
        self.asked += 1
        schema = self.schemas.get(int(path.split("/")[3].partition("?")[0]))
        if schema is None:
            return self.status, self.body
        return 200, json.dumps({"schema": schema})


@pytest.fixture
def answers() -> Answers:
    return Answers()


@pytest.fixture
def url(answers: Answers) -> Iterator[str]:
    class Registry(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, body = answers.to(self.path)
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *_: Any) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Registry)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


class _Context:
    """What Flink tells a format when it opens it."""

    def getMetricGroup(self) -> Any:
        return get_gateway().jvm.org.apache.flink.metrics.groups.UnregisteredMetricsGroup()

    def getUserCodeClassLoader(self) -> None:
        return None

    class Java:
        implements = (
            "org.apache.flink.api.common.serialization.DeserializationSchema$InitializationContext",
        )


class Format:
    """The format, reading a topic's records as a table of its schema's columns would."""

    def __init__(self, url: str, schema: str, metadata: tuple[str, ...] = ALL) -> None:
        prepare()
        jvm = get_gateway().jvm
        flink = jvm.org.apache.flink
        options = flink.configuration.Configuration()
        options.setString("url", url)
        decoding = jvm.shopstream.format.GuardedAvroFormatFactory().createDecodingFormat(
            None, options
        )
        keys = jvm.java.util.ArrayList()
        for key in metadata:
            keys.add(key)
        decoding.applyReadableMetadata(keys)
        row = flink.formats.avro.typeutils.AvroSchemaConverter.convertToDataType(schema)
        scan = flink.table.runtime.connector.source.ScanRuntimeProviderContext.INSTANCE
        self._schema = decoding.createRuntimeDecoder(scan, row)
        self._schema.open(_Context())
        self._metadata = metadata
        self.columns = row.getLogicalType().getFieldCount()

    def read(self, value: bytes | None) -> tuple[list[str], dict[str, Any]] | None:
        """Columns as text, and metadata."""
        row = self._schema.deserialize(value)
        if row is None:
            return None
        fields = [row.getField(at) for at in range(row.getArity())]
        text = [None if field is None else _text(field) for field in fields[: self.columns]]
        return text, dict(zip(self._metadata, fields[self.columns :], strict=True))

    def error(self, value: bytes | None) -> str:
        """Why it cannot be read; empty if it can."""
        found = self.read(value)
        assert found is not None
        error = found[1]["error"]
        return "" if error is None else error.toString()


def _text(field: Any) -> str:
    return str(field.toString()) if hasattr(field, "toString") else str(field)


@pytest.fixture
def clicks(url: str) -> Format:
    return Format(url, CLICKS.schema_text)


def test_a_record_is_read_with_its_bytes_and_without_an_error(clicks: Format):
    found = clicks.read(VALUE)
    assert found is not None
    columns, metadata = found
    assert columns[:4] == ["e1", "2023-11-14T22:13:20.123", "ann", None]
    assert metadata == {"error": None, "raw": VALUE, "size": len(VALUE)}


UNREADABLE = {
    "no value": (None, "came no value"),
    "nothing": (b"", "came only 0 bytes"),
    "text": (b"no avro at all", "came byte 0x6e"),
    "zeros": (bytes(1_000_000), "no schema of id 0"),
    "an unknown id": (UNKNOWN + b"x", "no schema of id 8"),
    "cut off": (VALUE[:-1], f"cut off after {len(VALUE) - 1} bytes"),
    "with more behind it": (VALUE + b"\0", "came more"),
    "a length of gigabytes": (HEADER + b"\xfe\xff\xff\xff\x0f" + b"x", "cut off"),
    "a negative length": (HEADER + b"\x01", "cut off"),
}


@pytest.mark.parametrize(("value", "reason"), UNREADABLE.values(), ids=UNREADABLE)
def test_what_cannot_be_read_is_an_empty_row_with_its_bytes_and_the_reason(
    clicks: Format, value: bytes | None, reason: str
):
    found = clicks.read(value)
    assert found is not None
    columns, metadata = found
    assert columns[:4] == ["", "1970-01-01T00:00", "", None], "what is never null is empty"
    assert reason in metadata["error"].toString()
    assert (metadata["raw"], metadata["size"]) == (value, len(value or b""))
    assert clicks.error(VALUE) == "", "the next one is read as if nothing had been"


def test_a_record_of_another_type_names_what_is_missing(clicks: Format, answers: Answers):
    other = TOPICS["inventory.alerts"]
    answers.schemas[9] = other.schema_text
    alert = {field["name"]: field.get("default") for field in other.avro_schema["fields"]}
    alert |= {"event_id": "a", "event_time": 1, "alert_type": "LOW_STOCK", "sku": "mug"}
    value = Encoder(other.name, other.avro_schema, 9).encode(alert | {"quantity": 1})
    assert "missing required field event_type" in clicks.error(value)


def test_a_table_that_asks_for_no_error_gets_no_broken_rows(url: str):
    plain = Format(url, CLICKS.schema_text, ())
    assert plain.read(b"no avro at all") is None
    assert plain.read(VALUE) is not None


def test_the_registry_is_asked_once_for_a_schema_and_once_for_none(
    clicks: Format, answers: Answers
):
    for _ in range(3):
        clicks.error(VALUE)
        clicks.error(UNKNOWN)
    assert answers.asked == 2


@pytest.mark.parametrize(
    ("status", "body"),
    [(500, '{"error_code": 50001, "message": "?"}'), (404, "<html>"), (200, "<html>")],
    ids=["ill", "no registry", "something else"],
)
def test_a_registry_that_does_not_say_is_no_records_fault(
    clicks: Format, answers: Answers, status: int, body: str
):
    answers.status, answers.body = status, body
    with pytest.raises(Py4JJavaError, match="no schema registry says at"):
        clicks.read(UNKNOWN)
    answers.status, answers.body = 404, '{"error_code": 40403, "message": "none"}'
    assert "no schema of id" in clicks.error(UNKNOWN), "it is asked again"


def test_a_registry_that_is_not_there_is_no_records_fault():
    with pytest.raises(Py4JJavaError, match="no schema registry says at"):
        Format("http://127.0.0.1:9", CLICKS.schema_text).read(VALUE)


@settings(
    max_examples=4 * settings.default.max_examples,
    derandomize=settings.default.max_examples < 1_000,  # unless it is `make fuzz` that asks
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
@given(data=st.data())
def test_it_refuses_what_the_python_jobs_refuse(clicks: Format, data: st.DataObject):
    value = data.draw(values_in(CLICKS))
    refusal, written = python_says(value)
    if "utf-8" in refusal:
        return  # of what is no text Java reads as much as is
    if refusal:
        assert clicks.error(value)
    elif written == value:  # fastavro takes a union's branch from the end if its number is negative
        assert not clicks.error(value)


def python_says(value: bytes | None) -> tuple[str, bytes]:
    """Why the Python jobs refuse a value; otherwise the record in it, written anew."""
    lookup = {SCHEMA_ID: CLICKS.schema_text}.get
    try:
        record = Decoder(CLICKS.name, CLICKS.avro_schema, lookup).decode(value)
    except UndecodableError as refused:
        return str(refused), b""
    return "", Encoder(CLICKS.name, CLICKS.avro_schema, SCHEMA_ID).encode(record)


def test_a_unions_branch_of_a_negative_number_is_refused(clicks: Format):
    null, negative = b"\x00", b"\x01"  # of customer_id, behind three texts and a time
    at = VALUE.index(null, VALUE.index(b"ann"))
    assert clicks.error(VALUE[:at] + negative + VALUE[at + 1 :])
