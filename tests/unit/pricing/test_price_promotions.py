"""Promotions start and end on their time, for whom they are, also when nothing else happens."""

import pytest
from support.price_desk import (
    NOON,
    Desk,
    demand,
    hours,
    minutes,
    policy,
    promotion,
    seconds,
)

from udfs.pricing.promotions import Promotion, reduced
from udfs.pricing.quote import Customer

START, END = NOON + hours(1), NOON + hours(2)


def told(desk: Desk) -> list[tuple[int, int, list[str]]]:
    return [(c["event_time"], c["new_minor"], c["reasons"]) for c in desk.changes()[1:]]


def test_a_promotion_starts_and_ends_on_its_second_when_nothing_else_happens(desk: Desk):
    desk.send(policy(), promotion("sale", START + seconds(7), END + seconds(9)))

    desk.advance(START + seconds(7) - 1)
    assert told(desk) == []
    desk.advance(NOON + hours(24))

    assert told(desk) == [
        (START + seconds(7), 900, ["PROMOTION_STARTED"]),
        (END + seconds(9), 1_000, ["PROMOTION_ENDED"]),
    ]
    assert [c["promotions"] for c in desk.changes()] == [[], ["sale"], []]
    desk.driver.assert_no_wake_ups_left()


def test_a_promotion_of_a_category_reaches_every_sku_of_it(desk: Desk):
    desk.send(policy("mug", category="cups"), policy("pan", category="pans"))
    desk.send(promotion("sale", START, END, category="cups"))
    desk.send(policy("cup", category="cups", base_minor=900))

    desk.advance(NOON + hours(24))

    assert [c["new_minor"] for c in desk.changes("mug")] == [1_000, 900, 1_000]
    assert [c["new_minor"] for c in desk.changes("cup")] == [900, 810, 900]
    assert [c["event_time"] for c in desk.changes("cup")][1:] == [START, END]
    assert len(desk.changes("pan")) == 1
    desk.driver.assert_no_wake_ups_left()


def test_a_sku_that_leaves_a_category_leaves_its_promotions(desk: Desk):
    desk.send(policy(category="cups"), promotion("sale", NOON, END, category="cups"))
    assert desk.price() == 900

    desk.send(policy(at=NOON + minutes(5), category="gifts", version=2))
    desk.send(promotion("again", NOON, END, at=NOON + minutes(6), category="cups"))
    assert desk.price() == 1_000

    desk.send(policy(at=NOON + minutes(7), category="cups", version=3))
    assert desk.changes()[-1]["promotions"] == ["again", "sale"]


def test_a_promotion_published_late_starts_when_it_is_known(desk: Desk):
    desk.send(policy(), promotion("sale", NOON - hours(1), END, at=NOON + minutes(3)))
    assert told(desk) == [(NOON + minutes(3), 900, ["PROMOTION_STARTED"])]


def test_a_promotion_that_is_over_never_starts(desk: Desk):
    desk.send(policy(), promotion("sale", NOON - hours(2), NOON - hours(1)))
    desk.send(promotion("never", END, START))
    desk.advance(NOON + hours(24))
    assert told(desk) == []


@pytest.mark.parametrize("whose", [{}, {"category": "cups"}])
def test_a_promotion_is_withdrawn_by_ending_it(desk: Desk, whose: dict):
    desk.send(policy(category="cups"), promotion("sale", NOON, END, **whose))
    desk.send(promotion("sale", NOON, NOON + 1, at=NOON + minutes(5), **whose))
    desk.advance(NOON + hours(24))
    assert told(desk) == [
        (NOON, 900, ["PROMOTION_STARTED"]),
        (NOON + minutes(5), 1_000, ["PROMOTION_ENDED"]),
    ]


def test_a_promotion_that_is_changed_while_it_holds_says_so(desk: Desk):
    desk.send(policy(), promotion("sale", NOON, END))
    desk.send(promotion("sale", NOON, END, at=NOON + minutes(1), percent=15.0))
    assert told(desk)[-1] == (NOON + minutes(1), 850, ["PROMOTION_CHANGED"])
    assert desk.send(promotion("sale", NOON, END, at=NOON + minutes(2), percent=15.0)) == []


def test_a_price_that_moves_under_a_promotion_keeps_it(desk: Desk):
    desk.send(policy(), promotion("sale", NOON, END), demand(3, NOON + minutes(2)))
    (change,) = desk.changes()[2:]
    assert (change["regular_minor"], change["new_minor"]) == (1_050, 945)
    assert change["reasons"] == ["DEMAND_SURGE"]


def test_no_promotion_goes_below_floor_or_cost(desk: Desk):
    desk.send(policy(floor_minor=700, cost_minor=750), promotion("sale", NOON, END, percent=90.0))
    assert desk.price() == 750


def test_a_promotion_of_a_tier_is_told_though_it_changes_nothing_for_all(desk: Desk):
    desk.send(policy(), promotion("gold", START, END, loyalty_tier="GOLD"))
    desk.advance(NOON + hours(24))
    assert told(desk) == [
        (START, 1_000, ["PROMOTION_STARTED"]),
        (END, 1_000, ["PROMOTION_ENDED"]),
    ]

    def charged(tier: str | None, at: int) -> int:
        return desk.quote(at, customer=Customer("ada", tier)).price_minor

    assert [charged(tier, START) for tier in (None, "SILVER", "GOLD", "PLATINUM")] == [
        1_000,
        1_000,
        900,
        900,
    ]
    assert (charged("GOLD", START - 1), charged("GOLD", END)) == (1_000, 1_000)


def test_an_event_after_the_start_finds_the_promotion_started_at_its_own_time(desk: Desk):
    desk.send(policy(), promotion("sale", START, END))
    desk.send(demand(3, START + seconds(4)))
    assert told(desk) == [
        (START, 900, ["PROMOTION_STARTED"]),
        (START + seconds(4), 945, ["DEMAND_SURGE"]),
    ]


def deal(name: str, **fields) -> Promotion:
    usual = {"percent": None if "amount_minor" in fields else 10.0, "currency": "EUR"}
    return Promotion(
        event_id=name,
        event_time=1,
        promotion_id=name,
        starts_at=1,
        ends_at=2,
        sku="mug",
        **(usual | fields),
    )


@pytest.mark.parametrize(
    ("deals", "price", "ids"),
    [
        ([], 1_000, ()),
        ([deal("a"), deal("b", percent=20.0)], 800, ("b",)),
        ([deal("a", stackable=True), deal("b", percent=20.0, stackable=True)], 720, ("a", "b")),
        (
            [deal("a", stackable=True), deal("b", amount_minor=50, stackable=True)],
            850,
            ("a", "b"),
        ),
        ([deal("a", stackable=True), deal("b", percent=9.0), deal("c", percent=15.0)], 850, ("c",)),
        ([deal("a", amount_minor=50, currency="JPY")], 1_000, ()),
        ([deal("a", amount_minor=5_000)], 0, ("a",)),
        ([deal("b"), deal("a")], 900, ("a",)),
        ([deal("a", percent=33.33, stackable=True)], 667, ("a",)),
    ],
)
def test_stackable_promotions_add_up_and_others_stand_alone(deals, price, ids):
    assert reduced(1_000, "EUR", deals) == (price, ids)
