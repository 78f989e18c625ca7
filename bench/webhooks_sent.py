"""Webhooks of the four formats to measure with, each with what must come of it.

What is expected is said in the words of the shop, not taken from the mappings: an order of such an
amount, a parcel of that order.
"""

import json
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from connectors.webhooks.signatures import signed_body, signed_message

Expected = tuple[object, ...]
Fields = dict[str, Any]

VALID, GARBAGE, UNSIGNED = "valid", "garbage", "unsigned"


@dataclass(frozen=True)
class Webhook:
    """What a platform sends, the same in every attempt but for the time of a signature.

    expected: what must be in the topics, once each.
    """

    platform: str
    topic: str
    delivery_id: str
    body: bytes
    kind: str
    expected: tuple[Expected, ...] = ()

    def headers(self, secret: bytes, now_s: int) -> dict[str, str]:
        """The platform's headers for an attempt; those of UNSIGNED are signed with another key."""
        key = b"not the secret" if self.kind == UNSIGNED else secret
        if self.platform == "custom":
            return {
                "webhook-id": self.delivery_id,
                "webhook-timestamp": str(now_s),
                "webhook-signature": signed_message(key, self.delivery_id, now_s, self.body),
            }
        topic, delivery_id, signature = _HEADERS[self.platform]
        return {
            topic: self.topic,
            delivery_id: self.delivery_id,
            signature: signed_body(key, self.body),
        }


_HEADERS = {
    "shopify": ("x-shopify-topic", "x-shopify-webhook-id", "x-shopify-hmac-sha256"),
    "woocommerce": ("x-wc-webhook-topic", "x-wc-webhook-delivery-id", "x-wc-webhook-signature"),
    "magento": ("x-magento-topic", "x-magento-delivery-id", "x-magento-hmac-sha256"),
}


def webhook(platform: str, topic: str, body: Fields, *expected: Expected) -> Webhook:
    """A valid webhook with a delivery id of its own."""
    raw = json.dumps(body).encode()
    return Webhook(platform, topic, str(uuid.uuid4()), raw, VALID, expected)


# what is expected, as the reader of a topic would name it


def order(order: str, amount: int) -> Expected:
    return "orders.initiated", order, amount


def request(order: str) -> Expected:
    return "orders.requests", order, "CANCEL"


def paid(order: str, event_type: str, amount: int) -> Expected:
    return "payments.events", order, event_type, amount


def parcel(order: str, event_type: str) -> Expected:
    return "shipments.events", order, event_type


def stock(sku: str, warehouse: str, change: int) -> Expected:
    return "inventory.events", sku, warehouse, change


def product(sku: str, price: int) -> Expected:
    return "catalog.products", sku, price


def click(visitor: str, event_type: str, sku: str | None, quantity: int | None) -> Expected:
    return "clickstream.events", visitor, event_type, sku, quantity


IDENTITY: dict[str, Callable[[Fields], Expected]] = {
    "orders.initiated": lambda r: order(r["order_id"], r["amount_minor"]),
    "orders.requests": lambda r: ("orders.requests", r["order_id"], r["request"]),
    "payments.events": lambda r: paid(r["order_id"], r["event_type"], r["amount_minor"]),
    "shipments.events": lambda r: parcel(r["order_id"], r["event_type"]),
    "inventory.events": lambda r: stock(r["sku"], r["warehouse_id"], r["quantity"]),
    "catalog.products": lambda r: product(r["sku"], r["price_minor"]),
    "clickstream.events": lambda r: click(
        r["visitor_id"], r["event_type"], r["sku"], r["quantity"]
    ),
}
"""What a record is, in the words in which it is expected, by topic."""
