"""A sku's stock, naively: every rule of the contract in the plainest words that run.

It follows the log one step at a time. Where the contract leaves a choice to the reference data of
a moment that the log does not tell, it takes the choice that the job claims, if that was possible.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from deploy.audit.inventory.reference import Costs

Record = Mapping[str, Any]
FINAL = {
    "REJECTED": "RESERVATION_REJECTED",
    "EXPIRED": "RESERVATION_EXPIRED",
    "SHIPPED": "RESERVATION_SHIPPED",
}


class Decision(NamedTuple):
    """A record that has to come out; `None` stands for a field that the contract leaves open."""

    reservation_id: str
    status: str
    reason: str | None = None
    warehouse_id: str | None = None
    quantity: int | None = None
    order_id: str | None = None

    def is_met_by(self, record: Record) -> bool:
        return all(
            wanted is None or wanted == record[field]
            for field, wanted in zip(self._fields, self, strict=True)
        )


@dataclass(slots=True)
class Units:
    """A warehouse's units of the sku."""

    total: int = 0
    reserved: int = 0
    committed: int = 0

    @property
    def available(self) -> int:
        return self.total - self.reserved - self.committed


@dataclass(slots=True)
class Reservation:
    """A request that was decided.

    step: the number of the step that made it. placed: its first decision, which a repeat gets
    again; with the first warehouse or, once rerouted, the new one: the contract leaves it open.
    expires_at: as the job told it (epoch ms); None if it told none.
    """

    step: int
    status: str
    placed: Decision
    quantity: int
    warehouse: str
    region: str | None
    order_id: str | None
    expires_at: int | None

    def is_due(self, at: int) -> bool:
        """Whether it is to expire at `at` (epoch ms) or was before."""
        return self.expires_at is not None and at >= self.expires_at


class Stock:
    """A sku's warehouses and reservations, and the warehouses touched since `touched` was cleared.

    placements, unjudged: how many warehouses were chosen, and how many of these choices could not
    be judged by cost because the costs were not settled.
    """

    def __init__(self, costs: Costs) -> None:
        self.warehouses: dict[str, Units] = {}
        self.reservations: dict[str, Reservation] = {}
        self.touched: set[str] = set()
        self.placements = 0
        self.unjudged = 0
        self._costs = costs
        self._on: dict[str, Callable[[Record, int, list[Record]], list[Decision]]] = {
            "RESTOCKED": self._restocked,
            "ADJUSTED": self._adjusted,
            "RESERVE_REQUESTED": self._reserve_requested,
            "COMMITTED": self._settled,
            "RELEASED": self._settled,
            "SHIPPED": self._settled,
        }

    def ats(self) -> int:
        """Units available to sell, over all warehouses."""
        return sum(units.available for units in self.warehouses.values())

    def changes_nothing(self, event: Record) -> bool:
        """Whether the event neither changes the stock nor has an answer."""
        if event["event_type"] != "ADJUSTED":
            return False
        total = self.warehouses.get(event["warehouse_id"], Units()).total
        return max(0, total + event["quantity"]) == total

    def apply(self, event: Record, step: int, claims: list[Record]) -> list[Decision]:
        """What has to come out on inventory.reservations; `claims` is what did."""
        return self._on[event["event_type"]](event, step, claims)

    def expire(self, reservation_id: str) -> Decision:
        """End a reservation that is RESERVED, giving its units back."""
        reservation = self.reservations[reservation_id]
        return self._give_back(reservation_id, reservation, "EXPIRED")

    def _restocked(self, event: Record, _step: int, _claims: list[Record]) -> list[Decision]:
        warehouse = event["warehouse_id"]
        self.warehouses.setdefault(warehouse, Units()).total += event["quantity"]
        self.touched.add(warehouse)
        return []

    def _adjusted(self, event: Record, _step: int, claims: list[Record]) -> list[Decision]:
        if self.changes_nothing(event):
            return []
        warehouse = event["warehouse_id"]
        units = self.warehouses.setdefault(warehouse, Units())
        units.total = max(0, units.total + event["quantity"])
        self.touched.add(warehouse)
        if units.available >= 0:
            return []
        return self._rerouted(warehouse, event["event_time"], claims) + self._lost(warehouse)

    def _newest_first(self, warehouse: str) -> list[tuple[str, Reservation]]:
        return sorted(
            (
                (name, reservation)
                for name, reservation in self.reservations.items()
                if reservation.warehouse == warehouse
                and reservation.status in ("RESERVED", "COMMITTED")
            ),
            key=lambda item: -item[1].step,
        )

    def _rerouted(self, warehouse: str, at: int, claims: list[Record]) -> list[Decision]:
        """Whole reservations move to where there is room, newest first, until the rest fits."""
        decisions = []
        for name, reservation in self._newest_first(warehouse):
            if self.warehouses[warehouse].available >= 0:
                break
            room = self._with_room(reservation.quantity)
            if not room:
                continue
            claimed = [
                record["warehouse_id"]
                for record in claims
                if record["reservation_id"] == name and record["status"] == "REROUTED"
            ]
            to = self._choose(room, reservation.region, at, claimed)
            self._hold(reservation, -reservation.quantity)
            reservation.warehouse = to
            reservation.placed = reservation.placed._replace(warehouse_id=None)
            self._hold(reservation, reservation.quantity)
            decisions.append(self._told(name, reservation, "REROUTED"))
        return decisions

    def _lost(self, warehouse: str) -> list[Decision]:
        """What still does not fit is released: uncommitted first, newest first."""
        decisions = []
        by_commitment = sorted(
            self._newest_first(warehouse), key=lambda item: item[1].status == "COMMITTED"
        )
        for name, reservation in by_commitment:
            if self.warehouses[warehouse].available >= 0:
                break
            released = self._give_back(name, reservation, "RELEASED")
            decisions.append(released._replace(reason="STOCK_LOST"))
        return decisions

    def _reserve_requested(self, event: Record, step: int, claims: list[Record]) -> list[Decision]:
        name, quantity, pinned = event["reservation_id"], event["quantity"], event["warehouse_id"]
        known = self.reservations.get(name)
        if known is not None:
            return [known.placed]
        room = self._with_room(quantity)
        if pinned is not None:
            room = [pinned] if pinned in room else []
        status = "RESERVED" if room else "REJECTED"
        claimed = [r for r in claims if r["reservation_id"] == name and r["status"] == status]
        warehouse = ""
        if room:
            warehouses = [record["warehouse_id"] for record in claimed]
            region, at = event["ship_to_region"], event["event_time"]
            warehouse = pinned or self._choose(room, region, at, warehouses)
        placed = Decision(
            name,
            status,
            reason=None if room else "INSUFFICIENT_STOCK",
            warehouse_id=warehouse or None,
            quantity=quantity,
            order_id=event["order_id"],
        )
        reservation = Reservation(
            step=step,
            status=status,
            placed=placed,
            quantity=quantity,
            warehouse=warehouse,
            region=event["ship_to_region"],
            order_id=event["order_id"],
            expires_at=claimed[0]["expires_at"] if claimed else None,
        )
        self.reservations[name] = reservation
        if room:
            self._hold(reservation, quantity)
        return [placed]

    def _settled(self, event: Record, _step: int, _claims: list[Record]) -> list[Decision]:
        """A shopper or a warehouse commits, releases or ships what was reserved."""
        name, asked = event["reservation_id"], event["event_type"]
        reservation = self.reservations.get(name)
        if reservation is None:
            return [Decision(name, "REJECTED", "UNKNOWN_RESERVATION")]
        before = []
        if reservation.status == "RESERVED" and reservation.is_due(event["event_time"]):
            before = [self.expire(name)]
        now = reservation.status
        if now in FINAL:
            return [*before, Decision(name, "REJECTED", FINAL[now])]
        if asked == "RELEASED":
            if now == "RELEASED":
                return [self._told(name, reservation, "RELEASED")]
            return [self._give_back(name, reservation, "RELEASED")]
        if now == "RELEASED":
            return [Decision(name, "REJECTED", "RESERVATION_RELEASED")]
        if asked == "COMMITTED":
            if now == "RESERVED":
                self._hold(reservation, -reservation.quantity)
                reservation.status = "COMMITTED"
                self._hold(reservation, reservation.quantity)
            return [self._told(name, reservation, "COMMITTED")]
        if now == "RESERVED":
            return [Decision(name, "REJECTED", "NOT_COMMITTED")]
        self._hold(reservation, -reservation.quantity)
        self.warehouses[reservation.warehouse].total -= reservation.quantity
        reservation.status = "SHIPPED"
        return []

    def _give_back(self, name: str, reservation: Reservation, status: str) -> Decision:
        self._hold(reservation, -reservation.quantity)
        reservation.status = status
        return self._told(name, reservation, status)

    def _hold(self, reservation: Reservation, quantity: int) -> None:
        """Promise `quantity` more units (fewer, if negative) as the reservation's status says."""
        units = self.warehouses[reservation.warehouse]
        if reservation.status == "COMMITTED":
            units.committed += quantity
        else:
            units.reserved += quantity
        self.touched.add(reservation.warehouse)

    def _with_room(self, quantity: int) -> list[str]:
        return [name for name, units in self.warehouses.items() if units.available >= quantity]

    def _choose(self, room: list[str], region: str | None, at: int, claimed: Iterable[str]) -> str:
        self.placements += 1
        if at < self._costs.settled_from:
            self.unjudged += 1
            for warehouse in claimed:
                if warehouse in room:
                    return warehouse
        return self._costs.cheapest(room, region)

    def _told(self, name: str, reservation: Reservation, status: str) -> Decision:
        return Decision(
            name,
            status,
            warehouse_id=None if status in ("RELEASED", "EXPIRED") else reservation.warehouse,
            quantity=reservation.quantity,
            order_id=reservation.order_id,
        )
