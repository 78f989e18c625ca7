"""The hour in which a customer reads: how it is learnt, and that a replay finds the same."""

from collections import Counter
from random import Random

import pytest
from mailroom import DAY, HOUR, MINUTE, NOON, Mailroom

from udfs.engagement.hours import FULL, Day, best_moment, drawn

MIDNIGHT = NOON - 12 * HOUR
ALWAYS = Day("UTC", 0, 0)
NONE = bytes(24)


def counts(**by_hour: int) -> bytes:
    """h9=3 for three at nine."""
    return bytes(by_hour.get(f"h{hour}", 0) for hour in range(24))


def chosen(sent: bytes, opened: bytes, day: Day = ALWAYS, runs: int = 400) -> Counter[int]:
    """How often each hour of a day is chosen."""
    moments = (
        best_moment(f"t{n}", MIDNIGHT, MIDNIGHT + DAY, day, sent, opened) for n in range(runs)
    )
    return Counter(day.local(moment).hour for moment in moments if moment is not None)


def test_without_history_every_hour_has_its_chance():
    assert len(chosen(NONE, NONE)) == 24


def test_the_hour_that_was_read_in_is_taken_most_and_the_others_are_still_tried():
    hours = chosen(counts(h19=20, h9=20), counts(h19=18, h9=1))
    (best, times), *_ = hours.most_common()
    assert best == 19
    assert times > 150
    assert len(hours) > 3
    assert hours[9] == 0


def test_the_hours_beside_the_best_one_profit_from_it():
    hours = chosen(counts(h19=10), counts(h19=10))
    assert min(hours[18], hours[20]) > max(hours[hour] for hour in range(16))


def test_a_draw_is_a_function_of_the_trigger_and_the_history():
    assert drawn("t1", 9, NONE, NONE) == drawn("t1", 9, NONE, NONE)
    assert drawn("t1", 9, NONE, NONE) != drawn("t2", 9, NONE, NONE)
    assert drawn("t1", 9, NONE, NONE) == pytest.approx(0.0606578, abs=1e-6)  # on every machine


def test_hours_that_are_quiet_are_never_chosen():
    day = Day("Europe/Berlin", 21 * 60 + 30, 8 * 60 + 15)
    hours = chosen(NONE, NONE, day, runs=2000)
    assert set(hours) == set(range(8, 22))
    for number in range(2000):
        moment = best_moment(f"t{number}", MIDNIGHT, MIDNIGHT + DAY, day, NONE, NONE)
        at = day.local(moment)
        assert 8 * 60 + 15 <= at.hour * 60 + at.minute < 21 * 60 + 30


def test_a_moment_lies_within_the_time_that_is_left():
    for number in range(200):
        start = MIDNIGHT + number * 7 * MINUTE
        moment = best_moment(f"t{number}", start, start + 30 * MINUTE, ALWAYS, NONE, NONE)
        assert start <= moment <= start + 30 * MINUTE


def test_who_is_to_be_written_to_later_is_not_written_to_at_the_full_hour():
    moments = [best_moment(f"t{n}", NOON, NOON + DAY, ALWAYS, NONE, NONE) for n in range(300)]
    full = [moment for moment in moments if moment % HOUR == 0 and moment != NOON]
    assert len(full) < 5


def test_without_a_moment_there_is_none():
    quiet_at_noon = Day("UTC", 11 * 60, 13 * 60)
    assert best_moment("t", NOON, NOON + 30 * MINUTE, quiet_at_noon, NONE, NONE) is None
    assert best_moment("t", NOON, NOON + HOUR, quiet_at_noon, NONE, NONE) == NOON + HOUR


def test_zones_off_the_full_hour_have_their_own_hours():
    kathmandu = Day("Asia/Kathmandu", 17 * 60 + 45, 18 * 60)  # 12:00 UTC is 17:45 there
    assert best_moment("t", NOON, NOON + 16 * MINUTE, kathmandu, NONE, NONE) == NOON + 15 * MINUTE


def evening_reader(shop: Mailroom, weeks: int) -> list[int]:
    """A customer who reads at 19:00 or not at all; the hours of the messages."""
    shop.policy("*", weekly_cap=7, quiet_from_min=0, quiet_to_min=0)
    shop.policy("REVIEW_REQUEST", weekly_cap=7)
    shop.policy("CROSS_SELL", active=False)
    random = Random(1)
    for day in range(weeks * 7):
        shop.order(NOON + day * DAY, "DELIVERED", order_id=f"o{day}")
        known = len(shop.triggers())
        shop.advance(NOON + (day + 1) * DAY)
        for trigger in shop.triggers()[known:]:
            if trigger["local_hour"] == 19 and random.random() < 0.7:
                shop.answer(trigger, "OPENED", shop.now)
                shop.answer(trigger, "CLICKED", shop.now)
    return [trigger["local_hour"] for trigger in shop.triggers(outcome="SENT")]


def test_a_customer_who_reads_in_the_evening_comes_to_be_written_to_in_the_evening(shop):
    hours = evening_reader(shop, weeks=40)
    assert len(hours) > 200
    late = Counter(hours[-60:])
    assert sum(late[hour] for hour in (18, 19, 20)) > 30
    assert sum(Counter(hours[:60])[hour] for hour in (18, 19, 20)) < 30


def test_a_replay_chooses_the_same_moments(shop):
    evening_reader(shop, weeks=10)
    again = Mailroom()
    evening_reader(again, weeks=10)
    assert again.outputs == shop.outputs


def test_a_message_that_is_opened_and_clicked_speaks_for_its_hour_once(shop):
    shop.click("ADD_TO_CART", NOON)
    shop.advance(NOON + 2 * HOUR)
    (trigger,) = shop.triggers()
    for response in ("OPENED", "CLICKED", "OPENED", "DISMISSED"):
        shop.answer(trigger, response, NOON + 3 * HOUR)
    customer = shop.state("ann")
    assert sum(customer.hours_sent) == sum(customer.hours_opened) == 1
    assert customer.hours_opened[trigger["local_hour"]] == 1


def test_a_message_that_is_dismissed_speaks_against_its_hour(shop):
    shop.click("ADD_TO_CART", NOON)
    shop.advance(NOON + 2 * HOUR)
    shop.answer(shop.triggers()[0], "DISMISSED", NOON + 3 * HOUR)
    assert sum(shop.state("ann").hours_opened) == 0


def test_responses_to_what_was_not_sent_count_for_nothing(shop):
    shop.policy("*", weekly_cap=0)
    shop.click("ADD_TO_CART", NOON)
    shop.advance(NOON + 2 * HOUR)
    (trigger,) = shop.triggers()
    shop.answer(trigger, "OPENED", NOON + 3 * HOUR)
    shop.answer(trigger | {"trigger_id": "nobody's"}, "OPENED", NOON + 3 * HOUR)
    assert sum(shop.state("ann").hours_opened) == 0


def test_old_habits_fade(shop):
    evening_reader(shop, weeks=52)
    customer = shop.state("ann")
    assert max(customer.hours_sent) < FULL
    assert all(o <= s for o, s in zip(customer.hours_opened, customer.hours_sent, strict=True))


def test_quiet_hours_end_with_their_last_minute():
    day = Day("UTC", 11 * 60, 12 * 60)
    assert day.quiet_for(NOON - 1) == 1
    assert day.quiet_for(NOON - 90_500) == 90_500
    assert [day.quiet_for(NOON + after) for after in (0, 1, 30_000, HOUR)] == [0, 0, 0, 0]
