"""Words for the tests of the order rules: records of the topics, and a desk to send them to."""

from collections.abc import Sequence
from itertools import count
from typing import Any

from support.rules import Record, RuleDriver

from connectors.codec import Encoder
from connectors.topics import TOPICS
from udfs.orders.domain import ORDERS
from udfs.orders.events import (
    COMMANDS,
    DECISIONS,
    DELAYS,
    INITIATED,
    INVENTORY_EVENTS,
    LIFECYCLE,
    LIMITS,
    LOYALTY,
    NOTIFICATIONS,
    OUTCOMES,
    PAYMENTS,
    REQUESTS,
    RESERVATIONS,
    SHIPMENTS,
)

NOON = 1_750_000_000_000
SECOND = 1_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR

AMOUNT = 5_250
LINES = (("mug", 2), ("pot", 1))
_ENCODERS = {topic: Encoder(topic, TOPICS[topic].avro_schema, 1) for topic in ORDERS.outputs}


class Desk(RuleDriver):
    """Where the events of orders arrive; every output is encoded by its schema."""

    def __init__(self) -> None:
        super().__init__(ORDERS)
        self._numbers = count(1)

    def _apply(self, entity: str, event: Any) -> list[tuple[str, Record]]:
        outputs = super()._apply(entity, event)
        for topic, record in outputs:
            _ENCODERS[topic].encode(record)
        return outputs

    def tell(
        self, topic: str, order_id: str = "o1", at: int | None = None, **fields: Any
    ) -> list[tuple[str, Record]]:
        """Send a record of `topic` about the order; what it made happen."""
        record = {
            "event_id": f"event-{next(self._numbers)}",
            "event_time": at or max(self.now, NOON),
            "order_id": order_id,
        }
        return self.send(record | fields, topic)

    def place(
        self, order_id: str = "o1", lines: Sequence[tuple[str, int]] = LINES, **fields: Any
    ) -> list[tuple[str, Record]]:
        """An order of 52.50 euros, for two mugs and a pot."""
        order = {
            "customer_id": "ann",
            "amount_minor": AMOUNT,
            "currency": "EUR",
            "channel": "web",
            "shipping_country": "DE",
            "lines": [
                {"sku": sku, "quantity": quantity, "unit_price_minor": 1} for sku, quantity in lines
            ],
        }
        return self.tell(INITIATED, order_id, **(order | fields))

    def fraud(self, band: str, decision_id: str = "d1", **fields: Any) -> list[tuple[str, Record]]:
        return self.tell(DECISIONS, band=band, decision_id=decision_id, **fields)

    def outcome(self, source: str, outcome: str, **fields: Any) -> list[tuple[str, Record]]:
        return self.tell(OUTCOMES, source=source, outcome=outcome, **fields)

    def payment(
        self, event_type: str, amount_minor: int = AMOUNT, currency: str = "EUR", **fields: Any
    ) -> list[tuple[str, Record]]:
        money = {"amount_minor": amount_minor, "currency": currency}
        return self.tell(PAYMENTS, event_type=event_type, **money, **fields)

    def answer(
        self, line: int, status: str, warehouse_id: str | None = "berlin", **fields: Any
    ) -> list[tuple[str, Record]]:
        """What the inventory says of a line of LINES."""
        answer = {
            "reservation_id": f"o1/{line}",
            "sku": LINES[line][0],
            "status": status,
            "warehouse_id": warehouse_id,
        }
        return self.tell(RESERVATIONS, **(answer | fields))

    def answers(self, status: str) -> None:
        """The same of every line."""
        for line in range(len(LINES)):
            self.answer(line, status)

    def parcel(self, event_type: str, **fields: Any) -> list[tuple[str, Record]]:
        return self.tell(SHIPMENTS, event_type=event_type, **fields)

    def request(self, request: str, **fields: Any) -> list[tuple[str, Record]]:
        return self.tell(REQUESTS, request=request, **fields)

    def limit(self, waiting_for: str, limit_ms: int) -> None:
        self.refer(LIMITS, waiting_for, {"waiting_for": waiting_for, "limit_ms": limit_ms})

    def brought_to(self, state: str) -> "Desk":
        """An honest order of LINES, brought to `state`; what that put out is forgotten."""
        self.place()
        match state:
            case "STEP_UP" | "IN_REVIEW":
                self.fraud({"STEP_UP": "STEP_UP", "IN_REVIEW": "REVIEW"}[state])
            case "REJECTED":
                self.fraud("DECLINE")
            case "CANCELLED":
                self.request("CANCEL")
            case "INITIATED":
                pass
            case _:
                self._sell(state)
        assert self.where() == state
        self.outputs.clear()
        return self

    def _sell(self, state: str) -> None:
        steps = [
            ("RESERVING", lambda: (self.fraud("APPROVE"), self.payment("AUTHORIZED"))),
            ("CONFIRMED", lambda: self.answers("RESERVED")),
            ("PACKED", lambda: (self.answers("COMMITTED"), self.parcel("PACKED"))),
            ("SHIPPED", lambda: self.parcel("SHIPPED")),
            ("DELIVERED", lambda: self.parcel("DELIVERED")),
            ("RETURNED", lambda: self.request("RETURN")),
        ]
        for name, step in steps:
            step()
            if name == state:
                return

    def where(self, order_id: str = "o1") -> str | None:
        """The order's state."""
        order = self.state(order_id)
        return None if order is None else order.state

    def steps(self) -> list[tuple[str, str, str]]:
        """(from, to, cause) of all lifecycle records, in order."""
        names = ("from_state", "to_state", "cause")
        return [tuple(record[name] for name in names) for record in self.emitted(LIFECYCLE)]

    def commands(self) -> list[str]:
        return [record["command"] for record in self.emitted(COMMANDS)]

    def stock(self) -> list[tuple[str, str | None]]:
        """(type, reservation) of all inventory events, in order."""
        names = ("event_type", "reservation_id")
        return [tuple(record[name] for name in names) for record in self.emitted(INVENTORY_EVENTS)]

    def messages(self) -> list[str]:
        return [record["template"] for record in self.emitted(NOTIFICATIONS)]

    def points(self) -> list[tuple[int, str]]:
        return [(record["points"], record["reason"]) for record in self.emitted(LOYALTY)]

    def delays(self) -> list[tuple[str, str, int]]:
        """(state, waiting_for, waited_ms) of all delays, in order."""
        names = ("state", "waiting_for", "waited_ms")
        return [tuple(record[name] for name in names) for record in self.emitted(DELAYS)]
