"""WooCommerce's bodies in this project's words."""

import pytest
from support.webhooks import RECEIVED_MS, facts_of

from connectors.webhooks.contract import Level, Unmappable
from connectors.webhooks.woocommerce import is_ping


def facts(topic, body):
    return facts_of("woocommerce", topic, body)


def order(**change):
    return {
        "id": 88,
        "status": "pending",
        "currency": "USD",
        "total": "30.00",
        "date_created_gmt": "2018-02-04T21:08:59",
        "date_modified_gmt": "2018-02-05T00:00:00",
        "customer_id": 0,
        "billing": {"country": "US", "email": "jo@example.com"},
        "shipping": {"country": ""},
        "payment_method": "stripe",
        "line_items": [
            {"product_id": 7, "variation_id": 0, "quantity": 3, "price": 3.333333, "sku": ""}
        ],
        **change,
    }


def said(facts):
    def kind(fact):
        return fact.request if fact.topic == "orders.requests" else fact.event_type

    return [(fact.topic, kind(fact)) for fact in facts]


def test_a_created_order_is_placed_in_utc_with_the_products_that_have_no_sku():
    (placed,) = facts("order.created", order())
    assert placed.order_id == "woocommerce:88"
    assert placed.event_time == 1_517_778_539_000
    assert placed.amount_minor == 3000
    assert [(n.sku, n.quantity, n.unit_price_minor) for n in placed.lines] == [
        ("woocommerce:product:7", 3, 333)
    ]
    assert (placed.billing_country, placed.shipping_country) == ("US", "US")
    assert placed.customer_id.startswith("woocommerce:guest:")


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"status": "pending"}, []),
        ({"status": "on-hold"}, []),
        ({"date_paid_gmt": "2018-02-04T22:00:00"}, [("payments.events", "CAPTURED")]),
        ({"status": "failed"}, [("payments.events", "DECLINED")]),
        ({"status": "completed"}, [("shipments.events", "SHIPPED")]),
        ({"status": "cancelled"}, [("orders.requests", "CANCEL")]),
        ({"status": "refunded"}, [("payments.events", "REFUNDED")]),
    ],
)
def test_an_updated_order_says_what_its_status_says(change, expected):
    assert said(facts("order.updated", order(**change))) == expected


def test_every_refund_is_an_event_of_its_own_and_its_amount_is_positive():
    refunds = [{"id": 1, "total": "-10.00"}, {"id": 2, "total": "-20.00"}]
    first, second = facts("order.updated", order(status="refunded", refunds=refunds))
    assert (first.amount_minor, second.amount_minor) == (1000, 2000)
    assert first.event_id != second.event_id


def test_what_an_order_said_before_has_the_same_event_id_again():
    paid = order(status="processing", date_paid_gmt="2018-02-04T22:00:00")
    later = order(status="completed", date_paid_gmt="2018-02-04T22:00:00")
    (first,) = facts("order.updated", paid)
    assert facts("order.updated", later)[0] == first


def test_a_deleted_order_is_cancelled_when_that_was_received():
    (wish,) = facts("order.deleted", {"id": 88})
    assert (wish.request, wish.event_time) == ("CANCEL", RECEIVED_MS)


def test_a_status_that_nobody_knows_is_unmappable():
    with pytest.raises(Unmappable, match="came 'lost'"):
        facts("order.updated", order(status="lost"))


def product(**change):
    body = {"id": 7, "name": "Mug", "sku": "mug", "date_created_gmt": "2019-04-13T12:18:36"}
    return body | {"price": "9.90", "regular_price": "", "categories": None} | change


def test_a_product_whose_stock_is_counted_is_a_level_too():
    counted = product(manage_stock=True, stock_quantity=-2, categories=[{"name": "tableware"}])
    priced, level = facts("product.updated", counted)
    assert (priced.sku, priced.price_minor, priced.category) == ("mug", 990, "tableware")
    assert level == Level(
        source="woocommerce",
        sku="mug",
        warehouse_id="woocommerce:stock",
        available=-2,
        at=priced.event_time,
    )


@pytest.mark.parametrize("change", [{"manage_stock": False}, {"manage_stock": "parent"}])
def test_stock_that_is_not_counted_is_no_level(change):
    (priced,) = facts("product.updated", product(**change))
    assert priced.category == "uncategorised"


def test_the_regular_price_is_the_list_price_and_no_price_is_no_product():
    (priced,) = facts("product.updated", product(regular_price="12.00"))
    assert priced.price_minor == 1200
    assert facts("product.updated", product(price="")) == []
    with pytest.raises(Unmappable, match="came 'free'"):
        facts("product.updated", product(price="free"))


def test_only_an_unsigned_form_with_a_number_is_a_ping():
    assert is_ping({}, b"webhook_id=12")
    assert not is_ping({}, b"webhook_id=12&more=1")
    assert not is_ping({"x-wc-webhook-signature": "x"}, b"webhook_id=12")
