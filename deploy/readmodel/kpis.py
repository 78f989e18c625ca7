"""The KPIs by minute, as sql/readmodel/kpi_facts.sql defines them, counted from the log."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from deploy.audit.log import Entry
from deploy.readmodel.rows import Change, Part
from deploy.readmodel.times import minute_of

RECOVERED_WITHIN_MS: Final = 24 * 3_600_000
KPIS: Final = (
    "inventory.reservations",
    "fraud.judgements",
    "engagement.triggers",
    "clickstream.events",
)
"""The topics that they are made of."""


@dataclass
class Figure:
    """Ids of a minute: all of them, and those that count."""

    whole: set[str] = field(default_factory=set)
    part: set[str] = field(default_factory=set)


@dataclass
class Kpis:
    """A fold of KPIS; `changes` gives the figure that a record moves, as a row of `figure`.

    Keeps the ids of all minutes, and of customers the messages and purchases.
    """

    figure: Part
    _figures: defaultdict[tuple[str, datetime], Figure] = field(
        default_factory=lambda: defaultdict(Figure)
    )
    _messages: defaultdict[str, dict[str, int]] = field(default_factory=lambda: defaultdict(dict))
    _purchases: defaultdict[str, list[int]] = field(default_factory=lambda: defaultdict(list))

    def changes(self, entry: Entry) -> Iterator[Change]:
        record = entry.record
        assert record is not None
        if entry.topic == "inventory.reservations":
            yield from self._reservation(record)
        elif entry.topic == "fraud.judgements":
            if record["outcome"] == "FRAUD":
                caught = record["band"] != "APPROVE"
                at = record["event_time"]
                yield self._count("FRAUD_CATCH_RATE", at, record["order_id"], caught)
        elif entry.topic == "engagement.triggers":
            yield from self._message(record)
        else:
            bought = record["event_type"] == "PURCHASE"
            yield self._count("CONVERSION", record["event_time"], record["visitor_id"], bought)
            if bought and record["customer_id"] is not None:
                yield from self._purchase(record["customer_id"], record["event_time"])

    def _reservation(self, record: dict[str, Any]) -> Iterator[Change]:
        status, at = record["status"], record["event_time"]
        kept = status == "COMMITTED"
        if kept or status == "REROUTED" or record["reason"] == "STOCK_LOST":
            promise = f"{record['reservation_id']} {status}"
            yield self._count("INVENTORY_ACCURACY", at, promise, kept)

    def _message(self, trigger: dict[str, Any]) -> Iterator[Change]:
        if trigger["template"] != "CART_ABANDONMENT" or trigger["outcome"] != "SENT":
            return
        customer_id, sent_at = trigger["customer_id"], trigger["event_time"]
        self._messages[customer_id][trigger["trigger_id"]] = sent_at
        bought = sorted(self._purchases[customer_id])
        following = bisect_left(bought, sent_at)
        recovered = following < len(bought) and bought[following] - sent_at <= RECOVERED_WITHIN_MS
        yield self._count("CART_RECOVERY", sent_at, trigger["trigger_id"], recovered)

    def _purchase(self, customer_id: str, at: int) -> Iterator[Change]:
        self._purchases[customer_id].append(at)
        for trigger_id, sent_at in self._messages[customer_id].items():
            if 0 <= at - sent_at <= RECOVERED_WITHIN_MS:
                yield self._count("CART_RECOVERY", sent_at, trigger_id, True)

    def _count(self, kpi: str, at: int, name: str, counts: bool) -> Change:
        minute_start = minute_of(at)
        figure = self._figures[kpi, minute_start]
        figure.whole.add(name)
        if counts:
            figure.part.add(name)
        part, whole = len(figure.part), len(figure.whole)
        row = {"kpi": kpi, "minute_start": minute_start, "part": part, "whole": whole}
        return Change(self.figure, {**row, "rate": part / whole, "version": part + whole})
