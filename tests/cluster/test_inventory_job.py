"""The inventory pipeline on a real Flink without Kafka: records from files in, rows out.

It is the job's own from the batching SQL on; what the operator decides in detail is shown on the
harness, which also says here what must come out.
"""

from collections.abc import Callable
from pathlib import Path

import pytest
from pyflink.datastream import StreamExecutionEnvironment
from pyflink.table import StreamTableEnvironment
from support.decisions import WIRE, DecisionHarness, Output, Raw
from support.file_topics import PARTITION, Topic, by_key, taken
from support.stockroom import NOON, committed, minutes, reserve, restocked

from connectors.settings import settings
from jobs.runtime.job import build
from jobs.runtime.streams import batches_by_bucket, reference_records
from udfs.inventory.domain import INVENTORY
from udfs.inventory.events import EVENTS, POLICIES, RESERVATIONS

HASTY = {"event_id": "p1", "event_time": NOON, "sku": "*", "reservation_timeout_s": 60}
OPENING = [
    restocked("berlin", 5, sku="mug", at=NOON + 123),
    restocked("berlin", 1, sku="cup"),
    *(reserve(f"m{number}", sku="mug", at=NOON + number) for number in range(8)),
    reserve("c1", sku="cup", order_id="o1"),
    Raw(b"?", b"mug", NOON + 456),
    Raw(None, None, NOON + 789),
    committed("m0", sku="mug"),
]
LATER = [restocked("berlin", 1, sku="pan", at=NOON + minutes(5))]


def expected() -> tuple[list[Output], list[Output]]:
    """What the operator on the harness makes of the opening, and of event time going on."""
    harness = DecisionHarness(INVENTORY, NOON)
    harness.refer(POLICIES, HASTY)
    harness.send(*OPENING)
    opening = harness.outputs
    harness.forget_outputs()
    harness.send(*LATER)
    harness.watermark(NOON + minutes(4))
    return opening, harness.outputs


@pytest.mark.parametrize("batch_ms", [20, 0], ids=["batched", "one by one"])
def test_the_job_emits_what_the_harness_says_each_keys_records_in_their_order(
    tmp_path: Path, local_flink: Callable[..., StreamExecutionEnvironment], batch_ms: int
):
    tuned = settings().model_copy(update={"batch_ms": batch_ms})
    env = local_flink(
        **{
            "parallelism.default": "2",
            "table.local-time-zone": "UTC",
            "table.exec.source.idle-timeout": "500 ms",
            "pipeline.object-reuse": "true",
        }
    )
    t_env = StreamTableEnvironment.create(env)
    events, policies = Topic(tmp_path / "events", EVENTS), Topic(tmp_path / "policies", POLICIES)
    rows = build(
        batches_by_bucket(t_env, events.declare(t_env, "events"), tuned),
        reference_records(t_env, policies.declare(t_env, "policies")),
        INVENTORY,
        WIRE,
        {(POLICIES, PARTITION): 0},
        tuned,
    )
    events.write(OPENING)
    opening, later = expected()

    with rows.execute_and_collect() as emitted:
        policies.write([HASTY])
        assert by_key(taken(emitted, len(opening))) == by_key(opening)
        events.write(LATER)
        assert by_key(taken(emitted, len(later))) == by_key(later)
    assert [o.record["status"] for o in later if o.topic == RESERVATIONS].count("EXPIRED") == 5
