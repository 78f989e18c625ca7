"""The life of a reservation, from the request to the parcel."""

import pytest
from support.stockroom import (
    NOON,
    Shop,
    adjusted,
    committed,
    minutes,
    released,
    reserve,
    restocked,
    seconds,
    shipped,
)

from udfs.inventory.events import AVAILABILITY, RESERVATIONS

EXPIRY = NOON + minutes(15)


def test_a_request_reserves_units_and_says_until_when(shop: Shop):
    shop.given(restocked("berlin", 5))

    request = reserve("r1", 2, order_id="o1")
    shop.send(request)

    assert shop.emitted(RESERVATIONS) == [
        {
            "reservation_id": "r1",
            "order_id": "o1",
            "sku": "mug",
            "warehouse_id": "berlin",
            "quantity": 2,
            "status": "RESERVED",
            "reason": None,
            "sequence": 2,
            "cause": request["event_id"],
            "expires_at": EXPIRY,
        }
    ]
    assert shop.emitted(AVAILABILITY) == [
        {
            "sku": "mug",
            "warehouse_id": "berlin",
            "total": 5,
            "reserved": 2,
            "committed": 0,
            "available": 3,
            "version": 2,
            "sequence": 2,
            "cause": request["event_id"],
        }
    ]


def test_the_last_unit_is_sold_once(shop: Shop):
    shop.given(restocked("berlin", 1))

    shop.send(reserve("r1"))
    shop.send(reserve("r2"))

    assert shop.answers("r1") == [("RESERVED", None)]
    assert shop.answers("r2") == [("REJECTED", "INSUFFICIENT_STOCK")]
    assert shop.shelf("berlin") == (1, 1, 0)


def test_a_request_for_a_sku_that_never_had_stock_is_rejected(shop: Shop):
    shop.send(reserve("r1", order_id="o1"))

    (answer,) = shop.emitted(RESERVATIONS)
    assert (answer["status"], answer["reason"]) == ("REJECTED", "INSUFFICIENT_STOCK")
    assert (answer["order_id"], answer["expires_at"], answer["sequence"]) == ("o1", None, 1)
    assert shop.emitted(AVAILABILITY) == []


def test_a_commit_turns_reserved_units_into_committed_ones_for_good(shop: Shop):
    shop.given(restocked("berlin", 5), reserve("r1", 2))

    shop.send(committed("r1", at=EXPIRY - 1))
    shop.assert_no_wake_ups_left()
    shop.advance(EXPIRY + minutes(60))

    assert shop.answers("r1") == [("COMMITTED", None)]
    assert shop.shelf("berlin") == (5, 0, 2)


def test_a_shipment_takes_the_units_out_and_only_the_availability_says_so(shop: Shop):
    shop.given(restocked("berlin", 5), reserve("r1", 2), committed("r1"))

    shop.send(shipped("r1"))

    assert shop.emitted(RESERVATIONS) == []
    assert shop.availability() == [("berlin", 3, 4)]
    assert shop.shelf("berlin") == (3, 0, 0)


@pytest.mark.parametrize("before", [[], [committed("r1")]], ids=["reserved", "committed"])
def test_a_release_gives_the_units_back(shop: Shop, before):
    shop.given(restocked("berlin", 5), reserve("r1", 2), *before)

    shop.send(released("r1"))

    assert shop.answers("r1") == [("RELEASED", None)]
    assert shop.shelf("berlin") == (5, 0, 0)


def test_an_uncommitted_reservation_expires_and_returns_its_units_once(shop: Shop):
    shop.given(restocked("berlin", 1), reserve("r1", order_id="o1"))

    shop.advance(EXPIRY - 1)
    assert shop.emitted(RESERVATIONS) == []
    shop.advance(EXPIRY)
    shop.advance(EXPIRY + minutes(15))

    (expired,) = shop.emitted(RESERVATIONS)
    assert (expired["status"], expired["order_id"], expired["sequence"]) == ("EXPIRED", "o1", 3)
    assert expired["cause"].startswith("wake/")
    assert shop.shelf("berlin") == (1, 0, 0)


def test_the_timeout_is_the_skus_policy_else_everybodys_else_15_minutes(shop: Shop):
    shop.given(restocked("berlin", 9))

    shop.send(reserve("r1"))
    shop.policy("*", reservation_timeout_s=60)
    shop.send(reserve("r2"))
    shop.policy("mug", reservation_timeout_s=5)
    shop.send(reserve("r3"))
    shop.policy("cup", reservation_timeout_s=7)
    shop.send(reserve("r4"))

    expiries = [item["expires_at"] - NOON for item in shop.emitted(RESERVATIONS)]
    assert expiries == [minutes(15), minutes(1), seconds(5), seconds(5)]


@pytest.mark.parametrize("event", [committed, released, shipped])
def test_an_event_after_the_expiry_finds_it_expired_before_its_wake_up_comes(shop: Shop, event):
    shop.given(restocked("berlin", 1), reserve("r1"))

    shop.send(event("r1", at=EXPIRY))
    shop.advance(EXPIRY)

    assert shop.answers("r1") == [("EXPIRED", None), ("REJECTED", "RESERVATION_EXPIRED")]
    assert {item["sequence"] for item in shop.emitted(RESERVATIONS)} == {3}
    assert shop.shelf("berlin") == (1, 0, 0)


@pytest.mark.parametrize("event", [committed, released, shipped])
def test_an_event_that_comes_late_after_the_expiry_is_rejected(shop: Shop, event):
    shop.given(restocked("berlin", 1), reserve("r1"))
    shop.advance(EXPIRY)

    shop.send(event("r1", at=NOON + 1))

    assert shop.answers("r1") == [("EXPIRED", None), ("REJECTED", "RESERVATION_EXPIRED")]
    assert shop.shelf("berlin") == (1, 0, 0)


def test_a_request_that_comes_after_its_own_expiry_expires_at_the_next_look(shop: Shop):
    shop.given(restocked("berlin", 1))
    shop.advance(NOON + minutes(60))

    shop.send(reserve("r1", at=NOON))
    shop.advance(shop.now)

    assert shop.answers("r1") == [("RESERVED", None), ("EXPIRED", None)]
    assert shop.shelf("berlin") == (1, 0, 0)


def test_a_commit_after_the_expiry_of_a_committed_one_is_a_repeat(shop: Shop):
    shop.given(restocked("berlin", 1), reserve("r1"), committed("r1"))

    shop.send(committed("r1", at=EXPIRY + 1))

    assert shop.answers("r1") == [("COMMITTED", None)]
    assert shop.shelf("berlin") == (1, 0, 1)


ENDINGS = {
    "unknown": ([], "UNKNOWN_RESERVATION"),
    "rejected": ([reserve("r1", 99)], "RESERVATION_REJECTED"),
    "released": ([reserve("r1"), released("r1")], "RESERVATION_RELEASED"),
    "shipped": ([reserve("r1"), committed("r1"), shipped("r1")], "RESERVATION_SHIPPED"),
}


@pytest.mark.parametrize("event", [committed, released, shipped])
@pytest.mark.parametrize("ending", ENDINGS)
def test_a_reservation_that_ended_answers_why_and_changes_nothing(shop: Shop, ending, event):
    life, reason = ENDINGS[ending]
    shop.given(restocked("berlin", 5), *life)
    shelf = shop.shelf("berlin")

    shop.send(event("r1", order_id="o1", at=NOON + minutes(99)))

    if ending == "released" and event is released:
        assert shop.answers("r1") == [("RELEASED", None)]
    else:
        assert shop.answers("r1") == [("REJECTED", reason)]
    assert shop.shelf("berlin") == shelf
    assert shop.emitted(AVAILABILITY) == []


def test_an_unknown_reservation_is_answered_to_the_order_that_asked(shop: Shop):
    shop.send(committed("r1", order_id="o1"))

    (answer,) = shop.emitted(RESERVATIONS)
    assert (answer["order_id"], answer["warehouse_id"], answer["quantity"]) == ("o1", None, 0)


def test_an_uncommitted_reservation_cannot_ship_and_stays(shop: Shop):
    shop.given(restocked("berlin", 1), reserve("r1"))

    shop.send(shipped("r1"))
    shop.send(committed("r1"))

    assert shop.answers("r1") == [("REJECTED", "NOT_COMMITTED"), ("COMMITTED", None)]
    assert shop.shelf("berlin") == (1, 0, 1)


def test_committing_twice_answers_twice_and_counts_once(shop: Shop):
    shop.given(restocked("berlin", 1), reserve("r1"))

    shop.send(committed("r1"))
    shop.send(committed("r1"))

    assert shop.answers("r1") == [("COMMITTED", None)] * 2
    assert shop.availability() == [("berlin", 0, 3)]


def test_only_what_may_still_lapse_says_when(shop: Shop):
    shop.given(restocked("berlin", 4), restocked("paris", 4))
    shop.send(reserve("firm", warehouse_id="berlin"))
    shop.send(committed("firm"))
    shop.send(reserve("open", warehouse_id="berlin"))
    shop.send(shipped("open"))
    shop.send(adjusted("berlin", -4))
    shop.advance(EXPIRY)

    told = [
        (item["reservation_id"], item["status"], item["expires_at"])
        for item in shop.emitted(RESERVATIONS)
    ]
    assert told == [
        ("firm", "RESERVED", EXPIRY),
        ("firm", "COMMITTED", None),
        ("open", "RESERVED", EXPIRY),
        ("open", "REJECTED", EXPIRY),
        ("open", "REROUTED", EXPIRY),
        ("firm", "REROUTED", None),
        ("open", "EXPIRED", None),
    ]


def test_skus_do_not_touch_each_other(shop: Shop):
    shop.given(restocked("berlin", 1), restocked("berlin", 1, sku="cup"), reserve("r1"))

    shop.send(reserve("r1", sku="cup"))
    shop.send(released("r1"))

    assert shop.stock("cup").warehouses["berlin"].reserved == 1
    assert shop.shelf("berlin") == (1, 0, 0)
    assert shop.stock("cup").sequence == 2
