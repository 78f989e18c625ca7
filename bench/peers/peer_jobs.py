"""What the peers can run: (state of a key, event) -> rows (topic, record).

A state is anything with `get(name)`, `set(name, value)` and `delete(name)` of plain data.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import clickstream
from rules import Rows, Rules
from wire import Record, Told

from udfs.contract import Domain
from udfs.engagement.domain import ENGAGEMENT
from udfs.fraud.domain import FRAUD
from udfs.inventory.domain import INVENTORY
from udfs.orders.domain import ORDERS
from udfs.pricing.domain import PRICING

Step = Callable[[Any, Record], Rows]


@dataclass(frozen=True)
class Job:
    """key: the field by which state is kept. links: the rules whose links are to be asked first,
    instead of `step`."""

    key: str
    step: Step
    links: Rules | None = None


def _whole(topic: str, step: Callable[[Any, Record], tuple[Any, Record | None]]) -> Step:
    """A step whose state is one value and whose row is one or none."""

    def stepped(state: Any, event: Record) -> Rows:
        after, row = step(state.get("state"), event)
        state.set("state", after)
        return [] if row is None else [(topic, row)]

    return stepped


CLICKSTREAM = {
    "demand": Job("sku", _whole("features.product-demand", clickstream.demand)),
    "session": Job("visitor_id", _whole("features.session", clickstream.session)),
    "customer": Job("customer_id", _whole("features.customer", clickstream.customer)),
}
# The benchmark's prices and demand touch no category, so that pricing has nothing to ask links for.
DOMAINS = {domain.name: domain for domain in (INVENTORY, ORDERS, PRICING)}
LINKED = {domain.name: domain for domain in (FRAUD, ENGAGEMENT)}


def job_of(told: Told) -> Job:
    if told.job in CLICKSTREAM:
        return CLICKSTREAM[told.job]
    domain: Domain = (DOMAINS | LINKED)[told.job]
    rules = Rules(domain, told.reference)
    return Job(domain.entity, rules.step, rules if told.job in LINKED else None)
