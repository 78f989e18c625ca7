"""What a running shop looks like: the outputs as they become readable, summed for a person."""

import time
from collections import Counter, deque
from dataclasses import dataclass, field
from statistics import quantiles
from typing import Any

from rich.columns import Columns
from rich.console import Group
from rich.table import Table
from rich.text import Text

from deploy.audit.engagement.contract import CLICKS, RESPONSES, TRIGGERS
from deploy.audit.log import Entry
from deploy.audit.orders.contract import DECISIONS, LIFECYCLE
from deploy.demo.engagement import Messages
from deploy.demo.orders import Bands, Funnel
from deploy.demo.prices import CHANGES, Prices

TOPICS = (
    "inventory.events",
    "inventory.reservations",
    "inventory.availability",
    "inventory.alerts",
    LIFECYCLE,
    DECISIONS,
    CHANGES,
    CLICKS,
    TRIGGERS,
    RESPONSES,
    "dlq",
)
SKUS_SHOWN = 8
ALERTS_SHOWN = 8
LATENCIES_KEPT = 20_000
WARM_UP_S = 10.0


@dataclass
class LiveView:
    """Folds the log's entries into what the terminal shows.

    latencies: from when a request was readable until its decision was, with read_committed (ms),
        of requests after the first `WARM_UP_S` of them, in which the JVMs compile.
    """

    events: int = 0
    decisions: Counter[str] = field(default_factory=Counter)
    alerts: deque[dict[str, Any]] = field(default_factory=lambda: deque(maxlen=ALERTS_SHOWN))
    alert_count: int = 0
    stock: dict[str, dict[str, dict[str, Any]]] = field(default_factory=dict)
    asked: Counter[str] = field(default_factory=Counter)
    dead_letters: Counter[str] = field(default_factory=Counter)
    funnel: Funnel = field(default_factory=Funnel)
    bands: Bands = field(default_factory=Bands)
    prices: Prices = field(default_factory=Prices)
    messages: Messages = field(default_factory=Messages)
    latencies: deque[float] = field(default_factory=lambda: deque(maxlen=LATENCIES_KEPT))
    _waiting: dict[str, float] = field(default_factory=dict)
    _first_request_at: float | None = None

    def take(self, entry: Entry) -> None:
        record = entry.record
        for fold in (self.funnel, self.bands, self.prices, self.messages):
            fold.take(entry)
        if entry.topic == "inventory.events":
            self.events += 1
        if record is None:
            return
        if entry.topic == "inventory.events":
            if record["event_type"] == "RESERVE_REQUESTED":
                self._requested(record)
        elif entry.topic == "inventory.reservations":
            self._decided(record)
        elif entry.topic == "inventory.availability":
            self.stock.setdefault(record["sku"], {})[record["warehouse_id"]] = record
        elif entry.topic == "inventory.alerts":
            self.alerts.append(record)
            self.alert_count += 1
        elif entry.topic == "dlq":
            self.dead_letters[record["error_class"]] += 1

    def _requested(self, record: dict[str, Any]) -> None:
        now = time.monotonic()
        if self._first_request_at is None:
            self._first_request_at = now
        if now - self._first_request_at > WARM_UP_S:
            self._waiting.setdefault(record["event_id"], now)

    def _decided(self, record: dict[str, Any]) -> None:
        reason = record["reason"]
        status = record["status"]
        self.decisions[f"{status} {reason}" if reason else status] += 1
        if status == "RESERVED":
            self.asked[record["sku"]] += 1
        seen_at = self._waiting.pop(record["cause"], None)
        if seen_at is not None:
            self.latencies.append((time.monotonic() - seen_at) * 1000)

    def latency_ms(self) -> dict[str, float]:
        """p50, p95 and p99; empty before there is enough to tell."""
        if len(self.latencies) < 100:
            return {}
        cuts = quantiles(self.latencies, n=100)
        return {"p50": cuts[49], "p95": cuts[94], "p99": cuts[98]}

    def render(self, elapsed_s: float) -> Group:
        return Group(
            Text(self.line(elapsed_s)),
            Columns([self.funnel.render(), self.bands.render(), self._decisions()]),
            Columns([self.prices.render(), self.messages.render()]),
            Columns([self._shelves(), self._recent_alerts()]),
        )

    def line(self, elapsed_s: float) -> str:
        """The same in a line, where there is no terminal to redraw."""
        latency = self.latency_ms()
        tail = f", readable after p99 {latency['p99']:,.0f} ms" if latency else ""
        return (
            f"{elapsed_s:4.0f} s: {self.events:,} events, {self.decisions.total():,} decisions, "
            f"{self.alert_count:,} alerts, {self.funnel.line()}, {self.bands.line()}, "
            f"{self.prices.line()}, {self.messages.line()}, "
            f"{self.dead_letters.total():,} dead letters{tail}"
        )

    def _decisions(self) -> Table:
        table = Table("decision", title="what became of requests", title_justify="left")
        table.add_column("count", justify="right")
        for decision, count in self.decisions.most_common():
            table.add_row(decision, f"{count:,}")
        for error, count in self.dead_letters.most_common():
            table.add_row(f"dead letter: {error}", f"{count:,}")
        return table

    def _shelves(self) -> Table:
        warehouses = sorted({w for shelves in self.stock.values() for w in shelves})
        table = Table(title="available now, of the most wanted", title_justify="left")
        table.add_column("sku")
        for name in (*warehouses, "reserved", "committed"):
            table.add_column(name, justify="right")
        for sku, _ in self.asked.most_common(SKUS_SHOWN):
            shelves = self.stock.get(sku, {})
            available = [str(shelves[w]["available"]) if w in shelves else "" for w in warehouses]
            promised = [
                str(sum(shelf[kind] for shelf in shelves.values()))
                for kind in ("reserved", "committed")
            ]
            table.add_row(sku, *available, *promised)
        return table

    def _recent_alerts(self) -> Table:
        table = Table("alert", "sku", "quantity", title="latest alerts", title_justify="left")
        for alert in reversed(self.alerts):
            table.add_row(alert["alert_type"], alert["sku"], str(alert["quantity"]))
        return table
