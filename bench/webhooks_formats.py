"""A webhook of every kind of the four formats; `n` numbers what it is about."""

from collections.abc import Callable
from typing import Any

from bench.webhooks_sent import (
    Expected,
    Fields,
    Webhook,
    click,
    order,
    paid,
    parcel,
    product,
    request,
    stock,
    webhook,
)

ITEMS = 200
"""Products of Shopify that are sent before anything else, so that levels find their skus."""

_AT = "2025-11-20T12:00:00+00:00"
_GMT = "2025-11-20T12:00:00"
_UTC = "2025-11-20 12:00:00"
_STREET = {"address1": "Unter den Linden 1", "city": "Berlin", "zip": "10117", "province": None}


# Shopify


def shopify(topic: str, body: Fields, *expected: Expected) -> Webhook:
    """A webhook of Shopify."""
    return webhook("shopify", topic, body, *expected)


def _shopify_order(n: int) -> Webhook:
    address = {**_STREET, "country_code": "DE"}
    line = {"id": n, "sku": f"sku-{n % 500}", "quantity": 2, "price": "19.99", "title": "A mug"}
    body = {
        "id": n,
        "admin_graphql_api_id": f"gid://shopify/Order/{n}",
        "created_at": _AT,
        "currency": "EUR",
        "total_price": "44.97",
        "email": f"somebody-{n % 1000}@example.com",
        "source_name": "web",
        "payment_gateway_names": ["shopify_payments"],
        "line_items": [line | {"properties": [], "tax_lines": [], "taxable": True}],
        "billing_address": address,
        "shipping_address": address,
        "note": "x" * 600,
    }
    return shopify("orders/create", body, order(f"shopify:{n}", 4497))


def _shopify_cancelled(n: int) -> Webhook:
    body = {"id": n, "cancel_reason": "customer", "cancelled_at": _AT, "line_items": []}
    return shopify("orders/cancelled", body, request(f"shopify:{n}"))


def _shopify_refund(n: int) -> Webhook:
    money = {"id": n, "order_id": n, "kind": "refund", "status": "success", "amount": "12.50"}
    body = {
        "id": n,
        "order_id": n,
        "transactions": [money | {"currency": "EUR", "created_at": _AT}],
        "refund_line_items": [],
    }
    return shopify("refunds/create", body, paid(f"shopify:{n}", "REFUNDED", 1250))


def _shopify_fulfilment(n: int) -> Webhook:
    body = {"id": n, "order_id": n, "status": "success", "created_at": _AT, "updated_at": _AT}
    return shopify("fulfillments/create", body, parcel(f"shopify:{n}", "SHIPPED"))


def _shopify_level(n: int) -> Webhook:
    body = {
        "inventory_item_id": n % ITEMS,
        "location_id": n,
        "available": n % 90 + 1,
        "updated_at": _AT,
    }
    expected = stock(f"item-{n % ITEMS}", f"shopify:{n}", n % 90 + 1)
    return shopify("inventory_levels/update", body, expected)


def shopify_product(n: int) -> Fields:
    """A product of one variant, whose sku is item-N."""
    variant = {"id": n, "title": "Default Title", "price": "19.99", "sku": f"item-{n}"}
    return {
        "id": n,
        "title": "A mug",
        "product_type": "tableware",
        "updated_at": _AT,
        "variants": [variant | {"inventory_item_id": n}],
    }


def _shopify_cart(n: int) -> Webhook:
    line = {"sku": f"sku-{n % 500}", "quantity": 3, "price": "19.99"}
    body = {"token": f"cart-{n}", "line_items": [line], "updated_at": _AT}
    expected = click(f"shopify:cart-{n}", "ADD_TO_CART", f"sku-{n % 500}", 3)
    return shopify("carts/update", body, expected)


# WooCommerce


def _woo_order(n: int, topic: str, status: str, expected: Expected, **more: Any) -> Webhook:
    body = {
        "id": n,
        "status": status,
        "currency": "EUR",
        "total": "30.00",
        "date_created_gmt": _GMT,
        "date_modified_gmt": _GMT,
        "customer_id": n % 1000 + 1,
        "billing": {"country": "DE", "email": "somebody@example.com", **_STREET},
        "shipping": {"country": "DE", **_STREET},
        "payment_method": "stripe",
        "line_items": [
            {"product_id": n, "sku": f"sku-{n % 500}", "quantity": 1, "price": 30, "total": "30.00"}
        ],
        "refunds": [],
        **more,
    }
    return webhook("woocommerce", topic, body, expected)


def _woo_created(n: int) -> Webhook:
    return _woo_order(n, "order.created", "pending", order(f"woocommerce:{n}", 3000))


def _woo_cancelled(n: int) -> Webhook:
    return _woo_order(n, "order.updated", "cancelled", request(f"woocommerce:{n}"))


def _woo_refunded(n: int) -> Webhook:
    refunds = [{"id": n, "reason": "", "total": "-30.00"}]
    expected = paid(f"woocommerce:{n}", "REFUNDED", 3000)
    return _woo_order(n, "order.updated", "refunded", expected, refunds=refunds)


def _woo_completed(n: int) -> Webhook:
    expected = parcel(f"woocommerce:{n}", "SHIPPED")
    return _woo_order(n, "order.updated", "completed", expected)


def _woo_product(n: int) -> Webhook:
    sku = f"woo-{n}"
    body = {"id": n, "name": "A bowl", "sku": sku, "price": "9.90", "date_created_gmt": _GMT}
    counted = {"manage_stock": True, "stock_quantity": 7}
    expected = product(sku, 990), stock(sku, "woocommerce:stock", 7)
    return webhook("woocommerce", "product.updated", body | counted, *expected)


# Magento


def _magento_order(n: int) -> Webhook:
    body = {
        "entity_id": n,
        "order_currency_code": "EUR",
        "grand_total": 165,
        "created_at": _UTC,
        "customer_id": n % 1000 + 1,
        "payment": {"method": "banktransfer"},
        "billing_address": {"country_id": "DE"},
        "items": [
            {"sku": f"sku-{n % 500}", "qty_ordered": 1, "price": 165, "parent_item_id": None}
        ],
    }
    return webhook("magento", "order.placed", body, order(f"magento:{n}", 16500))


def _magento_invoice(n: int) -> Webhook:
    money = {"entity_id": n, "order_id": n, "order_currency_code": "EUR", "grand_total": 165.5}
    body = money | {"created_at": _UTC, "state": 2}
    return webhook("magento", "invoice.saved", body, paid(f"magento:{n}", "CAPTURED", 16550))


def _magento_shipment(n: int) -> Webhook:
    body = {"entity_id": n, "order_id": n, "created_at": _UTC, "tracks": []}
    return webhook("magento", "shipment.created", body, parcel(f"magento:{n}", "SHIPPED"))


def _magento_stock(n: int) -> Webhook:
    items = [{"sku": f"magento-{n}", "source_code": "central", "quantity": n % 90 + 1}]
    expected = stock(f"magento-{n}", "magento:central", n % 90 + 1)
    return webhook("magento", "source_items.saved", {"items": items}, expected)


def _magento_quote(n: int) -> Webhook:
    body = {
        "id": n,
        "updated_at": _UTC,
        "currency": {"quote_currency_code": "EUR"},
        "items": [{"sku": f"sku-{n % 500}", "qty": 2, "price": 5}],
    }
    expected = click(f"magento:quote:{n}", "ADD_TO_CART", f"sku-{n % 500}", 2)
    return webhook("magento", "quote.saved", body, expected)


# custom


def _custom(topic: str, data: Fields, *expected: Expected) -> Webhook:
    return webhook("custom", topic, {"type": topic, "data": data}, *expected)


def _custom_order(n: int) -> Webhook:
    name = f"custom-{n}"
    data = {
        "order_id": name,
        "customer_id": f"c-{n % 1000}",
        "amount_minor": 4200,
        "currency": "EUR",
        "payment_method": "card",
        "channel": "app",
        "lines": [{"sku": f"sku-{n % 500}", "quantity": 1, "unit_price_minor": 4200}],
    }
    return _custom("orders.initiated", data, order(name, 4200))


def _custom_payment(n: int) -> Webhook:
    name = f"custom-{n}"
    data = {"order_id": name, "amount_minor": 42, "currency": "EUR", "event_type": "AUTHORIZED"}
    return _custom("payments.events", data, paid(name, "AUTHORIZED", 42))


def _custom_search(n: int) -> Webhook:
    data = {"visitor_id": f"v-{n}", "event_type": "SEARCH", "query": "mug"}
    return _custom("clickstream.events", data, click(f"v-{n}", "SEARCH", None, None))


def _custom_level(n: int) -> Webhook:
    data = {"sku": f"custom-{n}", "warehouse_id": "berlin", "available": 5}
    return _custom("inventory.levels", data, stock(f"custom-{n}", "berlin", 5))


MAKERS: dict[str, list[Callable[[int], Webhook]]] = {
    "shopify": [
        _shopify_order,
        _shopify_cancelled,
        _shopify_refund,
        _shopify_fulfilment,
        _shopify_level,
        _shopify_cart,
    ],
    "woocommerce": [_woo_created, _woo_cancelled, _woo_refunded, _woo_completed, _woo_product],
    "magento": [
        _magento_order,
        _magento_invoice,
        _magento_shipment,
        _magento_stock,
        _magento_quote,
    ],
    "custom": [_custom_order, _custom_payment, _custom_search, _custom_level],
}
