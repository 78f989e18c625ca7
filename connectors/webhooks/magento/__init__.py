"""Magento 2, which sends no webhooks of its own: a module of the shop posts REST bodies.

The body is what the REST API answers for the thing (GET /V1/orders/3), the headers are those below,
and docs/webhooks.md lists the topics. Money is a JSON number, times are `YYYY-MM-DD HH:MM:SS` UTC.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from connectors.webhooks.contract import (
    Cart,
    Fact,
    Level,
    OrderInitiated,
    OrderRequest,
    PaymentEvent,
    Product,
    ShipmentEvent,
)
from connectors.webhooks.magento.bodies import (
    PAID,
    CancelledOrder,
    Money,
    Order,
    ProductBody,
    Quote,
    Shipment,
    SourceItems,
    Track,
)
from connectors.webhooks.reading import (
    BodyMapping,
    Told,
    country,
    epoch_ms,
    made,
    minor,
    units,
)
from connectors.webhooks.signatures import Headers, signs_body

ID_HEADER = "x-magento-delivery-id"
TOPIC_HEADER = "x-magento-topic"
SIGNATURE_HEADER = "x-magento-hmac-sha256"
HEADERS = {
    TOPIC_HEADER: "What the body is about, such as order.placed.",
    ID_HEADER: "Names the delivery, the same in every retry.",
    SIGNATURE_HEADER: "Base64 of the HMAC-SHA256 of the raw body.",
}


def signed(headers: Headers, body: bytes, secrets: Sequence[bytes], _now_s: float) -> bool:
    return signs_body(SIGNATURE_HEADER, headers, body, tuple(secrets))


def order_placed(order: Order, told: Told) -> list[Fact]:
    """order.placed. A bundle's or configurable product's parts come with it, and count as one."""
    currency = order.order_currency_code
    assigned = order.extension_attributes.shipping_assignments
    shipped_to = assigned[0].shipping.address if assigned else order.billing_address
    return [
        made(
            OrderInitiated,
            event_id=told.name("order", order.entity_id, "placed"),
            event_time=epoch_ms(order.created_at),
            order_id=told.name(order.entity_id),
            customer_id=told.customer(order.customer_id, order.customer_email, order.entity_id),
            amount_minor=minor(order.grand_total, currency),
            currency=currency,
            payment_method=order.payment.method,
            ip=order.remote_ip,
            billing_country=country(order.billing_address.country_id),
            shipping_country=country(shipped_to.country_id),
            channel="web",
            lines=[
                {
                    "sku": line.sku,
                    "quantity": units(line.qty_ordered),
                    "unit_price_minor": minor(line.price, currency, rounded=True),
                }
                for line in order.items
                if line.parent_item_id is None
            ],
        )
    ]


def order_cancelled(order: CancelledOrder, told: Told) -> list[Fact]:
    """order.canceled."""
    return [
        made(
            OrderRequest,
            event_id=told.name("order", order.entity_id, "cancelled"),
            event_time=epoch_ms(order.updated_at),
            order_id=told.name(order.entity_id),
            request="CANCEL",
            reason="cancelled in Magento",
        )
    ]


def invoiced(invoice: Money, told: Told) -> list[Fact]:
    """invoice.saved: the money was taken, once the invoice is paid."""
    if invoice.state != PAID:
        return []
    return [_payment("invoice", "CAPTURED", invoice, told)]


def refunded(memo: Money, told: Told) -> list[Fact]:
    """creditmemo.created."""
    return [_payment("creditmemo", "REFUNDED", memo, told)]


def _payment(kind: str, event_type: str, paid: Money, told: Told) -> PaymentEvent:
    return made(
        PaymentEvent,
        event_id=told.name(kind, paid.entity_id),
        event_time=epoch_ms(paid.created_at),
        order_id=told.name(paid.order_id),
        event_type=event_type,
        amount_minor=minor(paid.grand_total, paid.order_currency_code),
        currency=paid.order_currency_code,
    )


def shipped(shipment: Shipment, told: Told) -> list[Fact]:
    """shipment.created."""
    track = shipment.tracks[0] if shipment.tracks else Track()
    return [
        made(
            ShipmentEvent,
            event_id=told.name("shipment", shipment.entity_id),
            event_time=epoch_ms(shipment.created_at),
            order_id=told.name(shipment.order_id),
            event_type="SHIPPED",
            tracking_number=track.track_number,
            carrier=track.title,
        )
    ]


def levels(saved: SourceItems, told: Told) -> list[Fact]:
    """source_items.saved: the body has no time, so it is as of when it was received."""
    return [
        made(
            Level,
            source=told.platform,
            sku=stock.sku,
            warehouse_id=told.name(stock.source_code),
            available=units(stock.quantity),
            at=told.received_ms,
        )
        for stock in saved.items
    ]


def product(saved: ProductBody, told: Told) -> list[Fact]:
    """product.saved; `category` is a name that the module adds, since REST gives numbers only."""
    at = epoch_ms(saved.updated_at)
    return [
        made(
            Product,
            event_id=told.name("product", saved.id, at),
            event_time=at,
            sku=saved.sku,
            name=saved.name,
            category=saved.category or "uncategorised",
            price_minor=minor(saved.price, told.currency),
            currency=told.currency,
        )
    ]


def cart(quote: Quote, told: Told) -> list[Fact]:
    """quote.saved: all that is in the cart."""
    currency = quote.currency.quote_currency_code
    in_cart: dict[str, tuple[int, Decimal]] = {}
    for line in quote.items:
        before, _ = in_cart.get(line.sku, (0, line.price))
        in_cart[line.sku] = (before + units(line.qty), line.price)
    return [
        made(
            Cart,
            source=told.platform,
            cart_id=str(quote.id),
            visitor_id=told.name("quote", quote.id),
            customer_id=told.name(quote.customer.id) if quote.customer.id else None,
            at=epoch_ms(quote.updated_at),
            currency=currency,
            lines=[
                {"sku": sku, "quantity": n, "price_minor": minor(price, currency, rounded=True)}
                for sku, (n, price) in in_cart.items()
            ],
        )
    ]


MAPPINGS: Mapping[str, BodyMapping[Any]] = {
    "order.placed": BodyMapping(Order, order_placed),
    "order.canceled": BodyMapping(CancelledOrder, order_cancelled),
    "invoice.saved": BodyMapping(Money, invoiced),
    "creditmemo.created": BodyMapping(Money, refunded),
    "shipment.created": BodyMapping(Shipment, shipped),
    "source_items.saved": BodyMapping(SourceItems, levels),
    "product.saved": BodyMapping(ProductBody, product),
    "quote.saved": BodyMapping(Quote, cart),
}
