"""What the job has promised, by its own words: counted from its decisions, not from its sums."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from deploy.audit.inventory.steps import Step


class Promises:
    """Units promised at each warehouse of a sku, reserved or committed and not yet shipped."""

    def __init__(self) -> None:
        self._open: dict[str, tuple[str, int]] = {}
        self._ended: set[str] = set()
        self._promised: Counter[str] = Counter()

    def take(self, step: Step, event: Mapping[str, Any] | None) -> None:
        """Follow a step; an event SHIPPED that is not rejected ends its promise."""
        for record in step.reservations:
            name, status = record["reservation_id"], record["status"]
            if status in ("RELEASED", "EXPIRED"):
                self._end(name)
            elif status in ("RESERVED", "REROUTED") and self._is_news(name, status):
                self._end(name)
                self._ended.discard(name)
                self._open[name] = (record["warehouse_id"], record["quantity"])
                self._promised[record["warehouse_id"]] += record["quantity"]
        if event is not None and event["event_type"] == "SHIPPED" and not step.reservations:
            self._end(event["reservation_id"])

    def of(self, step: Step) -> Iterator[tuple[str, int]]:
        """The promises at the warehouses that the step names."""
        records = [*step.reservations, *step.availability]
        for warehouse in {record["warehouse_id"] for record in records} - {None}:
            yield warehouse, self._promised[warehouse]

    def _is_news(self, name: str, status: str) -> bool:
        """A repeated request is told RESERVED again, and that promises nothing new."""
        return status == "REROUTED" or (name not in self._open and name not in self._ended)

    def _end(self, name: str) -> None:
        self._ended.add(name)
        warehouse, quantity = self._open.pop(name, ("", 0))
        self._promised[warehouse] -= quantity
