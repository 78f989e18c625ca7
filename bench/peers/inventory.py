"""The inventory job's own rule over a peer's state.

Less than the job does: no duplicates are dropped, nobody is woken, reference data stands still.
"""

from typing import Any, get_args

import msgspec

from udfs.inventory.domain import INVENTORY
from udfs.inventory.events import ALERTS, AVAILABILITY, EVENTS, POLICIES, RESERVATIONS, StockPolicy

_POLICIES = {"*": StockPolicy(sku="*")}
# msgspec analyses a union anew at every conversion, so each type is looked up by its tag
_TYPES = {kind.__struct_config__.tag: kind for kind in get_args(INVENTORY.inputs[EVENTS])}
_CHILD = INVENTORY.child


class Reservations:
    """A sku's reservations, each under a name of its own."""

    def __init__(self, state: Any) -> None:
        self._state = state

    def get(self, child_id: str) -> Any:
        plain = self._state.get(f"r/{child_id}")
        return None if plain is None else msgspec.convert(plain, _CHILD)

    def put(self, child_id: str, child: Any, wake_at: int | None = None) -> None:  # noqa: ARG002
        self._state.set(f"r/{child_id}", msgspec.to_builtins(child))

    add = put

    def remove(self, child_id: str) -> None:
        self._state.delete(f"r/{child_id}")


class View:
    """What the rule sees."""

    source = None
    answers = ()

    def __init__(self, sku: str, state: Any) -> None:
        self.entity = sku
        self.children = Reservations(state)

    def reference(self, topic: str) -> Any:
        return _POLICIES if topic == POLICIES else {}


def decide(state: Any, record: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    event = msgspec.convert(record, _TYPES[record["event_type"]])
    plain = state.get("stock")
    stock = None if plain is None else msgspec.convert(plain, INVENTORY.state)
    outcome = INVENTORY.rule(stock, event, View(record["sku"], state))
    state.set("stock", msgspec.to_builtins(outcome.state))
    rows = []
    for number, (topic, row) in enumerate(outcome.outputs):
        row.setdefault("event_id", f"{event.event_id}#{number}")
        row.setdefault("event_time", event.event_time)
        rows.append((topic, _KEYS[topic](row), row))
    return rows


_KEYS = {
    RESERVATIONS: lambda row: row.get("order_id") or row["reservation_id"],
    AVAILABILITY: lambda row: f"{row['sku']}|{row['warehouse_id']}",
    ALERTS: lambda row: row["sku"],
}
