"""Abandoned carts: when they are written about, and what silences that."""

import pytest
from mailroom import DAY, HOUR, MINUTE, NOON, SECOND

CART = "CART_ABANDONMENT"
SENT = [(CART, "SENT", "CART_LEFT")]


def test_a_cart_that_is_left_for_half_an_hour_is_written_about_within_the_hour(shop):
    added = shop.click("ADD_TO_CART", NOON)
    shop.advance(NOON + 30 * MINUTE - 1)
    assert shop.outputs == []

    shop.advance(NOON + 1 * HOUR)
    (trigger,) = shop.triggers()
    (message,) = shop.messages()
    assert NOON + 30 * MINUTE <= message["send_at"] <= NOON + 1 * HOUR
    assert trigger["outcome"] == "SENT"
    assert trigger["send_at"] == trigger["event_time"] == message["send_at"]
    assert (trigger["caused_at"], trigger["cause_id"]) == (NOON, added["event_id"])
    assert message["event_id"] == trigger["event_id"] == trigger["trigger_id"]
    assert message["parameters"] == {
        "trigger_id": trigger["trigger_id"],
        "not_after": str(NOON + HOUR),
        "skus": "mug",
    }
    assert (trigger["policy_version"], trigger["limits_version"]) == (1, 1)


def test_half_an_hour_counts_from_the_last_cart_event(shop):
    shop.click("ADD_TO_CART", NOON)
    shop.click("ADD_TO_CART", NOON + 20 * MINUTE, "pot")
    shop.advance(NOON + 50 * MINUTE - 1)
    assert shop.outputs == []
    shop.advance(NOON + 80 * MINUTE)
    (trigger,) = shop.triggers()
    assert trigger["caused_at"] == NOON + 20 * MINUTE
    assert NOON + 50 * MINUTE <= trigger["send_at"] <= NOON + 80 * MINUTE
    assert trigger["skus"] == ["mug", "pot"]


def test_the_start_of_a_checkout_is_a_cart_event(shop):
    shop.click("ADD_TO_CART", NOON)
    shop.click("CHECKOUT_START", NOON + 10 * MINUTE, None)
    shop.advance(NOON + 2 * HOUR)
    assert shop.triggers()[0]["caused_at"] == NOON + 10 * MINUTE


@pytest.mark.parametrize("bought", ["the click", "the order"])
def test_a_purchase_silences_the_cart(shop, bought):
    shop.click("ADD_TO_CART", NOON)
    if bought == "the click":
        shop.click("PURCHASE", NOON + 29 * MINUTE, None)
    else:
        shop.order(NOON + 29 * MINUTE)
    shop.advance(NOON + DAY)
    assert shop.outputs == []


def test_a_purchase_after_the_cart_was_due_is_told_to_have_silenced_it(shop):
    for minutes in range(0, 120, 7):  # some wait for the other hour, as the draw has it
        shop.click("ADD_TO_CART", NOON + minutes * MINUTE, customer_id=f"c{minutes}")
        shop.advance(NOON + (minutes + 30) * MINUTE)
        shop.click(
            "PURCHASE", NOON + (minutes + 30) * MINUTE + SECOND, None, customer_id=f"c{minutes}"
        )
    shop.advance(NOON + DAY)
    silenced = shop.triggers(outcome="SILENCED", reason="PURCHASED")
    assert silenced
    assert all(trigger["send_at"] is None for trigger in silenced)
    assert len(shop.messages()) == len(shop.triggers()) - len(silenced) > 0


@pytest.mark.parametrize("step", ["STEP_UP", "CONFIRMED", "SHIPPED"])
def test_later_steps_of_an_order_do_not_silence_the_next_cart(shop, step):
    shop.order(NOON - HOUR)
    shop.click("ADD_TO_CART", NOON)
    shop.order(NOON + 5 * MINUTE, step)
    shop.advance(NOON + 2 * HOUR)
    assert shop.endings() == SENT


def test_a_cart_that_was_emptied_is_not_written_about(shop):
    shop.click("ADD_TO_CART", NOON, quantity=3)
    shop.click("REMOVE_FROM_CART", NOON + MINUTE, quantity=1)
    shop.click("REMOVE_FROM_CART", NOON + 2 * MINUTE, quantity=2)
    shop.advance(NOON + DAY)
    assert shop.outputs == []


def test_a_cart_with_something_left_in_it_is_written_about(shop):
    shop.click("ADD_TO_CART", NOON, quantity=3)
    shop.click("REMOVE_FROM_CART", NOON + MINUTE, quantity=2)
    shop.advance(NOON + DAY)
    assert shop.endings() == SENT


def test_a_removal_that_comes_late_leaves_what_was_put_in_after_it(shop):
    shop.click("ADD_TO_CART", NOON)
    shop.click("REMOVE_FROM_CART", NOON - SECOND)
    shop.advance(NOON + DAY)
    assert shop.endings() == SENT


def test_a_cart_event_that_comes_again_after_the_message_leads_to_no_other(shop):
    events = [shop.click("ADD_TO_CART", NOON + n * MINUTE, f"sku{n}") for n in range(3)]
    shop.advance(NOON + 2 * HOUR)
    for event in events:
        shop.send(event, "clickstream.events")
    shop.advance(NOON + DAY)
    assert shop.endings() == SENT


def test_a_cart_event_that_comes_twice_puts_its_units_in_once(shop):
    event = shop.click("ADD_TO_CART", NOON)
    shop.send(event, "clickstream.events")
    shop.click("REMOVE_FROM_CART", NOON + MINUTE, quantity=1)
    shop.advance(NOON + DAY)
    assert shop.outputs == []


def test_a_cart_event_that_comes_after_the_purchase_that_followed_it_is_settled(shop):
    shop.order(NOON + 5 * MINUTE)
    shop.click("ADD_TO_CART", NOON)
    shop.advance(NOON + DAY)
    assert shop.outputs == []


def test_a_purchase_that_is_older_than_the_cart_does_not_silence_it(shop):
    shop.click("ADD_TO_CART", NOON)
    shop.order(NOON - MINUTE)
    shop.advance(NOON + 2 * HOUR)
    assert shop.endings() == SENT


def test_a_cart_that_is_left_again_is_written_about_again_up_to_the_weekly_cap(shop):
    for days in range(4):
        shop.click("ADD_TO_CART", NOON + days * DAY, f"sku{days}")
        shop.advance(NOON + days * DAY + 2 * HOUR)
    assert [ending[1:] for ending in shop.endings()] == [
        ("SENT", "CART_LEFT"),
        ("SENT", "CART_LEFT"),
        ("SUPPRESSED", "WEEKLY_CAP"),
        ("SUPPRESSED", "WEEKLY_CAP"),
    ]


def test_a_cart_that_is_left_within_quiet_hours_is_not_written_about(shop):
    midnight = NOON + 12 * HOUR
    shop.click("ADD_TO_CART", midnight)
    shop.advance(midnight + DAY)
    assert shop.endings() == [(CART, "SUPPRESSED", "QUIET_HOURS")]
    assert shop.messages() == []


def test_a_cart_whose_hour_reaches_out_of_quiet_hours_is_written_about_then(shop):
    left_at = NOON - 4 * HOUR - 45 * MINUTE  # 07:15, and so due at 07:45
    shop.click("ADD_TO_CART", left_at)
    shop.advance(NOON)
    (message,) = shop.messages()
    assert NOON - 4 * HOUR <= message["send_at"] <= left_at + HOUR


def test_anonymous_visitors_pass_by(shop):
    shop.click("ADD_TO_CART", NOON, customer_id=None)
    shop.look(NOON, times=5, customer_id=None)
    shop.advance(NOON + DAY)
    assert shop.outputs == []
    shop.assert_no_wake_ups_left()


def test_a_cart_event_that_comes_late_does_not_put_the_clock_back(shop):
    shop.click("ADD_TO_CART", NOON)
    shop.click("ADD_TO_CART", NOON - 20 * MINUTE, "pot")
    shop.advance(NOON + 2 * HOUR)
    assert [trigger["caused_at"] for trigger in shop.triggers()] == [NOON]
