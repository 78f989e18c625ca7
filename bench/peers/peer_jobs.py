"""What the peers can run: (state of a key, event) -> rows (topic, key, record).

A state is anything with `get(name)`, `set(name, value)` and `delete(name)` of plain data.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import clickstream
import inventory

Record = dict[str, Any]
Rows = list[tuple[str, str, Record]]
Step = Callable[[Any, Record], Rows]


@dataclass(frozen=True)
class Job:
    """input_key, key: the fields that the input is keyed by, and the step."""

    input_key: str
    key: str
    step: Step


def _whole(topic: str, key: str, step: Callable[[Any, Record], tuple[Any, Record | None]]) -> Step:
    """A step whose state is one value and whose row is one or none."""

    def stepped(state: Any, event: Record) -> Rows:
        after, row = step(state.get("state"), event)
        state.set("state", after)
        return [] if row is None else [(topic, row[key], row)]

    return stepped


def _of_clicks(topic: str, key: str, step: Any) -> Job:
    return Job("visitor_id", key, _whole(topic, key, step))


JOBS = {
    "demand": _of_clicks("features.product-demand", "sku", clickstream.demand),
    "session": _of_clicks("features.session", "visitor_id", clickstream.session),
    "customer": _of_clicks("features.customer", "customer_id", clickstream.customer),
    "inventory": Job("sku", "sku", inventory.decide),
}
