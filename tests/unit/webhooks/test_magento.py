"""Magento's REST bodies in this project's words."""

import pytest
from support.webhooks import RECEIVED_MS, facts_of

from connectors.webhooks.contract import Level, Unmappable

AT = "2017-08-21 22:22:19"
AT_MS = 1_503_354_139_000


def facts(topic, body):
    return facts_of("magento", topic, body)


def order(**change):
    return {
        "entity_id": 3,
        "order_currency_code": "USD",
        "grand_total": 165.1,
        "created_at": AT,
        "customer_id": 9,
        "payment": {"method": "banktransfer"},
        "billing_address": {"country_id": "US"},
        "items": [
            {"item_id": 1, "sku": "shirt-m", "qty_ordered": 2, "price": 82.55},
            {"item_id": 2, "sku": "shirt-m", "qty_ordered": 2, "price": 0, "parent_item_id": 1},
        ],
        **change,
    }


def test_an_order_counts_a_configurable_product_once():
    (placed,) = facts("order.placed", order())
    assert (placed.order_id, placed.customer_id) == ("magento:3", "magento:9")
    assert (placed.event_time, placed.amount_minor) == (AT_MS, 16510)
    assert [(n.sku, n.quantity, n.unit_price_minor) for n in placed.lines] == [("shirt-m", 2, 8255)]
    assert (placed.payment_method, placed.shipping_country) == ("banktransfer", "US")


def test_an_order_goes_to_the_address_of_its_shipment():
    address = {"shipping": {"address": {"country_id": "CA"}}}
    (placed,) = facts(
        "order.placed", order(extension_attributes={"shipping_assignments": [address]})
    )
    assert (placed.billing_country, placed.shipping_country) == ("US", "CA")


def test_what_is_sold_by_weight_has_no_units():
    items = [{"sku": "cheese", "qty_ordered": 0.25, "price": 4}]
    with pytest.raises(Unmappable, match="whole number of units"):
        facts("order.placed", order(items=items))


def money(**change):
    body = {"entity_id": 5, "order_id": 3, "order_currency_code": "USD", "grand_total": 165}
    return body | {"created_at": AT} | change


def test_a_paid_invoice_captures_and_an_open_one_says_nothing():
    (paid,) = facts("invoice.saved", money(state=2))
    assert (paid.order_id, paid.event_type, paid.amount_minor) == ("magento:3", "CAPTURED", 16500)
    assert facts("invoice.saved", money(state=1)) == []


def test_a_credit_memo_refunds():
    (paid,) = facts("creditmemo.created", money())
    assert paid.event_type == "REFUNDED"


def test_a_cancelled_order_and_a_shipment():
    (wish,) = facts("order.canceled", {"entity_id": 3, "updated_at": AT})
    assert (wish.order_id, wish.request) == ("magento:3", "CANCEL")
    track = {"track_number": "1z", "title": "UPS"}
    (parcel,) = facts(
        "shipment.created", {"entity_id": 1, "order_id": 3, "created_at": AT, "tracks": [track]}
    )
    assert (parcel.event_type, parcel.tracking_number, parcel.carrier) == ("SHIPPED", "1z", "UPS")


def test_source_items_are_levels_as_of_when_they_came():
    items = [{"sku": "mug", "source_code": "east", "quantity": 250, "status": 1}]
    assert facts("source_items.saved", {"items": items}) == [
        Level(
            source="magento",
            sku="mug",
            warehouse_id="magento:east",
            available=250,
            at=RECEIVED_MS,
        )
    ]


def test_a_product_and_a_cart():
    saved = {"id": 1, "sku": "mug", "name": "Mug", "price": 9.9, "updated_at": AT}
    (product,) = facts("product.saved", saved)
    assert (product.price_minor, product.currency) == (990, "EUR")
    quote = {
        "id": 4,
        "updated_at": AT,
        "currency": {"quote_currency_code": "USD"},
        "items": [{"sku": "mug", "qty": 2, "price": 9.9}],
    }
    (cart,) = facts("quote.saved", quote)
    assert (cart.visitor_id, cart.currency) == ("magento:quote:4", "USD")
    assert [(line.sku, line.quantity) for line in cart.lines] == [("mug", 2)]
