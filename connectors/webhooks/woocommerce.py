"""WooCommerce: webhooks of the REST API v3. Money is a decimal string, `*_gmt` times are UTC.

An order's body is the whole order, whatever changed, so every fact in it has an event_id of its
own: those that were told before are dropped where they are read.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from msgspec import Struct, field

from connectors.webhooks.contract import (
    Fact,
    Level,
    OrderInitiated,
    OrderRequest,
    PaymentEvent,
    Product,
    ShipmentEvent,
    Unmappable,
)
from connectors.webhooks.reading import BodyMapping, Told, country, epoch_ms, made, minor
from connectors.webhooks.signatures import Headers, signs_body

ID_HEADER = "x-wc-webhook-delivery-id"
TOPIC_HEADER = "x-wc-webhook-topic"
SIGNATURE_HEADER = "x-wc-webhook-signature"
HEADERS = {
    TOPIC_HEADER: "What the body is about, such as order.created.",
    ID_HEADER: "Names the delivery.",
    SIGNATURE_HEADER: "Base64 of the HMAC-SHA256 of the raw body.",
}

WAREHOUSE = "stock"
"""WooCommerce counts the stock of a product at one place."""

STATUSES = (
    "auto-draft",
    "cancelled",
    "checkout-draft",
    "completed",
    "failed",
    "on-hold",
    "pending",
    "processing",
    "refunded",
    "trash",
)
_PING = re.compile(rb"webhook_id=\d{1,20}")


def signed(headers: Headers, body: bytes, secrets: Sequence[bytes], _now_s: float) -> bool:
    return signs_body(SIGNATURE_HEADER, headers, body, tuple(secrets))


def is_ping(headers: Headers, body: bytes) -> bool:
    """Whether WooCommerce only asks if somebody is there, when a webhook is saved: unsigned."""
    return SIGNATURE_HEADER not in headers and _PING.fullmatch(body) is not None


class _Address(Struct):
    country: str | None = None
    email: str | None = None


class _Line(Struct):
    product_id: int
    quantity: int
    price: Decimal
    variation_id: int = 0
    sku: str | None = None


class _Refund(Struct):
    id: int
    total: Decimal


class _Order(Struct):
    id: int
    status: str
    currency: str
    total: Decimal
    line_items: list[_Line]
    date_created_gmt: datetime
    date_modified_gmt: datetime | None = None
    date_paid_gmt: datetime | None = None
    customer_id: int = 0
    customer_ip_address: str | None = None
    payment_method: str = ""
    billing: _Address = field(default_factory=_Address)
    shipping: _Address = field(default_factory=_Address)
    refunds: list[_Refund] = []


class _Deleted(Struct):
    id: int


class _Category(Struct):
    name: str


class _Product(Struct):
    id: int
    name: str
    date_created_gmt: datetime
    price: str = ""
    regular_price: str = ""
    sku: str | None = None
    date_modified_gmt: datetime | None = None
    manage_stock: bool | str = False
    stock_quantity: int | None = None
    categories: list[_Category] | None = None


def order_created(order: _Order, told: Told) -> list[Fact]:
    """order.created: the order, and what its status says already."""
    currency = order.currency
    lines = [
        {
            "sku": line.sku or told.name("product", line.variation_id or line.product_id),
            "quantity": line.quantity,
            "unit_price_minor": minor(line.price, currency, rounded=True),
        }
        for line in order.line_items
    ]
    placed = made(
        OrderInitiated,
        event_id=told.name("order", order.id, "placed"),
        event_time=epoch_ms(order.date_created_gmt),
        order_id=told.name(order.id),
        customer_id=told.customer(order.customer_id, order.billing.email, order.id),
        amount_minor=minor(order.total, currency),
        currency=currency,
        payment_method=order.payment_method or "unknown",
        ip=order.customer_ip_address or None,
        billing_country=country(order.billing.country),
        shipping_country=country(order.shipping.country or order.billing.country),
        channel="web",
        lines=lines,
    )
    return [placed, *order_updated(order, told)]


def order_updated(order: _Order, told: Told) -> list[Fact]:
    """order.updated: what the status says, and every refund."""
    if order.status.removeprefix("wc-") not in STATUSES:
        raise Unmappable(f"expected a status {', '.join(STATUSES)}, came {order.status!r:.40}")
    at = epoch_ms(order.date_modified_gmt or order.date_created_gmt)
    facts = list[Fact]()
    if order.date_paid_gmt is not None:
        paid_at = epoch_ms(order.date_paid_gmt)
        facts.append(_payment(order, told, "captured", "CAPTURED", order.total, paid_at))
    match order.status.removeprefix("wc-"):
        case "failed":
            facts.append(_payment(order, told, "declined", "DECLINED", order.total, at))
        case "completed":
            facts.append(
                made(
                    ShipmentEvent,
                    event_id=told.name("order", order.id, "shipped"),
                    event_time=at,
                    order_id=told.name(order.id),
                    event_type="SHIPPED",
                )
            )
        case "cancelled" | "trash":
            facts.append(_cancel(order.id, at, "cancelled in WooCommerce", told))
        case "refunded" if not order.refunds:
            facts.append(_payment(order, told, "refunded", "REFUNDED", order.total, at))
    for refund in order.refunds:
        name = f"refund:{refund.id}"
        facts.append(_payment(order, told, name, "REFUNDED", abs(refund.total), at))
    return facts


def order_deleted(order: _Deleted, told: Told) -> list[Fact]:
    """order.deleted: the body has no time, so it is when it was received."""
    return [_cancel(order.id, told.received_ms, "deleted in WooCommerce", told)]


def _cancel(order_id: int, at: int, reason: str, told: Told) -> OrderRequest:
    return made(
        OrderRequest,
        event_id=told.name("order", order_id, "cancelled"),
        event_time=at,
        order_id=told.name(order_id),
        request="CANCEL",
        reason=reason,
    )


def _payment(
    order: _Order, told: Told, name: str, event_type: str, amount: Decimal, at: int
) -> PaymentEvent:
    return made(
        PaymentEvent,
        event_id=told.name("order", order.id, name),
        event_time=at,
        order_id=told.name(order.id),
        event_type=event_type,
        amount_minor=minor(amount, order.currency),
        currency=order.currency,
    )


def product(saved: _Product, told: Told) -> list[Fact]:
    """product.created and .updated: what it costs, and how many there are if that is counted."""
    at = epoch_ms(saved.date_modified_gmt or saved.date_created_gmt)
    sku, facts = saved.sku or told.name("product", saved.id), list[Fact]()
    price = saved.regular_price or saved.price
    if price:
        facts.append(
            made(
                Product,
                event_id=told.name("product", saved.id, at),
                event_time=at,
                sku=sku,
                name=saved.name,
                category=saved.categories[0].name if saved.categories else "uncategorised",
                price_minor=minor(_decimal(price), told.currency),
                currency=told.currency,
            )
        )
    if saved.manage_stock is True and saved.stock_quantity is not None:
        warehouse, units = told.name(WAREHOUSE), saved.stock_quantity
        facts.append(
            made(
                Level,
                source=told.platform,
                sku=sku,
                warehouse_id=warehouse,
                available=units,
                at=at,
            )
        )
    return facts


def _decimal(text: str) -> Decimal:
    """A price; an empty one means none, so it is not declared as a number."""
    try:
        return Decimal(text)
    except ArithmeticError as error:
        raise Unmappable(f"expected a price, came {text!r:.40}") from error


MAPPINGS: Mapping[str, BodyMapping[Any]] = {
    "order.created": BodyMapping(_Order, order_created),
    "order.updated": BodyMapping(_Order, order_updated),
    "order.restored": BodyMapping(_Order, order_updated),
    "order.deleted": BodyMapping(_Deleted, order_deleted),
    "product.created": BodyMapping(_Product, product),
    "product.updated": BodyMapping(_Product, product),
}
