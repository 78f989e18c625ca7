"""What the actions of the table do: commands, stock, points and messages.

An action says only what still applies: no money is given back that was never held, nothing is
released that was not asked for, and nothing is said twice.
"""

from collections.abc import Callable
from typing import Any, Final

from udfs.orders.events import INVENTORY_EVENTS, LOYALTY, NOTIFICATIONS
from udfs.orders.lines import HELD, reservation_id
from udfs.orders.state import LineStatus
from udfs.orders.step import Step
from udfs.orders.table import Action

MINOR_UNITS_A_POINT: Final = 100


def authorize_payment(step: Step) -> None:
    """Ask for the order's amount."""
    step.command("AUTHORIZE_PAYMENT", step.order.amount_minor, step.order.currency)


def request_step_up(step: Step) -> None:
    """Ask for the customer's authentication."""
    step.command("REQUEST_STEP_UP")


def capture_payment(step: Step) -> None:
    """Take the order's amount, now that every line is committed; once, never after a refund."""
    order = step.order
    if order.capture_asked or order.refund_asked or order.refunded:
        return
    order.capture_asked = True
    step.command("CAPTURE_PAYMENT", order.amount_minor, order.currency)


def refund_payment(step: Step) -> None:
    """Give back, once, what was to be captured, or else what was authorized."""
    order = step.order
    if order.held_minor is None or order.refund_asked or order.refunded:
        return
    order.refund_asked = True
    if order.capture_asked:
        step.command("REFUND_PAYMENT", order.amount_minor, order.currency)
    else:
        step.command("REFUND_PAYMENT", order.held_minor, order.held_currency)


def reserve_lines(step: Step) -> None:
    """Ask the inventory for every line."""
    for index, line in enumerate(step.order.lines):
        line.status = LineStatus.ASKED
        _tell_inventory(
            step,
            index,
            "RESERVE_REQUESTED",
            channel=step.order.channel,
            ship_to_region=step.order.region,
        )


def commit_lines(step: Step) -> None:
    """Make every reserved line firm."""
    step.order.commit_asked = True
    for index in range(len(step.order.lines)):
        _tell_inventory(step, index, "COMMITTED")


def ship_lines(step: Step) -> None:
    """Take the units off the inventory's books, once; those that it lost are not on them."""
    order = step.order
    if order.shipped:
        return
    order.shipped = True
    for index, line in enumerate(order.lines):
        if line.status != LineStatus.LOST:
            _tell_inventory(step, index, "SHIPPED")


def release_lines(step: Step) -> None:
    """Give up every line that was asked for and not lost."""
    for index, line in enumerate(step.order.lines):
        if line.status in HELD:
            _tell_inventory(step, index, "RELEASED")


def restock_lines(step: Step) -> None:
    """Put the units back, once, where they came from; those that were lost never left the books."""
    order = step.order
    if order.restocked:
        return
    order.restocked = True
    for index, line in enumerate(order.lines):
        if line.status != LineStatus.LOST and line.warehouse_id is not None:
            _tell_inventory(step, index, "RESTOCKED", warehouse_id=line.warehouse_id)


def _tell_inventory(
    step: Step,
    index: int,
    event_type: str,
    warehouse_id: str | None = None,
    channel: str | None = None,
    ship_to_region: str | None = None,
) -> None:
    line = step.order.lines[index]
    step.put(
        INVENTORY_EVENTS,
        f"{index}/{event_type}",
        event_type=event_type,
        sku=line.sku,
        warehouse_id=warehouse_id,
        quantity=line.quantity,
        reservation_id=reservation_id(step.order_id, index),
        channel=channel,
        ship_to_region=ship_to_region,
    )


def pick_and_pack(step: Step) -> None:
    """Tell the warehouses what to pick."""
    lines: list[dict[str, Any]] = [
        {"sku": line.sku, "quantity": line.quantity, "warehouse_id": line.warehouse_id}
        for line in step.order.lines
    ]
    step.command("PICK_AND_PACK", lines=lines)


def accrue_points(step: Step) -> None:
    """Give a point for every whole 100 minor units of the order's amount."""
    points = step.order.amount_minor // MINOR_UNITS_A_POINT
    if points:
        step.order.points = points
        _change_points(step, points, "DELIVERED")


def take_back_points(step: Step) -> None:
    """Take back what the order gave, if it gave any."""
    points, step.order.points = step.order.points, 0
    if points:
        _change_points(step, -points, "RETURNED")


def _change_points(step: Step, points: int, reason: str) -> None:
    step.put(LOYALTY, reason, customer_id=step.order.customer_id, points=points, reason=reason)


def notify(template: str, channel: str = "EMAIL") -> Callable[[Step], None]:
    """An action that sends the customer a message; an order sends each once."""

    def send(step: Step) -> None:
        order = step.order
        parameters = {
            "order_id": step.order_id,
            "amount_minor": str(order.amount_minor),
            "currency": order.currency,
        }
        if order.tracking_number:
            parameters["tracking_number"] = order.tracking_number
        if order.carrier:
            parameters["carrier"] = order.carrier
        record = {
            "event_id": f"{step.order_id}/{template}",
            "event_time": step.at,
            "customer_id": order.customer_id,
            "template": template,
            "channel": channel,
            "send_at": step.at,
            "parameters": parameters,
        }
        step.outputs.append((NOTIFICATIONS, record))

    return send


ACTIONS: Final[dict[Action, Callable[[Step], None]]] = {
    Action.AUTHORIZE_PAYMENT: authorize_payment,
    Action.REQUEST_STEP_UP: request_step_up,
    Action.RESERVE_LINES: reserve_lines,
    Action.COMMIT_LINES: commit_lines,
    Action.PICK_AND_PACK: pick_and_pack,
    Action.CAPTURE_PAYMENT: capture_payment,
    Action.SHIP_LINES: ship_lines,
    Action.RELEASE_LINES: release_lines,
    Action.RESTOCK_LINES: restock_lines,
    Action.REFUND_PAYMENT: refund_payment,
    Action.ACCRUE_POINTS: accrue_points,
    Action.TAKE_BACK_POINTS: take_back_points,
    Action.NOTIFY_STEP_UP: notify("STEP_UP_REQUESTED", "PUSH"),
    Action.NOTIFY_CONFIRMED: notify("ORDER_CONFIRMED"),
    Action.NOTIFY_SHIPPED: notify("ORDER_SHIPPED"),
    Action.NOTIFY_DELIVERED: notify("ORDER_DELIVERED"),
    Action.NOTIFY_CANCELLED: notify("ORDER_CANCELLED"),
    Action.NOTIFY_REJECTED: notify("ORDER_REJECTED"),
    Action.NOTIFY_RETURNED: notify("ORDER_RETURNED"),
}
