"""What a record means to a sales channel, as calls of the API that docs/channels.md describes."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, NamedTuple
from urllib.parse import quote
from uuid import UUID, uuid5

from connectors.delivery.outbox import Update
from connectors.destinations import UpdateKind
from connectors.reading import RawRecord

STOCK: Final = "inventory.availability"
PRICES: Final = "pricing.changes"
ORDERS: Final = "orders.lifecycle"
TOPICS: Final[dict[UpdateKind, str]] = {"stock": STOCK, "prices": PRICES, "orders": ORDERS}

# Of the names under which updates are known to channels.
_KEYS: Final = UUID("5f0cbb4e-6a0c-5a7e-9d1c-6a3f0c2f7a11")

Record = Mapping[str, Any]


@dataclass(frozen=True)
class Call:
    """A call of a channel's API."""

    method: str
    path: str
    body: dict[str, Any]


class _AtWarehouse(NamedTuple):
    version: int
    available: int


class Updates:
    """Makes the updates of one channel. It knows every sku's stock at every warehouse.

    channel: its name, which is part of the idempotency keys.
    """

    def __init__(self, channel: str) -> None:
        self._channel = channel
        self._stock: dict[str, dict[str, _AtWarehouse]] = {}
        self._prices: dict[str, int] = {}

    def of(self, at: RawRecord, record: Record) -> Update | None:
        """The update that a record asks for; None if it is older than what was read before."""
        match at.topic:
            case "inventory.availability":
                return self._of_stock(at, record)
            case "pricing.changes":
                return self._of_price(at, record)
            case _:
                return self._of_order(at, record)

    def _of_stock(self, at: RawRecord, record: Record) -> Update | None:
        """What can be sold of the sku, over all warehouses: one that lacks units lends none.

        The version is the sum of the warehouses' versions, so it grows with each of them.
        """
        sku = record["sku"]
        warehouses = self._stock.setdefault(sku, {})
        known = warehouses.get(record["warehouse_id"])
        if known is not None and record["version"] <= known.version:
            return None
        warehouses[record["warehouse_id"]] = _AtWarehouse(record["version"], record["available"])
        available = sum(max(0, one.available) for one in warehouses.values())
        body = {
            "sku": sku,
            "available": available,
            "version": sum(one.version for one in warehouses.values()),
            "event_time": record["event_time"],
        }
        # Not of the newest record: which one that is depends on the order of partitions.
        versions = ",".join(f"{name}={one.version}" for name, one in sorted(warehouses.items()))
        call = Call("PUT", f"/stock/{_quoted(sku)}", body)
        return self._update(at, f"stock {sku}", call, versions, available)

    def _of_price(self, at: RawRecord, record: Record) -> Update | None:
        sku, number = record["sku"], record["number"]
        if number <= self._prices.get(sku, 0):
            return None
        self._prices[sku] = number
        price = record["new_minor"], record["regular_minor"], record["currency"]
        body = {
            "sku": sku,
            "price_minor": record["new_minor"],
            "regular_minor": record["regular_minor"],
            "currency": record["currency"],
            "version": number,
            "event_time": record["event_time"],
        }
        call = Call("PUT", f"/prices/{_quoted(sku)}", body)
        return self._update(at, f"price {sku}", call, record["event_id"], price)

    def _of_order(self, at: RawRecord, record: Record) -> Update:
        order_id = record["order_id"]
        names = (
            "event_id",
            "order_id",
            "from_state",
            "to_state",
            "cause",
            "explanation",
            "sequence",
            "event_time",
        )
        body = {name: record[name] for name in names}
        call = Call("POST", f"/orders/{_quoted(order_id)}/events", body)
        return self._update(at, f"order {order_id}", call, record["event_id"], None)

    def _update(self, at: RawRecord, lane: str, call: Call, said: str, state: Any) -> Update:
        """said: names what the update says, the same for the same content after a restart."""
        key = uuid5(_KEYS, f"{self._channel}|{lane}|{said}")
        return Update(lane=lane, content=call, key=str(key), record=at, state=state)


def _quoted(segment: str) -> str:
    """As one segment of a path, whatever is in it."""
    return quote(segment, safe="")
