"""A small domain with links: an order is numbered by its customer, its device counts all orders."""

from typing import Any

import msgspec

from udfs.contract import Domain, Linked, Links, Outcome

ORDERS, PAYMENTS, OUTCOMES = "orders.initiated", "payments.events", "fraud.outcomes"
LOYALTY, DELAYS, LIMITS = "orders.loyalty", "orders.delays", "orders.limits"
FORGET_MS = 60_000


class Order(msgspec.Struct, frozen=True, kw_only=True):
    event_id: str
    event_time: int
    order_id: str
    customer_id: str
    device_id: str | None = None
    card_fingerprint: str | None = None


class Payment(msgspec.Struct, frozen=True, kw_only=True):
    event_id: str
    event_time: int
    order_id: str
    amount_minor: int


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """Its customer is no Kafka key."""

    event_id: str
    event_time: int
    order_id: str
    customer_id: str
    outcome: str


class Touch(msgspec.Struct, frozen=True, kw_only=True):
    event_id: str
    event_time: int
    amount: int = 0


class Device(msgspec.Struct, array_like=True):
    orders: int = 0
    wake_at: int | None = None


class Customer(msgspec.Struct, array_like=True):
    orders: int = 0


def touches(event: Any) -> list[tuple[str, Touch]]:
    if isinstance(event, Payment):
        touch = Touch(
            event_id=event.event_id, event_time=event.event_time, amount=event.amount_minor
        )
        return [(f"order:{event.order_id}", touch)]
    if isinstance(event, Told):
        return []
    links = (event.device_id, event.card_fingerprint)
    touch = Touch(event_id=event.event_id, event_time=event.event_time)
    return [(link, touch) for link in links if link is not None]


def count_order(device: Device | None, touch: Any, name: str) -> Linked:
    if name.startswith("order:"):
        if touch.amount < 0:
            raise ValueError("a payment of less than nothing")
        delay = {"order_id": name, "state": "", "waiting_for": "", "waited_ms": touch.amount}
        return Linked(None, outputs=[(DELAYS, delay)])
    device = device or Device()
    if not isinstance(touch, Touch):
        return Linked(None)
    device.orders += 1
    wake_at = device.wake_at = device.wake_at or touch.event_time + FORGET_MS
    return Linked(device, device.orders, wake_at=wake_at)


def number_order(customer: Customer | None, event: Any, view: Any) -> Outcome:
    customer = customer or Customer()
    customer.orders += 1
    answers = ",".join(str(answer) for answer in view.answers)
    record = {
        "customer_id": event.customer_id,
        "order_id": event.order_id,
        "points": customer.orders,
        "reason": answers,
    }
    return Outcome(customer, [(LOYALTY, record)])


class Limit(msgspec.Struct, frozen=True):
    waiting_for: str


LINKED = Domain(
    name="linked",
    entity="customer_id",
    inputs={ORDERS: Order, PAYMENTS: Payment, OUTCOMES: Told},
    reference={LIMITS: Limit},
    outputs=(LOYALTY, DELAYS),
    rule=number_order,
    state=Customer,
    links=Links(touches, Touch, int, count_order, Device),
)
