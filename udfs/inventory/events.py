"""What the inventory job reads: the events of a sku, and the reference data that rules it.

Times are epoch milliseconds of event time, quantities are whole units. Fields that no rule looks
at (the sales channel, say) are not declared, and are skipped when a record is converted.
"""

from typing import Annotated, Final

import msgspec

EVENTS: Final = "inventory.events"
POLICIES: Final = "inventory.policies"
SHIPPING_COSTS: Final = "inventory.shipping-costs"
RESERVATIONS: Final = "inventory.reservations"
AVAILABILITY: Final = "inventory.availability"
ALERTS: Final = "inventory.alerts"

MAX_QUANTITY: Final = 1_000_000_000
"""No shop moves more units in one event; beyond it a number is a mistake, not a quantity."""

MAX_TIME: Final = 253_402_300_799_999
"""The last millisecond of the year 9999: beyond it a time is not in milliseconds."""

Id = Annotated[str, msgspec.Meta(min_length=1)]
Time = Annotated[int, msgspec.Meta(gt=0, le=MAX_TIME)]
Units = Annotated[int, msgspec.Meta(ge=1, le=MAX_QUANTITY)]
Correction = Annotated[int, msgspec.Meta(ge=-MAX_QUANTITY, le=MAX_QUANTITY)]
Count = Annotated[int, msgspec.Meta(ge=0, le=MAX_QUANTITY)]


class SkuEvent(msgspec.Struct, frozen=True, kw_only=True, gc=False, tag_field="event_type"):
    """What every event of the topic says."""

    event_id: Id
    event_time: Time
    sku: Id


class Restocked(SkuEvent, frozen=True, kw_only=True, gc=False, tag="RESTOCKED"):
    """`quantity` units arrived at a warehouse."""

    warehouse_id: Id
    quantity: Units


class Adjusted(SkuEvent, frozen=True, kw_only=True, gc=False, tag="ADJUSTED"):
    """A count found `quantity` units more (> 0) or fewer (< 0) at a warehouse than were known."""

    warehouse_id: Id
    quantity: Correction


class ReserveRequested(SkuEvent, frozen=True, kw_only=True, gc=False, tag="RESERVE_REQUESTED"):
    """Somebody wants `quantity` units, at `warehouse_id` or, without one, wherever is cheapest."""

    reservation_id: Id
    quantity: Units
    warehouse_id: Id | None = None
    order_id: str | None = None
    ship_to_region: str | None = None


class Committed(SkuEvent, frozen=True, kw_only=True, gc=False, tag="COMMITTED"):
    """The order is firm: its units no longer time out."""

    reservation_id: Id
    order_id: str | None = None


class Released(SkuEvent, frozen=True, kw_only=True, gc=False, tag="RELEASED"):
    """The units are no longer wanted, reserved or committed."""

    reservation_id: Id
    order_id: str | None = None


class Shipped(SkuEvent, frozen=True, kw_only=True, gc=False, tag="SHIPPED"):
    """The committed units left the warehouse."""

    reservation_id: Id
    order_id: str | None = None


InventoryEvent = Restocked | Adjusted | ReserveRequested | Committed | Released | Shipped


class StockPolicy(msgspec.Struct, frozen=True):
    """When to warn and reorder a sku, and how long its reservations hold. Key: sku, or "*".

    reorder_point: units available over all warehouses at or below which stock is low; 0 for never.
    reorder_quantity: units to ask for then; 0 to only warn.
    reservation_timeout_s: seconds from the request until an uncommitted reservation lapses.
    """

    sku: Id
    reorder_point: Count = 0
    reorder_quantity: Count = 0
    reservation_timeout_s: Annotated[int, msgspec.Meta(ge=1, le=366 * 86_400)] = 900


class ShippingCost(msgspec.Struct, frozen=True):
    """What it costs to send a parcel from a warehouse to a region. Key: "warehouse_id|region".

    cost_minor: minor units of `currency`. Costs are compared as numbers: give all warehouses'
        costs to one region in one currency.
    """

    warehouse_id: Id
    region: Id
    cost_minor: Annotated[int, msgspec.Meta(ge=0)]
    currency: Annotated[str, msgspec.Meta(pattern="^[A-Z]{3}$")]
    distance_km: Annotated[float, msgspec.Meta(ge=0)]
