"""What a webhook may become: events of this project's topics, and snapshots to compare.

The bounds are those that the jobs hold their inputs to, so that what is accepted here is not
refused there. Times are UTC epoch ms, money is in minor units of an ISO 4217 currency.
"""

from typing import Annotated, ClassVar, Literal

from msgspec import Meta, Struct

MAX_TIME = 253_402_300_799_999
MAX_AMOUNT = 10**15
MAX_UNITS = 1_000_000_000
MAX_LINES = 500

Id = Annotated[str, Meta(min_length=1, max_length=200)]
EventId = Annotated[str, Meta(min_length=1, max_length=1000)]
Text = Annotated[str, Meta(max_length=1000)]
Time = Annotated[int, Meta(gt=0, le=MAX_TIME)]
Amount = Annotated[int, Meta(ge=0, le=MAX_AMOUNT)]
Units = Annotated[int, Meta(ge=1, le=MAX_UNITS)]
Change = Annotated[int, Meta(ge=-MAX_UNITS, le=MAX_UNITS)]
Currency = Annotated[str, Meta(pattern="^[A-Z]{3}$")]
Country = Annotated[str, Meta(pattern="^[A-Z]{2}$")]


class Unmappable(ValueError):
    """A body that does not say what its topic's bodies say; the message names what is wrong."""


class Event(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A record of `topic`; event_id is a function of what happened, not of the delivery."""

    topic: ClassVar[str]

    event_id: EventId
    event_time: Time


class OrderLine(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`quantity` units of one sku."""

    sku: Id
    quantity: Units
    unit_price_minor: Amount


class OrderInitiated(Event, frozen=True, kw_only=True):
    """A customer has placed an order."""

    topic: ClassVar[str] = "orders.initiated"

    order_id: Id
    customer_id: Id
    amount_minor: Amount
    currency: Currency
    payment_method: Text
    channel: Text
    lines: Annotated[tuple[OrderLine, ...], Meta(min_length=1, max_length=MAX_LINES)]
    account_created_at: Time | None = None
    card_fingerprint: Text | None = None
    device_id: Text | None = None
    ip: Text | None = None
    ip_country: Country | None = None
    latitude: Annotated[float, Meta(ge=-90, le=90)] | None = None
    longitude: Annotated[float, Meta(ge=-180, le=180)] | None = None
    billing_country: Country | None = None
    shipping_country: Country | None = None


class OrderRequest(Event, frozen=True, kw_only=True):
    """Somebody wants something done with an order."""

    topic: ClassVar[str] = "orders.requests"

    order_id: Id
    request: Literal["CANCEL", "RETURN"]
    reason: Text | None = None


class PaymentEvent(Event, frozen=True, kw_only=True):
    """What the payment provider says about an order's payment."""

    topic: ClassVar[str] = "payments.events"

    order_id: Id
    event_type: Literal["AUTHORIZED", "DECLINED", "CAPTURED", "REFUNDED"]
    amount_minor: Amount
    currency: Currency


class ShipmentEvent(Event, frozen=True, kw_only=True):
    """Where an order's parcel is."""

    topic: ClassVar[str] = "shipments.events"

    order_id: Id
    event_type: Literal["PICKED", "PACKED", "SHIPPED", "DELIVERED", "RETURN_RECEIVED"]
    tracking_number: Text | None = None
    carrier: Text | None = None


class StockEvent(Event, frozen=True, kw_only=True):
    """Something that happened to a sku's stock; what a kind needs is checked."""

    topic: ClassVar[str] = "inventory.events"

    event_type: Literal[
        "RESTOCKED", "RESERVE_REQUESTED", "COMMITTED", "RELEASED", "SHIPPED", "ADJUSTED"
    ]
    sku: Id
    warehouse_id: Id | None = None
    quantity: Change = 0
    reservation_id: Id | None = None
    order_id: Id | None = None
    channel: Text | None = None
    ship_to_region: Text | None = None

    def __post_init__(self) -> None:
        at_a_warehouse = self.event_type in ("RESTOCKED", "ADJUSTED")
        if at_a_warehouse and self.warehouse_id is None:
            raise ValueError(f"{self.event_type} expects a warehouse_id, came none")
        if not at_a_warehouse and self.reservation_id is None:
            raise ValueError(f"{self.event_type} expects a reservation_id, came none")
        if self.event_type in ("RESTOCKED", "RESERVE_REQUESTED") and self.quantity < 1:
            raise ValueError(f"{self.event_type} expects a quantity >= 1, came {self.quantity}")


class Product(Event, frozen=True, kw_only=True):
    """A product as it is on sale from event_time on."""

    topic: ClassVar[str] = "catalog.products"

    sku: Id
    name: Text
    category: Text
    price_minor: Amount
    currency: Currency


class Click(Event, frozen=True, kw_only=True):
    """Something that a visitor did."""

    topic: ClassVar[str] = "clickstream.events"

    visitor_id: Id
    event_type: Literal[
        "PAGE_VIEW",
        "HOVER",
        "ADD_TO_CART",
        "REMOVE_FROM_CART",
        "WISHLIST_ADD",
        "SEARCH",
        "CHECKOUT_START",
        "PURCHASE",
    ]
    customer_id: Id | None = None
    session_id: Id | None = None
    sku: Id | None = None
    category: Text | None = None
    query: Text | None = None
    price_minor: Amount | None = None
    quantity: Units | None = None
    device_id: Text | None = None
    currency: Currency | None = None


EVENTS: tuple[type[Event], ...] = (
    OrderInitiated,
    OrderRequest,
    PaymentEvent,
    ShipmentEvent,
    StockEvent,
    Product,
    Click,
)


class Item(Struct, frozen=True, kw_only=True):
    """A platform's own name for what we know by `sku`; `source` is the platform."""

    source: str
    item: Id
    sku: Id
    at: Time


class Level(Struct, frozen=True, kw_only=True):
    """How many units are at a warehouse; of `sku`, or of `item`, which an Item has named."""

    source: str
    warehouse_id: Id
    available: Change
    at: Time
    sku: Id | None = None
    item: Id | None = None


class CartLine(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`quantity` units of a sku in a cart, and the price of one if it is known."""

    sku: Id
    quantity: Units
    price_minor: Amount | None = None


class Cart(Struct, frozen=True, kw_only=True):
    """What is in a cart."""

    source: str
    cart_id: Id
    visitor_id: Id
    at: Time
    lines: Annotated[tuple[CartLine, ...], Meta(max_length=MAX_LINES)]
    customer_id: Id | None = None
    currency: Currency | None = None


Snapshot = Item | Level | Cart
Fact = Event | Snapshot
