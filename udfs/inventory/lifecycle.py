"""How a reservation holds its units, gives them back, lapses and is closed."""

from typing import Final

from udfs.inventory.state import COMMITTED, EXPIRED, Reservation, Status
from udfs.inventory.step import Step

REMEMBERED_MS: Final = 24 * 3_600_000
"""How long a closed reservation still answers repeats, in ms of event time."""


def hold(step: Step, reservation: Reservation) -> None:
    """Promise the reservation's units at its warehouse, reserved or committed as it is."""
    _promise(step, reservation, reservation.quantity)


def give_back(step: Step, reservation: Reservation) -> None:
    """Return the reservation's promised units, reserved or committed, to its warehouse."""
    _promise(step, reservation, -reservation.quantity)


def _promise(step: Step, reservation: Reservation, units: int) -> None:
    assert reservation.warehouse_id is not None, "only a rejected reservation has no warehouse"
    if reservation.status == COMMITTED:
        step.change(reservation.warehouse_id, committed=units)
    else:
        step.change(reservation.warehouse_id, reserved=units)


def commit(step: Step, reservation: Reservation) -> None:
    """Turn reserved units into committed ones, where they are."""
    assert reservation.warehouse_id is not None, "only a rejected reservation has no warehouse"
    units = reservation.quantity
    step.change(reservation.warehouse_id, reserved=-units, committed=units)
    reservation.status = COMMITTED


def close(
    step: Step,
    reservation_id: str,
    reservation: Reservation,
    status: Status,
    at: int,
    reason: str | None = None,
) -> None:
    """End the reservation at `at` (epoch ms), and remember it for 24 h more."""
    reservation.status = status
    reservation.reason = reason
    reservation.closed_at = at
    step.view.children.put(reservation_id, reservation, wake_at=at + REMEMBERED_MS)


def expire(step: Step, reservation_id: str, reservation: Reservation, expires_at: int) -> None:
    """Let a reservation lapse that nobody committed in time; its units go back."""
    give_back(step, reservation)
    close(step, reservation_id, reservation, EXPIRED, expires_at)
    step.announce(reservation_id, reservation, EXPIRED)
