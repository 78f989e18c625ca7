"""Shopify: https://shopify.dev/docs/api/webhooks. Money is a decimal string, times have offsets.

Numeric ids may have passed through a JavaScript double somewhere and lost their last digits;
`admin_graphql_api_id` keeps the exact one, so it is preferred where there is one.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from connectors.webhooks.reading import BodyMapping
from connectors.webhooks.shopify import orders, shop
from connectors.webhooks.shopify.bodies import (
    CancelledOrder,
    CartBody,
    Checkout,
    Fulfillment,
    InventoryItem,
    InventoryLevel,
    Order,
    ProductBody,
    Refund,
    Transaction,
)
from connectors.webhooks.signatures import Headers, signs_body

ID_HEADER = "x-shopify-webhook-id"
TOPIC_HEADER = "x-shopify-topic"
SIGNATURE_HEADER = "x-shopify-hmac-sha256"
HEADERS = {
    TOPIC_HEADER: "What the body is about, such as orders/create.",
    ID_HEADER: "Names the delivery, the same in every retry.",
    SIGNATURE_HEADER: "Base64 of the HMAC-SHA256 of the raw body.",
}

# Sent whenever anything about an order changes; what of it concerns us has a topic of its own.
SETTLED = frozenset(
    {
        "orders/edited",
        "orders/fulfilled",
        "orders/paid",
        "orders/partially_fulfilled",
        "orders/updated",
    }
)


def signed(headers: Headers, body: bytes, secrets: Sequence[bytes], _now_s: float) -> bool:
    return signs_body(SIGNATURE_HEADER, headers, body, tuple(secrets))


MAPPINGS: Mapping[str, BodyMapping[Any]] = {
    "orders/create": BodyMapping(Order, orders.order_placed),
    "orders/cancelled": BodyMapping(CancelledOrder, orders.order_cancelled),
    "order_transactions/create": BodyMapping(Transaction, orders.transaction),
    "refunds/create": BodyMapping(Refund, orders.refunded),
    "fulfillments/create": BodyMapping(Fulfillment, orders.fulfilled),
    "fulfillments/update": BodyMapping(Fulfillment, orders.fulfilled),
    "inventory_levels/update": BodyMapping(InventoryLevel, shop.level),
    "inventory_levels/connect": BodyMapping(InventoryLevel, shop.level),
    "inventory_items/create": BodyMapping(InventoryItem, shop.item),
    "inventory_items/update": BodyMapping(InventoryItem, shop.item),
    "products/create": BodyMapping(ProductBody, shop.product),
    "products/update": BodyMapping(ProductBody, shop.product),
    "carts/create": BodyMapping(CartBody, shop.cart),
    "carts/update": BodyMapping(CartBody, shop.cart),
    "checkouts/create": BodyMapping(Checkout, shop.checkout),
}
