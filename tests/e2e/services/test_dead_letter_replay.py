"""Records are put back from the dead letters, each once, whatever becomes of the command."""

import signal
import subprocess

from support.live_topics import LiveTopics, Record

from connectors.clock import now_ms
from connectors.reading import records
from connectors.settings import settings
from connectors.topics import topic
from deploy.audit.log import LogReader
from deploy.stack.temporary import SHOPSTREAM, LocalStack

QUIET = "orders.delays"  # a topic that no job reads
MANY = 20_000
KEPT = "inventory.availability"  # of which Kafka keeps the latest record of a key


def letter_on(number: int) -> Record:
    return {
        "event_id": f"nobody/{QUIET}/0/{number}",
        "event_time": now_ms(),
        "source_topic": QUIET,
        "source_partition": number % topic(QUIET).partitions,
        "source_offset": number,
        "source_timestamp": now_ms(),
        "record_key": f"key {number}".encode(),
        "record_value": f"value {number}".encode(),
        "job": "nobody",
        "error_class": "TestError",
        "error_message": "put here by a test",
        "attempt": 1,
    }


def test_a_replay_that_is_killed_again_and_again_puts_each_record_back_once(stack: LocalStack):
    written = LiveTopics(())
    expected = [letter_on(number) for number in range(MANY)]
    written.send("dlq", *expected)

    with LogReader(settings().kafka_bootstrap, written.registry, ["dlq.replays"]) as ledger:
        for _ in range(3):
            replay = subprocess.Popen([SHOPSTREAM, "dlq", "replay", "--job", "nobody"])
            while not ledger.read(0.05):
                assert replay.poll() is None, "it was over before it could be killed"
            replay.send_signal(signal.SIGKILL)
            replay.wait()
            while ledger.read(0.5):
                pass  # what it had committed
    last = stack.demand("dlq", "replay", "--job", "nobody")
    again = stack.demand("dlq", "replay", "--job", "nobody")

    assert "put back 0 records" not in last.stdout
    assert "put back 0 records" in again.stdout
    found = list(records(settings().kafka_bootstrap, QUIET, from_beginning=True, quiet_s=0))
    assert len(found) == MANY
    assert {(one.partition, one.timestamp, one.key, one.value) for one in found} == {
        (one["source_partition"], one["source_timestamp"], one["record_key"], one["record_value"])
        for one in expected
    }
    written.close()


def test_a_record_does_not_take_the_place_of_a_later_one_of_its_key(stack: LocalStack):
    written = LiveTopics(())
    for version in (1, 2):
        written.send(KEPT, shelf(version))
    found = records(settings().kafka_bootstrap, KEPT, from_beginning=True, quiet_s=0)
    first, last = (one for one in found if one.key == written_key())
    for number, one in enumerate((first, last)):
        coordinates = {"source_partition": one.partition, "source_offset": one.offset}
        about = {"source_topic": KEPT, "job": "late", "event_id": f"late/{number}", **coordinates}
        written.send(
            "dlq", letter_on(0) | about | {"record_key": one.key, "record_value": one.value}
        )
    written.close()

    done = stack.demand("dlq", "replay", "--job", "late")

    assert f"put back 1 records to {KEPT}" in done.stdout
    assert "1 records are left" in done.stdout


def shelf(version: int) -> Record:
    units = dict.fromkeys(("total", "reserved", "committed", "available"), version)
    named = {"event_id": f"kept/{version}", "event_time": now_ms(), "sku": "kept"}
    return {**named, **units, "warehouse_id": "berlin", "version": version}


def written_key() -> bytes:
    return topic(KEPT).key_of(shelf(1)).encode()
