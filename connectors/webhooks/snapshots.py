"""What has changed between what a shop said there was and what it says there is now.

Pure: what was said before is looked up by subject, and what is to be remembered is returned.
A snapshot that is older than what is known, or equal to it, changes nothing.
"""

from collections.abc import Callable, Mapping

from msgspec import Struct, field

from connectors.webhooks.contract import (
    Cart,
    CartLine,
    Click,
    Event,
    Fact,
    Item,
    Level,
    StockEvent,
    Unmappable,
)
from connectors.webhooks.reading import made


class Known(Struct, frozen=True):
    """What was said of a subject, at epoch ms: an item's sku, or quantities by name."""

    at: int
    sku: str | None = None
    quantities: dict[str, int] = field(default_factory=dict)


Lookup = Callable[[str], Known | None]
Remember = Mapping[str, Known]


def settle(fact: Fact, lookup: Lookup) -> tuple[list[Event], Remember]:
    """The events that a fact comes to, and what to remember by subject.

    Raises Unmappable for the level of an item that nobody has named yet.
    """
    match fact:
        case Item():
            return _named(fact, lookup)
        case Level():
            return _counted(fact, lookup)
        case Cart():
            return _filled(fact, lookup)
        case _:
            return [fact], {}


def _named(item: Item, lookup: Lookup) -> tuple[list[Event], Remember]:
    subject = f"{item.source}|item|{item.item}"
    known = lookup(subject)
    if known and (known.at > item.at or known.sku == item.sku):
        return [], {}
    return [], {subject: Known(item.at, sku=item.sku)}


def _counted(level: Level, lookup: Lookup) -> tuple[list[Event], Remember]:
    sku = level.sku or _sku_of(level, lookup)
    subject = f"{level.source}|level|{sku}|{level.warehouse_id}"
    known = lookup(subject)
    if known and known.at > level.at:
        return [], {}
    change = level.available - (known.quantities["available"] if known else 0)
    remember = {subject: Known(level.at, quantities={"available": level.available})}
    if change == 0:
        return [], remember
    name = f"{level.source}:level:{level.warehouse_id}:{level.at}:{level.available}:{sku}"
    adjusted = made(
        StockEvent,
        event_id=name,
        event_time=level.at,
        event_type="ADJUSTED",
        sku=sku,
        warehouse_id=level.warehouse_id,
        quantity=change,
        channel=level.source,
    )
    return [adjusted], remember


def _sku_of(level: Level, lookup: Lookup) -> str:
    known = lookup(f"{level.source}|item|{level.item}")
    if known is None or known.sku is None:
        raise Unmappable(
            f"expected an item whose sku is known, came {level.item}: let {level.source} send its "
            "products or inventory items once"
        )
    return known.sku


def _filled(cart: Cart, lookup: Lookup) -> tuple[list[Event], Remember]:
    subject = f"{cart.source}|cart|{cart.cart_id}"
    known = lookup(subject)
    if known and known.at > cart.at:
        return [], {}
    before = known.quantities if known else {}
    now = {line.sku: line for line in cart.lines}
    if len(now) != len(cart.lines):
        raise Unmappable("expected each sku once in a cart, came one twice")
    events: list[Event] = []
    for sku in sorted(now.keys() | before.keys()):
        line = now.get(sku)
        units, had = (line.quantity if line else 0), before.get(sku, 0)
        if units != had:
            events.append(_click(cart, sku, line, units, units - had))
    remember = {subject: Known(cart.at, quantities={s: line.quantity for s, line in now.items()})}
    return events, remember


def _click(cart: Cart, sku: str, line: CartLine | None, units: int, change: int) -> Click:
    price = line.price_minor if line else None
    return made(
        Click,
        event_id=f"{cart.source}:cart:{cart.cart_id}:{cart.at}:{units}:{sku}",
        event_time=cart.at,
        visitor_id=cart.visitor_id,
        customer_id=cart.customer_id,
        event_type="ADD_TO_CART" if change > 0 else "REMOVE_FROM_CART",
        sku=sku,
        quantity=abs(change),
        price_minor=price,
        currency=cart.currency if price is not None else None,
    )
