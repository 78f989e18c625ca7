"""How long an edit of a table takes to change decisions, on a stack of the benchmark's own.

Every delay begins when Postgres has committed the edit. It ends when the record of the reference
topic can be read, when a price decided by the new policy can, and when an order has been scored by
the new rule, of orders that are placed all the time.
"""

import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from random import Random
from statistics import quantiles
from typing import Any

import psycopg
from rich.console import Console

from connectors.clock import now_ms
from connectors.codec import Encoder
from connectors.errors import ShopstreamError
from connectors.kafka import Publisher
from connectors.registry import Registry
from connectors.settings import settings
from connectors.topics import topic
from deploy.audit.log import LogReader
from deploy.stack.temporary import local_stack

POLICIES, CHANGES = "pricing.policies", "pricing.changes"
RULES, DECISIONS, ORDERS = "fraud.rules", "fraud.decisions", "orders.initiated"
SKU, FLOOR_MINOR = "mug-blue", 1_300
"""Each edit raises the floor by a unit, up to the sku's ceiling of 1,612."""

PAUSE_S = 1.0  # at most, by chance, so that edits come at all times between two checkpoints
PATIENCE_S = 60.0

Record = dict[str, Any]
Condition = Callable[[Record], bool]


@dataclass
class Report:
    """Delays in ms by what they end with."""

    delays: dict[str, list[float]] = field(default_factory=dict)

    def add(self, end: str, delay_ms: float) -> None:
        self.delays.setdefault(end, []).append(delay_ms)

    def percentiles(self, end: str) -> dict[str, float]:
        cuts = quantiles(self.delays[end], n=100, method="inclusive")
        return {"p50": cuts[49], "p90": cuts[89], "p99": cuts[98], "max": max(self.delays[end])}

    def as_dict(self) -> dict[str, Any]:
        return {
            end: {"edits": len(delays), "ms": [round(delay) for delay in delays]}
            for end, delays in self.delays.items()
        }


def run(edits: int, console: Console) -> Report:
    """Measure `edits` of a price policy and as many of a fraud rule; one of each warms up."""
    report = Report()
    console.print("starting a stack with Connect, and three jobs", highlight=False)
    with local_stack(cdc=True, taskmanagers=1) as stack, ExitStack() as closing:
        stack.up()
        stack.demand("submit", "cdc", "pricing", "fraud", "--wait")
        shop = closing.enter_context(_Shop())
        random = Random(edits)
        for measured in (Report(), *[report] * edits):
            time.sleep(random.uniform(0, PAUSE_S))
            shop.edit_price_policy(measured)
            time.sleep(random.uniform(0, PAUSE_S))
            shop.edit_fraud_rule(measured)
    return report


class _Shop:
    """Edits one row of each table, and reads what follows from it."""

    def __enter__(self) -> "_Shop":
        self._closing = ExitStack()
        registry = Registry(settings().registry_url)
        self._reader = self._closing.enter_context(
            LogReader(
                settings().kafka_bootstrap,
                registry,
                (POLICIES, CHANGES, RULES, DECISIONS),
                from_beginning=False,
            )
        )
        self._reader.read(1.0)  # an end is looked up by the first read
        self._database = self._closing.enter_context(
            psycopg.connect(settings().postgres_dsn, autocommit=True)
        )
        self._publisher = self._closing.enter_context(Publisher(settings().kafka_bootstrap, 0))
        declared = topic(ORDERS)
        self._encode = Encoder(ORDERS, declared.avro_schema, registry.schema_id(declared)).encode
        self._orders = self._floor = 0
        return self

    def __exit__(self, *error: Any) -> None:
        self._closing.__exit__(*error)

    def edit_price_policy(self, report: Report) -> None:
        self._floor += 1
        version = self._edit(
            "UPDATE shop.price_policies SET floor_minor = %s, base_minor = %s WHERE sku = %s "
            "RETURNING version",
            [FLOOR_MINOR + self._floor] * 2 + [SKU],
        )
        ends: dict[str, Condition] = {
            POLICIES: lambda policy: (policy["sku"], policy["version"]) == (SKU, version),
            CHANGES: lambda change: (change["sku"], change["policy_version"]) == (SKU, version),
        }
        self._measure(ends, report, lambda: None)

    def edit_fraud_rule(self, report: Report) -> None:
        version = self._edit(
            "UPDATE shop.fraud_rules SET weight = weight WHERE rule_id = %s RETURNING version",
            ["new-device"],
        )
        ends: dict[str, Condition] = {
            RULES: lambda rule: rule["version"] == version,
            DECISIONS: lambda decision: decision["rules_version"] == version,
        }
        self._measure(ends, report, self._order)

    def _edit(self, statement: str, values: list[Any]) -> Any:
        row = self._database.execute(statement, values).fetchone()
        assert row is not None, statement
        self._committed_at = time.monotonic()
        return row[0]

    def _measure(
        self, ends: dict[str, Condition], report: Report, meanwhile: Callable[[], None]
    ) -> None:
        """Read until each of `ends` (topic -> its record) has come."""
        while ends:
            meanwhile()
            for entry in self._reader.read(0.02):
                delay_s = time.monotonic() - self._committed_at
                if entry.record is not None and ends.get(entry.topic, _none)(entry.record):
                    report.add(entry.topic, delay_s * 1000)
                    del ends[entry.topic]
            if time.monotonic() > self._committed_at + PATIENCE_S:
                raise ShopstreamError(f"expected {', '.join(ends)} within {PATIENCE_S:.0f} s")

    def _order(self) -> None:
        self._orders += 1
        order_id = f"probe-{self._orders}"
        now = now_ms()
        record = {
            "event_id": order_id,
            "event_time": now,
            "order_id": order_id,
            "customer_id": order_id,
            "amount_minor": 4_000,
            "currency": "EUR",
            "payment_method": "card",
            "channel": "web",
            "lines": [{"sku": SKU, "quantity": 1, "unit_price_minor": 4_000}],
        }
        self._publisher.send(ORDERS, topic(ORDERS).key_of(record), self._encode(record), now)


def _none(_: Record) -> bool:
    return False
