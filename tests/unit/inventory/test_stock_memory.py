"""What is remembered of a reservation, for how long, and how it is stored."""

from dataclasses import replace

import msgspec
import pytest
from support.stockroom import (
    NOON,
    Shop,
    adjusted,
    committed,
    hours,
    minutes,
    released,
    reserve,
    restocked,
    shipped,
)

from jobs.runtime.entities import StateFormat
from udfs.inventory.domain import INVENTORY
from udfs.inventory.events import RESERVATIONS
from udfs.inventory.state import SOME_TIME, Reservation, Shelf, Stock, Stock1

EXPIRY = NOON + minutes(15)


def test_a_repeated_request_gets_its_first_decision_whatever_came_of_it(shop: Shop):
    shop.given(restocked("berlin", 2), restocked("paris", 2))
    shop.send(reserve("r1", 2, ship_to_region="eu"))
    shop.send(restocked("athens", 9))
    shop.send(adjusted("berlin", -2))

    shop.send(reserve("r1", 1, at=NOON + minutes(1)))
    shop.send(committed("r1"))
    shop.send(reserve("r1", 1, warehouse_id="paris"))

    first, rerouted, repeat, _, again = shop.emitted(RESERVATIONS)
    assert (first["warehouse_id"], rerouted["warehouse_id"]) == ("berlin", "athens")
    for answer in repeat, again:
        changed = {name for name in first if first[name] != answer[name]}
        assert changed == {"sequence", "cause"}


def test_a_repeated_rejection_stays_a_rejection_when_there_is_stock_again(shop: Shop):
    shop.given(restocked("berlin", 1))

    shop.send(reserve("r1", 2))
    shop.send(restocked("berlin", 5))
    shop.send(reserve("r1", 2))

    assert shop.answers("r1") == [("REJECTED", "INSUFFICIENT_STOCK")] * 2
    assert shop.shelf("berlin") == (6, 0, 0)


def test_a_repeated_request_does_not_prolong_the_reservation(shop: Shop):
    shop.given(restocked("berlin", 1), reserve("r1"), reserve("r1", at=EXPIRY - 1))

    shop.advance(EXPIRY)

    assert shop.answers("r1") == [("EXPIRED", None)]


CLOSED_AT_NOON = {
    "rejected": [reserve("r1", 99)],
    "released": [reserve("r1", at=NOON - 1), released("r1")],
    "shipped": [reserve("r1", at=NOON - 1), committed("r1", at=NOON - 1), shipped("r1")],
    "expired": [reserve("r1", at=NOON - minutes(15)), committed("r1", at=NOON + hours(3))],
    "lost": [reserve("r1", at=NOON - 1), adjusted("berlin", -5)],
}


@pytest.mark.parametrize("ending", CLOSED_AT_NOON)
def test_a_closed_reservation_is_remembered_for_a_day_and_then_forgotten(shop: Shop, ending):
    shop.given(restocked("berlin", 5), *CLOSED_AT_NOON[ending])
    stock = shop.stock()

    shop.advance(NOON + hours(24) - 1)
    assert "r1" in shop.children("mug")
    shop.advance(NOON + hours(24))

    assert shop.children("mug") == {}
    assert shop.stock() == stock
    assert shop.emitted(RESERVATIONS) == []
    shop.assert_no_wake_ups_left()


def test_a_forgotten_reservation_is_unknown(shop: Shop):
    shop.given(restocked("berlin", 5), reserve("r1"), released("r1"))
    shop.advance(NOON + hours(24))

    shop.send(committed("r1", at=NOON + hours(24)))

    assert shop.answers("r1") == [("REJECTED", "UNKNOWN_RESERVATION")]


def test_a_committed_reservation_is_never_forgotten(shop: Shop):
    shop.given(restocked("berlin", 5), reserve("r1"), committed("r1"))

    shop.advance(NOON + hours(24 * 90))
    shop.send(shipped("r1", at=NOON + hours(24 * 90)))

    assert shop.shelf("berlin") == (4, 0, 0)


STALE = {
    "for the sku": (None, EXPIRY),
    "of an unknown one": ("r9", EXPIRY),
    "before its expiry": ("r1", EXPIRY - 1),
    "of a committed one": ("r2", EXPIRY),
    "of a closed one": ("r3", NOON + hours(24) - 1),
    "of a rejected one": ("r4", EXPIRY),
}


@pytest.mark.parametrize("stale", STALE)
def test_a_wake_up_that_has_no_use_any_more_does_nothing(shop: Shop, stale):
    shop.given(restocked("berlin", 5), reserve("r1"), reserve("r2"), reserve("r3"))
    shop.given(committed("r2"), released("r3"), reserve("r4", 99))
    stock, children = shop.stock(), shop.children("mug")

    child_id, time = STALE[stale]
    shop.wake("mug", time, child_id)

    assert shop.outputs == []
    assert (shop.stock(), shop.children("mug")) == (stock, children)


def test_a_wake_up_of_a_sku_that_is_not_known_leaves_no_state(shop: Shop):
    shop.wake("mug", NOON, "r1")

    assert shop.state("mug") is None


def test_the_stored_form_of_the_state_is_fixed():
    """Changing any of these arrays is a new version of state, unless fields are appended."""
    reservation = Reservation(
        status="RELEASED",
        quantity=2,
        sequence=7,
        expires_at=1,
        warehouse_id="b",
        first_warehouse_id="a",
        order_id="o1",
        ship_to_region="eu",
        reason="STOCK_LOST",
        closed_at=3,
    )
    shelf = Shelf(total=9, reserved=2, committed=1, version=4)
    stock = Stock(warehouses={"berlin": shelf}, sequence=7, out_since=5, low_stock=False)

    stored = ["RELEASED", 2, 7, 1, "b", "a", "o1", "eu", "STOCK_LOST", 3]
    assert msgspec.to_builtins(reservation)[:10] == stored
    assert msgspec.to_builtins(stock)[:4] == [{"berlin": [9, 2, 1, 4]}, 7, 5, False]
    assert msgspec.convert(stored, Reservation) == reservation
    assert msgspec.convert([{"berlin": [9, 2, 1, 4]}, 7, 5, False], Stock) == stock


@pytest.mark.parametrize(("was_out", "since"), [(True, SOME_TIME), (False, None)])
def test_stock_of_version_1_is_read_and_knows_that_but_not_since_when_it_was_out(was_out, since):
    version_1 = replace(INVENTORY, state=Stock1, state_version=1, migrations={})
    stored = StateFormat(version_1, Stock1).dump(
        Stock1({"berlin": Shelf(9, 2, 1, 4)}, 7, was_out, True), 5
    )

    stock, wake_at = StateFormat(INVENTORY, Stock).load(stored)

    assert stock == Stock({"berlin": Shelf(9, 2, 1, 4)}, 7, since, True)
    assert wake_at == 5
