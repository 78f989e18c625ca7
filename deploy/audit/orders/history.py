"""All that the log says of one order, side by side."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from deploy.audit.log import Entry
from deploy.audit.orders import contract
from deploy.audit.orders.inputs import Coordinates, Placed, coordinates

Record = Mapping[str, Any]


@dataclass(slots=True)
class Line:
    """A line of an order: what inventory was told of its reservation, and what it answered."""

    reservation_id: str
    sku: str
    quantity: int
    told: list[Record] = field(default_factory=list)
    answers: list[Record] = field(default_factory=list)

    def count(self, event_type: str) -> int:
        """How often inventory was told `event_type`."""
        return sum(event["event_type"] == event_type for event in self.told)

    def answered(self, *statuses: str) -> list[Record]:
        """The answers of one of these statuses, in the order of the log."""
        return [answer for answer in self.answers if answer["status"] in statuses]

    @property
    def is_lost(self) -> bool:
        """Whether inventory took the units back unasked: it was too late, or they were gone."""
        taken = bool(self.answered("EXPIRED", "RELEASED"))
        return taken and not self.count("RELEASED")


@dataclass(slots=True)
class History:
    """An order and the records that are about it, each kind in the order of its partition."""

    order: Record
    lines: list[Line]
    steps: list[Record] = field(default_factory=list)
    commands: list[Record] = field(default_factory=list)
    payments: list[Record] = field(default_factory=list)
    decisions: list[Record] = field(default_factory=list)
    outcomes: list[Record] = field(default_factory=list)
    delays: list[Record] = field(default_factory=list)
    loyalty: list[Record] = field(default_factory=list)
    messages: list[Record] = field(default_factory=list)
    restocks: list[Record] = field(default_factory=list)

    @classmethod
    def of(cls, order: Record) -> "History":
        lines = [
            Line(contract.reservation_id(order["order_id"], n), line["sku"], line["quantity"])
            for n, line in enumerate(order["lines"])
        ]
        return cls(order, lines)

    @property
    def order_id(self) -> str:
        return str(self.order["order_id"])

    @property
    def state(self) -> str | None:
        """Where the order is now; None if nothing was told of it."""
        return self.steps[-1]["to_state"] if self.steps else None

    @property
    def visited(self) -> set[str]:
        """The states that the order was in."""
        return {step["to_state"] for step in self.steps}

    @property
    def entered_at(self) -> int:
        """When it came to where it is (epoch ms); call it on an order that has steps."""
        moves = [step for step in self.steps if step["from_state"] != step["to_state"]]
        return int((moves or self.steps[:1])[-1]["event_time"])

    def told(self, command: str) -> list[Record]:
        """The commands of that name."""
        return [record for record in self.commands if record["command"] == command]

    def authorized(self) -> Record | None:
        """The authorization of its payment: the first that suffices, or else the last."""
        found = [p for p in self.payments if p["event_type"] == "AUTHORIZED"]
        price, currency = self.order["amount_minor"], self.order["currency"]
        fitting = [p for p in found if p["currency"] == currency and p["amount_minor"] >= price]
        return next(iter(fitting or found[-1:]), None)

    def is_given_back_unasked(self) -> bool:
        """Whether the provider refunded by itself, so before the order ended without delivery."""
        ended = self.state in contract.UNPAID
        return any(
            payment["event_type"] == "REFUNDED"
            and not (ended and payment["event_time"] >= self.entered_at)
            for payment in self.payments
        )


@dataclass
class Histories:
    """Every order's history, and the steps that belong to no order that was placed."""

    by_order: dict[str, History]
    strays: list[tuple[str, Record]] = field(default_factory=list)


OWN = (contract.LIFECYCLE, contract.COMMANDS, contract.DELAYS, contract.LOYALTY)


def gather(placed: Placed, entries: Iterable[Entry], dead: set[Coordinates]) -> Histories:
    """Hand every record to the order that it is about; what was set aside counts for nothing."""
    histories = Histories({name: History.of(order) for name, order in placed.orders.items()})
    lines = {line.reservation_id: line for h in histories.by_order.values() for line in h.lines}
    for entry in entries:
        record = entry.record
        if record is None or coordinates(entry) in dead:
            continue
        if entry.topic == contract.STOCK:
            _take_stock(histories, lines, record)
        elif entry.topic == contract.RESERVATIONS:
            if record["reservation_id"] in lines:
                lines[record["reservation_id"]].answers.append(record)
        else:
            _take(histories, entry.topic, record)
    return histories


def _take(histories: Histories, topic: str, record: Record) -> None:
    is_message = topic == contract.MESSAGES
    order_id = (record["parameters"] if is_message else record).get("order_id")
    history = histories.by_order.get(order_id or "")
    if history is None:
        if topic in OWN:
            histories.strays.append((topic, record))
        return
    kept: dict[str, list[Record]] = {
        contract.LIFECYCLE: history.steps,
        contract.COMMANDS: history.commands,
        contract.PAYMENTS: history.payments,
        contract.DECISIONS: history.decisions,
        contract.OUTCOMES: history.outcomes,
        contract.DELAYS: history.delays,
        contract.LOYALTY: history.loyalty,
        contract.MESSAGES: history.messages,
    }
    if topic in kept:
        kept[topic].append(record)


def _take_stock(histories: Histories, lines: dict[str, Line], event: Record) -> None:
    line = lines.get(event["reservation_id"] or "")
    if event["event_type"] == "RESTOCKED":
        owner = line.reservation_id.rpartition("/")[0] if line else event["order_id"]
        history = histories.by_order.get(owner or "")
        if history is not None:
            history.restocks.append(event)
    elif line is not None:
        line.told.append(event)
