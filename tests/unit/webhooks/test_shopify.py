"""Shopify's bodies in this project's words."""

import pytest
from support.webhooks import facts_of

from connectors.webhooks.contract import Cart, Item, Level, Unmappable
from connectors.webhooks.platforms import UnknownTopic

AT = "2025-11-20T12:00:00+01:00"
AT_MS = 1_763_636_400_000


def facts(topic, body):
    return facts_of("shopify", topic, body)


def order(**change):
    return {
        "id": 820982911946154500,
        "admin_graphql_api_id": "gid://shopify/Order/820982911946154508",
        "created_at": AT,
        "currency": "EUR",
        "total_price": "44.97",
        "email": " Jo@Example.com ",
        "source_name": "pos",
        "payment_gateway_names": ["visa"],
        "shipping_address": {"country_code": "DE"},
        "line_items": [{"id": 5, "sku": "mug", "quantity": 2, "price": "19.99"}],
        **change,
    }


def transaction(**change):
    return {
        "id": 7,
        "order_id": 8,
        "kind": "sale",
        "status": "success",
        "amount": "12.50",
        "currency": "EUR",
        "created_at": AT,
        **change,
    }


def test_an_order_keeps_its_exact_id_and_its_money_in_minor_units():
    (placed,) = facts("orders/create", order())
    assert placed.order_id == "shopify:820982911946154508"
    assert placed.event_id == "shopify:order:820982911946154508:placed"
    assert placed.event_time == AT_MS
    assert (placed.amount_minor, placed.currency) == (4497, "EUR")
    assert [(n.sku, n.quantity, n.unit_price_minor) for n in placed.lines] == [("mug", 2, 1999)]
    assert (placed.channel, placed.shipping_country) == ("store", "DE")


def test_a_guest_is_known_by_the_email_however_it_is_written():
    (first,) = facts("orders/create", order())
    (second,) = facts("orders/create", order(email="jo@example.com"))
    (third,) = facts("orders/create", order(email="al@example.com"))
    assert first.customer_id == second.customer_id != third.customer_id
    assert "jo" not in first.customer_id


def test_a_cart_that_was_ordered_was_bought_line_by_line():
    placed, bought = facts("orders/create", order(cart_token="c-1"))
    assert bought.topic == "clickstream.events"
    assert (bought.event_type, bought.visitor_id) == ("PURCHASE", "shopify:c-1")
    assert (bought.sku, bought.quantity, bought.price_minor) == ("mug", 2, 1999)
    assert bought.customer_id == placed.customer_id


def test_a_line_without_a_sku_is_named_by_its_variant_or_itself():
    lines = [
        {"id": 5, "sku": "", "variant_id": 9, "quantity": 1, "price": "1.00"},
        {"id": 6, "sku": None, "quantity": 1, "price": "1.00"},
    ]
    (placed,) = facts("orders/create", order(line_items=lines))
    assert [line.sku for line in placed.lines] == ["shopify:variant:9", "shopify:line:6"]


@pytest.mark.parametrize(
    ("currency", "price", "minor"), [("JPY", "1500", 1500), ("KWD", "1.234", 1234)]
)
def test_money_has_the_decimals_of_its_currency(currency, price, minor):
    (placed,) = facts("orders/create", order(currency=currency, total_price=price))
    assert placed.amount_minor == minor


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"total_price": "44.975"}, "minor units of EUR"),
        ({"total_price": "1e9999999"}, "expected an amount of money"),
        ({"total_price": "NaN"}, "expected an amount of money|decimal"),
        ({"total_price": None}, "total_price"),
        ({"currency": "euro"}, "currency"),
        ({"line_items": []}, "lines"),
        ({"created_at": None}, "created_at"),
        ({"created_at": "yesterday"}, "created_at"),
        ({"created_at": "0001-01-01T00:00:00+14:00"}, "event_time"),
        ({"admin_graphql_api_id": "gid://shopify/Order/x"}, "gid://shopify/Order/NUMBER"),
        ({"line_items": [{"sku": "mug", "quantity": 0, "price": "1"}]}, "quantity"),
    ],
)
def test_an_order_that_does_not_map_says_what_is_wrong(change, reason):
    with pytest.raises(Unmappable, match=reason):
        facts("orders/create", order(**change))


def test_a_cancelled_order_is_a_wish_to_cancel_with_its_reason():
    body = {"id": 8, "cancelled_at": AT, "cancel_reason": "customer"}
    (wish,) = facts("orders/cancelled", body)
    assert (wish.order_id, wish.request, wish.reason) == ("shopify:8", "CANCEL", "customer")
    assert wish.event_time == AT_MS


@pytest.mark.parametrize(
    ("kind", "status", "event_type"),
    [
        ("authorization", "success", "AUTHORIZED"),
        ("capture", "success", "CAPTURED"),
        ("sale", "success", "CAPTURED"),
        ("sale", "failure", "DECLINED"),
        ("refund", "success", "REFUNDED"),
    ],
)
def test_a_transaction_is_what_became_of_a_payment(kind, status, event_type):
    (paid,) = facts("order_transactions/create", transaction(kind=kind, status=status))
    assert (paid.order_id, paid.event_type) == ("shopify:8", event_type)
    assert (paid.amount_minor, paid.currency) == (1250, "EUR")


@pytest.mark.parametrize("change", [{"kind": "void"}, {"status": "pending"}])
def test_a_transaction_that_moved_no_money_says_nothing(change):
    assert facts("order_transactions/create", transaction(**change)) == []


def test_a_refund_is_the_same_event_whichever_topic_brings_it():
    money = transaction(kind="refund", currency=None)
    shop = {"subtotal_set": {"shop_money": {"amount": "12.50", "currency_code": "USD"}}}
    refund = {"id": 1, "order_id": 8, "transactions": [money], "refund_line_items": [shop]}
    (of_refund,) = facts("refunds/create", refund)
    (alone,) = facts("order_transactions/create", money)
    assert of_refund.currency == "USD"
    assert of_refund.event_id == alone.event_id


@pytest.mark.parametrize(
    ("status", "shipment_status", "event_type"),
    [
        ("pending", None, "PICKED"),
        ("open", None, "PACKED"),
        ("success", None, "SHIPPED"),
        ("success", "in_transit", "SHIPPED"),
        ("success", "delivered", "DELIVERED"),
    ],
)
def test_a_fulfilment_is_where_the_parcel_is(status, shipment_status, event_type):
    body = {"id": 4, "order_id": 8, "status": status, "created_at": AT}
    (parcel,) = facts("fulfillments/update", body | {"shipment_status": shipment_status})
    assert (parcel.order_id, parcel.event_type) == ("shopify:8", event_type)


def test_a_cancelled_fulfilment_says_nothing_and_an_unknown_status_is_unmappable():
    body = {"id": 4, "order_id": 8, "status": "cancelled", "created_at": AT}
    assert facts("fulfillments/update", body) == []
    with pytest.raises(Unmappable, match="came 'lost'"):
        facts("fulfillments/update", body | {"status": "lost"})


def test_a_level_is_of_the_exact_item_and_null_is_no_level():
    body = {
        "inventory_item_id": 271878346596884000,
        "location_id": 24826418,
        "available": 12,
        "updated_at": AT,
        "admin_graphql_api_id": (
            "gid://shopify/InventoryLevel/24826418?inventory_item_id=271878346596884015"
        ),
    }
    expected = Level(
        source="shopify",
        warehouse_id="shopify:24826418",
        available=12,
        at=AT_MS,
        item="271878346596884015",
    )
    assert facts("inventory_levels/update", body) == [expected]
    assert facts("inventory_levels/update", body | {"available": None}) == []


def test_a_product_is_its_variants_and_names_their_items():
    variants = [
        {"id": 1, "title": "Small", "price": "19.99", "sku": "s", "inventory_item_id": 11},
        {"id": 2, "title": "Large", "price": "21.00", "sku": None},
    ]
    body = {"id": 3, "title": "Shirt", "updated_at": AT, "variants": variants}
    small, item, large = facts("products/update", body)
    assert (small.sku, small.name, small.price_minor) == ("s", "Shirt, Small", 1999)
    assert (small.currency, small.category) == ("EUR", "uncategorised")
    assert item == Item(source="shopify", item="11", sku="s", at=AT_MS)
    assert large.sku == "shopify:variant:2"


def test_a_cart_is_all_that_is_in_it():
    lines = [
        {"sku": "mug", "quantity": 1, "price": "5.00"},
        {"sku": "mug", "quantity": 2, "price": "5.00"},
    ]
    (cart,) = facts("carts/update", {"token": "c", "line_items": lines, "updated_at": AT})
    assert isinstance(cart, Cart)
    assert [(line.sku, line.quantity, line.price_minor) for line in cart.lines] == [("mug", 3, 500)]


def test_a_checkout_is_started_by_the_visitor_of_its_cart():
    body = {"token": "t", "cart_token": "c", "created_at": AT, "customer": {"id": 3}}
    (click,) = facts("checkouts/create", body)
    assert (click.event_type, click.visitor_id) == ("CHECKOUT_START", "shopify:c")
    assert click.customer_id == "shopify:3"


def test_what_another_topic_says_better_says_nothing_and_the_rest_is_unknown():
    assert facts("orders/updated", order()) == []
    with pytest.raises(UnknownTopic, match="came 'themes/publish'"):
        facts("themes/publish", {})
