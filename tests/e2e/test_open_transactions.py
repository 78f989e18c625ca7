"""Transactions that outlive their producer: seen by `doctor`, and never lost without a word.

Takes a minute and a half.
"""

import json
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from confluent_kafka import Producer
from support.live_topics import LiveTopics
from support.waiting import until

from connectors.clock import now_ms
from connectors.settings import settings
from connectors.transactions import Fate, fates, open_transactions
from deploy.cluster import FlinkCluster
from deploy.stack.temporary import LocalStack, local_stack

DEADLINE_S = 90.0
TIMEOUT_MS = 20_000
RESERVATIONS = "inventory.reservations"
# none comes by itself but the first, and `doctor` waits for three of them before it speaks
NEVER_MS, TOLD_AFTER_MS = 600_000, 1_000


@pytest.fixture(scope="module")
def impatient() -> Iterator[LocalStack]:
    """A stack whose jobs' transactions are aborted after 20 seconds."""
    tuned = {name: {"checkpoint_interval_ms": TOLD_AFTER_MS} for name in settings().jobs}
    with local_stack(
        taskmanagers=1, transaction_timeout_ms=TIMEOUT_MS, jobs=json.dumps(tuned)
    ) as stack:
        stack.up()
        yield stack


def complaint(stack: LocalStack) -> str | None:
    """What `doctor` says of transactions, if it finds one."""
    lines = stack.run("doctor").stdout.splitlines()
    return next((line for line in lines if line.startswith("FAIL transactions")), None)


def test_a_transaction_that_was_left_open_is_told_and_ends_with_its_time(
    impatient: LocalStack,
) -> None:
    assert complaint(impatient) is None
    gone = Producer(
        {
            "bootstrap.servers": settings().kafka_bootstrap,
            "transactional.id": "somebody-1",
            "transaction.timeout.ms": TIMEOUT_MS,
        }
    )
    gone.init_transactions()
    gone.begin_transaction()
    gone.produce("orders.delays", key="o1", value=b"never committed", partition=2)
    gone.flush()

    told = until(lambda: complaint(impatient), "doctor to tell of it", DEADLINE_S)

    assert "somebody-1 has been open for" in told
    assert "keeps readers from orders.delays[2] (1 records), until 20 s are over" in told
    assert "; fix: submit the job" in told
    until(lambda: complaint(impatient) is None, "Kafka to abort it", DEADLINE_S)


def has_checkpoint(cluster: FlinkCluster) -> bool:
    """Whether inventory has completed one."""
    job = cluster.job("inventory")
    return job is not None and job.checkpoints > 0


def savepoint_that_commits_nothing(cluster: FlinkCluster, folder: Path) -> Path:
    """Flink takes it while the job goes on; its transactions wait for the next checkpoint."""
    job = cluster.job("inventory")
    assert job is not None
    jobs = f"{settings().flink_url}/jobs/{job.job_id}/savepoints"
    asked = {"target-directory": folder.as_uri(), "cancel-job": False}
    trigger = httpx.post(jobs, json=asked).raise_for_status().json()["request-id"]

    def location() -> str | None:
        answer = httpx.get(f"{jobs}/{trigger}").raise_for_status().json()
        return answer["operation"]["location"] if answer["status"]["id"] == "COMPLETED" else None

    return Path(until(location, "the savepoint", DEADLINE_S).removeprefix("file:"))


def test_a_job_is_not_resumed_from_outputs_that_kafka_has_aborted(impatient: LocalStack) -> None:
    tuned = {"inventory": {"checkpoint_interval_ms": NEVER_MS}}
    impatient.demand("submit", "inventory", SHOPSTREAM_JOBS=json.dumps(tuned))
    cluster, bootstrap = FlinkCluster(settings()), settings().kafka_bootstrap
    topics = LiveTopics([RESERVATIONS])
    ask = {"event_type": "RESERVE_REQUESTED", "sku": "mug", "reservation_id": "r1", "quantity": 1}
    folder = settings().checkpoints.parent / "savepoints" / "inventory"
    # Flink takes it as soon as all tasks run, and it would commit what was written before
    until(lambda: has_checkpoint(cluster), "the first checkpoint", DEADLINE_S)

    topics.send("inventory.events", {"event_id": "e1", "event_time": now_ms(), **ask})
    until(lambda: open_transactions(bootstrap, 0.0), "the answer to be written", DEADLINE_S)
    state = savepoint_that_commits_nothing(cluster, folder)
    impatient.demand("stop", "inventory")

    assert list(fates(bootstrap, state).values()) == [Fate.OPEN]
    until(
        lambda: list(fates(bootstrap, state).values()) == [Fate.ABORTED],
        "Kafka to lose its patience",
        DEADLINE_S,
    )
    refused = impatient.run("submit", "inventory")

    assert refused.returncode == 1
    assert "Kafka has aborted 1 of the 1 transactions that" in refused.stderr
    assert "`submit --accept-loss` goes on without what they held" in refused.stderr
    topics.close()
