"""The inventory pipeline on a real Flink without Kafka: records from files in, rows out.

It is the job's own from the batching SQL on; what the operator decides in detail is shown on the
harness, which also says here what must come out.
"""

import json
from base64 import b64encode
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import count, islice
from pathlib import Path

import pytest
from pyflink.common import Row
from pyflink.datastream import StreamExecutionEnvironment
from pyflink.table import StreamTableEnvironment
from support.decisions import BUCKET, WIRE, DecisionHarness, Output, Raw, Record, decoded, raw
from support.stockroom import NOON, committed, minutes, reserve, restocked

from connectors.settings import settings
from jobs.runtime.decision import DecisionFunction
from jobs.runtime.job import build
from jobs.runtime.streams import batches_by_bucket, reference_records
from udfs.inventory.domain import INVENTORY
from udfs.inventory.events import EVENTS, POLICIES, RESERVATIONS

PARTITION = BUCKET % 4  # the one that the harness's records are in
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


class Topic:
    """A folder of files that Flink reads as a table of raw records, as it would a Kafka topic."""

    def __init__(self, folder: Path, topic: str) -> None:
        self._folder, self._topic = folder, topic
        self._offsets, self._files = count(), count()
        folder.mkdir()

    def write(self, records: Sequence[Record | Raw]) -> None:
        """Add a file; Flink sees it whole, since it ignores names that start with a dot."""
        lines = [self._line(r if isinstance(r, Raw) else raw(self._topic, r)) for r in records]
        unseen = self._folder / f".{next(self._files)}.json"
        unseen.write_text("\n".join(lines))
        unseen.rename(self._folder / unseen.name[1:])

    def declare(self, t_env: StreamTableEnvironment, name: str) -> str:
        t_env.execute_sql(f"""
            CREATE TEMPORARY TABLE {name} (
                record_key BYTES, record_value BYTES, topic STRING, part INT, off BIGINT,
                event_time TIMESTAMP_LTZ(3), arrived_at AS PROCTIME(),
                WATERMARK FOR event_time AS event_time - INTERVAL '1' SECOND
            ) WITH (
                'connector' = 'filesystem', 'path' = '{self._folder.as_uri()}',
                'source.monitor-interval' = '200 ms',
                'format' = 'json', 'json.timestamp-format.standard' = 'ISO-8601'
            )
        """)
        return name

    def _line(self, record: Raw) -> str:
        value, key, timestamp = record
        at = datetime.fromtimestamp(timestamp / 1000, UTC)
        return json.dumps(
            {
                "record_key": None if key is None else b64encode(key).decode(),
                "record_value": None if value is None else b64encode(value).decode(),
                "topic": self._topic,
                "part": PARTITION,
                "off": next(self._offsets),
                "event_time": at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            }
        )


def by_key(outputs: Sequence[Output]) -> dict[tuple[str, str], list[Record]]:
    """The records of each topic and key in order; between keys and dead letters there is none."""
    found = defaultdict(list)
    for output in outputs:
        found[output.topic, output.key].append(output.record)
    for (topic, _), records in found.items():
        if topic == "dlq":
            records.sort(key=lambda letter: letter["source_offset"])
    return found


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


def taken(rows: Iterator[Row], number: int) -> list[Output]:
    return [
        Output(topic, as_bytes(key).decode(), decoded(topic, as_bytes(value)))
        for topic, key, value, _ in islice(rows, number)
    ]


def as_bytes(collected: list[int]) -> bytes:
    """A collected row has bytes as Java's signed numbers."""
    return bytes(number % 256 for number in collected)


@pytest.mark.timeout(240)
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
    function = DecisionFunction(INVENTORY, WIRE, {(POLICIES, PARTITION): 0}, batch_ms)
    rows = build(
        batches_by_bucket(t_env, events.declare(t_env, "events"), tuned),
        reference_records(t_env, policies.declare(t_env, "policies")),
        function,
    )
    events.write(OPENING)
    opening, later = expected()

    with rows.execute_and_collect() as emitted:
        policies.write([HASTY])
        assert by_key(taken(emitted, len(opening))) == by_key(opening)
        events.write(LATER)
        assert by_key(taken(emitted, len(later))) == by_key(later)
    assert [o.record["status"] for o in later if o.topic == RESERVATIONS].count("EXPIRED") == 5
