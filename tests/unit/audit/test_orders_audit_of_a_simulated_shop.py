"""The real rules of all three jobs on simulated traffic: the audits accept what they make of it,
and refuse it with any one record missing or doubled.

There is no Flink here: records are handed on in time order, as fast as the world asks for.
"""

import json
from collections import Counter
from heapq import heappop, heappush
from itertools import count
from pathlib import Path
from random import Random
from typing import Any

import pytest
from support.rules import RuleDriver

import connectors
from connectors.topics import TOPICS
from deploy.audit import fraud, inventory, orders
from deploy.audit.log import Entry
from deploy.audit.orders import contract
from deploy.audit.orders.fold import Checks
from deploy.simulate.catalogue import PRODUCTS
from deploy.simulate.orders import OrderBook
from deploy.simulate.sending import Tally
from deploy.simulate.world import World
from udfs.fraud.domain import FRAUD, PERFORMANCE
from udfs.inventory.domain import INVENTORY
from udfs.orders.domain import ORDERS

NOON = 1_750_000_000_000
PLACED, EVERY_MS, LATENCY_MS, TICK_MS = 400, 100, 40, 1000
STOCK = 12
END = NOON + PLACED * EVERY_MS + 120_000
Record = dict[str, Any]


class Log:
    """Topics with the rules behind them: what is published reaches every job that reads it."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self.world = World(Tally())
        self._offsets: Counter[str] = Counter()
        self._numbers = count()
        self._on_its_way: list[tuple[int, int, RuleDriver, Record, str]] = []
        self._jobs = [RuleDriver(domain) for domain in (FRAUD, PERFORMANCE, ORDERS, INVENTORY)]
        for job in self._jobs:
            for topic in job.domain.reference:
                self._seed(job, topic)

    def _seed(self, job: RuleDriver, topic: str) -> None:
        for line in seeds(topic):
            record = filled(topic, {"event_id": "seed", "event_time": NOON, **json.loads(line)})
            job.refer(topic, TOPICS[topic].key_of(record), record)

    def publish(self, topic: str, record: Record, now: int) -> None:
        record = filled(topic, record)
        key = TOPICS[topic].key_of(record).encode()
        self.raw(topic, key, repr(record).encode(), record)
        for job in self._jobs:
            if topic in job.domain.inputs:
                due = (now + LATENCY_MS, next(self._numbers), job, record, topic)
                heappush(self._on_its_way, due)
        if topic in (contract.COMMANDS, contract.LIFECYCLE):
            self.world.take(topic, record, now)

    def raw(self, topic: str, key: bytes, value: bytes, record: Record | None) -> None:
        entry = Entry(topic, 0, self._offsets[topic], key, value, record)
        self.entries.append(entry)
        self._offsets[topic] += 1
        for domain in (ORDERS, FRAUD):
            if record is None and topic in domain.inputs:
                self._set_aside(entry, domain.name)

    def _set_aside(self, entry: Entry, job: str) -> None:
        """As the operator does with what does not decode."""
        letter = {
            "event_id": f"{job}/{entry.topic}/{entry.offset}",
            "event_time": NOON,
            "source_topic": entry.topic,
            "source_partition": entry.partition,
            "source_offset": entry.offset,
            "source_timestamp": NOON,
            "record_key": entry.key,
            "record_value": entry.value,
            "job": job,
            "error_class": "UndecodableError",
            "error_message": "garbage",
            "attempt": 1,
        }
        self.publish("dlq", letter, NOON)

    def run_until(self, now: int) -> None:
        """Let what is due by `now` (epoch ms) happen."""
        for sending in self.world.due(now):
            if isinstance(sending.record, bytes):
                self.raw(sending.topic, sending.key.encode(), sending.record, None)
            else:
                self.publish(sending.topic, sending.record, now)
        while self._on_its_way and self._on_its_way[0][0] <= now:
            at, _, job, record, topic = heappop(self._on_its_way)
            self._emit(job, job.send(record, topic), record["event_id"], record["event_time"], at)

    def wake(self, now: int) -> None:
        for job in self._jobs:
            self._emit(job, job.advance(now), f"wake-{job.domain.name}-{now}", now, now)

    def _emit(
        self, job: RuleDriver, outputs: list[tuple[str, Record]], cause: str, time: int, now: int
    ) -> None:
        for number, (topic, record) in enumerate(outputs):
            defaults = {"event_id": f"{job.domain.name}/{cause}#{number}", "event_time": time}
            self.publish(topic, {**defaults, **record}, now)


def seeds(topic: str) -> list[str]:
    """The default records of a reference topic, if it has any."""
    path = Path(connectors.__file__).parent / "seeds" / f"{topic}.ndjson"
    return path.read_text().splitlines() if path.exists() else []


def filled(topic: str, record: Record) -> Record:
    """With the schema's defaults, as a reader of the topic gets it."""
    fields = TOPICS[topic].avro_schema["fields"]
    return {f["name"]: f["default"] for f in fields if "default" in f} | record


@pytest.fixture(scope="module")
def log() -> Log:
    log, book = Log(), OrderBook(1, "run", NOON)
    for number, product in enumerate(PRODUCTS):
        for warehouse in ("berlin", "lyon"):
            restock = {
                "event_id": f"restock-{number}-{warehouse}",
                "event_time": NOON,
                "event_type": "RESTOCKED",
                "sku": product.sku,
                "warehouse_id": warehouse,
                "quantity": STOCK,
            }
            log.publish(contract.STOCK, restock, NOON)
    log.raw(contract.ORDERS, b"c1", b"garbage", None)
    placed = 0
    for now in range(NOON + TICK_MS, END, 20):
        if placed < PLACED and now >= NOON + TICK_MS + placed * EVERY_MS:
            log.world.place(book.order(placed, now), now)
            placed += 1
        log.run_until(now)
        if now % TICK_MS == 0:
            log.wake(now - 5 * TICK_MS)
    return log


def records(log: Log, topic: str) -> list[Record]:
    return [e.record for e in log.entries if e.topic == topic and e.record is not None]


def test_the_orders_are_accepted_and_there_was_something_of_everything(log):
    verdict = orders.audit(log.entries, as_of=END)
    assert verdict.ok, str(verdict)
    standing = verdict.check(Checks().waits.name).figure
    for state in ("DELIVERED", "RETURNED", "CANCELLED", "REJECTED"):
        assert state in standing
    assert verdict.check(Checks().restocked.name).figure != "0 restocks"


def test_the_decisions_are_accepted(log):
    verdict = fraud.audit(log.entries)
    assert verdict.ok, str(verdict)


def test_the_stock_that_orders_move_is_accepted(log):
    inputs = [inventory.InputRecord(*e[1:]) for e in log.entries if e.topic == contract.STOCK]
    topics = ("inventory.reservations", "inventory.availability", "inventory.alerts", "dlq")
    outputs = [records(log, topic) for topic in topics]
    policies = [json.loads(line) for line in seeds("inventory.policies")]
    verdict = inventory.audit(inputs, *outputs, policies, [])
    assert verdict.ok, str(verdict)


def is_last_of_its_order(log: Log, entry: Entry) -> bool:
    named = [r for r in records(log, entry.topic) if r["order_id"] == entry.record["order_id"]]
    return named[-1] is entry.record


def sample(log: Log, topic: str, field: str, value: str | None) -> list[int]:
    """Places in the log of a few such records of orders; without a value, of any.

    Not of those that came twice, of which one may be missing.
    """
    times = Counter(record["event_id"] for record in records(log, topic))
    places = [
        place
        for place, entry in enumerate(log.entries)
        if entry.topic == topic
        and entry.record is not None
        and value in (None, entry.record[field])
        and times[entry.record["event_id"]] == 1
        and (topic != contract.STOCK or entry.record["order_id"])
    ]
    assert places, f"no such record in {topic}"
    return Random(7).sample(places, min(3, len(places)))


def accepted(entries: list[Entry]) -> bool:
    """By both audits."""
    return orders.audit(entries, as_of=END).ok and fraud.audit(entries).ok


@pytest.mark.parametrize(
    ("topic", "field", "value"),
    [
        (contract.ORDERS, "order_id", None),
        (contract.LIFECYCLE, "order_id", None),
        (contract.COMMANDS, "command", "REFUND_PAYMENT"),
        (contract.LOYALTY, "reason", None),
        (contract.STOCK, "event_type", "SHIPPED"),
        (contract.DECISIONS, "order_id", None),
        ("fraud.alerts", "order_id", None),
        ("fraud.judgements", "order_id", None),
        ("dlq", "job", None),
    ],
)
def test_a_record_that_is_missing_is_noticed(log, topic, field, value):
    """But for an order's last step, which may have changed nothing."""
    for place in sample(log, topic, field, value):
        entry = log.entries[place]
        if topic == contract.LIFECYCLE and is_last_of_its_order(log, entry):
            continue
        without = log.entries[:place] + log.entries[place + 1 :]
        assert not accepted(without), entry.record


@pytest.mark.parametrize(
    ("topic", "field", "value"),
    [
        (contract.LIFECYCLE, "order_id", None),
        (contract.COMMANDS, "command", "CAPTURE_PAYMENT"),
        (contract.COMMANDS, "command", "REFUND_PAYMENT"),
        (contract.LOYALTY, "reason", None),
        (contract.STOCK, "event_type", "SHIPPED"),
        (contract.STOCK, "event_type", "RESTOCKED"),
        ("dlq", "job", "orders"),
    ],
)
def test_a_record_that_is_doubled_is_noticed(log, topic, field, value):
    for place in sample(log, topic, field, value):
        entry = log.entries[place]
        assert not accepted([*log.entries, entry]), entry.record


@pytest.mark.parametrize(
    ("topic", "field", "value"),
    [
        ("fraud.decisions", "order_id", None),
        ("fraud.alerts", "order_id", None),
        ("fraud.judgements", "order_id", None),
        ("dlq", "job", "fraud"),
    ],
)
def test_what_fraud_writes_may_come_again(log, topic, field, value):
    for place in sample(log, topic, field, value):
        entry = log.entries[place]
        assert accepted([*log.entries, entry]), entry.record
