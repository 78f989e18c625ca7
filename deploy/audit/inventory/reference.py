"""Policies and shipping costs as the job may have known them at a moment.

Reference data is broadcast, so the moment at which a change reaches the job is not in the log: it
is after the change was published, normally within a second. So for a moment `at` (epoch ms) the
record in force may be the last one published at least `settle_ms` earlier, or any later one (an
event can wait in the log, and be decided under younger reference data).
"""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

EVERY_SKU = "*"


class Policy(NamedTuple):
    """The defaults are those of the contract."""

    reorder_point: int = 0
    reorder_quantity: int = 0
    reservation_timeout_s: int = 900


class Policies:
    """The history of `inventory.policies`, in log order."""

    def __init__(self, records: Iterable[Mapping[str, Any]], settle_ms: int) -> None:
        self._settle_ms = settle_ms
        self._history: dict[str, list[tuple[int, Policy]]] = {}
        for record in records:
            policy = Policy(*(record[field] for field in Policy._fields))
            self._history.setdefault(record["sku"], []).append((record["event_time"], policy))
        self._quiet = {
            sku: (max(time for time, _ in history) + settle_ms, [history[-1][1]])
            for sku, history in self._history.items()
        }

    def possible(self, sku: str, at: int) -> list[Policy]:
        """The policies that may have been in force: one, unless there was a change around `at`."""
        policies: list[Policy] = []
        for subject in (sku, EVERY_SKU):
            if subject not in self._history:
                continue
            settled_from, latest = self._quiet[subject]
            if at >= settled_from:
                return policies + latest if policies else latest
            settled = [p for time, p in self._history[subject] if time + self._settle_ms <= at]
            later = [p for time, p in self._history[subject] if time + self._settle_ms > at]
            policies += settled[-1:] + later
            if settled:
                return policies
        return [*policies, Policy()]


class Costs:
    """The latest of `inventory.shipping-costs` by warehouse and region."""

    def __init__(self, records: Iterable[Mapping[str, Any]], settle_ms: int) -> None:
        self._cost: dict[tuple[str, str | None], tuple[int, float]] = {}
        self.settled_from = 0
        for record in records:
            place = (record["warehouse_id"], record["region"])
            cost = (record["cost_minor"], record["distance_km"])
            if self._cost.get(place) != cost:
                self._cost[place] = cost
                self.settled_from = max(self.settled_from, record["event_time"] + settle_ms)

    def cheapest(self, warehouses: Iterable[str], region: str | None) -> str:
        """Lowest cost, then distance, then id; a warehouse of unknown cost ranks last."""
        return min(warehouses, key=lambda warehouse: self._rank(warehouse, region))

    def _rank(self, warehouse: str, region: str | None) -> tuple[bool, int, float, str]:
        known = self._cost.get((warehouse, region))
        cost, distance = known or (0, 0.0)
        return known is None, cost, distance, warehouse
