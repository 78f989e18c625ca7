"""What happens to promises when a warehouse turns out to have fewer units than it promised."""

from typing import Final

from udfs.inventory.events import SHIPPING_COSTS
from udfs.inventory.lifecycle import close, give_back, hold
from udfs.inventory.routing import cheapest_warehouse
from udfs.inventory.state import COMMITTED, RELEASED, REROUTED, RESERVED, Reservation, Shelf
from udfs.inventory.step import Step

STOCK_LOST: Final = "STOCK_LOST"


def cover_loss(step: Step, warehouse_id: str, shelf: Shelf, at: int) -> None:
    """Move, then release, reservations of an over-promised shelf until its promises hold again.

    The newest give way first: who asked first keeps what was promised. Nothing is moved or
    released that need not be, and only whole reservations are. `at`: the loss's time (epoch ms).

    Looks at all children of the sku, so its cost grows with their number: a loss that breaks a
    promise is rare.
    """
    held = [
        (reservation_id, reservation)
        for reservation_id, reservation in step.view.children.scan()
        if reservation.warehouse_id == warehouse_id
        and (reservation.status == RESERVED or reservation.status == COMMITTED)
    ]
    held.sort(key=lambda entry: -entry[1].sequence)

    stranded = []
    for reservation_id, reservation in held:
        if shelf.available >= 0:
            return
        if not _reroute(step, reservation_id, reservation):
            stranded.append((reservation_id, reservation))

    stranded.sort(key=lambda entry: entry[1].status == COMMITTED)  # stable: newest first in each
    for reservation_id, reservation in stranded:
        if shelf.available >= 0:
            return
        give_back(step, reservation)
        close(step, reservation_id, reservation, RELEASED, at, STOCK_LOST)
        step.announce(reservation_id, reservation, RELEASED, STOCK_LOST)


def _reroute(step: Step, reservation_id: str, reservation: Reservation) -> bool:
    """Move the reservation to the cheapest warehouse that can fill it whole, if there is one.

    Its present warehouse cannot be the answer: it has less than nothing available.
    """
    target = cheapest_warehouse(
        step.stock.warehouses,
        reservation.quantity,
        reservation.ship_to_region,
        step.view.reference(SHIPPING_COSTS),
    )
    if target is None:
        return False
    give_back(step, reservation)
    reservation.warehouse_id = target
    hold(step, reservation)
    waits = reservation.status == RESERVED
    step.view.children.put(
        reservation_id, reservation, wake_at=reservation.expires_at if waits else None
    )
    step.announce(reservation_id, reservation, REROUTED)
    return True
