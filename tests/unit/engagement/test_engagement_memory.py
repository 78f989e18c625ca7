"""What is remembered of a customer, and that it is bounded and forgotten."""

import msgspec
from mailroom import DAY, HOUR, MINUTE, NOON, SECOND

from udfs.engagement.promises import MAX_PROMISES


def test_nothing_is_left_of_a_customer_who_stays_away(shop):
    shop.click("ADD_TO_CART", NOON)
    shop.look(NOON, "pot", times=3)
    shop.click("WISHLIST_ADD", NOON, "pan")
    shop.order(NOON, "DELIVERED")
    shop.back_in_stock(NOON + HOUR, "pan")
    shop.advance(NOON + 400 * DAY)
    assert len(shop.triggers()) == 5
    assert shop.state("ann") is None
    assert shop.children("ann") == {}
    assert shop.links.states == {}
    shop.assert_no_wake_ups_left()


def test_what_customers_told_of_themselves_outlasts_their_absence(shop):
    shop.prefer(NOON, opt_outs=["CART_ABANDONMENT"])
    shop.click("ADD_TO_CART", NOON)
    shop.advance(NOON + 800 * DAY)
    assert shop.children("ann") == {}
    shop.assert_no_wake_ups_left()
    shop.outputs.clear()
    shop.click("ADD_TO_CART", NOON + 800 * DAY)
    shop.advance(NOON + 801 * DAY)
    assert [ending[2] for ending in shop.endings()] == ["OPTED_OUT"]


def test_a_customer_who_comes_back_in_time_is_remembered(shop):
    shop.look(NOON)
    shop.advance(NOON + 179 * DAY)
    shop.look(NOON + 179 * DAY, "pot")
    shop.advance(NOON + 181 * DAY)
    assert "pot" in shop.state("ann").viewed
    shop.advance(NOON + 360 * DAY)
    assert shop.state("ann") is None


def test_the_promises_of_a_customer_are_bounded_and_the_rest_is_told_as_suppressed(shop):
    for number in range(MAX_PROMISES):
        shop.order(NOON + number, "DELIVERED", order_id=f"o{number}")
    assert len(shop.children("ann")) == MAX_PROMISES
    too_many = shop.triggers(outcome="SUPPRESSED", reason="TOO_MANY")
    assert len(too_many) == MAX_PROMISES
    shop.advance(NOON + 60 * DAY)
    assert shop.children("ann") == {}
    assert shop.state("ann").promises == 0
    ids = [trigger["trigger_id"] for trigger in shop.triggers()]
    assert len(ids) == len(set(ids)) == 2 * MAX_PROMISES


def test_a_busy_customers_state_stays_small(shop):
    for number in range(5000):
        at = NOON + number * 10 * SECOND
        shop.click("ADD_TO_CART", at, f"sku{number}", customer_id="ann")
        shop.look(at, f"sku{number % 999}", times=2)
    assert len(msgspec.msgpack.encode(shop.state("ann"))) < 6000
    assert len(shop.children("ann")) <= 40


def test_wake_ups_that_nobody_waits_for_any_more_change_nothing(shop):
    shop.click("ADD_TO_CART", NOON)
    (trigger_id,) = shop.children("ann")
    shop.wake("ann", NOON + MINUTE, trigger_id)
    shop.wake("ann", NOON + MINUTE, "gone")
    shop.wake("bob", NOON, "gone")
    assert shop.outputs == []
    assert shop.state("bob") is None
    shop.advance(NOON + 2 * HOUR)
    shop.wake("ann", NOON + 31 * MINUTE, trigger_id)
    assert len(shop.triggers()) == 1


def test_hovers_and_searches_leave_no_trace(shop):
    shop.click("HOVER", NOON)
    shop.click("SEARCH", NOON, None, query="mugs")
    assert shop.state("ann") is None
    shop.assert_no_wake_ups_left()


def test_a_customer_who_is_promised_something_is_not_forgotten_before(shop):
    shop.policy("CROSS_SELL", delay_s=200 * 86_400, latest_s=201 * 86_400)
    shop.prefer(NOON, opt_outs=["REVIEW_REQUEST"])
    shop.order(NOON, "DELIVERED")
    shop.advance(NOON + 400 * DAY)
    assert shop.endings()[1:] == [("CROSS_SELL", "SENT", "DELIVERED")]
    assert shop.children("ann") == {}
    assert shop.state("ann").promises == 0
