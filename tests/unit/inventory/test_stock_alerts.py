"""Alerts of a sku: out of stock, back in stock, low, reorder."""

from support.stockroom import (
    NOON,
    Shop,
    adjusted,
    committed,
    minutes,
    released,
    reserve,
    restocked,
    shipped,
)

from udfs.inventory.events import ALERTS, AVAILABILITY, RESERVATIONS
from udfs.inventory.state import Shelf, Stock1, stock_of_version_1


def test_the_last_available_unit_raises_out_of_stock(shop: Shop):
    shop.given(restocked("berlin", 1), restocked("paris", 1), reserve("r1"))

    last = reserve("r2")
    shop.send(last)

    assert shop.emitted(ALERTS) == [
        {
            "alert_type": "OUT_OF_STOCK",
            "sku": "mug",
            "warehouse_id": None,
            "quantity": 0,
            "sequence": 4,
            "cause": last["event_id"],
            "out_since": None,
        }
    ]


def test_an_empty_warehouse_is_no_alert_while_another_has_units(shop: Shop):
    shop.given(restocked("berlin", 1), restocked("paris", 1))

    shop.send(adjusted("berlin", -1))

    assert shop.alerts() == []


def test_units_that_come_back_raise_back_in_stock_once(shop: Shop):
    shop.given(restocked("berlin", 2), reserve("r1", 2))

    shop.send(released("r1"))
    shop.send(restocked("berlin", 3))

    assert shop.alerts() == [("BACK_IN_STOCK", 2)]
    assert shop.stock().out_since is None


def test_what_is_back_in_stock_says_since_when_it_was_out(shop: Shop):
    shop.given(restocked("berlin", 1), reserve("r1", at=NOON + minutes(1)))

    shop.send(restocked("berlin", 3, at=NOON + minutes(5)))

    (alert,) = shop.emitted(ALERTS)
    assert (alert["alert_type"], alert["out_since"]) == ("BACK_IN_STOCK", NOON + minutes(1))


def test_what_ran_out_before_that_was_kept_is_back_since_nobody_knows_when(shop: Shop):
    shop.remember("mug", stock_of_version_1(Stock1({"berlin": Shelf()}, 2, out_of_stock=True)))

    shop.send(restocked("berlin", 3))

    (alert,) = shop.emitted(ALERTS)
    assert (alert["alert_type"], alert["out_since"]) == ("BACK_IN_STOCK", None)


def test_an_expiry_brings_a_sku_back_in_stock(shop: Shop):
    shop.given(restocked("berlin", 2), reserve("r1", 2))

    shop.advance(NOON + minutes(15))

    assert shop.alerts() == [("BACK_IN_STOCK", 2)]


def test_the_first_restock_is_no_return(shop: Shop):
    shop.send(reserve("r1"))
    shop.send(restocked("berlin", 3))

    assert shop.alerts() == []


def test_stock_that_goes_and_returns_says_so_each_time(shop: Shop):
    shop.given(restocked("berlin", 1))

    for number in range(2):
        shop.send(reserve(f"r{number}"))
        shop.send(released(f"r{number}"))

    assert shop.alerts() == [("OUT_OF_STOCK", 0), ("BACK_IN_STOCK", 1)] * 2


def test_an_event_that_leaves_the_availability_as_it_was_raises_nothing(shop: Shop):
    shop.given(restocked("berlin", 1), reserve("r1"))

    shop.send(committed("r1"))
    shop.send(shipped("r1"))

    assert shop.alerts() == []


def test_falling_to_the_reorder_point_warns_and_reorders_once(shop: Shop):
    shop.policy(reorder_point=5, reorder_quantity=40)
    shop.given(restocked("berlin", 4), restocked("paris", 3))

    shop.send(reserve("r1"))
    assert shop.alerts() == []
    shop.send(reserve("r2"))
    assert shop.alerts() == [("LOW_STOCK", 5), ("REORDER_REQUESTED", 40)]
    shop.send(reserve("r3"))
    shop.send(released("r3"))
    shop.send(released("r2"))
    shop.send(reserve("r4", 2))

    assert len(shop.alerts()) == 2


def test_only_a_delivery_above_the_point_arms_the_warning_again(shop: Shop):
    shop.policy(reorder_point=5, reorder_quantity=40)
    shop.given(restocked("berlin", 6), reserve("r1", 3))

    shop.send(restocked("berlin", 2))
    shop.send(released("r1"))
    shop.send(reserve("r2", 3))
    assert shop.alerts() == []
    shop.send(restocked("berlin", 1))
    shop.send(reserve("r3", 1))

    assert shop.alerts() == [("LOW_STOCK", 5), ("REORDER_REQUESTED", 40)]


def test_a_positive_correction_arms_the_warning_too(shop: Shop):
    shop.policy(reorder_point=5)
    shop.given(restocked("berlin", 6), reserve("r1"))

    shop.send(adjusted("berlin", 1))
    shop.send(adjusted("berlin", -1))

    assert shop.alerts() == [("LOW_STOCK", 5)]


def test_a_loss_that_frees_units_above_the_point_does_not_arm_the_warning(shop: Shop):
    shop.policy(reorder_point=5)
    shop.given(restocked("berlin", 9), reserve("r1", 9))
    shop.send(adjusted("berlin", -1))

    shop.send(reserve("r2", 8))

    assert shop.alerts() == [("BACK_IN_STOCK", 8), ("OUT_OF_STOCK", 0)]


def test_selling_out_at_once_is_out_of_stock_and_low(shop: Shop):
    shop.policy("*", reorder_point=5, reorder_quantity=40)
    shop.given(restocked("berlin", 6))

    shop.send(reserve("r1", 6))

    alerts = [("OUT_OF_STOCK", 0), ("LOW_STOCK", 0), ("REORDER_REQUESTED", 40)]
    assert shop.alerts() == alerts


def test_a_reorder_point_of_zero_never_warns(shop: Shop):
    shop.policy(reorder_quantity=40)
    shop.given(restocked("berlin", 6))

    shop.send(reserve("r1", 5))
    shop.send(reserve("r2", 1))

    assert shop.alerts() == [("OUT_OF_STOCK", 0)]


def test_stock_that_never_was_above_the_point_does_not_warn(shop: Shop):
    shop.policy(reorder_point=5)
    shop.given(restocked("berlin", 5))

    shop.send(reserve("r1"))
    shop.send(reserve("r2"))

    assert shop.alerts() == []


def test_a_step_says_reservations_then_availability_then_alerts(shop: Shop):
    shop.given(restocked("berlin", 1), restocked("paris", 1))
    shop.given(reserve("r1", warehouse_id="berlin"))

    shop.send(adjusted("berlin", -1))

    topics = [topic for topic, _ in shop.outputs]
    assert topics == [RESERVATIONS, AVAILABILITY, AVAILABILITY, ALERTS]
