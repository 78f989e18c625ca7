"""One numbered step of a sku: what changed and was decided, and the records that say so."""

from typing import Any, Final

from udfs.contract import View, WakeUp
from udfs.inventory.events import (
    ALERTS,
    AVAILABILITY,
    POLICIES,
    RESERVATIONS,
    SkuEvent,
    StockPolicy,
)
from udfs.inventory.state import RESERVED, SOME_TIME, Reservation, Shelf, Stock

Output = tuple[str, dict[str, Any]]

EVERY_SKU: Final = "*"
NO_POLICY: Final = StockPolicy(sku=EVERY_SKU)


def policy_of(view: View) -> StockPolicy:
    """The sku's own policy, else the one of "*", else no alerts and a timeout of 900 s."""
    policies = view.reference(POLICIES)
    policy: StockPolicy | None = policies.get(view.entity) or policies.get(EVERY_SKU)
    return policy or NO_POLICY


class Step:
    """Takes the sku's next number, changes shelves, and collects the outputs in their order.

    Made only once it is known that the event changes the sku or gets an answer, so that numbers
    have no gaps. `cause` is the event_id of the event or wake-up, `at` its time (epoch ms).
    """

    __slots__ = (
        "_available_change",
        "_touched",
        "at",
        "cause",
        "outputs",
        "sequence",
        "stock",
        "view",
    )

    def __init__(self, stock: Stock, view: View, event: SkuEvent | WakeUp) -> None:
        stock.sequence += 1
        self.stock = stock
        self.view = view
        self.cause = event.event_id
        self.at = event.event_time
        self.sequence = stock.sequence
        self.outputs: list[Output] = []
        self._touched: dict[str, Shelf] = {}
        self._available_change = 0

    def change(
        self, warehouse_id: str, *, total: int = 0, reserved: int = 0, committed: int = 0
    ) -> Shelf:
        """Add the given units (negative: take them away) at a warehouse; its shelf afterwards."""
        shelf = self._touched.get(warehouse_id)
        if shelf is None:
            shelf = self.stock.warehouses.get(warehouse_id)
            if shelf is None:
                shelf = self.stock.warehouses[warehouse_id] = Shelf()
            self._touched[warehouse_id] = shelf
        shelf.total += total
        shelf.reserved += reserved
        shelf.committed += committed
        self._available_change += total - reserved - committed
        return shelf

    def announce(
        self,
        reservation_id: str,
        reservation: Reservation,
        status: str,
        reason: str | None = None,
        warehouse_id: str | None = None,
    ) -> None:
        """Say what was decided about a reservation; `warehouse_id` if not where it is now.

        Only what may still lapse is told when it does: an expiry on a firm or closed reservation
        would be read as a threat.
        """
        may_lapse = status == RESERVED or reservation.status == RESERVED
        self.answer(
            reservation_id,
            reservation.order_id,
            warehouse_id or reservation.warehouse_id,
            reservation.quantity,
            status,
            reason,
            reservation.expires_at if may_lapse else None,
        )

    def answer(
        self,
        reservation_id: str,
        order_id: str | None,
        warehouse_id: str | None,
        quantity: int,
        status: str,
        reason: str | None,
        expires_at: int | None,
    ) -> None:
        """Put a record on the reservations topic."""
        record = {
            "reservation_id": reservation_id,
            "order_id": order_id,
            "sku": self.view.entity,
            "warehouse_id": warehouse_id,
            "quantity": quantity,
            "status": status,
            "reason": reason,
            "sequence": self.sequence,
            "cause": self.cause,
            "expires_at": expires_at,
        }
        self.outputs.append((RESERVATIONS, record))

    def finish(self, *, delivered: bool = False) -> list[Output]:
        """All outputs: reservations, then one availability record a touched shelf, then alerts.

        delivered: units came in from outside, which is what ends a shortage.
        """
        sku, sequence, cause = self.view.entity, self.sequence, self.cause
        for warehouse_id, shelf in self._touched.items():
            shelf.version += 1
            record = {
                "sku": sku,
                "warehouse_id": warehouse_id,
                "total": shelf.total,
                "reserved": shelf.reserved,
                "committed": shelf.committed,
                "available": shelf.available,
                "version": shelf.version,
                "sequence": sequence,
                "cause": cause,
            }
            self.outputs.append((AVAILABILITY, record))
        if self._available_change:
            self._alert(delivered)
        return self.outputs

    def _alert(self, delivered: bool) -> None:
        """Compare what the whole sku has available now with what it had before the step."""
        stock = self.stock
        after = stock.available
        before = after - self._available_change
        if after == 0:
            stock.out_since = self.at
            self._raise_alert("OUT_OF_STOCK", 0)
        elif before == 0 and stock.out_since is not None:
            since = None if stock.out_since == SOME_TIME else stock.out_since
            stock.out_since = None
            self._raise_alert("BACK_IN_STOCK", after, since)

        policy = policy_of(self.view)
        if after > policy.reorder_point:
            if delivered:
                stock.low_stock = False
        elif before > policy.reorder_point > 0 and not stock.low_stock:
            stock.low_stock = True
            self._raise_alert("LOW_STOCK", after)
            if policy.reorder_quantity:
                self._raise_alert("REORDER_REQUESTED", policy.reorder_quantity)

    def _raise_alert(self, alert_type: str, quantity: int, out_since: int | None = None) -> None:
        record = {
            "alert_type": alert_type,
            "sku": self.view.entity,
            "warehouse_id": None,
            "quantity": quantity,
            "sequence": self.sequence,
            "cause": self.cause,
            "out_since": out_since,
        }
        self.outputs.append((ALERTS, record))
