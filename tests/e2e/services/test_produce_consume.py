"""`produce` and `consume` against real Kafka and a real registry, and any other Avro client."""

import json
import signal
import subprocess
import sys
import time
import uuid
from contextlib import contextmanager
from pathlib import Path

import pytest
from confluent_kafka import Producer, TopicPartition
from confluent_kafka.schema_registry import SchemaRegistryClient
from confluent_kafka.schema_registry.avro import AvroDeserializer, AvroSerializer
from confluent_kafka.serialization import MessageField, SerializationContext

from connectors import kafka, reading
from connectors.settings import settings
from connectors.topics import topic

SHOPSTREAM = Path(sys.executable).with_name("shopstream")
ALERTS = "inventory.alerts"
DEADLINE_S = 60

pytestmark = pytest.mark.usefixtures("stack")


@pytest.fixture(autouse=True)
def _alerts_are_empty():
    """Other tests' alerts are out of the way, and they find no garbage of these there."""
    _empty_alerts()
    yield
    _empty_alerts()


def _empty_alerts():
    client = kafka.admin(settings().kafka_bootstrap)
    ends = [TopicPartition(ALERTS, p, -1) for p in range(topic(ALERTS).partitions)]
    for future in client.delete_records(ends).values():
        future.result(DEADLINE_S)


def shopstream(*args, stdin=b""):
    return subprocess.run(
        [SHOPSTREAM, *map(str, args)], input=stdin, capture_output=True, timeout=DEADLINE_S
    )


def alert(**fields):
    return {
        "event_id": str(uuid.uuid4()),
        "event_time": int(time.time() * 1000),
        "alert_type": "LOW_STOCK",
        "sku": "mug",
        "warehouse_id": None,
        "quantity": 3,
        "sequence": 1,
        "cause": "",
        "out_since": None,
        **fields,
    }


def lines(*records):
    return b"".join(json.dumps(record).encode() + b"\n" for record in records)


def produce(*records):
    done = shopstream("produce", ALERTS, stdin=lines(*records))
    assert done.returncode == 0, done.stderr
    return records


def consumed(done):
    return [json.loads(line) for line in done.stdout.splitlines()]


def by_id(records):
    return sorted(records, key=lambda record: record["event_id"])


def stored():
    """What is in Kafka, record by record."""
    bootstrap = settings().kafka_bootstrap
    return list(reading.records(bootstrap, ALERTS, from_beginning=True, quiet_s=0))


@contextmanager
def following(*args):
    """A `consume` that has fixed where it starts, and can be interrupted: what a shell starts in
    the background cannot, nor what is started by it."""
    with subprocess.Popen(
        [SHOPSTREAM, "consume", *args],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    ) as process:
        try:
            assert process.stderr.readline() == f"consuming {args[0]}\n".encode()
            yield process
        finally:
            process.kill()


def test_what_is_produced_is_consumed():
    records = produce(alert(sku="müg"), alert(sku="cup", warehouse_id="w1"), alert(sku="pot"))
    done = shopstream("consume", ALERTS, "--from-beginning", "--timeout", "0.5")
    assert (done.returncode, done.stderr) == (0, b"consuming inventory.alerts\n")
    assert by_id(consumed(done)) == by_id(records)


def test_a_record_carries_its_key_and_its_event_time():
    produce(alert(sku="mug", event_time=1_700_000_000_123))
    (record,) = stored()
    assert (record.key, record.timestamp) == (b"mug", 1_700_000_000_123)


def test_a_key_goes_to_the_partition_that_java_chooses():
    produce(*(alert(sku=sku) for sku in ("sku-0", "sku-1", "sku-2", "sku-3", "sku-17", "müg")))
    placed = {record.key.decode(): record.partition for record in stored()}
    assert placed == {sku: _java_partition(sku.encode(), 4) for sku in placed}


def _java_partition(key, partitions):
    """Kafka's Utils.toPositive(Utils.murmur2(key)) % partitions."""
    m, mask = 0x5BD1E995, 0xFFFFFFFF
    h = (0x9747B28C ^ len(key)) & mask
    whole = len(key) // 4 * 4
    for i in range(0, whole, 4):
        k = int.from_bytes(key[i : i + 4], "little") * m & mask
        k = (k ^ k >> 24) * m & mask
        h = (h * m & mask) ^ k
    if whole < len(key):
        h = (h ^ int.from_bytes(key[whole:], "little")) * m & mask
    h = (h ^ h >> 13) * m & mask
    return ((h ^ h >> 15) & 0x7FFFFFFF) % partitions


def test_order_is_kept_within_a_key():
    produce(*(alert(sequence=n) for n in range(2000)))
    done = shopstream("consume", ALERTS, "--from-beginning", "--max", 2000)
    assert [record["sequence"] for record in consumed(done)] == list(range(2000))


def test_a_file_is_read_instead_of_standard_input(tmp_path):
    path = tmp_path / "alerts.ndjson"
    path.write_bytes(lines(alert(), alert()))
    done = shopstream("produce", ALERTS, "--file", path)
    assert (done.returncode, done.stderr) == (0, b"produced 2 records to inventory.alerts\n")
    assert len(stored()) == 2


def test_a_bad_line_stops_it_and_says_what_was_sent_before():
    good = alert()
    done = shopstream("produce", ALERTS, stdin=lines(good, alert(quantity="3"), alert()))
    assert done.returncode == 1
    assert done.stderr.decode().startswith(
        "shopstream: line 2: field quantity: expected long, came '3' (str); "
        "produced 1 records to inventory.alerts before it"
    )
    assert len(stored()) == 1


@pytest.fixture
def registry_client():
    return SchemaRegistryClient({"url": settings().registry_url})


VALUE = SerializationContext(ALERTS, MessageField.VALUE)


def test_any_avro_client_reads_what_is_produced(registry_client):
    (record,) = produce(alert())
    found = AvroDeserializer(registry_client)(stored()[0].value, VALUE)
    assert found.pop("event_time").timestamp() * 1000 == pytest.approx(record.pop("event_time"))
    assert found == record


def test_what_any_avro_client_produces_is_consumed(registry_client):
    record = alert()
    serialize = AvroSerializer(
        registry_client,
        topic(ALERTS).schema_text,
        conf={"auto.register.schemas": False, "use.latest.version": True},
    )
    producer = Producer({"bootstrap.servers": settings().kafka_bootstrap})
    producer.produce(ALERTS, key=record["sku"], value=serialize(record, VALUE))
    assert producer.flush(DEADLINE_S) == 0
    done = shopstream("consume", ALERTS, "--from-beginning", "--max", 1)
    assert consumed(done) == [record]


@pytest.mark.parametrize("way", ["file", "stdin"])
def test_raw_bytes_are_one_record_as_they_are(way, tmp_path):
    garbage = bytes(range(256)) + b"\n\n\0"
    (tmp_path / "raw").write_bytes(garbage)
    given = {"file": ["--file", tmp_path / "raw"], "stdin": []}[way]
    done = shopstream(
        "produce", ALERTS, "--raw", "--key", "mug", *given, stdin=b"" if given else garbage
    )
    assert done.returncode == 0, done.stderr
    assert [(record.key, record.value) for record in stored()] == [(b"mug", garbage)]


def test_a_record_that_cannot_be_decoded_is_named_and_the_others_are_shown():
    before = produce(alert())
    shopstream("produce", ALERTS, "--raw", "--key", "mug", stdin=b"garbage")
    after = produce(alert())
    done = shopstream("consume", ALERTS, "--from-beginning", "--timeout", "0.5")
    assert done.returncode == 1
    assert consumed(done) == [*before, *after]
    partition = stored()[0].partition
    assert f"partition {partition} offset " in done.stderr.decode()
    assert b"1 records of inventory.alerts could not be decoded" in done.stderr


def test_it_follows_from_the_end_until_interrupted():
    produce(alert())
    with following(ALERTS) as process:
        (fresh,) = produce(alert())
        assert json.loads(process.stdout.readline()) == fresh
        process.send_signal(signal.SIGINT)
        assert process.wait(DEADLINE_S) == 0
        assert process.stdout.read() == b""


def test_what_is_not_committed_is_shown_on_demand_only():
    producer = Producer(
        {"bootstrap.servers": settings().kafka_bootstrap, "transactional.id": str(uuid.uuid4())}
    )
    producer.init_transactions(DEADLINE_S)
    producer.begin_transaction()
    producer.produce(ALERTS, key="mug", value=b"not committed")
    assert producer.flush(DEADLINE_S) == 0
    arguments = ["consume", ALERTS, "--from-beginning", "--timeout", "0.5"]
    try:
        committed = shopstream(*arguments)
        everything = shopstream(*arguments, "--isolation", "read_uncommitted")
    finally:
        producer.abort_transaction(DEADLINE_S)
    assert (committed.returncode, committed.stdout) == (0, b"")
    assert b"1 records of inventory.alerts could not be decoded" in everything.stderr


def test_a_reader_that_has_had_enough_is_no_error():
    produce(*(alert() for _ in range(5000)))
    command = f"{SHOPSTREAM} consume {ALERTS} --from-beginning --timeout 1 | head -n 1"
    done = subprocess.run(["bash", "-o", "pipefail", "-c", command], capture_output=True)
    assert (done.returncode, done.stderr) == (0, b"consuming inventory.alerts\n")
    assert len(consumed(done)) == 1


def test_consuming_leaves_no_consumer_group_behind():
    shopstream("consume", ALERTS, "--from-beginning", "--timeout", "0.1")
    client = kafka.admin(settings().kafka_bootstrap)
    found = client.list_consumer_groups().result(DEADLINE_S).valid
    assert "shopstream" not in {group.group_id for group in found}


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["produce", "inventory.event"], "unknown topic 'inventory.event'; declared in"),
        (["consume", "inventory.event"], "unknown topic 'inventory.event'; declared in"),
        (["produce", ALERTS, "--file", "/nope"], "cannot read /nope: No such file"),
        (["produce", ALERTS, "--key", "mug"], "--key goes with --raw"),
    ],
)
def test_a_mistake_is_answered_in_one_line(arguments, reason):
    done = shopstream(*arguments)
    assert (done.returncode, done.stdout) == (1, b"")
    assert done.stderr.decode().startswith(f"shopstream: {reason}")
    assert done.stderr.count(b"\n") == 1


@pytest.mark.parametrize("service", ["KAFKA", "REGISTRY"])
@pytest.mark.parametrize("command", [["produce"], ["consume", "--from-beginning", "--max", "1"]])
def test_a_service_that_is_down_is_named_with_the_fix(monkeypatch, unused_port, service, command):
    produce(alert())
    monkeypatch.setenv(f"SHOPSTREAM_{service}_PORT", str(unused_port))
    done = shopstream(*command, ALERTS, stdin=lines(alert()))
    last = done.stderr.decode().splitlines()[-1]
    assert done.returncode == 1
    assert f":{unused_port}" in last
    assert "`shopstream up`" in last
    assert b"Traceback" not in done.stderr


@pytest.fixture
def unused_port():
    return 1025  # below what the system hands out, and nobody's in the settings
