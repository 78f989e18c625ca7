"""The rules of a sku's stock. `docs/inventory.md` tells them to their users.

Each rule is handed the sku's `Stock` to keep: it changes it in place, returns the outputs of its
step, and makes no step at all when there is nothing to change and nobody to answer. What holds
after each: at every warehouse available = total - reserved - committed, and never below zero.
Only `cover_loss` looks at more than one reservation.
"""

from collections.abc import Callable
from typing import Any, Final

from udfs.contract import Outcome, View, WakeUp
from udfs.inventory.events import (
    SHIPPING_COSTS,
    Adjusted,
    Committed,
    InventoryEvent,
    Released,
    ReserveRequested,
    Restocked,
    Shipped,
)
from udfs.inventory.lifecycle import REMEMBERED_MS, close, commit, expire, give_back, hold
from udfs.inventory.losses import cover_loss
from udfs.inventory.routing import cheapest_warehouse
from udfs.inventory.state import (
    COMMITTED,
    EXPIRED,
    REJECTED,
    RELEASED,
    RESERVED,
    SHIPPED,
    Reservation,
    Stock,
)
from udfs.inventory.step import Output, Step, policy_of

INSUFFICIENT_STOCK: Final = "INSUFFICIENT_STOCK"
UNKNOWN_RESERVATION: Final = "UNKNOWN_RESERVATION"
NOT_COMMITTED: Final = "NOT_COMMITTED"
CLOSED: Final = {
    EXPIRED: "RESERVATION_EXPIRED",
    REJECTED: "RESERVATION_REJECTED",
    RELEASED: "RESERVATION_RELEASED",
    SHIPPED: "RESERVATION_SHIPPED",
}
"""Why a reservation of this status can no longer be committed, released or shipped."""


def decide(stock: Stock | None, event: InventoryEvent | WakeUp, view: View) -> Outcome:
    """Apply one event, or wake-up of a reservation, to its sku."""
    if stock is None:
        stock = Stock()
    outputs = _RULES[type(event)](stock, event, view)
    return Outcome(stock if stock.sequence else None, outputs)


def on_restocked(stock: Stock, event: Restocked, view: View) -> list[Output]:
    """Add the delivered units (>= 1)."""
    step = Step(stock, view, event)
    step.change(event.warehouse_id, total=event.quantity)
    return step.finish(delivered=True)


def on_adjusted(stock: Stock, event: Adjusted, view: View) -> list[Output]:
    """Correct a warehouse's total by a signed number of units; it does not fall below 0.

    A loss of units that were promised moves or releases reservations: see `cover_loss`.
    """
    shelf = stock.warehouses.get(event.warehouse_id)
    known = shelf.total if shelf else 0
    quantity = max(event.quantity, -known)
    if quantity == 0:
        return []
    step = Step(stock, view, event)
    shelf = step.change(event.warehouse_id, total=quantity)
    if shelf.available < 0:
        cover_loss(step, event.warehouse_id, shelf, event.event_time)
    return step.finish(delivered=quantity > 0)


def on_reserve_requested(stock: Stock, event: ReserveRequested, view: View) -> list[Output]:
    """Reserve all units at one warehouse until the policy's timeout, or reject the request.

    A repeated reservation_id gets the first decision again and changes nothing.
    """
    known: Reservation | None = view.children.get(event.reservation_id)
    step = Step(stock, view, event)
    if known is not None:
        _repeat_decision(step, event.reservation_id, known)
        return step.finish()

    warehouse_id = _warehouse_for(stock, event, view)
    if warehouse_id is None:
        rejected = Reservation(
            status=REJECTED,
            quantity=event.quantity,
            sequence=step.sequence,
            order_id=event.order_id,
        )
        close(step, event.reservation_id, rejected, REJECTED, event.event_time, INSUFFICIENT_STOCK)
        step.announce(event.reservation_id, rejected, REJECTED, INSUFFICIENT_STOCK)
        return step.finish()

    expires_at = event.event_time + policy_of(view).reservation_timeout_s * 1000
    reservation = Reservation(
        status=RESERVED,
        quantity=event.quantity,
        sequence=step.sequence,
        expires_at=expires_at,
        warehouse_id=warehouse_id,
        first_warehouse_id=warehouse_id,
        order_id=event.order_id,
        ship_to_region=event.ship_to_region,
    )
    hold(step, reservation)
    view.children.put(event.reservation_id, reservation, wake_at=expires_at)
    step.announce(event.reservation_id, reservation, RESERVED)
    return step.finish()


def _warehouse_for(stock: Stock, event: ReserveRequested, view: View) -> str | None:
    """The warehouse to reserve at: the one asked for if it has the units, else the cheapest."""
    if event.warehouse_id is None:
        costs = view.reference(SHIPPING_COSTS)
        return cheapest_warehouse(stock.warehouses, event.quantity, event.ship_to_region, costs)
    shelf = stock.warehouses.get(event.warehouse_id)
    if shelf is None or shelf.available < event.quantity:
        return None
    return event.warehouse_id


def _repeat_decision(step: Step, reservation_id: str, known: Reservation) -> None:
    """Say again how the request was first decided, whatever has become of it since."""
    if known.status == REJECTED:
        step.announce(reservation_id, known, REJECTED, known.reason)
    else:
        step.announce(reservation_id, known, RESERVED, warehouse_id=known.first_warehouse_id)


def on_committed(stock: Stock, event: Committed, view: View) -> list[Output]:
    """Make reserved units firm: they no longer time out."""
    step = Step(stock, view, event)
    reservation = _open_reservation(step, event, view.children.get(event.reservation_id))
    if reservation is None:
        return step.finish()
    if reservation.status == RESERVED:
        commit(step, reservation)
        view.children.put(event.reservation_id, reservation)
    step.announce(event.reservation_id, reservation, COMMITTED)
    return step.finish()


def on_released(stock: Stock, event: Released, view: View) -> list[Output]:
    """Give reserved or committed units back."""
    step = Step(stock, view, event)
    known: Reservation | None = view.children.get(event.reservation_id)
    if known is not None and known.status == RELEASED:
        step.announce(event.reservation_id, known, RELEASED, known.reason)
        return step.finish()
    reservation = _open_reservation(step, event, known)
    if reservation is not None:
        give_back(step, reservation)
        close(step, event.reservation_id, reservation, RELEASED, event.event_time)
        step.announce(event.reservation_id, reservation, RELEASED)
    return step.finish()


def on_shipped(stock: Stock, event: Shipped, view: View) -> list[Output]:
    """Take committed units out of the warehouse; only the availability says so."""
    step = Step(stock, view, event)
    reservation = _open_reservation(step, event, view.children.get(event.reservation_id))
    if reservation is None:
        return step.finish()
    if reservation.status == RESERVED:
        step.announce(event.reservation_id, reservation, REJECTED, NOT_COMMITTED)
        return step.finish()
    assert reservation.warehouse_id is not None, "a committed reservation has a warehouse"
    units = reservation.quantity
    step.change(reservation.warehouse_id, total=-units, committed=-units)
    close(step, event.reservation_id, reservation, SHIPPED, event.event_time)
    return step.finish()


def _open_reservation(
    step: Step, event: Committed | Released | Shipped, reservation: Reservation | None
) -> Reservation | None:
    """The reservation the event is about if RESERVED or COMMITTED; else answer why not, and None.

    One that lapsed by the event's own time expires here, since its wake-up may still be coming:
    the answer depends on the times that events carry, not on which of the two came first.
    """
    if reservation is None:
        step.answer(
            event.reservation_id, event.order_id, None, 0, REJECTED, UNKNOWN_RESERVATION, None
        )
        return None
    expires_at = reservation.expires_at
    if reservation.status == RESERVED and expires_at is not None and event.event_time >= expires_at:
        expire(step, event.reservation_id, reservation, expires_at)
    if reservation.closed_at is None:
        return reservation
    step.announce(event.reservation_id, reservation, REJECTED, CLOSED[reservation.status])
    return None


def on_wake_up(stock: Stock, wake_up: WakeUp, view: View) -> list[Output]:
    """Expire the reservation if it is still uncommitted, or forget it if it closed 24 h ago.

    A wake-up that comes for a reservation that has moved on meanwhile does nothing.
    """
    if wake_up.child_id is None:
        return []
    reservation: Reservation | None = view.children.get(wake_up.child_id)
    if reservation is None:
        return []
    if reservation.closed_at is not None:
        if wake_up.event_time >= reservation.closed_at + REMEMBERED_MS:
            view.children.remove(wake_up.child_id)
        return []
    expires_at = reservation.expires_at
    if reservation.status != RESERVED or expires_at is None or wake_up.event_time < expires_at:
        return []
    step = Step(stock, view, wake_up)
    expire(step, wake_up.child_id, reservation, expires_at)
    return step.finish()


_RULES: Final[dict[type, Callable[[Stock, Any, View], list[Output]]]] = {
    Restocked: on_restocked,
    Adjusted: on_adjusted,
    ReserveRequested: on_reserve_requested,
    Committed: on_committed,
    Released: on_released,
    Shipped: on_shipped,
    WakeUp: on_wake_up,
}
