"""What moves a price: demand, stock, competitors, policies; and that it comes back."""

import pytest
from support.price_desk import (
    NOON,
    Desk,
    availability,
    competitor,
    demand,
    everyone,
    hours,
    minutes,
    policy,
    seconds,
)

from udfs.pricing.events import INVALIDATIONS


def test_a_policy_gives_a_sku_its_first_price(desk: Desk):
    (first,) = desk.send(policy(version=3))

    assert (first["old_minor"], first["new_minor"], first["regular_minor"]) == (None, 1_000, 1_000)
    assert (first["currency"], first["policy_version"]) == ("EUR", 3)
    assert (first["reasons"], first["limits"]) == (["FIRST_PRICE"], [])
    assert (first["lowest_minor"], first["highest_minor"]) == (800, 1_300)


def test_a_sku_without_a_policy_has_no_price(desk: Desk):
    assert desk.send(demand(9, NOON), competitor(500, NOON), availability(1, 1, NOON)) == []
    desk.driver.assert_no_wake_ups_left()


def test_a_surge_raises_the_price_in_steps_up_to_its_share(desk: Desk):
    desk.send(policy())

    desk.send(demand(2.0, NOON + minutes(2)))
    desk.send(demand(2.5, NOON + minutes(4)))

    assert desk.prices() == [1_000, 1_050, 1_100]
    first_step, second_step = desk.changes()[1:]
    assert first_step["reasons"] == second_step["reasons"] == ["DEMAND_SURGE"]
    assert (first_step["limits"], second_step["limits"]) == (["STEP"], [])
    # the second step needed no further event
    assert second_step["event_time"] == NOON + minutes(3)


def test_few_views_are_no_surge(desk: Desk):
    desk.send(policy())
    assert desk.send(demand(9, NOON + minutes(2), views=19)) == []


def test_demand_that_cools_down_brings_the_price_back_to_its_base_in_steps(desk: Desk):
    desk.send(policy())
    desk.send(*(demand(3, NOON + minutes(n)) for n in range(2, 5)))
    assert desk.price() == 1_100

    desk.send(demand(1.31, NOON + minutes(6)))
    assert desk.price() == 1_100, "between the thresholds nothing ends"
    desk.send(demand(1.3, NOON + minutes(7)))
    desk.advance(NOON + minutes(20))

    assert desk.prices()[-2:] == [1_045, 1_000]
    assert desk.changes()[-1]["reasons"] == ["BACK_TO_BASE"]
    desk.driver.assert_no_wake_ups_left()


def test_a_surge_ends_when_nothing_more_is_heard_of_demand(desk: Desk):
    desk.send(policy(), demand(3, NOON + minutes(2)))

    desk.advance(NOON + minutes(6))
    assert desk.price() == 1_100
    desk.advance(NOON + minutes(7))
    assert desk.changes()[-1]["event_time"] == NOON + minutes(7)
    desk.advance(NOON + hours(1))

    assert desk.price() == 1_000


def test_a_ratio_that_swings_between_the_thresholds_changes_nothing(desk: Desk):
    desk.send(policy())
    for number in range(60):
        desk.send(demand(1.35 if number % 2 else 1.95, NOON + seconds(130 + 10 * number)))
    assert desk.prices() == [1_000]


def test_stock_under_the_threshold_raises_the_price_until_there_is_enough_again(desk: Desk):
    desk.send(policy(), availability(3, 1, NOON + minutes(2)))
    desk.send(availability(2, 1, NOON + minutes(2), warehouse_id="lyon"))
    assert desk.price() == 1_050, "the first warehouse spoke alone"

    desk.send(availability(7, 2, NOON + minutes(4)))
    assert desk.price() == 1_050, "9 units are more than 5, but not yet 10"
    desk.send(availability(8, 3, NOON + minutes(5)))

    assert desk.prices() == [1_000, 1_050, 1_000]
    assert desk.changes()[1]["reasons"] == ["LOW_STOCK"]


def test_an_older_version_of_the_stock_is_not_believed(desk: Desk):
    desk.send(policy(), availability(50, 7, NOON + minutes(2)))
    assert desk.send(availability(1, 6, NOON + minutes(3))) == []


def test_the_price_goes_part_of_the_way_to_the_lowest_competitor(desk: Desk):
    desk.send(policy(), competitor(960, NOON + minutes(2)))
    assert desk.price() == 980
    desk.send(competitor(940, NOON + minutes(4), name="other"))
    assert desk.price() == 970
    assert desk.changes()[-1]["reasons"] == ["COMPETITOR_PRICE"]
    desk.send(competitor(1_060, NOON + minutes(6), name="other"))
    assert desk.price() == 980


def test_a_move_within_the_dead_band_a_price_in_other_money_and_an_old_price_change_nothing(
    desk: Desk,
):
    desk.send(policy(), competitor(960, NOON + minutes(2)))

    assert desk.send(competitor(951, NOON + minutes(4))) == []
    assert desk.send(competitor(500, NOON + minutes(5), name="yen", currency="JPY")) == []
    assert desk.send(competitor(500, NOON + minutes(1))) == []
    assert desk.price() == 980


def test_a_competitors_price_is_believed_for_a_time(desk: Desk):
    desk.send(policy(competitor_max_age_s=3_600), competitor(960, NOON + minutes(2)))
    desk.advance(NOON + hours(2))
    assert desk.prices() == [1_000, 980, 1_000]
    assert desk.changes()[-1]["event_time"] == NOON + minutes(62)
    desk.driver.assert_no_wake_ups_left()


@pytest.mark.parametrize("bases", [(1_000, 1_000), (1_000, 900)])
@pytest.mark.parametrize("start", [(700, 1_000), (850, 850), (1_300, 700)])
def test_two_shops_that_follow_each_other_do_not_race_to_the_floor(
    bases: tuple[int, int], start: tuple[int, int]
):
    ours, theirs = Desk(), Desk()
    bounds = {"floor_minor": 100, "cost_minor": 50, "ceiling_minor": 2_000}
    ours.send(policy(base_minor=bases[0], **bounds), competitor(start[1], NOON))
    theirs.send(policy(base_minor=bases[1], **bounds), competitor(start[0], NOON))

    for number in range(1, 200):
        at = NOON + minutes(2 * number)
        ours.send(competitor(theirs.price(), at))
        theirs.send(competitor(ours.price(), at + seconds(30)))

    for desk in (ours, theirs):
        assert min(bases) * 0.98 <= desk.price() <= max(bases) * 1.02
        late = [c for c in desk.changes() if c["event_time"] > NOON + hours(2)]
        assert late == [], "they came to rest"


def test_a_competitor_that_always_undercuts_cannot_drag_the_price_down(desk: Desk):
    desk.send(policy(floor_minor=10, cost_minor=10))
    for number in range(1, 300):
        at = NOON + minutes(2 * number)
        desk.send(competitor(desk.price() * 95 // 100, at))
    assert min(desk.prices()) >= 930


def test_a_cost_that_rises_above_the_price_moves_it_at_once_and_beyond_the_step(desk: Desk):
    desk.send(policy())
    (change,) = desk.send(policy(at=NOON + seconds(1), cost_minor=1_150, version=2))
    assert (change["new_minor"], change["policy_version"]) == (1_265, 2)
    assert change["reasons"] == ["POLICY_CHANGED"]
    assert change["limits"] == ["MARGIN"]


def test_a_new_base_is_reached_in_steps(desk: Desk):
    desk.send(policy(), policy(at=NOON + minutes(5), base_minor=1_200, version=2))
    desk.advance(NOON + hours(1))
    assert desk.prices() == [1_000, 1_050, 1_102, 1_157, 1_200]


def test_new_money_is_a_first_price(desk: Desk):
    desk.send(policy())
    (change,) = desk.send(policy(at=NOON + seconds(5), currency="PLN", version=2))
    assert (change["old_minor"], change["currency"]) == (None, "PLN")
    assert change["reasons"] == ["FIRST_PRICE"]


def test_what_a_policy_leaves_open_the_policy_of_all_says(desk: Desk):
    desk.refer(everyone(surge_pct=4.0, max_step_pct=50.0))
    desk.send(policy(surge_pct=None, max_step_pct=None))
    desk.send(demand(3, NOON + minutes(2)))
    assert desk.price() == 1_040


def test_a_change_says_why_and_every_one_has_its_invalidation(desk: Desk):
    desk.send(policy())
    cause = demand(3, NOON + minutes(2))
    (change,) = desk.send(cause)

    assert change == {
        "event_time": NOON + minutes(2),
        "change_id": "mug/2",
        "sku": "mug",
        "category": None,
        "currency": "EUR",
        "old_minor": 1_000,
        "new_minor": 1_050,
        "regular_minor": 1_050,
        "lowest_minor": 800,
        "highest_minor": 1_300,
        "reasons": ["DEMAND_SURGE"],
        "limits": ["STEP"],
        "promotions": [],
        "policy_version": 1,
        "number": 2,
        "cause": cause["event_id"],
    }
    told = [record["change_id"] for record in desk.driver.emitted(INVALIDATIONS)]
    assert told == ["mug/1", "mug/2"]


def test_a_late_event_is_decided_for_the_time_that_was_reached(desk: Desk):
    desk.send(policy(), demand(1, NOON + minutes(10)))
    (change,) = desk.send(competitor(900, NOON + minutes(3)))
    assert change["event_time"] == NOON + minutes(10)


def test_a_wake_up_that_comes_after_a_later_event_finds_its_work_done(desk: Desk):
    desk.send(policy(), demand(3, NOON + minutes(2)))
    waited, prompt = desk, Desk()
    later = demand(2.5, NOON + minutes(6))
    waited.send(later)
    prompt.send(policy(), demand(3, NOON + minutes(2)))
    prompt.advance(NOON + minutes(4))
    prompt.send(later)

    def told(desk: Desk) -> list[tuple]:
        return [(c["event_time"], c["new_minor"]) for c in desk.changes()]

    assert told(waited) == told(prompt)
    assert waited.driver.wake("mug", NOON + minutes(3)) == []
