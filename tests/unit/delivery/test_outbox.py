"""What an outbox sends, in which order, and how few calls that takes; in virtual time."""

from collections import Counter
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.virtual_destination import DELIVERED, World, update

from connectors.delivery.answer import Answer, Outcome
from connectors.delivery.progress import Place

SKUS = [f"sku-{number}" for number in range(100)]
FAILED = Answer(Outcome.FAILED, "status 503")
REFUSED = Answer(Outcome.REFUSED, "status 422")
LIMITED = Answer(Outcome.LIMITED, "status 429")


def burst(world: World, seed: int, first: int, changes: int = 1000) -> dict[str, int]:
    """Changes of 100 skus, numbered from `first`; gives the last one of each."""
    random = Random(seed)
    last = {}
    for number in range(first, first + changes):
        sku = random.choice(SKUS)
        world.put(update(sku, number))
        last[sku] = number
    return last


def test_a_burst_of_1000_changes_on_100_skus_takes_one_call_for_each_sku():
    world = World(rate=2)
    last = burst(world, seed=1, first=0)
    world.run()
    assert world.has == last
    assert len(world.calls) == len(last) == 100
    assert world.limit.broken == 0
    assert world.now == pytest.approx(100 / 2)
    assert world.progress.held == 0


def test_bursts_faster_than_the_limit_end_right_with_no_more_calls_than_it_allows():
    world = World(rate=2)
    last: dict[str, int] = {}
    for number in range(10):
        world.run(until=number * 10)
        last |= burst(world, seed=number, first=number * 1000)
    world.run()
    assert world.has == last
    assert world.limit.broken == 0
    after_the_last = [sent for time, sent in world.calls if time > 90]
    assert len(after_the_last) <= len(SKUS)
    assert len(world.calls) <= 2 * 90 + len(SKUS)
    assert max(Counter(int(time) for time, _ in world.calls).values()) <= 2


def test_a_sku_that_is_back_where_it_was_needs_no_call():
    world = World()
    world.put(update("mug", 1, state=5))
    world.run()
    world.put(update("mug", 2, state=4), update("mug", 3, state=5))
    world.run()
    assert [sent.content for _, sent in world.calls] == [1]
    assert world.outbox.counts.unchanged == 1
    assert world.progress.held == 0


def test_after_a_failure_nobody_knows_what_the_other_end_has_so_it_is_told_again():
    answers = iter([DELIVERED, FAILED, DELIVERED])
    world = World(answer=lambda _: next(answers))
    world.put(update("mug", 1, state=5))
    world.run()
    world.put(update("mug", 2, state=4))
    world.run(until=world.now + 0.5)
    world.put(update("mug", 3, state=5))
    world.run()
    assert [sent.content for _, sent in world.calls] == [1, 2, 3]


def test_what_changes_while_a_call_is_under_way_follows_it():
    world = World(latency=lambda: (1.0, 1.0))
    world.put(update("mug", 1))
    world.run(until=1)
    world.put(update("mug", 2), update("mug", 3))
    world.run()
    assert [sent.content for _, sent in world.calls] == [1, 3]


def test_order_events_are_all_sent_and_in_order_each_order_by_itself():
    def answer(sent):
        return FAILED if sent.content in (0, 2) and tried[sent.key] < 2 else DELIVERED

    tried = Counter()
    world = World(rate=100, answer=lambda sent: (tried.update([sent.key]), answer(sent))[1])
    world.put(*(update(f"order-{number % 2}", number, state=None) for number in range(10)))
    world.run()
    of_one = [one.content for one in world.arrived if one.lane == "order-0"]
    assert of_one == [0, 2, 4, 6, 8]
    # the order that does not fail has not waited for the one that does
    assert [one.content for one in world.arrived][:5] == [1, 3, 5, 7, 9]


def test_a_thousand_order_events_do_not_hold_up_a_skus_stock():
    world = World()
    world.put(*(update(f"o-{n}", n, state=None, topic="orders.lifecycle") for n in range(1000)))
    world.put(update("mug", 5, topic="inventory.availability"))
    world.run(until=3)
    assert "mug" in world.has


def test_an_update_that_fails_is_given_up_after_its_last_attempt_and_the_next_one_goes_on():
    world = World(answer=lambda sent: FAILED if sent.content == 1 else DELIVERED, attempts=5)
    world.put(update("order", 1, state=None), update("order", 2, state=None))
    world.run()
    assert [sent.content for _, sent in world.calls] == [1] * 5 + [2]
    assert [one.content for one in world.given_up] == [1]
    assert world.progress.held == 0


def test_what_is_refused_is_given_up_at_once_and_what_is_limited_never():
    answers = iter([LIMITED] * 50 + [REFUSED])
    world = World(answer=lambda _: next(answers), attempts=2)
    world.put(update("mug", 1))
    world.run()
    assert len(world.calls) == 51
    assert [one.content for one in world.given_up] == [1]


def test_who_says_how_long_to_wait_hears_nothing_until_then():
    answers = iter([Answer(Outcome.LIMITED, "status 429", wait_s=7.0), *[DELIVERED] * 2])
    world = World(rate=10, answer=lambda _: next(answers))
    world.put(update("mug", 1), update("cup", 2))
    world.run()
    (first, _), (second, _), _ = world.calls
    assert second >= first + 7.0


def test_a_limit_that_others_use_too_is_kept():
    answers = iter([Answer(Outcome.DELIVERED, "status 200", left=0.0), *[DELIVERED] * 5])
    world = World(rate=1, burst=6, answer=lambda _: next(answers), in_flight=1)
    world.run(until=6)
    world.put(*(update(f"sku-{number}", number) for number in range(3)))
    world.run()
    assert [time for time, _ in world.calls] == [6.0, 7.0, 8.0]


def test_who_does_not_answer_is_left_alone_and_tried_by_one_call_at_a_time():
    world = World(rate=100, answer=lambda _: FAILED, failures=5, attempts=1000)
    world.put(*(update(f"sku-{number}", number) for number in range(50)))
    world.run(until=300)
    assert world.outbox.is_open
    assert 5 + 8 <= len(world.calls) <= 8 + 10  # at first up to 4 under way; then one every 30 s


def test_everything_arrives_once_who_did_not_answer_does_again():
    up = [False]
    world = World(answer=lambda _: DELIVERED if up[0] else FAILED, failures=5, attempts=1000)
    world.put(*(update(f"sku-{number}", number) for number in range(20)))
    world.run(until=600)
    up[0] = True
    world.run()
    assert len(world.has) == 20
    assert not world.outbox.is_open


def test_what_is_not_wanted_any_more_is_not_sent_and_stays_held():
    world = World(wanted=lambda one: one.content != 1)
    world.put(update("a", 1, state=None), update("b", 2, state=None))
    world.run()
    assert [sent.content for _, sent in world.calls] == [2]
    assert world.progress.committable() == [Place("t", 0, 1)]


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_whatever_is_answered_every_lane_ends_right_or_is_given_up(data):
    outcomes = st.sampled_from([DELIVERED] * 3 + [FAILED, LIMITED, REFUSED])
    latencies = st.floats(0, 5)
    world = World(
        rate=data.draw(st.floats(0.5, 50)),
        burst=data.draw(st.integers(1, 5)),
        answer=lambda _: data.draw(outcomes),
        latency=lambda: (data.draw(latencies), data.draw(latencies)),
        attempts=3,
        failures=data.draw(st.integers(1, 6)),
        in_flight=data.draw(st.integers(1, 4)),
    )
    last = {}
    queued: dict[str, list[int]] = {}
    for number in range(data.draw(st.integers(0, 40))):
        if data.draw(st.booleans()):
            lane = data.draw(st.sampled_from("abc"))
            last[lane] = number
            world.put(update(lane, number))
        else:
            lane = data.draw(st.sampled_from("xyz"))
            queued.setdefault(lane, []).append(number)
            world.put(update(lane, number, state=None))
        world.run(until=world.now + data.draw(st.floats(0, 2)))
    world.run()

    ended = {one.lane: one.content for one in world.given_up}
    for lane, number in last.items():
        assert number in (world.has.get(lane), ended.get(lane))
    for lane, numbers in queued.items():
        arrived = [one.content for one in world.arrived if one.lane == lane]
        lost = [one.content for one in world.given_up if one.lane == lane]
        assert arrived == sorted(arrived)
        assert sorted(arrived + lost) == numbers
    assert world.limit.broken == 0
    assert world.progress.held == 0
    assert world.outbox.is_empty
