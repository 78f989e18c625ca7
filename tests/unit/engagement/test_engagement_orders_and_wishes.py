"""After a delivery, and when what was wished for is back."""

import pytest
from mailroom import DAY, HOUR, MINUTE, NOON, Mailroom

from udfs.engagement.wishes import MAX_WISHES, PARTS

REVIEW, CROSS, BACK = "REVIEW_REQUEST", "CROSS_SELL", "BACK_IN_STOCK"


def sent(shop: Mailroom) -> list[str]:
    return [trigger["template"] for trigger in shop.triggers(outcome="SENT")]


def test_a_delivery_is_followed_by_a_review_after_7_and_a_cross_sell_after_14_days(shop):
    delivered = shop.order(NOON, "DELIVERED")
    shop.advance(NOON + 7 * DAY - 1)
    assert shop.outputs == []
    shop.advance(NOON + 8 * DAY)
    (review,) = shop.triggers()
    assert review["template"] == REVIEW
    assert NOON + 7 * DAY <= review["send_at"] <= NOON + 8 * DAY
    assert review["cause_id"] == delivered["event_id"]
    assert shop.messages()[0]["parameters"]["order_id"] == "o1"
    shop.advance(NOON + 14 * DAY - 1)
    assert sent(shop) == [REVIEW]
    shop.advance(NOON + 15 * DAY)
    assert sent(shop) == [REVIEW, CROSS]


def test_a_return_silences_both(shop):
    shop.order(NOON, "DELIVERED")
    shop.order(NOON + DAY, "RETURNED", from_state="DELIVERED")
    shop.advance(NOON + 20 * DAY)
    assert shop.messages() == []
    assert shop.endings() == [(REVIEW, "SILENCED", "RETURNED"), (CROSS, "SILENCED", "RETURNED")]


def test_a_return_after_the_review_silences_the_cross_sell(shop):
    shop.order(NOON, "DELIVERED")
    shop.advance(NOON + 9 * DAY)
    shop.order(NOON + 10 * DAY, "RETURNED", from_state="DELIVERED")
    shop.advance(NOON + 20 * DAY)
    assert sent(shop) == [REVIEW]


def test_a_return_of_another_order_silences_nothing(shop):
    shop.order(NOON, "DELIVERED")
    shop.order(NOON + DAY, "RETURNED", from_state="DELIVERED", order_id="o2")
    shop.advance(NOON + 20 * DAY)
    assert sent(shop) == [REVIEW, CROSS]


def test_a_delivery_that_is_told_again_leads_to_nothing_new(shop):
    delivered = shop.order(NOON, "DELIVERED")
    shop.advance(NOON + 16 * DAY)
    shop.send(delivered, "orders.lifecycle")
    shop.order(NOON + 16 * DAY, "DELIVERED", from_state="DELIVERED")
    shop.advance(NOON + 40 * DAY)
    assert sent(shop) == [REVIEW, CROSS]


def test_what_was_wished_for_is_told_to_be_back_to_whom_it_was_wished_by(shop):
    wish = shop.click("WISHLIST_ADD", NOON)
    shop.click("WISHLIST_ADD", NOON, "pot", customer_id="ben")
    alert = shop.back_in_stock(NOON + HOUR)
    (signal,) = shop.emitted("engagement.signals")
    assert (signal["customer_id"], signal["wish_id"]) == ("ann", wish["event_id"])
    assert signal["cause_id"] == alert["event_id"]
    shop.advance(NOON + DAY)
    (trigger,) = shop.triggers()
    assert (trigger["customer_id"], trigger["template"]) == ("ann", BACK)
    assert (trigger["outcome"], trigger["reason"]) == ("SENT", "WISHED_FOR")
    assert NOON + HOUR <= trigger["send_at"] <= NOON + 13 * HOUR


@pytest.mark.parametrize("alert_type", ["OUT_OF_STOCK", "LOW_STOCK", "REORDER_REQUESTED"])
def test_other_alerts_are_told_to_nobody(shop, alert_type):
    shop.click("WISHLIST_ADD", NOON)
    shop.back_in_stock(NOON + HOUR, alert_type=alert_type)
    shop.advance(NOON + DAY)
    assert shop.outputs == []


def test_a_wish_is_answered_once_and_can_be_made_again(shop):
    wish = shop.click("WISHLIST_ADD", NOON)
    alert = shop.back_in_stock(NOON + HOUR)
    shop.send(alert, "inventory.alerts")
    shop.send(wish, "clickstream.events")
    shop.back_in_stock(NOON + 2 * HOUR)
    shop.advance(NOON + DAY)
    assert sent(shop) == [BACK]
    shop.click("WISHLIST_ADD", NOON + DAY)
    shop.back_in_stock(NOON + 2 * DAY)
    shop.advance(NOON + 3 * DAY)
    assert sent(shop) == [BACK, BACK]


def test_a_wish_that_comes_after_the_later_alert_is_answered_all_the_same(shop):
    shop.back_in_stock(NOON + MINUTE)
    shop.click("WISHLIST_ADD", NOON)
    shop.advance(NOON + DAY)
    assert sent(shop) == [BACK]


def test_a_wish_for_what_is_back_already_waits_for_the_next_time(shop):
    shop.back_in_stock(NOON)
    shop.click("WISHLIST_ADD", NOON + MINUTE)
    shop.advance(NOON + DAY)
    assert shop.outputs == []
    shop.back_in_stock(NOON + 2 * DAY)
    shop.advance(NOON + 3 * DAY)
    assert sent(shop) == [BACK]


def test_who_bought_the_sku_does_not_wait_for_it(shop):
    shop.click("WISHLIST_ADD", NOON)
    shop.click("PURCHASE", NOON + MINUTE)
    shop.back_in_stock(NOON + HOUR)
    shop.advance(NOON + DAY)
    assert shop.outputs == []


def test_a_purchase_before_the_wish_does_not_undo_it(shop):
    shop.click("WISHLIST_ADD", NOON)
    shop.click("PURCHASE", NOON - MINUTE)
    shop.back_in_stock(NOON + HOUR)
    shop.advance(NOON + DAY)
    assert sent(shop) == [BACK]


def test_everybody_who_wished_is_told(shop):
    for number in range(100):
        shop.click("WISHLIST_ADD", NOON + number, customer_id=f"c{number}")
    shop.back_in_stock(NOON + HOUR)
    shop.advance(NOON + DAY)
    told = {message["customer_id"] for message in shop.messages()}
    assert told == {f"c{number}" for number in range(100)}


def test_the_wishes_of_a_part_are_bounded_and_the_oldest_goes_first(shop):
    for number in range(PARTS * MAX_WISHES + 3000):
        shop.click("WISHLIST_ADD", NOON + number, customer_id=f"c{number}")
    shop.back_in_stock(NOON + HOUR)
    told = {signal["customer_id"] for signal in shop.emitted("engagement.signals")}
    assert len(told) == PARTS * MAX_WISHES
    assert "c0" not in told
    assert f"c{PARTS * MAX_WISHES + 2999}" in told


def test_wishes_and_alerts_are_forgotten_in_time(shop):
    shop.click("WISHLIST_ADD", NOON)
    shop.back_in_stock(NOON, "pot")
    shop.advance(NOON + 181 * DAY)
    assert shop.links.states == {}
    shop.back_in_stock(NOON + 181 * DAY)
    assert shop.emitted("engagement.signals") == []
