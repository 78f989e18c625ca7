"""The engagement pipeline on a real Flink without Kafka: clicks, steps and alerts in, messages out.

It shows what the rules' tests cannot: that events find their customer whatever their Kafka key is,
that wishes are told by way of their links, and that event time wakes what was promised.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread
from typing import Any

from pyflink.datastream import StreamExecutionEnvironment
from pyflink.table import StreamTableEnvironment
from support.decisions import WIRE, Output, Record
from support.file_topics import PARTITION, Topic, taken

import connectors
from connectors.settings import settings
from connectors.topics import TOPICS
from jobs.runtime.job import build
from jobs.runtime.streams import batches_by_bucket, reference_records
from udfs.engagement.domain import ENGAGEMENT
from udfs.engagement.events import (
    ALERTS,
    CLICKS,
    LIFECYCLE,
    NOTIFICATIONS,
    POLICIES,
    PREFERENCES,
    SIGNALS,
    TRIGGERS,
)

NOON = 1_767_614_400_000
MINUTE, DAY = 60_000, 86_400_000
CUSTOMERS = 6
SEEDS = Path(connectors.__file__).parent / "seeds" / "engagement.policies.ndjson"


def record(topic: str, event_id: str, at: int, **fields: Any) -> Record:
    """A record of `topic`; what is not given is null or what the schema has by default."""
    defaults = {
        field["name"]: field.get("default") for field in TOPICS[topic].avro_schema["fields"]
    }
    return {**defaults, "event_id": event_id, "event_time": at, **fields}


def click(number: int, event_type: str, at: int = NOON, **fields: Any) -> Record:
    """Of customer c<number>, on a device of theirs; None is a stranger."""
    about = {"visitor_id": f"v{number}", "customer_id": f"c{number}", "sku": "mug"}
    name = f"{event_type}-{number}-{at}"
    return record(CLICKS, name, at, event_type=event_type, **(about | fields))


def step(number: int, to_state: str, at: int) -> Record:
    about = {"order_id": f"o{number}", "customer_id": f"c{number}", "cause": "", "sequence": 5}
    states = {"from_state": "SHIPPED", "to_state": to_state}
    return record(LIFECYCLE, f"{to_state}-{number}", at, **about, **states)


CLICKED = [
    *(click(number, "ADD_TO_CART", NOON + number) for number in range(CUSTOMERS)),
    *(click(number, "WISHLIST_ADD", sku="pot") for number in range(CUSTOMERS)),
    click(0, "PURCHASE", NOON + MINUTE, sku=None),
    click(9, "ADD_TO_CART", customer_id=None),
]
STEPS = [step(0, "DELIVERED", NOON), step(1, "DELIVERED", NOON), step(1, "RETURNED", NOON + MINUTE)]
ALERT = record(
    ALERTS, "alert", NOON + 2 * MINUTE, alert_type="BACK_IN_STOCK", sku="pot", quantity=1
)
NOT_TO_TWO = record(PREFERENCES, "p2", NOON - DAY, customer_id="c2", opt_outs=["CART_ABANDONMENT"])


@contextmanager
def time_goes_on(clicks: Topic) -> Iterator[None]:
    """Strangers search meanwhile: every ten minutes for two hours, then twice a day."""
    ended = Event()

    def search() -> None:
        at = NOON
        while not ended.wait(0.3):
            at += 10 * MINUTE if at < NOON + 120 * MINUTE else DAY // 2
            clicks.write([click(8, "SEARCH", at, customer_id=None)])

    searching = Thread(target=search)
    searching.start()
    try:
        yield
    finally:
        ended.set()
        searching.join()


def of(outputs: list[Output], topic: str, **fields: Any) -> list[Record]:
    return [
        output.record
        for output in outputs
        if output.topic == topic and fields.items() <= output.record.items()
    ]


def test_messages_follow_from_clicks_orders_and_stock_in_event_time(
    tmp_path: Path, local_flink: Callable[..., StreamExecutionEnvironment]
):
    tuned = settings().model_copy(update={"buckets": 4})
    env = local_flink(
        **{
            "parallelism.default": "2",
            "table.local-time-zone": "UTC",
            "table.exec.source.idle-timeout": "500 ms",
            "pipeline.object-reuse": "true",
        }
    )
    t_env = StreamTableEnvironment.create(env)
    names = (*ENGAGEMENT.inputs, POLICIES)
    topics = {name: Topic(tmp_path / name, name) for name in names}
    tables = {name: topic.declare(t_env, name.replace(".", "_")) for name, topic in topics.items()}
    inputs = " UNION ALL ".join(f"SELECT * FROM {tables[name]}" for name in ENGAGEMENT.inputs)
    t_env.execute_sql(f"CREATE TEMPORARY VIEW events AS {inputs}")
    policies = [json.loads(line) for line in SEEDS.read_text().splitlines()]
    rows = build(
        batches_by_bucket(t_env, "events", tuned),
        reference_records(t_env, tables[POLICIES]),
        ENGAGEMENT,
        WIRE,
        {(POLICIES, PARTITION): len(policies) - 1},
        tuned,
    )
    topics[POLICIES].write(policies)
    topics[PREFERENCES].write([NOT_TO_TWO])
    topics[LIFECYCLE].write(STEPS)
    topics[CLICKS].write([*CLICKED, CLICKED[0]])
    topics[ALERTS].write([ALERT])

    with rows.execute_and_collect() as emitted, time_goes_on(topics[CLICKS]):
        # six signals, four carts and two messages after a delivery, each with a request for it, and
        # without one the cart that is not wanted and the two messages that the return silenced
        outputs = taken(emitted, 6 + 2 * (4 + 2) + 1 + 2)

    told = of(outputs, SIGNALS, sku="pot")
    assert {signal["customer_id"] for signal in told} == {f"c{n}" for n in range(CUSTOMERS)}
    sent = of(outputs, TRIGGERS, template="CART_ABANDONMENT", outcome="SENT")
    assert {trigger["customer_id"] for trigger in sent} == {"c1", "c3", "c4", "c5"}
    for trigger in sent:
        assert 30 * MINUTE <= trigger["send_at"] - trigger["caused_at"] <= 60 * MINUTE
    (unwanted,) = of(outputs, TRIGGERS, outcome="SUPPRESSED")
    assert (unwanted["customer_id"], unwanted["reason"]) == ("c2", "OPTED_OUT")
    returned = of(outputs, TRIGGERS, outcome="SILENCED", reason="RETURNED")
    assert {trigger["subject"] for trigger in returned} == {"o1"}
    followed = of(outputs, TRIGGERS, subject="o0", outcome="SENT")
    assert {trigger["template"] for trigger in followed} == {"REVIEW_REQUEST", "CROSS_SELL"}
    requested = [message["event_id"] for message in of(outputs, NOTIFICATIONS)]
    assert sorted(requested) == sorted(trigger["event_id"] for trigger in [*sent, *followed])
