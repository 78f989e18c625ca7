"""The pricing pipelines on a real Flink without Kafka: records from files in, rows out.

What the rules decide in detail their unit tests show; here it is that the operators bring every
record to its sku whatever its key is, tell a category's skus of its promotions, wake a sku up on
time, and that SciPy works in the interpreter of a TaskManager.
"""

from collections.abc import Callable
from pathlib import Path

from pyflink.datastream import DataStream, StreamExecutionEnvironment
from pyflink.table import StreamTableEnvironment
from support.decisions import WIRE, Output
from support.file_topics import PARTITION, Topic, taken
from support.price_desk import (
    NOON,
    availability,
    competitor,
    demand,
    event,
    everyone,
    hours,
    minutes,
    policy,
    promotion,
)

from connectors.settings import settings
from jobs.runtime.job import build
from jobs.runtime.streams import batches_by_bucket, reference_records
from udfs.contract import Domain
from udfs.pricing.domain import EXPERIMENT_RESULTS, PRICING
from udfs.pricing.events import (
    AVAILABILITY,
    CHANGES,
    COMPETITOR_PRICES,
    DEMAND,
    EXPERIMENTS,
    INVALIDATIONS,
    NOTICES,
    POLICIES,
    PROMOTIONS,
    RESULTS,
    SIGNALS,
)

LocalFlink = Callable[..., StreamExecutionEnvironment]
START = NOON + minutes(30)
REFERENCE = "reference"


def pipeline(
    folder: Path, local_flink: LocalFlink, domain: Domain, reference: str
) -> tuple[dict[str, Topic], DataStream]:
    """The topics of `domain` (its reference topic as REFERENCE) and what it puts out."""
    tuned = settings().model_copy(update={"batch_ms": 20, "buckets": 4})
    env = local_flink(
        **{
            "parallelism.default": "2",
            "table.local-time-zone": "UTC",
            "table.exec.source.idle-timeout": "500 ms",
            "pipeline.object-reuse": "true",
        }
    )
    t_env = StreamTableEnvironment.create(env)
    topics = {name: Topic(folder / name, name) for name in domain.inputs}
    topics[REFERENCE] = Topic(folder / REFERENCE, reference)
    tables = {
        name: topic.declare(t_env, name.replace(".", "_").replace("-", "_"))
        for name, topic in topics.items()
    }
    inputs = " UNION ALL ".join(f"SELECT * FROM {tables[name]}" for name in domain.inputs)
    t_env.execute_sql(f"CREATE TEMPORARY VIEW inputs AS {inputs}")
    rows = build(
        batches_by_bucket(t_env, "inputs", tuned),
        reference_records(t_env, tables[REFERENCE]),
        domain,
        WIRE,
        {(reference, PARTITION): 0},
        tuned,
    )
    return topics, rows


def of(outputs: list[Output], topic: str) -> list[Output]:
    return [output for output in outputs if output.topic == topic]


def test_every_record_comes_to_its_sku_and_a_categorys_promotion_starts_on_time(
    tmp_path: Path, local_flink: LocalFlink
):
    topics, rows = pipeline(tmp_path, local_flink, PRICING, POLICIES)
    skus = ("mug", "cup", "bowl")

    with rows.execute_and_collect() as emitted:
        topics[REFERENCE].write([everyone(surge_pct=4.0)])
        topics[POLICIES].write([policy(sku, category="cups", surge_pct=None) for sku in skus])
        first = taken(emitted, 6)
        assert {output.record["sku"] for output in of(first, CHANGES)} == {*skus}

        topics[PROMOTIONS].write([promotion("sale", START, START + 1_000, category="cups")])
        notices = taken(emitted, 3)
        assert {output.topic for output in notices} == {NOTICES}
        topics[NOTICES].write([output.record for output in notices])

        # a stock and a rival that change nothing for the cup tell that the notices were read
        topics[COMPETITOR_PRICES].write([competitor(1_000, NOON + minutes(2))])
        topics[AVAILABILITY].write([availability(3, 1, NOON + minutes(5))])
        low = taken(emitted, 2)
        assert low[0].record["reasons"] == ["LOW_STOCK"]
        assert low[0].record["cause"].startswith("event-")

        topics[DEMAND].write([demand(3, NOON + hours(1), sku="cup")])
        later = taken(emitted, 14)

    told = {
        sku: [
            (change.record["event_time"], change.record["reasons"])
            for change in of(later, CHANGES)
            if change.record["sku"] == sku
        ]
        for sku in skus
    }
    start, end = (START, ["PROMOTION_STARTED"]), (START + 1_000, ["PROMOTION_ENDED"])
    assert told["mug"] == told["bowl"] == [start, end]
    assert told["cup"] == [start, end, (NOON + hours(1), ["DEMAND_SURGE"])]
    changes = of([*first, *low, *later], CHANGES)
    assert max(change.record["new_minor"] for change in changes if change.key == "cup") == 1_040
    invalidations = of([*first, *low, *later], INVALIDATIONS)
    assert sorted(change.record["change_id"] for change in changes) == sorted(
        invalidation.record["change_id"] for invalidation in invalidations
    )


def test_an_experiment_is_told_with_its_tests(tmp_path: Path, local_flink: LocalFlink):
    topics, rows = pipeline(tmp_path, local_flink, EXPERIMENT_RESULTS, EXPERIMENTS)
    experiment = event(
        NOON,
        experiment_id="e1",
        arms=[{"arm_id": name, "price_pct": 0.0, "weight": 1} for name in ("control", "dearer")],
        traffic_share=0.2,
        starts_at=NOON,
        ends_at=NOON + hours(1),
        sku=None,
        category=None,
        planned_visitors=1_000,
    )

    def signal(number: int, arm: str, kind: str, revenue: int) -> dict:
        bought = {"revenue_minor": revenue, "revenue_before_minor": 0, "is_first": revenue > 0}
        who = {"experiment_id": "e1", "arm_id": arm, "visitor_id": f"{arm}-{number}"}
        return event(NOON + number, signal=kind, **who, **bought)

    signals = [
        signal(number, arm, kind, revenue + number)
        for number in range(200)
        for arm, price in (("control", 1_000), ("dearer", 1_400))
        for kind, revenue in (("EXPOSED", -number), ("PURCHASED", price))
    ]
    with rows.execute_and_collect() as emitted:
        topics[REFERENCE].write([experiment])
        topics[SIGNALS].write(signals)
        topics[SIGNALS].write([signal(60_000, "control", "EXPOSED", 0)])
        (result,) = of(taken(emitted, 1), RESULTS)

    assert result.key == "e1"
    assert (result.record["decision"], result.record["winner"]) == ("WINNER", "dearer")
    assert 0 <= result.record["arms"][1]["revenue_p"] < 0.001
