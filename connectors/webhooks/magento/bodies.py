"""The parts of Magento's REST bodies that are read; what is not declared here is skipped."""

from datetime import datetime
from decimal import Decimal

from msgspec import Struct, field

PAID = 2
"""The state of an invoice whose money was taken."""


class Address(Struct):
    country_id: str | None = None


class Payment(Struct):
    method: str = "unknown"


class Shipping(Struct):
    address: Address = field(default_factory=Address)


class Assignment(Struct):
    shipping: Shipping = field(default_factory=Shipping)


class Extension(Struct):
    shipping_assignments: list[Assignment] = []


class OrderItem(Struct):
    sku: str
    qty_ordered: Decimal
    price: Decimal
    parent_item_id: int | None = None


class Order(Struct):
    entity_id: int
    order_currency_code: str
    grand_total: Decimal
    created_at: datetime
    items: list[OrderItem]
    customer_id: int | None = None
    customer_email: str | None = None
    remote_ip: str | None = None
    payment: Payment = field(default_factory=Payment)
    billing_address: Address = field(default_factory=Address)
    extension_attributes: Extension = field(default_factory=Extension)


class CancelledOrder(Struct):
    entity_id: int
    updated_at: datetime


class Money(Struct):
    """An invoice, or a credit memo, which is paid as it is made."""

    entity_id: int
    order_id: int
    order_currency_code: str
    grand_total: Decimal
    created_at: datetime
    state: int = PAID


class Track(Struct):
    track_number: str | None = None
    title: str | None = None


class Shipment(Struct):
    entity_id: int
    order_id: int
    created_at: datetime
    tracks: list[Track] = []


class SourceItem(Struct):
    sku: str
    source_code: str
    quantity: Decimal


class SourceItems(Struct):
    items: list[SourceItem]


class ProductBody(Struct):
    id: int
    sku: str
    name: str
    price: Decimal
    updated_at: datetime
    category: str | None = None


class QuoteItem(Struct):
    sku: str
    qty: Decimal
    price: Decimal


class Customer(Struct):
    id: int | None = None


class Currency(Struct):
    quote_currency_code: str


class Quote(Struct):
    id: int
    updated_at: datetime
    items: list[QuoteItem]
    currency: Currency
    customer: Customer = field(default_factory=Customer)
