"""One event's way through the table: the steps that it makes, and the records that say so."""

from typing import Any

from udfs.orders.causes import MEANINGS, refuse
from udfs.orders.events import COMMANDS, LIFECYCLE
from udfs.orders.state import Order
from udfs.orders.table import TABLE, Transition, Trigger

Output = tuple[str, dict[str, Any]]


class Step:
    """What an event makes an order do, at `at` (epoch ms); `cause_id` is the event's id.

    Every record gets an id of its own making, from the order and what it is: ids of events are
    unique in their topic only, and a command must not be taken for a repeat of another one.
    """

    __slots__ = ("at", "cause_id", "order", "order_id", "outputs")

    def __init__(
        self, order: Order, order_id: str, cause_id: str, at: int, outputs: list[Output]
    ) -> None:
        self.order = order
        self.order_id = order_id
        self.cause_id = cause_id
        self.at = at
        self.outputs = outputs

    def take(self, trigger: Trigger, note: str = "") -> Transition | None:
        """Move the order and say so, or refuse; the transition, whose actions are to be done."""
        order = self.order
        before = order.known
        transition = TABLE.get((before, trigger))
        if transition is None:
            cause, explanation = refuse(before, trigger)
        else:
            cause, explanation = trigger.value, MEANINGS[trigger]
            if transition.to != before:
                order.state = transition.to
                order.entered_at = self.at
        order.sequence += 1
        self.put(
            LIFECYCLE,
            f"{order.sequence}",
            customer_id=order.customer_id,
            from_state=before.value,
            to_state=order.known.value,
            cause=cause,
            explanation=f"{explanation} ({note})" if note else explanation,
            sequence=order.sequence,
            cause_id=self.cause_id,
        )
        return transition

    def command(
        self,
        command: str,
        amount_minor: int | None = None,
        currency: str | None = None,
        lines: list[dict[str, Any]] | None = None,
    ) -> None:
        """Tell payment provider or warehouse what to do; an order gives each command once."""
        self.put(
            COMMANDS,
            command,
            command=command,
            amount_minor=amount_minor,
            currency=currency,
            lines=lines or [],
        )

    def put(self, topic: str, name: str, **fields: Any) -> None:
        """Add a record about the order; `name` tells it from the order's others in the topic."""
        record = {
            "event_id": f"{self.order_id}/{name}",
            "event_time": self.at,
            "order_id": self.order_id,
            **fields,
        }
        self.outputs.append((topic, record))
