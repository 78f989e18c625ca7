"""Bodies that platforms really sent or document: mapped, or dead letters with a reason."""

import json
import os
from pathlib import Path

import pytest
from support.webhooks import facts_of

from connectors.webhooks.contract import OrderInitiated, Product, Unmappable

SHARED = Path(os.environ.get("SHOPSTREAM_SHARED_DATA", "../shared/data")) / "webhooks"

pytestmark = [
    pytest.mark.shared_data,
    pytest.mark.skipif(not SHARED.is_dir(), reason=f"no webhooks in {SHARED}"),
]

# how many facts each sample comes to
SAMPLES = {
    "2024-04/carts__update.json": 1,
    "2024-04/checkouts__create.json": 1,
    "2024-04/fulfillments__create.json": 1,
    "2024-04/inventory_items__update.json": 1,
    "2024-04/inventory_levels__update.json": 0,  # available is null: not counted there
    "2024-04/order_transactions__create.json": 1,
    "2024-04/orders__create.json": 1,
    "2024-04/products__update.json": 2,
    "2024-04/refunds__create.json": 2,
    "2026-04/orders__create.json": 1,
    "2026-04/refunds__create.json": 2,
}
TOPICS = {
    "checkouts": "checkouts/create",
    "fulfillments": "fulfillments/create",
    "orders": "orders/create",
    "inventory_levels": "inventory_levels/update",
    "refunds": "refunds/create",
}


@pytest.mark.parametrize("name", SAMPLES)
def test_shopifys_samples_map(name):
    body = (SHARED / "shopify" / "topic_samples" / name).read_bytes()
    topic = Path(name).stem.replace("__", "/")
    assert len(facts_of("shopify", topic, body)) == SAMPLES[name]


def test_the_sample_that_stands_for_a_cancelled_order_cancels_the_same_order():
    body = (SHARED / "shopify/topic_samples/2024-04/orders__create.json").read_bytes()
    (placed,) = facts_of("shopify", "orders/create", body)
    (wish,) = facts_of("shopify", "orders/cancelled", body)
    assert placed.order_id == wish.order_id == "shopify:820982911946154508"


def test_a_level_and_its_item_that_lost_their_last_digits_are_still_the_same():
    item = (SHARED / "shopify/topic_samples/2024-04/inventory_items__update.json").read_bytes()
    level = (SHARED / "shopify/topic_samples/2024-04/inventory_levels__update.json").read_bytes()
    (named,) = facts_of("shopify", "inventory_items/update", item)
    (counted,) = facts_of(
        "shopify", "inventory_levels/update", json.loads(level) | {"available": 3}
    )
    assert named.item == counted.item


def test_anonymised_shapes_do_not_map_and_say_why():
    files = sorted((SHARED / "shopify" / "captured_anonymised").glob("*.json"))
    assert files
    for file in files:
        with pytest.raises(Unmappable, match=r"\w+"):
            facts_of("shopify", TOPICS[file.stem.split("__")[1]], file.read_bytes())


@pytest.mark.parametrize(
    ("name", "topic"), [("order", "orders/create"), ("product", "products/update")]
)
def test_older_bodies_map_without_their_root(name, topic):
    wrapped = json.loads((SHARED / "shopify" / "rest_fixtures" / f"{name}.json").read_text())
    assert facts_of("shopify", topic, wrapped[name])
    with pytest.raises(Unmappable):
        facts_of("shopify", topic, wrapped)


def woo(name):
    found = json.loads((SHARED / "woocommerce" / name).read_text())["data"]
    return found if isinstance(found, list) else [found]


@pytest.mark.parametrize(
    "name", ["wc-fetch-order-response-success.json", "wc-orders-response-success.part1.json"]
)
def test_woocommerces_orders_map(name):
    for order in woo(name):
        placed, *rest = facts_of("woocommerce", "order.created", order)
        assert isinstance(placed, OrderInitiated)
        refunded = [fact for fact in rest if getattr(fact, "event_type", "") == "REFUNDED"]
        assert [fact.amount_minor for fact in refunded] == (
            [placed.amount_minor] if order["status"] == "refunded" else []
        )


def test_woocommerces_products_map():
    for product in woo("wc-fetch-products-response-success.json"):
        priced, *levels = facts_of("woocommerce", "product.updated", product)
        assert isinstance(priced, Product)
        assert [level.available for level in levels] == (
            [product["stock_quantity"]] if product["manage_stock"] else []
        )


def test_magentos_bodies_map():
    def read(name):
        return (SHARED / "magento2" / f"{name}.json").read_bytes()

    (placed,) = facts_of("magento", "order.placed", read("order_get"))
    (paid,) = facts_of("magento", "invoice.saved", read("invoice_get"))
    assert placed.order_id == paid.order_id
    assert placed.amount_minor == paid.amount_minor == 16500
    levels = facts_of("magento", "source_items.saved", read("inventory_source_items_search"))
    assert [(level.warehouse_id, level.available) for level in levels] == [
        ("magento:central", 500),
        ("magento:east", 250),
    ]
