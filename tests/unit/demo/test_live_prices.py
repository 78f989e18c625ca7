"""What the demo shows and tells of prices, on changes written by hand."""

import pytest
from support.orders_log import NOON
from support.story_log import StoryLog

from deploy.demo.prices import Held, Prices


def folded(log: StoryLog) -> Prices:
    prices = Prices()
    for entry in log.entries:
        prices.take(entry)
    return prices


@pytest.fixture
def log() -> StoryLog:
    return StoryLog()


def test_changes_are_counted_by_all_of_their_reasons(log):
    log.changed("vase", None, 3540, "FIRST_PRICE")
    log.changed("vase", 3540, 3600, "LOW_STOCK", "DEMAND_SURGE")
    log.raw("pricing.changes")
    told = folded(log).as_dict()
    assert told["changes"] == 2
    assert told["by_reason"] == {"FIRST_PRICE": 1, "LOW_STOCK": 1, "DEMAND_SURGE": 1}
    assert told["surge"] == [
        {"sku": "vase", "old": 3540, "new": 3600, "reasons": ["LOW_STOCK", "DEMAND_SURGE"]}
    ]


def test_a_price_that_falls_while_demand_surges_did_not_rise_because_of_it(log):
    log.changed("vase", 3540, 3400, "COMPETITOR_PRICE", "DEMAND_SURGE")
    log.changed("vase", 3400, 3500, "COMPETITOR_PRICE")
    log.changed("lamp", None, 7990, "FIRST_PRICE")
    assert not folded(log).surges


def test_a_rise_goes_from_before_its_first_step_to_its_last(log):
    log.changed("vase", 3540, 3717, "DEMAND_SURGE")
    log.changed("pan", 100, 105, "DEMAND_SURGE")
    log.changed("vase", 3717, 3894, "DEMAND_SURGE")
    rises = [(one.sku, one.old_minor, one.new_minor) for one in folded(log).rises()]
    assert rises == [("vase", 3540, 3894), ("pan", 100, 105)]


def test_a_promotion_is_followed_from_its_start_to_its_end(log):
    log.promoted()
    assert folded(log).promotions() == [Held("p1", "lamp", NOON + 15_000, NOON + 30_000)]


def test_each_of_two_promotions_of_a_sku_has_times_of_its_own(log):
    log.changed("lamp", 1000, 900, "PROMOTION_STARTED", at_s=1, holding=["p1"])
    log.changed("lamp", 900, 800, "PROMOTION_STARTED", at_s=2, holding=["p1", "p2"])
    log.changed("lamp", 800, 900, "PROMOTION_ENDED", at_s=3, holding=["p2"])
    first, second = folded(log).promotions()
    assert (first.started_at, first.ended_at) == (NOON + 1000, NOON + 3000)
    assert (second.started_at, second.ended_at) == (NOON + 2000, None)
    assert [first.is_whole, second.is_whole] == [True, False]


def test_a_promotion_that_began_before_anybody_watched_is_not_whole(log):
    log.changed("lamp", 900, 880, "LOW_STOCK", at_s=1, holding=["p1"])
    log.changed("lamp", 880, 1000, "PROMOTION_ENDED", at_s=2)
    assert folded(log).promotions() == [Held("p1", "lamp", None, NOON + 2000)]
