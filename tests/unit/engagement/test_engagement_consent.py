"""What customers want and what the shop allows itself: opt-outs, quiet hours, caps, channels."""

from datetime import datetime
from zoneinfo import ZoneInfo

import msgspec
import pytest
from mailroom import DAY, HOUR, MINUTE, NOON, Mailroom

from udfs.engagement.events import Policy, Preferences

CART, BROWSE = "CART_ABANDONMENT", "BROWSE_ABANDONMENT"


def leave_a_cart(shop: Mailroom, at: int = NOON) -> None:
    shop.click("ADD_TO_CART", at)
    shop.advance(at + 2 * HOUR)


@pytest.mark.parametrize("opt_outs", [[CART], ["*"], [BROWSE, CART]])
def test_who_opted_out_is_not_written_to(shop, opt_outs):
    shop.prefer(NOON - DAY, opt_outs=opt_outs)
    leave_a_cart(shop)
    assert shop.endings() == [(CART, "SUPPRESSED", "OPTED_OUT")]
    assert shop.messages() == []


def test_an_opt_out_while_the_message_waits_holds(shop):
    shop.order(NOON, "DELIVERED")
    shop.advance(NOON + 6 * DAY)
    shop.prefer(NOON + 6 * DAY, opt_outs=["REVIEW_REQUEST"])
    shop.advance(NOON + 15 * DAY)
    assert [ending[1] for ending in shop.endings()] == ["SUPPRESSED", "SENT"]


def test_preferences_that_come_late_do_not_replace_newer_ones(shop):
    shop.prefer(NOON - HOUR, opt_outs=[CART])
    shop.prefer(NOON - DAY)
    leave_a_cart(shop)
    assert shop.messages() == []


def test_who_unsubscribes_gets_no_more_of_the_template_until_they_say_otherwise(shop):
    leave_a_cart(shop)
    (trigger,) = shop.triggers()
    shop.answer(trigger, "UNSUBSCRIBED", NOON + 3 * HOUR)
    leave_a_cart(shop, NOON + DAY)
    assert shop.endings()[1:] == [(CART, "SUPPRESSED", "OPTED_OUT")]
    shop.look(NOON + DAY, "pot", times=3)
    shop.prefer(NOON + 2 * DAY)
    leave_a_cart(shop, NOON + 2 * DAY)
    assert [ending[:2] for ending in shop.endings()[2:]] == [(BROWSE, "SENT"), (CART, "SENT")]


def test_an_unsubscription_older_than_the_preferences_is_no_news(shop):
    leave_a_cart(shop)
    shop.prefer(NOON + 5 * HOUR)
    shop.answer(shop.triggers()[0], "UNSUBSCRIBED", NOON + 4 * HOUR)
    leave_a_cart(shop, NOON + DAY)
    assert len(shop.messages()) == 2


def test_unsubscribing_from_messages_of_other_jobs_is_theirs_to_heed(shop):
    trigger = {"customer_id": "ann", "trigger_id": "x", "template": "ORDER_SHIPPED"}
    shop.answer(trigger, "UNSUBSCRIBED", NOON)
    assert shop.state("ann").unsubscribed == {}


@pytest.mark.parametrize(
    ("preferred", "blocked", "used"),
    [
        (None, [], "EMAIL"),
        ("PUSH", [], "PUSH"),
        ("PUSH", ["EMAIL"], "PUSH"),
        (None, ["EMAIL"], None),
        ("SMS", ["SMS"], None),
    ],
)
def test_the_preferred_channel_is_used_and_a_blocked_one_is_not(shop, preferred, blocked, used):
    shop.prefer(NOON - DAY, channel=preferred, blocked_channels=blocked)
    leave_a_cart(shop)
    assert [message["channel"] for message in shop.messages()] == ([used] if used else [])


def test_the_policy_names_the_channel_of_a_template(shop):
    shop.policy(CART, channel="PUSH")
    leave_a_cart(shop)
    assert shop.messages()[0]["channel"] == "PUSH"


def test_quiet_hours_are_in_the_customers_own_zone(shop):
    shop.prefer(NOON - DAY, time_zone="Asia/Tokyo")  # 12:00 UTC is 21:00 there
    leave_a_cart(shop)
    assert shop.endings() == [(CART, "SUPPRESSED", "QUIET_HOURS")]
    leave_a_cart(shop, NOON + 12 * HOUR)
    (message,) = shop.messages()
    assert shop.triggers()[-1]["local_hour"] in (9, 10)
    assert message["send_at"] == shop.triggers()[-1]["send_at"]


def test_the_customers_own_quiet_hours_go_before_the_policys(shop):
    shop.prefer(NOON - DAY, quiet_from_min=0, quiet_to_min=0)  # none
    leave_a_cart(shop, NOON + 12 * HOUR)
    assert shop.messages()
    shop.prefer(NOON + DAY, quiet_from_min=12 * 60, quiet_to_min=14 * 60)
    leave_a_cart(shop, NOON + DAY)
    assert shop.endings()[1:] == [(CART, "SUPPRESSED", "QUIET_HOURS")]


def test_a_template_may_have_quiet_hours_of_its_own(shop):
    shop.policy(CART, quiet_from_min=12 * 60, quiet_to_min=14 * 60)
    leave_a_cart(shop)
    assert shop.messages() == []


def test_quiet_hours_that_change_while_a_message_waits_hold(shop):
    """The moment is chosen anew in what time is left, if there is one that is not quiet."""
    for number in range(40):
        shop.order(NOON, "DELIVERED", customer_id=f"c{number}", order_id=f"o{number}")
    shop.advance(NOON + 7 * DAY)
    at_once = len(shop.messages())
    for number in range(40):
        name = f"c{number}"
        shop.prefer(NOON + 7 * DAY, customer_id=name, quiet_from_min=0, quiet_to_min=22 * 60)
    shop.advance(NOON + 8 * DAY)
    later = shop.triggers()[at_once:]
    assert {trigger["local_hour"] for trigger in later if trigger["send_at"]} == {22, 23}
    assert {trigger["reason"] for trigger in later} == {"DELIVERED", "QUIET_HOURS"}


def test_a_day_of_24_quiet_hours_is_not_one_of_none(shop):
    shop.prefer(NOON - DAY, quiet_from_min=1, quiet_to_min=0)  # all but a minute
    leave_a_cart(shop)
    assert shop.messages() == []


@pytest.mark.parametrize("month", [3, 10])
def test_quiet_hours_hold_on_the_days_when_clocks_change(shop, month):
    berlin = ZoneInfo("Europe/Berlin")
    shop.policy("*", weekly_cap=100)
    shop.policy("BACK_IN_STOCK", weekly_cap=100, latest_s=86_400)
    start = int(datetime(2026, month, 27, tzinfo=berlin).timestamp() * 1000)
    for number in range(60):
        name = f"c{number}"
        shop.prefer(start, customer_id=name, time_zone="Europe/Berlin")
        shop.click("WISHLIST_ADD", start + number * HOUR, "mug", customer_id=name)
        shop.back_in_stock(start + number * HOUR + MINUTE)
    shop.advance(start + 7 * DAY)
    hours = [datetime.fromtimestamp(m["send_at"] / 1000, berlin).hour for m in shop.messages()]
    assert len(hours) == 60
    assert set(hours) <= set(range(8, 21))


def test_no_more_than_the_weekly_cap_over_all_templates(shop):
    shop.policy(CART, weekly_cap=100)
    shop.policy("*", weekly_cap=2)
    for day in range(15):
        leave_a_cart(shop, NOON + day * DAY)
    times = [message["send_at"] for message in shop.messages()]
    assert len(times) >= 4
    assert all(later - at >= 7 * DAY for at, later in zip(times, times[2:], strict=False))


def test_a_cap_of_none_lets_nothing_through(shop):
    shop.policy("*", weekly_cap=0)
    leave_a_cart(shop)
    assert shop.endings() == [(CART, "SUPPRESSED", "WEEKLY_CAP")]


def test_a_template_that_is_off_promises_nothing_and_sends_nothing(shop):
    shop.look(NOON, "pot", times=3)
    shop.policy(BROWSE, active=False, version=2)
    shop.policy(CART, active=False)
    leave_a_cart(shop)
    shop.advance(NOON + 2 * DAY)
    assert shop.endings() == [(BROWSE, "SUPPRESSED", "TEMPLATE_OFF")]
    assert shop.triggers()[0]["policy_version"] == 2


def test_the_policy_of_all_turns_everything_off(shop):
    shop.policy("*", active=False)
    leave_a_cart(shop)
    shop.order(NOON, "DELIVERED")
    shop.advance(NOON + 20 * DAY)
    assert shop.outputs == []


def test_without_a_policy_nobody_is_written_to(shop):
    shop.refer("engagement.policies", CART, None)
    leave_a_cart(shop)
    assert shop.outputs == []


def test_without_a_policy_of_all_nights_are_quiet_and_three_a_week_enough(shop):
    shop.refer("engagement.policies", "*", None)
    shop.policy(CART, weekly_cap=100)
    leave_a_cart(shop, NOON + 12 * HOUR)
    assert shop.messages() == []
    for day in range(1, 6):
        leave_a_cart(shop, NOON + day * DAY)
    assert len(shop.messages()) == 3
    assert {trigger["limits_version"] for trigger in shop.triggers()} == {0}


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"time_zone": "Europe/Atlantis"}, "IANA name, came 'Europe/Atlantis'"),
        ({"time_zone": "Europe"}, "IANA name"),
        ({"time_zone": "../etc/passwd"}, "IANA name"),
        ({"time_zone": ""}, "IANA name"),
        ({"quiet_from_min": 60}, "both quiet_from_min and quiet_to_min"),
        ({"quiet_from_min": 60, "quiet_to_min": 1440}, "quiet_to_min"),
        ({"channel": "FAX"}, "FAX"),
    ],
)
def test_preferences_that_cannot_be_are_refused_with_the_reason(fields, reason):
    record = {"event_id": "e", "event_time": NOON, "customer_id": "ann", **fields}
    with pytest.raises(msgspec.ValidationError, match=reason):
        msgspec.convert(record, Preferences)


def test_a_policy_that_ends_before_it_begins_is_refused():
    record = {"template": CART, "delay_s": 60, "latest_s": 59}
    with pytest.raises(msgspec.ValidationError, match="latest_s of at least delay_s = 60, came 59"):
        msgspec.convert(record, Policy)


def test_a_message_that_is_late_does_not_break_the_cap_of_the_days_after_it(shop):
    shop.policy("*", weekly_cap=1)
    leave_a_cart(shop, NOON + 10 * DAY)
    leave_a_cart(shop, NOON + 9 * DAY)
    assert [ending[1:] for ending in shop.endings()] == [("SENT", "CART_LEFT")]
    shop.order(NOON + 2 * DAY, "DELIVERED")
    shop.advance(NOON + 11 * DAY)
    assert shop.endings()[1:] == [("REVIEW_REQUEST", "SUPPRESSED", "WEEKLY_CAP")]
