"""Which warehouse fills a reservation."""

from support.stockroom import Shop, reserve, restocked

from udfs.inventory.events import SHIPPING_COSTS


def test_the_cheapest_warehouse_to_the_region_fills_it(shop: Shop):
    shop.shipping_cost("athens", "eu", 500, distance_km=1)
    shop.shipping_cost("berlin", "eu", 300, distance_km=9000)
    shop.shipping_cost("athens", "us", 1)
    shop.given(restocked("athens", 5), restocked("berlin", 5))

    shop.send(reserve("r1", ship_to_region="eu"))

    assert shop.decisions() == [("r1", "RESERVED", "berlin")]


def test_a_cheap_warehouse_that_cannot_fill_it_whole_is_passed_over(shop: Shop):
    shop.shipping_cost("athens", "eu", 1)
    shop.shipping_cost("berlin", "eu", 300)
    shop.shipping_cost("paris", "eu", 200)
    shop.given(restocked("athens", 4), restocked("berlin", 5), restocked("paris", 5))

    shop.send(reserve("r1", 5, ship_to_region="eu"))

    assert shop.decisions() == [("r1", "RESERVED", "paris")]


def test_what_no_warehouse_has_whole_is_rejected_though_together_they_have_it(shop: Shop):
    shop.given(restocked("athens", 4), restocked("berlin", 4))

    shop.send(reserve("r1", 5))

    assert shop.answers("r1") == [("REJECTED", "INSUFFICIENT_STOCK")]


def test_equal_costs_go_by_distance_and_equal_distances_by_id(shop: Shop):
    shop.shipping_cost("athens", "eu", 300, distance_km=20)
    shop.shipping_cost("berlin", "eu", 300, distance_km=10)
    shop.shipping_cost("paris", "eu", 300, distance_km=10)
    shop.given(restocked("paris", 1), restocked("berlin", 1), restocked("athens", 1))

    for number in range(3):
        shop.send(reserve(f"r{number}", ship_to_region="eu"))

    assert [warehouse for _, _, warehouse in shop.decisions()] == ["berlin", "paris", "athens"]


def test_a_warehouse_with_a_known_cost_comes_before_any_without(shop: Shop):
    shop.shipping_cost("paris", "eu", 99_000, distance_km=20_000)
    shop.shipping_cost("athens", "us", 1)
    shop.given(restocked("berlin", 1), restocked("athens", 1), restocked("paris", 1))

    for number in range(3):
        shop.send(reserve(f"r{number}", ship_to_region="eu"))

    assert [warehouse for _, _, warehouse in shop.decisions()] == ["paris", "athens", "berlin"]


def test_without_a_region_the_smallest_id_fills_it(shop: Shop):
    shop.shipping_cost("berlin", "None", 1)
    shop.given(restocked("berlin", 1), restocked("athens", 1))

    shop.send(reserve("r1"))

    assert shop.decisions() == [("r1", "RESERVED", "athens")]


def test_a_request_for_a_warehouse_is_filled_there_or_not_at_all(shop: Shop):
    shop.shipping_cost("athens", "eu", 1)
    shop.given(restocked("athens", 5), restocked("berlin", 1))

    shop.send(reserve("r1", warehouse_id="berlin", ship_to_region="eu"))
    shop.send(reserve("r2", warehouse_id="berlin", ship_to_region="eu"))
    shop.send(reserve("r3", warehouse_id="nowhere", ship_to_region="eu"))

    assert shop.decisions() == [
        ("r1", "RESERVED", "berlin"),
        ("r2", "REJECTED", None),
        ("r3", "REJECTED", None),
    ]
    assert "nowhere" not in shop.stock().warehouses


def test_a_changed_cost_counts_from_the_next_request_on(shop: Shop):
    shop.shipping_cost("berlin", "eu", 1)
    shop.given(restocked("athens", 5), restocked("berlin", 5))

    shop.send(reserve("r1", ship_to_region="eu"))
    shop.refer(SHIPPING_COSTS, "berlin|eu", None)
    shop.send(reserve("r2", ship_to_region="eu"))

    assert [warehouse for _, _, warehouse in shop.decisions()] == ["berlin", "athens"]
