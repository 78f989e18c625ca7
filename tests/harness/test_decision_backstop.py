"""The backstop: a promise to a person holds although event time stands still."""

import pytest
from support.counting_domain import COUNTING, command, policy
from support.decisions import BUCKET, DecisionHarness
from support.stockroom import NOON, hours, minutes, seconds

from udfs.inventory.events import ALERTS, POLICIES

SOON = seconds(6)  # the backstop's grace, and the silence that it waits for
START_UP = seconds(36)  # the same after a restore, until the first batch has come


@pytest.fixture
def counting() -> DecisionHarness:
    return DecisionHarness(COUNTING, NOON)


def wake(after: int = minutes(15), sku: str = "mug", at: int = NOON) -> dict:
    return command("WAKE", at, sku, quantity=after)


def woken(harness: DecisionHarness) -> list[str]:
    return [record["sku"] for record in harness.emitted(ALERTS, alert_type="WOKEN")]


def keep_sending(harness: DecisionHarness, span: int, bucket: int = BUCKET) -> None:
    """Events of another sku every two seconds, none of which moves event time."""
    for _ in range(span // seconds(2)):
        harness.wait(seconds(2))
        harness.send(command("COUNT", NOON, "cup"), bucket=bucket)


def test_on_a_quiet_topic_the_clock_wakes_what_event_time_does_not(counting):
    counting.send(wake())
    counting.wait(minutes(15))
    assert woken(counting) == []

    counting.wait(SOON)
    assert woken(counting) == ["mug"]
    (record,) = counting.emitted(ALERTS)
    assert record["event_time"] == NOON + minutes(15)


def test_what_the_clock_woke_is_not_woken_by_event_time_again(counting):
    counting.send(wake())
    counting.wait(minutes(15) + SOON)
    counting.watermark(NOON + hours(1))
    counting.wait(hours(1))

    assert woken(counting) == ["mug"]


def test_the_distance_counts_from_the_event_however_old_it_is(counting):
    counting.send(wake(at=NOON - hours(5)))  # as while catching up
    counting.wait(minutes(15))
    assert woken(counting) == []

    counting.wait(SOON)
    assert woken(counting) == ["mug"]


def test_a_moved_wake_up_is_not_woken_by_its_first_backstop(counting):
    counting.send(wake())
    counting.send(wake(minutes(30)))
    counting.wait(minutes(30))
    assert woken(counting) == []

    counting.wait(SOON)
    assert woken(counting) == ["mug"]


def test_the_backstop_waits_while_events_keep_coming(counting):
    counting.send(wake())
    counting.wait(minutes(14))
    keep_sending(counting, minutes(5))
    assert woken(counting) == []

    counting.wait(SOON)
    assert woken(counting) == ["mug"]


def test_events_of_another_bucket_keep_the_backstop_waiting_too(counting):
    counting.send(wake())
    counting.wait(minutes(14))
    keep_sending(counting, minutes(5), bucket=2)

    assert woken(counting) == []


def test_after_an_outage_the_backlog_is_read_before_the_backstop_strikes(counting):
    counting.send(wake())
    counting.restore(down_ms=hours(2))
    keep_sending(counting, seconds(30))
    counting.send(wake(0))  # was cancelled during the outage
    counting.wait(hours(1))

    assert woken(counting) == []


def test_after_an_outage_in_which_nothing_happened_the_backstop_strikes(counting):
    counting.send(wake())
    counting.restore(down_ms=hours(2))
    assert woken(counting) == []

    counting.wait(SOON)
    assert woken(counting) == []

    counting.wait(START_UP)
    assert woken(counting) == ["mug"]


def test_each_wake_up_has_its_own_backstop_though_another_asked_for_the_same_second(counting):
    counting.send(wake(hours(24), "cup", at=NOON - hours(23)))
    counting.send(wake(hours(1), "mug"))
    counting.wait(hours(1) + SOON)
    assert woken(counting) == ["mug"]

    counting.wait(hours(23))
    assert woken(counting) == ["mug", "cup"]


def test_each_wake_up_of_a_batch_has_its_own_backstop(counting):
    counting.send(wake(hours(24), "cup", at=NOON - hours(23)), wake(hours(1), "mug"))
    counting.wait(hours(1) + SOON)
    assert woken(counting) == ["mug"]

    counting.watermark(NOON + hours(1))  # which is what both asked for
    assert woken(counting) == ["mug", "cup"]


def test_a_wake_up_that_waits_for_batches_on_the_way_outlives_a_restore(counting):
    counting.send(wake())
    counting.flink.watermark(NOON + minutes(15))
    assert woken(counting) == []

    counting.restore()
    counting.wait(SOON)
    assert woken(counting) == []

    counting.wait(START_UP)
    assert woken(counting) == ["mug"]


def test_the_backstop_does_not_strike_while_batches_are_held(counting):
    counting.send(wake())
    counting.restore(awaited={(POLICIES, 0): 0}, down_ms=hours(2))
    counting.send(wake(0))
    counting.wait(minutes(1))
    counting.refer(POLICIES, policy(1))
    counting.wait(SOON)

    assert woken(counting) == []
