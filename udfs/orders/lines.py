"""What the inventory's answers mean to an order: line by line, until all lines agree."""

from typing import Final

from udfs.orders.events import ReservationStep
from udfs.orders.state import Line, LineStatus, Order, State
from udfs.orders.table import Trigger

ALREADY_SHIPPED: Final = "RESERVATION_SHIPPED"
"""The inventory's reason for refusing what comes after SHIPPED: nothing is lost then."""

HELD: Final = (LineStatus.ASKED, LineStatus.RESERVED, LineStatus.COMMITTED)
"""A line of these may have units at the inventory, which are to be released."""


def reservation_id(order_id: str, index: int) -> str:
    """The name of the reservation of the order's line `index` (from 0)."""
    return f"{order_id}/{index}"


def line_of(order: Order, event: ReservationStep) -> Line | None:
    """The line that the event is about, if the order has asked for its units."""
    index = event.reservation_id.rpartition("/")[2]
    if not (index.isascii() and index.isdecimal()) or len(index) > 9:
        return None
    number = int(index)
    if number >= len(order.lines) or event.reservation_id != reservation_id(event.order_id, number):
        return None
    line = order.lines[number]
    asked = line.status != LineStatus.NOT_ASKED and line.sku == event.sku
    return line if asked else None


def on_reservation_step(order: Order, event: ReservationStep) -> Trigger | None:
    """The inventory says what became of a line.

    One that was cancelled or rejected has released its lines: whatever is said of them then was on
    its way, or answers that.
    """
    line = line_of(order, event)
    if line is None:
        return Trigger.RESERVATION_UNEXPECTED
    trigger = _on_step_of(order, line, event)
    return None if order.state in (State.CANCELLED, State.REJECTED) else trigger


def _on_step_of(order: Order, line: Line, event: ReservationStep) -> Trigger | None:
    match event.status:
        case "RESERVED":
            return _on_reserved(order, line, event)
        case "REROUTED":
            return _on_rerouted(line, event)
        case "COMMITTED":
            return _on_committed(order, line)
        case _:
            return _on_lost(line, event)


def _on_reserved(order: Order, line: Line, event: ReservationStep) -> Trigger | None:
    if line.status in (LineStatus.RESERVED, LineStatus.COMMITTED):
        return None  # the first decision, said again
    if line.status == LineStatus.LOST:
        return Trigger.RESERVATION_UNEXPECTED
    line.status = LineStatus.RESERVED
    line.warehouse_id = event.warehouse_id
    all_reserved = order.every_line(LineStatus.RESERVED)
    return Trigger.LINES_RESERVED if all_reserved else Trigger.LINE_RESERVED


def _on_rerouted(line: Line, event: ReservationStep) -> Trigger | None:
    if line.status == LineStatus.LOST:
        return Trigger.RESERVATION_UNEXPECTED
    if line.warehouse_id == event.warehouse_id:
        return None
    line.warehouse_id = event.warehouse_id
    return Trigger.LINE_REROUTED


def _on_committed(order: Order, line: Line) -> Trigger | None:
    if line.status == LineStatus.COMMITTED:
        return None
    if line.status != LineStatus.RESERVED or not order.commit_asked:
        return Trigger.RESERVATION_UNEXPECTED
    line.status = LineStatus.COMMITTED
    all_committed = order.every_line(LineStatus.COMMITTED)
    return Trigger.LINES_COMMITTED if all_committed else Trigger.LINE_COMMITTED


def _on_lost(line: Line, event: ReservationStep) -> Trigger | None:
    """Rejected, expired, or released by the inventory: it may say so in two records."""
    if event.reason == ALREADY_SHIPPED:
        return Trigger.RESERVATION_UNEXPECTED
    if line.status == LineStatus.LOST:
        return None
    line.status = LineStatus.LOST
    return Trigger.LINE_LOST
