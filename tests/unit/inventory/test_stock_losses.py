"""Counts, corrections, and promises that a loss breaks."""

import pytest
from support.stockroom import NOON, Shop, adjusted, committed, minutes, released, reserve, restocked

from udfs.inventory.events import AVAILABILITY


def at_berlin(*sizes: int, names: str = "abcdefgh"):
    """Reservations a, b, ... of these sizes at berlin, oldest first, shipping to the eu."""
    for name, size in zip(names, sizes, strict=False):
        yield reserve(name, size, warehouse_id="berlin", ship_to_region="eu")


def test_a_restock_adds_to_the_total(shop: Shop):
    shop.send(restocked("berlin", 5))
    shop.send(restocked("berlin", 2))

    assert shop.shelf("berlin") == (7, 0, 0)
    assert shop.availability() == [("berlin", 5, 1), ("berlin", 7, 2)]


def test_a_correction_adds_its_signed_quantity(shop: Shop):
    shop.given(restocked("berlin", 5))

    shop.send(adjusted("berlin", -2))
    shop.send(adjusted("berlin", 4))
    shop.send(adjusted("paris", 1))

    assert shop.availability() == [("berlin", 3, 2), ("berlin", 7, 3), ("paris", 1, 1)]


def test_a_loss_greater_than_the_total_leaves_zero(shop: Shop):
    shop.given(restocked("berlin", 5))

    shop.send(adjusted("berlin", -9))
    shop.send(restocked("berlin", 1))

    assert shop.availability() == [("berlin", 0, 2), ("berlin", 1, 3)]


@pytest.mark.parametrize("nothing", [adjusted("berlin", 0), adjusted("nowhere", -3)])
def test_a_correction_of_nothing_is_not_a_step(shop: Shop, nothing):
    shop.given(restocked("berlin", 5))

    shop.send(nothing)

    assert shop.outputs == []
    assert shop.stock().sequence == 1
    assert list(shop.stock().warehouses) == ["berlin"]


def test_a_loss_that_breaks_no_promise_touches_no_reservation(shop: Shop):
    shop.given(restocked("berlin", 5), restocked("paris", 5), *at_berlin(2, 2))

    shop.send(adjusted("berlin", -1))

    assert shop.decisions() == []
    assert shop.view("mug").stored.scans == 0


def test_the_newest_promises_move_first_committed_or_not_until_the_rest_fits(shop: Shop):
    shop.given(restocked("berlin", 4), restocked("paris", 9), *at_berlin(1, 1, 1, 1))
    shop.given(committed("d"))

    loss = adjusted("berlin", -2)
    shop.send(loss)

    assert shop.decisions() == [("d", "REROUTED", "paris"), ("c", "REROUTED", "paris")]
    assert (shop.shelf("berlin"), shop.shelf("paris")) == ((2, 2, 0), (9, 1, 1))
    assert shop.availability() == [("berlin", 0, 7), ("paris", 7, 2)]
    assert {(item["sequence"], item["cause"]) for _, item in shop.outputs} == {
        (8, loss["event_id"])
    }


def test_newest_is_by_decision_not_by_time_or_name(shop: Shop):
    shop.given(restocked("berlin", 2), restocked("paris", 1))
    shop.given(reserve("z", warehouse_id="berlin", at=NOON + 9))
    shop.given(reserve("a", warehouse_id="berlin", at=NOON))

    shop.send(adjusted("berlin", -1))

    assert shop.decisions() == [("a", "REROUTED", "paris")]


def test_a_promise_moves_to_the_cheapest_warehouse_that_can_fill_it_whole(shop: Shop):
    shop.shipping_cost("athens", "eu", 1)
    shop.shipping_cost("oslo", "eu", 9)
    shop.shipping_cost("paris", "eu", 5)
    shop.given(restocked("berlin", 5), *at_berlin(3))
    shop.given(restocked("athens", 2), restocked("oslo", 3), restocked("paris", 3))

    shop.send(adjusted("berlin", -5))

    assert shop.decisions() == [("a", "REROUTED", "paris")]


def test_a_promise_too_big_to_move_is_passed_over_for_an_older_one_that_can(shop: Shop):
    shop.given(restocked("berlin", 5), *at_berlin(2, 3))
    shop.given(restocked("paris", 2))

    shop.send(adjusted("berlin", -2))

    assert shop.decisions() == [("a", "REROUTED", "paris")]
    assert shop.shelf("berlin") == (3, 3, 0)


def test_what_cannot_move_is_released_uncommitted_first_and_newest_first(shop: Shop):
    shop.given(restocked("berlin", 4), *at_berlin(1, 1, 1, 1), committed("b"), committed("d"))

    for _ in range(4):
        shop.send(adjusted("berlin", -1))

    lost = [("c", "RELEASED"), ("a", "RELEASED"), ("d", "RELEASED"), ("b", "RELEASED")]
    assert [decision[:2] for decision in shop.decisions()] == lost
    assert shop.answers("c") == [("RELEASED", "STOCK_LOST")]
    assert shop.shelf("berlin") == (0, 0, 0)


def test_no_more_is_released_than_needed(shop: Shop):
    shop.given(restocked("berlin", 6), *at_berlin(1, 2, 3))

    shop.send(adjusted("berlin", -2))

    assert [decision[:2] for decision in shop.decisions()] == [("c", "RELEASED")]
    assert shop.availability() == [("berlin", 1, 5)]


def test_a_moved_reservation_lives_on_at_its_new_warehouse(shop: Shop):
    shop.given(restocked("berlin", 2), restocked("paris", 2), *at_berlin(1, 1), committed("a"))
    shop.given(adjusted("berlin", -2))

    shop.advance(NOON + minutes(15))
    shop.send(released("a"))

    assert shop.decisions() == [("b", "EXPIRED", "paris"), ("a", "RELEASED", "paris")]
    assert (shop.shelf("berlin"), shop.shelf("paris")) == ((0, 0, 0), (2, 0, 0))


def test_a_committed_reservation_that_moves_still_waits_for_nothing(shop: Shop):
    shop.given(restocked("berlin", 1), restocked("paris", 1), *at_berlin(1), committed("a"))

    shop.send(adjusted("berlin", -1))

    assert shop.decisions() == [("a", "REROUTED", "paris")]
    shop.assert_no_wake_ups_left()


def test_a_reservation_lost_with_its_stock_answers_repeats_so(shop: Shop):
    shop.given(restocked("berlin", 1), *at_berlin(1), adjusted("berlin", -1))

    shop.send(released("a"))
    shop.send(committed("a"))

    assert shop.answers("a") == [("RELEASED", "STOCK_LOST"), ("REJECTED", "RESERVATION_RELEASED")]
    assert shop.emitted(AVAILABILITY) == []


def test_promises_elsewhere_and_closed_ones_are_left_alone(shop: Shop):
    shop.given(restocked("berlin", 2), restocked("paris", 2))
    shop.given(*at_berlin(1, 1), reserve("p", 1, warehouse_id="paris"), released("b"))

    shop.send(adjusted("berlin", -2))

    assert shop.decisions() == [("a", "REROUTED", "paris")]
    assert shop.shelf("paris") == (2, 2, 0)
