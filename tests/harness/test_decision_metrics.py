"""The counters: every event is accounted for, once."""

import pytest
from support.counting_domain import COUNTING, command
from support.decisions import DecisionHarness, Raw
from support.stockroom import NOON, minutes, reserve, restocked

from jobs.runtime.metrics import BATCH_BOUNDS, BOUNDS_US
from udfs.inventory.domain import INVENTORY


@pytest.fixture
def counting() -> DecisionHarness:
    return DecisionHarness(COUNTING, NOON)


def histogram(harness: DecisionHarness, name: str, bounds: tuple[int, ...]) -> dict:
    read = {bound: harness.flink.metric(f"{name}_le_{bound}") for bound in (*bounds, "inf")}
    return {bound: number for bound, number in read.items() if number}


def test_every_event_is_a_decision_a_duplicate_or_a_dead_letter():
    inventory = DecisionHarness(INVENTORY, NOON)
    request = reserve("r1")
    inventory.send(restocked("berlin", 1), request, request, Raw(b"?", b"mug", NOON))
    inventory.send(request, reserve("r2"), Raw(None, b"mug", NOON))

    counted = inventory.counters("events", "decisions", "duplicates", "dead_letters")
    assert counted == (7, 3, 2, 2)


def test_an_event_whose_rule_has_nothing_to_say_is_a_decision_too(counting):
    counting.send(command("WAKE", NOON, quantity=1000), command("COUNT", NOON))

    assert counting.counters("events", "decisions", "dead_letters") == (2, 2, 0)


def test_an_event_is_late_if_event_time_has_passed_it_and_it_was_decided(counting):
    counting.watermark(NOON)
    late = command("COUNT", NOON - 1)
    counting.send(late, late, command("FAIL", NOON - 1), command("COUNT", NOON))

    assert counting.counters("events", "late_events") == (4, 1)


def test_wake_ups_are_counted_apart_from_events_and_those_not_wanted_are_not(counting):
    counting.send(command("WAKE", NOON, "mug", quantity=1000))
    counting.send(command("WAKE", NOON, "cup", quantity=1000))
    counting.send(command("WAKE", NOON, "cup", quantity=0))
    counting.watermark(NOON + minutes(1))

    assert counting.counters("events", "wake_ups", "dead_letters") == (3, 1, 0)


def test_a_wake_up_that_failed_is_counted_as_a_dead_letter(counting):
    counting.send(command("WAKE", NOON, quantity=1000), command("BREAK", NOON))
    counting.watermark(NOON + minutes(1))

    assert counting.counters("wake_ups", "dead_letters") == (1, 1)


def test_held_batches_are_counted_when_they_are_decided():
    held = DecisionHarness(COUNTING, NOON, awaited={("inventory.policies", 0): 0})
    held.send(command("COUNT", NOON))
    held.wait(minutes(5))

    assert held.counters("events") == (0,)


def test_batch_sizes_and_decision_times_are_histograms(counting):
    for size in (1, 2, 3, 12):
        counting.send(*(command("COUNT", NOON) for _ in range(size)))

    assert histogram(counting, "batch_size", BATCH_BOUNDS) == {1: 1, 2: 1, 5: 1, 20: 1}
    assert sum(histogram(counting, "decision_time_us", BOUNDS_US).values()) == 18
