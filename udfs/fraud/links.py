"""What an order touches besides its customer: its device, its card, and its own name.

Devices and cards count who used them, and answer with it. An order's link only remembers where it
came from, so that a declined payment or an outcome, which name nothing but the order, can be told
to the device, the card and the customer by a record on `fraud.signals` that the job reads back.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from typing import Any, Final

import msgspec

from udfs.contract import Linked, WakeUp
from udfs.fraud.events import (
    FRAUD,
    PAYMENT_DECLINED,
    SIGNALS,
    FraudOutcome,
    FraudSignal,
    OrderInitiated,
    PaymentEvent,
    Signal,
)
from udfs.fraud.rule_data import DAY_MS, HOUR_MS, WINDOWS_H
from udfs.fraud.state import Link, OrderLink, Pending, Seen, short

SIGHTINGS: Final = 32
INCIDENTS: Final = 16
PENDING: Final = 8

SEEN_MS: Final = WINDOWS_H[-1] * HOUR_MS
"""How long an unused device or card is remembered: what is older counts in no window."""

ORDER_MS: Final = 180 * DAY_MS
"""How long an order's origin is remembered: chargebacks come within months."""

_WINDOWS_MS: Final = tuple(hours * HOUR_MS for hours in WINDOWS_H)


class Sighting(msgspec.Struct, array_like=True, frozen=True, gc=False, tag="sighting"):
    """An order came from this device or card; customer and order as hashes."""

    event_id: str
    event_time: int
    customer: int
    order: int


class Placed(msgspec.Struct, array_like=True, frozen=True, gc=False, tag="placed"):
    """This order was placed, and where it came from."""

    event_id: str
    event_time: int
    customer_id: str
    device_id: str | None
    card_fingerprint: str | None


class Cause(msgspec.Struct, array_like=True, frozen=True, gc=False, tag="cause"):
    """This order's payment was declined, or it is known to be fraud."""

    event_id: str
    event_time: int
    signal: Signal


class Incident(msgspec.Struct, array_like=True, frozen=True, gc=False, tag="incident"):
    """An order from this device or card had its payment declined, or was fraud."""

    event_id: str
    event_time: int
    signal: Signal


Touch = Sighting | Placed | Cause | Incident


class LinkFacts(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """What a device or card has seen up to an order, in the order of `WINDOWS_H`.

    customers, orders: how many different ones, this order's included.
    declines, frauds: how many, at most 16.
    """

    customers: tuple[int, int, int, int]
    orders: tuple[int, int, int, int]
    declines: tuple[int, int, int, int]
    frauds: tuple[int, int, int, int]


def touches(event: Any) -> Sequence[tuple[str, Touch]]:
    """The links that an event touches; an order's device comes first, then its card."""
    kind = type(event)
    if kind is OrderInitiated:
        return _touches_of_order(event)
    if kind is FraudSignal:
        incident = Incident(event.event_id, event.event_time, event.signal)
        return [(name, incident) for name in _origins(event)]
    if kind is PaymentEvent:
        if event.event_type != "DECLINED":
            return ()
        cause = Cause(event.event_id, event.event_time, PAYMENT_DECLINED)
        return ((f"order:{event.order_id}", cause),)
    if kind is FraudOutcome and event.outcome == FRAUD:
        return ((f"order:{event.order_id}", Cause(event.event_id, event.event_time, FRAUD)),)
    return ()


def _touches_of_order(order: OrderInitiated) -> list[tuple[str, Touch]]:
    customer_id, order_id = order.customer_id, order.order_id
    sighting = Sighting(order.event_id, order.event_time, short(customer_id), short(order_id))
    touched: list[tuple[str, Touch]] = [(name, sighting) for name in _origins(order)]
    placed = Placed(
        order.event_id, order.event_time, customer_id, order.device_id, order.card_fingerprint
    )
    touched.append((f"order:{order_id}", placed))
    return touched


def _origins(event: OrderInitiated | FraudSignal) -> list[str]:
    names = []
    if event.device_id:
        names.append(f"device:{event.device_id}")
    if event.card_fingerprint:
        names.append(f"card:{event.card_fingerprint}")
    return names


def decide(link: Link | None, touch: Touch | WakeUp, name: str) -> Linked:
    """Apply one touch, or wake-up, to the link called `name`. A repeated touch changes nothing."""
    return _RULES[type(touch)](link, touch, name)


def on_sighting(link: Link | None, touch: Sighting, _name: str) -> Linked:
    """Count an order of this device or card, and answer with what it has seen."""
    time, order = touch.event_time, touch.order
    if link is None:
        link = Link(time + SEEN_MS, Seen())
    seen = link.seen
    assert seen is not None, "a sighting touches devices and cards only"
    times, orders, customers = seen.times, seen.orders, seen.customers
    if order not in orders:
        place = bisect_right(times, time)
        times.insert(place, time)
        orders.insert(place, order)
        customers.insert(place, touch.customer)
    facts = facts_at(seen, time)  # before an order that is older than all others is dropped
    if len(times) > SIGHTINGS:
        del times[0], orders[0], customers[0]
    return Linked(link, facts, (), link.wake_at)


def facts_at(seen: Seen, time: int) -> LinkFacts:
    """What was seen in each window up to `time` (epoch ms), both ends included."""
    times, customers = seen.times, seen.customers
    end = bisect_right(times, time)
    starts = [bisect_left(times, time - window, 0, end) for window in _WINDOWS_MS]
    first, second, third, fourth = starts
    orders = (end - first, end - second, end - third, end - fourth)
    known, start_before = 0, -1
    distinct = []
    for start in starts:
        if start != start_before:
            known, start_before = len(set(customers[start:end])), start
        distinct.append(known)
    return LinkFacts(
        tuple(distinct),  # type: ignore[arg-type]  # one for each window
        orders,
        _counts(seen.declines.times, time),
        _counts(seen.frauds.times, time),
    )


_NONE: Final = (0, 0, 0, 0)


def _counts(times: list[int], time: int) -> tuple[int, int, int, int]:
    if not times:
        return _NONE
    end = bisect_right(times, time)
    hour, day, week, month = [end - bisect_left(times, time - w, 0, end) for w in _WINDOWS_MS]
    return hour, day, week, month


def on_incident(link: Link | None, touch: Incident, _name: str) -> Linked:
    """Count a declined payment or a fraud of this device or card."""
    if link is None:
        link = Link(touch.event_time + SEEN_MS, Seen())
    assert link.seen is not None, "an incident touches devices and cards only"
    ring = link.seen.frauds if touch.signal == FRAUD else link.seen.declines
    ring.add(touch.event_time, short(touch.event_id), INCIDENTS)
    return Linked(link, None, (), link.wake_at)


def on_placed(link: Link | None, touch: Placed, name: str) -> Linked:
    """Remember where the order came from, and tell what came before it."""
    if link is None:
        link = Link(touch.event_time + ORDER_MS, None, OrderLink())
    order = link.order
    assert order is not None, "an order's link has an order"
    if order.customer_id:
        return Linked(link, None, (), link.wake_at)
    order.customer_id = touch.customer_id
    order.device_id, order.card_fingerprint = touch.device_id, touch.card_fingerprint
    order.last_used = max(order.last_used, touch.event_time)
    outputs = [(SIGNALS, _signal(name, order, cause)) for cause in order.pending]
    order.pending = []
    return Linked(link, None, outputs, link.wake_at)


def on_cause(link: Link | None, touch: Cause, name: str) -> Linked:
    """Tell where the order came from what happened to it; later, if it has not come yet.

    A cause is told once, and of several outcomes that say FRAUD only the first is.
    """
    if link is None:
        link = Link(touch.event_time + ORDER_MS, None, OrderLink())
    order = link.order
    assert order is not None, "an order's link has an order"
    cause, is_fraud = short(f"{touch.signal}/{touch.event_id}"), touch.signal == FRAUD
    if cause in order.told or (is_fraud and order.fraud):
        return Linked(link, None, (), link.wake_at)
    order.told = [*order.told[1 - INCIDENTS :], cause]
    order.fraud = order.fraud or is_fraud
    order.last_used = max(order.last_used, touch.event_time)
    pending = Pending(touch.signal, touch.event_id, touch.event_time)
    if order.customer_id:
        return Linked(link, None, [(SIGNALS, _signal(name, order, pending))], link.wake_at)
    order.pending = [*order.pending[1 - PENDING :], pending]
    return Linked(link, None, (), link.wake_at)


def _signal(name: str, order: OrderLink, cause: Pending) -> dict[str, Any]:
    return {
        "event_id": f"{cause.signal}/{cause.event_id}",
        "event_time": cause.event_time,
        "signal": cause.signal,
        "order_id": name.removeprefix("order:"),
        "customer_id": order.customer_id,
        "device_id": order.device_id,
        "card_fingerprint": order.card_fingerprint,
    }


def on_wake_up(link: Link | None, wake_up: WakeUp, _name: str) -> Linked:
    """Forget what was not used for its time, or ask to be woken when that will have passed.

    Asked for only when the last wake-up fires: to move it with every use would cost state.
    """
    if link is None:
        return Linked(None)
    forget_at = _last_used(link) + (ORDER_MS if link.order is not None else SEEN_MS)
    if wake_up.event_time >= forget_at:
        return Linked(None)
    link.wake_at = forget_at
    return Linked(link, None, (), forget_at)


def _last_used(link: Link) -> int:
    if link.order is not None:
        return link.order.last_used
    seen = link.seen
    assert seen is not None, "a link without an order is of a device or a card"
    return max(times[-1] for times in (seen.times, seen.declines.times, seen.frauds.times) if times)


_RULES: Final[dict[type, Callable[[Link | None, Any, str], Linked]]] = {
    Sighting: on_sighting,
    Placed: on_placed,
    Cause: on_cause,
    Incident: on_incident,
    WakeUp: on_wake_up,
}
