"""What the orders job remembers of an order.

All types but the kept events are stored as arrays: a new field goes to the end and has a default,
and a field is never renamed to mean something else, moved or removed, or stored state becomes
unreadable. An order's size is bounded: by its lines, and by `MAX_EARLY` events kept before it came.
"""

from enum import StrEnum
from typing import Final

import msgspec

from udfs.contract import Source
from udfs.orders.events import LaterEvent

MAX_EARLY: Final = 64
"""Events kept for an order that has not come: several times what an order's whole life has."""


class State(StrEnum):
    """Where an order is; `docs/orders.md` shows how it gets there."""

    INITIATED = "INITIATED"
    STEP_UP = "STEP_UP"
    IN_REVIEW = "IN_REVIEW"
    RESERVING = "RESERVING"
    CONFIRMED = "CONFIRMED"
    PACKED = "PACKED"
    SHIPPED = "SHIPPED"
    DELIVERED = "DELIVERED"
    CANCELLED = "CANCELLED"
    RETURNED = "RETURNED"
    REJECTED = "REJECTED"


TERMINAL: Final = frozenset({State.CANCELLED, State.RETURNED, State.REJECTED})
ON_ITS_WAY: Final = (State.CONFIRMED, State.PACKED, State.SHIPPED, State.DELIVERED)
"""States of an order whose every line was reserved."""


class LineStatus(StrEnum):
    """What the inventory is known to think of a line.

    LOST: it holds nothing for the line any more, or never did; not by our own wish.
    """

    NOT_ASKED = "NOT_ASKED"
    ASKED = "ASKED"
    RESERVED = "RESERVED"
    COMMITTED = "COMMITTED"
    LOST = "LOST"


class Line(msgspec.Struct, array_like=True, gc=False):
    """`quantity` units of a sku, and where they are to come from."""

    sku: str
    quantity: int
    status: LineStatus = LineStatus.NOT_ASKED
    warehouse_id: str | None = None


class Wait(msgspec.Struct, array_like=True, gc=False):
    """Something that the order waits for, since when (epoch ms), and whether that was told."""

    waiting_for: str
    since: int
    told: bool = False


class Early(msgspec.Struct, array_like=True):
    """An event that came before its order, and the record that it came in."""

    event: LaterEvent
    source: Source


class Order(msgspec.Struct, array_like=True):
    """An order's entity state: where it is, and the facts by which an event's trigger is told.

    state: None until the order itself has come; then only `early` counts.
    initiated_id: event_id of the order, by which a repeat is known.
    region: where it goes, as the inventory's shipping costs name it.
    sequence: lifecycle records written so far.
    entered_at: when the present state was entered (epoch ms).
    decision_id: the fraud decision that counted; None before it.
    vouched_by: who called the order legitimate before the fraud decision came.
    cleared: nothing of fraud stands in its way any more.
    held_minor, held_currency: the last authorization; None before the first, kept when refunded.
    paid: an authorization sufficed.
    shipped, restocked: the inventory was told that the units left, and that they came back.
    points: loyalty points that the customer has for this order now.
    """

    state: State | None = None
    early: list[Early] = []
    initiated_id: str = ""
    customer_id: str = ""
    amount_minor: int = 0
    currency: str = ""
    channel: str = ""
    region: str | None = None
    lines: list[Line] = []
    sequence: int = 0
    entered_at: int = 0
    decision_id: str | None = None
    vouched_by: str | None = None
    cleared: bool = False
    held_minor: int | None = None
    held_currency: str | None = None
    paid: bool = False
    capture_asked: bool = False
    captured: bool = False
    refund_asked: bool = False
    refunded: bool = False
    commit_asked: bool = False
    shipped: bool = False
    restocked: bool = False
    points: int = 0
    tracking_number: str | None = None
    carrier: str | None = None
    waits: list[Wait] = []

    @property
    def known(self) -> State:
        """The state of an order that has come."""
        assert self.state is not None, "only an order that has come has a state"
        return self.state

    def every_line(self, status: LineStatus) -> bool:
        """Whether all lines have the status."""
        return all(line.status == status for line in self.lines)
