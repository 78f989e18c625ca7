"""A domain with links on a real Flink: read, sent round by its links, gathered and decided."""

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from pyflink.datastream import StreamExecutionEnvironment
from pyflink.table import StreamTableEnvironment
from support.decisions import WIRE, Output, Raw, raw
from support.file_topics import Topic, taken
from support.linked_domain import DELAYS, LIMITS, LINKED, LOYALTY, ORDERS, OUTCOMES, PAYMENTS

from connectors.settings import settings
from jobs.runtime.job import build
from jobs.runtime.streams import batches_by_bucket, reference_records

NOON = 1_767_268_800_000
CUSTOMERS, TURNS = 12, 10


def order(customer: int, turn: int) -> Raw:
    """Of device d0 or d1, by customer; every third turn also of a card of all."""
    record = {
        "event_id": f"e-{customer}-{turn}",
        "event_time": NOON + turn,
        "order_id": f"o-{customer}-{turn}",
        "customer_id": f"c{customer}",
        "amount_minor": 100,
        "currency": "EUR",
        "payment_method": "card",
        "channel": "web",
        "device_id": f"d{customer % 2}",
        "card_fingerprint": "card" if turn % 3 == 0 else None,
        "lines": [],
    }
    return raw(ORDERS, record)


def payment(number: int, amount: int) -> Raw:
    record = {"event_id": f"p{number}", "event_time": NOON, "order_id": f"o-{number}"}
    paid = {"event_type": "DECLINED", "amount_minor": amount, "currency": "EUR"}
    return raw(PAYMENTS, record | paid)


def told(customer: int) -> Raw:
    record = {"event_id": f"t{customer}", "event_time": NOON, "order_id": f"x{customer}"}
    said = {"customer_id": f"c{customer}", "outcome": "FRAUD", "source": "CHARGEBACK"}
    return raw(OUTCOMES, record | said)


def of(outputs: Sequence[Output], topic: str) -> list[dict]:
    return [output.record for output in outputs if output.topic == topic]


@pytest.mark.parametrize("batch_ms", [20, 0], ids=["batched", "one by one"])
def test_every_event_is_decided_once_by_its_customer_with_its_links_answers_in_order(
    tmp_path: Path, local_flink: Callable[..., StreamExecutionEnvironment], batch_ms: int
):
    tuned = settings().model_copy(update={"batch_ms": batch_ms, "buckets": 4})
    env = local_flink(**{"parallelism.default": "2", "pipeline.object-reuse": "true"})
    t_env = StreamTableEnvironment.create(env)
    topics = {name: Topic(tmp_path / name, name) for name in (ORDERS, PAYMENTS, OUTCOMES, LIMITS)}
    tables = {name: topic.declare(t_env, name.replace(".", "_")) for name, topic in topics.items()}
    inputs = " UNION ALL ".join(f"SELECT * FROM {tables[name]}" for name in LINKED.inputs)
    t_env.execute_sql(f"CREATE TEMPORARY VIEW events AS {inputs}")
    rows = build(
        batches_by_bucket(t_env, "events", tuned),
        reference_records(t_env, tables[LIMITS]),
        LINKED,
        WIRE,
        {},
        tuned,
    )
    orders = [order(customer, turn) for turn in range(TURNS) for customer in range(CUSTOMERS)]
    topics[ORDERS].write([*orders, orders[0], Raw(b"?", b"c1", NOON)])
    topics[PAYMENTS].write([payment(1, 7), payment(2, -1)])
    topics[OUTCOMES].write([told(customer) for customer in range(CUSTOMERS)])

    with rows.execute_and_collect() as emitted:
        outputs = taken(emitted, len(orders) + CUSTOMERS + 3)

    decided = of(outputs, LOYALTY)
    for customer in range(CUSTOMERS):
        numbers = [r["points"] for r in decided if r["customer_id"] == f"c{customer}"]
        assert numbers == list(range(1, TURNS + 2)), "one customer, one state, whatever the topic"
    by_order = {record["order_id"]: record["reason"] for record in decided}
    assert len(by_order) == len(orders) + CUSTOMERS
    for device in (0, 1):
        counts = [
            int(by_order[f"o-{customer}-{turn}"].split(",")[0])
            for turn in range(TURNS)
            for customer in range(device, CUSTOMERS, 2)
        ]
        repeat = 1 if device == 0 else 0  # a touch comes again when its event does
        expected = set(range(1, TURNS * CUSTOMERS // 2 + 1 + repeat))
        assert len(set(counts)) == len(counts)
        assert set(counts) <= expected
    assert [record["waited_ms"] for record in of(outputs, DELAYS)] == [7]
    assert {letter["error_message"] for letter in of(outputs, "dlq")} >= {
        "a payment of less than nothing"
    }
    assert {letter["source_topic"] for letter in of(outputs, "dlq")} == {ORDERS, PAYMENTS}
