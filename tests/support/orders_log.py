"""The topics around orders in memory, written by hand: what came in, and what the jobs made of it.

`day` is a small day of a shop on which everything is right.
"""

from collections import Counter
from collections.abc import Callable
from typing import Any

from deploy.audit.log import Entry

NOON = 1_750_000_000_000
SECOND = 1000
MUGS_AND_A_CUP = (("mug", 2), ("cup", 1))
Record = dict[str, Any]


class OrdersLog:
    """Appends as Kafka does: offsets, sequences and event_ids count up by themselves."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self._offsets: Counter[str] = Counter()
        self._sequences: Counter[str] = Counter()
        self._state: dict[str, str] = {}
        self._ids = 0

    def put(self, topic: str, key: str, at: int = NOON, **fields: Any) -> Record:
        """A record that decodes; returns it."""
        self._ids += 1
        record = {"event_id": f"e{self._ids}", "event_time": at, **fields}
        self._append(topic, key.encode(), repr(record).encode(), record)
        return record

    def raw(self, topic: str, value: bytes = b"garbage", key: bytes = b"k") -> Entry:
        """A record that does not decode."""
        return self._append(topic, key, value, None)

    def _append(self, topic: str, key: bytes, value: bytes, record: Record | None) -> Entry:
        self.entries.append(Entry(topic, 0, self._offsets[topic], key, value, record))
        self._offsets[topic] += 1
        return self.entries[-1]

    def dead_letter(self, entry: Entry, job: str = "orders") -> None:
        self.put(
            "dlq",
            entry.topic,
            source_topic=entry.topic,
            source_partition=entry.partition,
            source_offset=entry.offset,
            record_key=entry.key,
            record_value=entry.value,
            job=job,
            error_message="it is bad",
        )

    def order(
        self, order_id: str, lines: tuple[tuple[str, int], ...] = MUGS_AND_A_CUP, **given: Any
    ) -> Record:
        """Of customer c1, for 30.00 EUR, unless given."""
        order = {
            "order_id": order_id,
            "customer_id": "c1",
            "amount_minor": 3000,
            "currency": "EUR",
            "latitude": None,
            "longitude": None,
            "lines": [{"sku": s, "quantity": n, "unit_price_minor": 1000} for s, n in lines],
            **given,
        }
        return self.put("orders.initiated", order["customer_id"], **order)

    def of(self, topic: str, order_id: str, at: int = NOON, **fields: Any) -> Record:
        """A record about the order in a topic that is keyed by it."""
        return self.put(topic, order_id, at, order_id=order_id, **fields)

    def step(self, order_id: str, *states: str, at: int = NOON) -> None:
        """Lifecycle records to each of the states in turn."""
        for state in states:
            self._sequences[order_id] += 1
            self.of(
                "orders.lifecycle",
                order_id,
                at,
                customer_id="c1",
                from_state=self._state.get(order_id, "INITIATED"),
                to_state=state,
                cause="BECAUSE",
                sequence=self._sequences[order_id],
            )
            self._state[order_id] = state

    def command(self, order_id: str, command: str, amount: int | None = 3000) -> None:
        currency = None if amount is None else "EUR"
        money = {"amount_minor": amount, "currency": currency}
        self.of("orders.commands", order_id, command=command, **money)

    def paid(self, order_id: str, event_type: str = "AUTHORIZED", amount: int = 3000) -> None:
        money = {"amount_minor": amount, "currency": "EUR"}
        self.of("payments.events", order_id, event_type=event_type, **money)

    def decided(self, order_id: str, band: str = "APPROVE", **more: Any) -> Record:
        return self.of("fraud.decisions", order_id, band=band, **more)

    def outcome(self, order_id: str, outcome: str, source: str = "REVIEWER") -> None:
        told = {"customer_id": "c1", "outcome": outcome, "source": source}
        self.of("fraud.outcomes", order_id, **told)

    def told_stock(self, order_id: str, event_type: str, *lines: int) -> None:
        """What inventory was told of lines of `MUGS_AND_A_CUP`."""
        for line in lines or (0, 1):
            sku, quantity = MUGS_AND_A_CUP[line]
            self.put(
                "inventory.events",
                sku,
                event_type=event_type,
                sku=sku,
                quantity=quantity,
                order_id=order_id,
                reservation_id=f"{order_id}/{line}",
            )

    def answered(self, order_id: str, status: str, *lines: int) -> None:
        """What inventory made of it."""
        for line in lines or (0, 1):
            named = {"reservation_id": f"{order_id}/{line}", "status": status}
            self.of("inventory.reservations", order_id, **named)

    def points(self, order_id: str, points: int, reason: str) -> None:
        named = {"order_id": order_id, "points": points, "reason": reason}
        self.put("orders.loyalty", "c1", customer_id="c1", **named)

    def message(self, order_id: str, template: str) -> None:
        named = {"template": template, "parameters": {"order_id": order_id}}
        self.put("notifications.requests", "c1", customer_id="c1", **named)

    def find(self, topic: str, **match: Any) -> list[Entry]:
        """The entries of the topic whose fields are these."""
        return [
            entry
            for entry in self.entries
            if entry.topic == topic
            and entry.record is not None
            and match.items() <= {k: v for k, v in entry.record.items() if k in match}.items()
        ]


def drop(topic: str, **match: Any) -> Callable[[OrdersLog], None]:
    """A corruption: these records are missing."""

    def corrupt(log: OrdersLog) -> None:
        gone = log.find(topic, **match)
        assert gone, f"no such record in {topic}"
        log.entries = [entry for entry in log.entries if entry not in gone]

    return corrupt


def edit(topic: str, changed: Record, **match: Any) -> Callable[[OrdersLog], None]:
    """A corruption: these records say something else."""

    def corrupt(log: OrdersLog) -> None:
        found = log.find(topic, **match)
        assert found, f"no such record in {topic}"
        for entry in found:
            assert entry.record is not None
            entry.record.update(changed)

    return corrupt


def again(topic: str, changed: Record | None = None, **match: Any) -> Callable[[OrdersLog], None]:
    """A corruption: the first such record comes once more, with another event_id."""

    def corrupt(log: OrdersLog) -> None:
        entry = log.find(topic, **match)[0]
        assert entry.record is not None
        assert entry.key is not None
        fields = {k: v for k, v in entry.record.items() if k not in ("event_id", "event_time")}
        log.put(topic, entry.key.decode(), **{**fields, **(changed or {})})

    return corrupt


def confirm(log: OrdersLog, order_id: str) -> None:
    """Reserved, confirmed, committed and captured."""
    log.step(order_id, "RESERVING")
    log.told_stock(order_id, "RESERVE_REQUESTED")
    log.answered(order_id, "RESERVED")
    log.step(order_id, "RESERVING", "CONFIRMED")
    log.message(order_id, "ORDER_CONFIRMED")
    log.told_stock(order_id, "COMMITTED")
    log.answered(order_id, "COMMITTED")
    log.command(order_id, "CAPTURE_PAYMENT")
    log.step(order_id, "CONFIRMED")


def deliver(log: OrdersLog, order_id: str) -> None:
    confirm(log, order_id)
    log.step(order_id, "PACKED", "SHIPPED")
    log.told_stock(order_id, "SHIPPED")
    log.message(order_id, "ORDER_SHIPPED")
    log.step(order_id, "DELIVERED")
    log.points(order_id, 30, "DELIVERED")


def day() -> OrdersLog:
    """Orders that are delivered, returned, cancelled, declined and waiting, each as is right."""
    log = OrdersLog()
    for order_id in ("delivered", "returned", "cancelled", "declined", "waiting"):
        log.order(order_id)
        log.step(order_id, "INITIATED")
        log.command(order_id, "AUTHORIZE_PAYMENT")
    for order_id in ("delivered", "cancelled"):
        log.paid(order_id)
        log.decided(order_id)
        log.step(order_id, "INITIATED")
    deliver(log, "delivered")

    log.paid("returned")
    log.decided("returned", "REVIEW")
    log.step("returned", "IN_REVIEW")
    log.outcome("returned", "LEGITIMATE")
    deliver(log, "returned")
    log.step("returned", "RETURNED")
    log.told_stock("returned", "RESTOCKED")
    log.command("returned", "REFUND_PAYMENT")
    log.points("returned", -30, "RETURNED")
    log.message("returned", "ORDER_RETURNED")

    confirm(log, "cancelled")
    log.step("cancelled", "CANCELLED")
    log.told_stock("cancelled", "RELEASED")
    log.answered("cancelled", "RELEASED")
    log.command("cancelled", "REFUND_PAYMENT")
    log.message("cancelled", "ORDER_CANCELLED")

    log.decided("declined", "DECLINE")
    log.step("declined", "REJECTED")
    log.paid("declined")  # late, so it is given back at once
    log.step("declined", "REJECTED")
    log.command("declined", "REFUND_PAYMENT")

    log.decided("waiting")
    log.step("waiting", "INITIATED")
    waits = {"state": "INITIATED", "waiting_for": "PAYMENT", "waited_ms": 900 * SECOND}
    log.of("orders.delays", "waiting", **waits)
    log.dead_letter(log.raw("orders.initiated"))
    return log
