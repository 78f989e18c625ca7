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
