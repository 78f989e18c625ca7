"""Skus that are looked at again and again: when that is written about, and what silences it."""

from mailroom import DAY, HOUR, MINUTE, NOON, SECOND, Mailroom

from udfs.engagement.views import MAX_VIEWED

BROWSE = "BROWSE_ABANDONMENT"


def all_day(shop: Mailroom, times: int = 3) -> None:
    shop.look(NOON, times=times)
    shop.advance(NOON + 2 * DAY)


def test_three_views_without_a_cart_add_are_written_about(shop):
    all_day(shop)
    (trigger,) = shop.triggers()
    assert (trigger["template"], trigger["outcome"]) == (BROWSE, "SENT")
    assert trigger["reason"] == "VIEWED_OFTEN"
    assert (trigger["subject"], trigger["skus"]) == ("mug", ["mug"])
    assert NOON + HOUR <= trigger["send_at"] <= NOON + DAY


def test_two_views_are_not(shop):
    all_day(shop, times=2)
    assert shop.outputs == []


def test_a_view_that_comes_again_counts_once(shop):
    view = shop.click("PAGE_VIEW", NOON)
    for _ in range(3):
        shop.send(view, "clickstream.events")
    shop.advance(NOON + 2 * DAY)
    assert shop.outputs == []


def test_three_views_over_more_than_the_window_are_not_many(shop):
    for hours in (0, 20, 40):
        shop.look(NOON + hours * HOUR)
    shop.advance(NOON + 4 * DAY)
    assert shop.outputs == []


def test_a_page_view_without_a_sku_counts_for_nothing(shop):
    for seconds in range(5):
        shop.click("PAGE_VIEW", NOON + seconds * SECOND, None)
    shop.advance(NOON + 2 * DAY)
    assert shop.outputs == []


def test_a_cart_add_silences_the_sku_and_no_other(shop):
    shop.look(NOON, "mug", times=3)
    shop.look(NOON + MINUTE, "pot", times=3)
    shop.click("ADD_TO_CART", NOON + 2 * MINUTE, "mug")
    shop.click("PURCHASE", NOON + 3 * MINUTE, "mug")
    shop.advance(NOON + 2 * DAY)
    assert [(t["subject"], t["outcome"]) for t in shop.triggers()] == [("pot", "SENT")]


def test_views_before_a_cart_add_do_not_count_after_it(shop):
    shop.look(NOON, times=2)
    shop.click("ADD_TO_CART", NOON + MINUTE)
    shop.click("REMOVE_FROM_CART", NOON + 2 * MINUTE)
    shop.look(NOON + 3 * MINUTE)
    shop.advance(NOON + 2 * DAY)
    assert shop.outputs == []


def test_a_cart_add_that_comes_late_silences_the_views_before_it(shop):
    shop.look(NOON, times=3)
    shop.advance(NOON + 10 * MINUTE)
    shop.click("ADD_TO_CART", NOON + MINUTE)
    shop.click("PURCHASE", NOON + 2 * MINUTE, None)
    shop.advance(NOON + 2 * DAY)
    assert shop.outputs == []


def test_a_cart_add_that_comes_again_does_not_silence_later_views(shop):
    added = shop.click("ADD_TO_CART", NOON)
    shop.click("REMOVE_FROM_CART", NOON + MINUTE)
    shop.look(NOON + HOUR, times=3)
    shop.send(added, "clickstream.events")
    shop.advance(NOON + 2 * DAY)
    assert shop.triggers()[0]["outcome"] == "SENT"


def test_who_still_looks_has_not_left(shop):
    shop.look(NOON, times=3)
    shop.look(NOON + 50 * MINUTE)
    shop.advance(NOON + 2 * DAY)
    (trigger,) = shop.triggers()
    assert trigger["caused_at"] == NOON + 50 * MINUTE
    assert trigger["send_at"] >= NOON + 110 * MINUTE


def test_what_was_written_about_takes_as_many_new_views(shop):
    shop.policy(BROWSE, weekly_cap=5)
    shop.policy("*", weekly_cap=5)
    all_day(shop)
    shop.look(NOON + 3 * DAY, times=2)
    shop.advance(NOON + 5 * DAY)
    assert len(shop.triggers()) == 1
    shop.look(NOON + 5 * DAY, times=3)
    shop.advance(NOON + 7 * DAY)
    assert len(shop.triggers(outcome="SENT")) == 2


def test_the_number_of_views_is_data(shop):
    shop.policy(BROWSE, views=5)
    all_day(shop, times=4)
    assert shop.outputs == []


def test_skus_whose_views_are_counted_are_bounded_but_promised_ones_are_kept(shop):
    shop.look(NOON, "first", times=3)
    for number in range(2 * MAX_VIEWED):
        shop.look(NOON + number * SECOND, f"sku{number}", times=2)
    viewed = shop.state("ann").viewed
    assert len(viewed) == MAX_VIEWED
    assert "first" in viewed
    shop.advance(NOON + 2 * DAY)
    assert [trigger["subject"] for trigger in shop.triggers()] == ["first"]


def test_with_every_counted_sku_promised_another_is_not_counted(shop):
    for number in range(MAX_VIEWED + 1):
        shop.look(NOON + number * MINUTE, f"sku{number}", times=3)
    shop.advance(NOON + 3 * DAY)
    assert len(shop.triggers()) == MAX_VIEWED


def test_a_cart_add_that_comes_after_its_purchase_silences_the_views_before_it(shop):
    shop.look(NOON, times=3)
    shop.click("PURCHASE", NOON + 2 * MINUTE, None)
    shop.click("ADD_TO_CART", NOON + MINUTE)
    shop.advance(NOON + 2 * DAY)
    assert shop.outputs == []
