"""The world around the shop, which answers what the jobs decide: the payment provider, customers,
reviewers and the warehouse. It knows no Kafka and no clock: it is told what was read, and when.

How it answers for an order is the order's fate; when an answer comes depends on the command.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from heapq import heappop, heappush
from typing import NamedTuple

from deploy.simulate.answers import (
    OUTCOMES,
    PAYMENTS,
    REQUESTS,
    SHIPMENTS,
    outcome,
    payment,
    request,
    shipment,
)
from deploy.simulate.fate import Mishaps
from deploy.simulate.orders import INITIATED, Order
from deploy.simulate.sending import Kind, Record, Sending, Tally

COMMANDS = "orders.commands"
LIFECYCLE = "orders.lifecycle"
READS = (COMMANDS, LIFECYCLE)
WRITES = (INITIATED, PAYMENTS, OUTCOMES, SHIPMENTS, REQUESTS)

# without a word from the jobs for so long, none runs, or nothing more comes
QUIET_S = 6.0
# but jobs that owe a word may be restarting
PATIENCE_S = 30.0
ENDED = frozenset({"CANCELLED", "REJECTED", "RETURNED"})


class Planned(NamedTuple):
    """What will be sent at `due` (epoch ms); `number` keeps what is due together in order."""

    due: int
    number: int
    sending: Sending


@dataclass
class _Known:
    """An order that was placed. paid_at: when the provider says the last that is planned."""

    order: Order
    state: str = ""
    is_authorized: bool = False
    paid_at: int = 0

    @property
    def is_settled(self) -> bool:
        """Whether no more is to be expected of the jobs, whatever the world does."""
        fate = self.order.fate
        if self.state == "DELIVERED":
            return fate.returns_after_s is None
        if self.state == "STEP_UP":
            return fate.step_up is None
        return self.state in ENDED


class World:
    """Everybody around the shop, for the orders that were placed in it.

    `tally` counts what was handed out. All times are epoch ms.
    """

    def __init__(self, tally: Tally) -> None:
        self._tally = tally
        self._orders: dict[str, _Known] = {}
        self._taken: set[str] = set()
        self._agenda: list[Planned] = []
        self._numbers = 0
        self._has_heard = False
        self._placed_at = self._active_at = 0

    def place(self, order: Order, now: int) -> list[Planned]:
        """The order is sent at `now`, with its mishaps; its customer may want out later."""
        self._orders[order.order_id] = _Known(order)
        self._tally.labels[order.order_id] = order.label
        self._placed_at = self._active_at = now
        record, fate = order.record, order.fate
        first = Sending(Kind.ORDER, INITIATED, order.customer_id, record, record["event_time"])
        planned = self._plan_with(fate.order_mishaps, now, first)
        if fate.cancels_after_s is not None:
            due = now + _ms(fate.cancels_after_s)
            planned.append(self._plan(due, request(order, "CANCEL", "no longer wanted", due)))
        return planned

    def take(self, topic: str, record: Record, now: int) -> list[Planned]:
        """What follows from a record of one of `READS`; nothing if it was taken before.

        Records of orders that were not placed here (of an earlier run) are nobody's business.
        """
        known = self._orders.get(record["order_id"])
        if known is None:
            return []
        self._active_at, self._has_heard = now, True
        if record["event_id"] in self._taken:
            return []
        self._taken.add(record["event_id"])
        if topic == COMMANDS:
            return self._obey(known, record, now)
        if record["from_state"] != record["to_state"]:
            return self._follow(known, record, now)
        return []

    def due(self, now: int) -> Iterator[Sending]:
        """What is to be sent by `now`, in order, each once."""
        while self._agenda and self._agenda[0].due <= now:
            sending = heappop(self._agenda).sending
            # the warehouse puts a cancelled order's units back instead
            if sending.kind is Kind.SHIPMENT and self._orders[sending.key].state == "CANCELLED":
                continue
            self._active_at = now
            self._tally.sent[sending.kind] += 1
            yield sending

    @property
    def unsettled(self) -> int:
        """Orders of which the jobs still have something to say."""
        return sum(not known.is_settled for known in self._orders.values())

    def has_ended(self, now: int) -> bool:
        """Whether nothing is planned, and after this silence nothing more is to be expected.

        Where no job has ever said anything, what is planned does not count: nobody listens.
        """
        if not self._orders:
            return True
        if not self._has_heard:
            return now - self._placed_at >= QUIET_S * 1000
        silence_s = (now - self._active_at) / 1000
        if self._agenda or silence_s < QUIET_S:
            return False
        return silence_s >= PATIENCE_S or not self.unsettled

    def _obey(self, known: _Known, command: Record, now: int) -> list[Planned]:
        order, fate, cause = known.order, known.order.fate, command["event_id"]
        match command["command"]:
            case "AUTHORIZE_PAYMENT":
                return self._authorize(known, command, now)
            case "CAPTURE_PAYMENT":
                # the provider has nothing to capture of what it declined, and says so again
                said = "CAPTURED" if known.is_authorized else "DECLINED"
                return [self._pay(known, command, said, now + _ms(fate.captured_s))]
            case "REFUND_PAYMENT" if known.is_authorized:
                return [self._pay(known, command, "REFUNDED", now + _ms(fate.refunded_s))]
            case "REQUEST_STEP_UP" if fate.step_up is not None:
                due = now + _ms(fate.step_up_s)
                return [self._plan(due, outcome(order, fate.step_up, "CUSTOMER", cause, due))]
            case "PICK_AND_PACK":
                return self._pick_and_pack(order, cause, now)
        return []

    def _authorize(self, known: _Known, command: Record, now: int) -> list[Planned]:
        order, fate = known.order, known.order.fate
        known.is_authorized = not fate.is_declined
        said = "AUTHORIZED" if known.is_authorized else "DECLINED"
        due = known.paid_at = now + _ms(fate.authorized_s)
        event_time = due - _ms(fate.payment_mishaps.late_by_s)
        first = payment(order, command, said, event_time)
        planned = self._plan_with(fate.payment_mishaps, due, first)
        if fate.authorized_again_s is not None:
            again = due + _ms(fate.authorized_again_s)
            another = {**command, "event_id": f"{command['event_id']}-again"}
            planned.append(self._plan(again, payment(order, another, said, again)))
        return planned

    def _pay(self, known: _Known, command: Record, said: str, due: int) -> Planned:
        """The provider speaks of an order in the order of the commands."""
        known.paid_at = max(due, known.paid_at + 1)
        return self._plan(known.paid_at, payment(known.order, command, said, known.paid_at))

    def _pick_and_pack(self, order: Order, cause: str, now: int) -> list[Planned]:
        planned, due = [], now
        steps = ("PICKED", "PACKED", "SHIPPED", "DELIVERED")
        for step, after_s in zip(steps, order.fate.parcel_s, strict=True):
            due += _ms(after_s)
            planned.append(self._plan(due, shipment(order, step, cause, due)))
        return planned

    def _follow(self, known: _Known, step: Record, now: int) -> list[Planned]:
        """The order has come to a new state."""
        order, fate, cause = known.order, known.order.fate, step["event_id"]
        known.state = step["to_state"]
        truth = "FRAUD" if order.label.is_fraud else "LEGITIMATE"
        if known.state == "IN_REVIEW":
            due = now + _ms(fate.reviewed_s)
            return [self._plan(due, outcome(order, truth, "REVIEWER", cause, due))]
        if known.state != "DELIVERED":
            return []
        planned = []
        if fate.judged_after_s is not None:
            source = "CHARGEBACK" if order.label.is_fraud else "REVIEWER"
            due = now + _ms(fate.judged_after_s)
            planned.append(self._plan(due, outcome(order, truth, source, cause, due)))
        if fate.returns_after_s is not None:
            due = now + _ms(fate.returns_after_s)
            planned.append(self._plan(due, request(order, "RETURN", "does not fit", due)))
            due += _ms(fate.received_after_s)
            planned.append(self._plan(due, shipment(order, "RETURN_RECEIVED", cause, due)))
        return planned

    def _plan_with(self, mishaps: Mishaps, due: int, sending: Sending) -> list[Planned]:
        planned = [self._plan(due, sending)]
        self._tally.late += bool(mishaps.late_by_s)
        if mishaps.again_after_s is not None:
            again = sending._replace(kind=Kind.DUPLICATE)
            planned.append(self._plan(due + _ms(mishaps.again_after_s), again))
        if mishaps.garbage is not None:
            garbage = sending._replace(kind=Kind.BAD_BYTES, record=mishaps.garbage, event_time=due)
            planned.append(self._plan(due, garbage))
        return planned

    def _plan(self, due: int, sending: Sending) -> Planned:
        self._numbers += 1
        planned = Planned(due, self._numbers, sending)
        heappush(self._agenda, planned)
        return planned


def _ms(seconds: float) -> int:
    return round(seconds * 1000)
