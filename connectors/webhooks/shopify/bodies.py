"""The parts of Shopify's bodies that are read; what is not declared here is skipped."""

from datetime import datetime
from decimal import Decimal

from msgspec import Struct


class Named(Struct, kw_only=True):
    id: int
    admin_graphql_api_id: str | None = None


class Customer(Named, kw_only=True):
    created_at: datetime | None = None


class Address(Struct, kw_only=True):
    country_code: str | None = None


class Line(Struct, kw_only=True):
    quantity: int
    price: Decimal
    id: int | None = None
    sku: str | None = None
    variant_id: int | None = None


class Order(Named, kw_only=True):
    currency: str
    total_price: Decimal
    line_items: list[Line]
    created_at: datetime
    customer: Customer | None = None
    email: str | None = None
    source_name: str | None = None
    payment_gateway_names: list[str] = []
    browser_ip: str | None = None
    cart_token: str | None = None
    billing_address: Address | None = None
    shipping_address: Address | None = None


class CancelledOrder(Named, kw_only=True):
    cancel_reason: str | None = None
    cancelled_at: datetime | None = None
    updated_at: datetime | None = None


class Money(Struct, kw_only=True):
    currency_code: str


class MoneySet(Struct, kw_only=True):
    shop_money: Money


class Transaction(Named, kw_only=True):
    order_id: int
    kind: str
    status: str
    amount: Decimal
    created_at: datetime
    currency: str | None = None


class RefundLine(Struct, kw_only=True):
    subtotal_set: MoneySet | None = None


class Refund(Named, kw_only=True):
    order_id: int
    transactions: list[Transaction] = []
    refund_line_items: list[RefundLine] = []


class Fulfillment(Named, kw_only=True):
    order_id: int
    status: str
    created_at: datetime
    updated_at: datetime | None = None
    shipment_status: str | None = None
    tracking_number: str | None = None
    tracking_company: str | None = None


class InventoryLevel(Struct, kw_only=True):
    inventory_item_id: int
    location_id: int
    available: int | None
    updated_at: datetime
    admin_graphql_api_id: str | None = None


class InventoryItem(Named, kw_only=True):
    updated_at: datetime
    sku: str | None = None


class Variant(Named, kw_only=True):
    price: Decimal
    title: str
    sku: str | None = None
    inventory_item_id: int | None = None


class ProductBody(Named, kw_only=True):
    title: str
    variants: list[Variant]
    updated_at: datetime
    product_type: str | None = None


class CartBody(Struct, kw_only=True):
    token: str
    line_items: list[Line]
    updated_at: datetime


class Checkout(Struct, kw_only=True):
    token: str
    created_at: datetime
    currency: str | None = None
    cart_token: str | None = None
    customer: Customer | None = None
