"""Words for the tests of the inventory rules: records of the topics, and a shop to send them to."""

from itertools import count
from typing import Any

from support.rules import Record, RuleDriver

from udfs.inventory.domain import INVENTORY
from udfs.inventory.events import (
    ALERTS,
    AVAILABILITY,
    POLICIES,
    RESERVATIONS,
    SHIPPING_COSTS,
)
from udfs.inventory.state import Stock

NOON = 1_750_000_000_000
_event_numbers = count(1)


def seconds(amount: float) -> int:
    """In milliseconds."""
    return int(amount * 1000)


def minutes(amount: float) -> int:
    """In milliseconds."""
    return seconds(amount * 60)


def hours(amount: float) -> int:
    """In milliseconds."""
    return minutes(amount * 60)


def record(event_type: str, sku: str = "mug", at: int = NOON, **fields: Any) -> Record:
    """A record of `inventory.events` as the Avro decoder gives it: every field, null if absent."""
    absent = dict.fromkeys(
        ("warehouse_id", "reservation_id", "order_id", "channel", "ship_to_region")
    )
    event_id = f"event-{next(_event_numbers)}"
    known: Record = {"event_id": event_id, "event_time": at, "event_type": event_type, "sku": sku}
    return known | absent | {"quantity": 0} | fields


def restocked(warehouse_id: str | None, quantity: int, **fields: Any) -> Record:
    return record("RESTOCKED", warehouse_id=warehouse_id, quantity=quantity, **fields)


def adjusted(warehouse_id: str | None, quantity: int, **fields: Any) -> Record:
    return record("ADJUSTED", warehouse_id=warehouse_id, quantity=quantity, **fields)


def reserve(reservation_id: str | None, quantity: int = 1, **fields: Any) -> Record:
    return record("RESERVE_REQUESTED", reservation_id=reservation_id, quantity=quantity, **fields)


def committed(reservation_id: str | None, **fields: Any) -> Record:
    return record("COMMITTED", reservation_id=reservation_id, **fields)


def released(reservation_id: str | None, **fields: Any) -> Record:
    return record("RELEASED", reservation_id=reservation_id, **fields)


def shipped(reservation_id: str | None, **fields: Any) -> Record:
    return record("SHIPPED", reservation_id=reservation_id, **fields)


class Shop(RuleDriver):
    """A shop that sells mugs."""

    def __init__(self) -> None:
        super().__init__(INVENTORY)

    def given(self, *records: Record) -> "Shop":
        """What has happened before the test looks: its outputs are forgotten."""
        for item in records:
            self.send(item)
        self.outputs.clear()
        return self

    def policy(
        self,
        sku: str = "mug",
        reorder_point: int = 0,
        reorder_quantity: int = 0,
        reservation_timeout_s: int = 900,
    ) -> None:
        fields = {
            "sku": sku,
            "reorder_point": reorder_point,
            "reorder_quantity": reorder_quantity,
            "reservation_timeout_s": reservation_timeout_s,
        }
        self.refer(POLICIES, sku, fields)

    def shipping_cost(
        self, warehouse_id: str, region: str, cost_minor: int, distance_km: float = 100
    ) -> None:
        fields = {
            "warehouse_id": warehouse_id,
            "region": region,
            "cost_minor": cost_minor,
            "currency": "EUR",
            "distance_km": distance_km,
        }
        self.refer(SHIPPING_COSTS, f"{warehouse_id}|{region}", fields)

    def stock(self, sku: str = "mug") -> Stock:
        stock = self.state(sku)
        assert isinstance(stock, Stock)
        return stock

    def shelf(self, warehouse_id: str) -> tuple[int, int, int]:
        """(total, reserved, committed) at the warehouse."""
        shelf = self.stock().warehouses[warehouse_id]
        return shelf.total, shelf.reserved, shelf.committed

    def answers(self, reservation_id: str) -> list[tuple[str, str | None]]:
        """(status, reason) of all records about a reservation."""
        records = self.emitted(RESERVATIONS, reservation_id=reservation_id)
        return [(item["status"], item["reason"]) for item in records]

    def decisions(self) -> list[tuple[str, str, str | None]]:
        """(reservation, status, warehouse) of all records, in order."""
        names = ("reservation_id", "status", "warehouse_id")
        return [tuple(item[name] for name in names) for item in self.emitted(RESERVATIONS)]

    def alerts(self) -> list[tuple[str, int]]:
        """(type, quantity) of all alerts, in order."""
        return [(item["alert_type"], item["quantity"]) for item in self.emitted(ALERTS)]

    def availability(self) -> list[tuple[str, int, int]]:
        """(warehouse, available, version) of all availability records, in order."""
        names = ("warehouse_id", "available", "version")
        return [tuple(item[name] for name in names) for item in self.emitted(AVAILABILITY)]
