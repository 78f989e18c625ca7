"""What is remembered, for how long, and what it costs."""

import tracemalloc

from connectors.webhooks.memory import CART_MS, HOUR_MS, Deliveries, Snapshots
from connectors.webhooks.snapshots import Known

NOON = 1_764_000_000_000


def test_a_delivery_is_known_for_as_long_as_it_was_asked_and_forgotten_an_hour_later():
    deliveries = Deliveries(hours=5)
    deliveries.add("shopify|a", NOON)

    deliveries.add("shopify|b", NOON + 5 * HOUR_MS)
    assert "shopify|a" in deliveries
    assert "shopify|c" not in deliveries

    deliveries.add("shopify|c", NOON + 7 * HOUR_MS)
    assert "shopify|a" not in deliveries
    assert len(deliveries) == 2


def test_deliveries_out_of_order_are_remembered_all_the_same():
    deliveries = Deliveries(hours=5)
    deliveries.add("shopify|late", NOON + HOUR_MS)
    deliveries.add("shopify|early", NOON)
    assert "shopify|late" in deliveries
    assert "shopify|early" in deliveries


def test_a_remembered_delivery_takes_less_than_150_bytes():
    deliveries = Deliveries(hours=24)
    tracemalloc.start()
    for number in range(50_000):
        deliveries.add(f"shopify|{number}", NOON + number)
    size, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert size / 50_000 < 150


def test_a_cart_that_nobody_changes_is_forgotten_and_a_level_is_not():
    snapshots = Snapshots()
    snapshots.update({"shopify|cart|c": Known(NOON), "shopify|level|mug|berlin": Known(NOON)})
    snapshots.forget_carts(NOON + CART_MS)
    assert snapshots.get("shopify|cart|c") is None
    assert snapshots.get("shopify|level|mug|berlin") == Known(NOON)
