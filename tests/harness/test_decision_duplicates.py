"""Each event_id is decided once in 24 h of event time."""

import pytest
from support.counting_domain import COUNTING, command
from support.decisions import BUCKET, DecisionHarness
from support.stockroom import NOON, hours

from udfs.inventory.events import ALERTS, EVENTS

SEEN = ("seen-events", "seen-purges", "seen-chunks")


@pytest.fixture
def counting() -> DecisionHarness:
    return DecisionHarness(COUNTING, NOON)


def decided(harness: DecisionHarness) -> list[int]:
    """The event times of what was counted."""
    return [record["event_time"] for record in harness.emitted(ALERTS, alert_type="COUNTED")]


def test_a_repeat_is_dropped(counting):
    counting.send(command("COUNT", NOON, event_id="e1"))
    counting.send(command("COUNT", NOON, event_id="e1"), command("COUNT", NOON + 1, event_id="e2"))

    assert decided(counting) == [NOON, NOON + 1]


def test_a_repeat_in_the_same_batch_is_dropped(counting):
    repeated = command("COUNT", NOON, event_id="e1")
    counting.send(repeated, command("COUNT", NOON + 1), repeated)

    assert decided(counting) == [NOON, NOON + 1]


def test_a_repeat_after_a_restore_is_dropped(counting):
    counting.send(command("COUNT", NOON, event_id="e1"))
    counting.restore()
    counting.send(command("COUNT", NOON, event_id="e1"))

    assert decided(counting) == [NOON]


@pytest.mark.parametrize("apart", [hours(24), -hours(24)], ids=["later", "earlier"])
def test_the_same_id_up_to_24_hours_apart_is_the_same_event(counting, apart):
    counting.send(command("COUNT", NOON, event_id="e1"))
    counting.send(command("COUNT", NOON + apart, event_id="e1"))

    assert decided(counting) == [NOON]


@pytest.mark.parametrize("apart", [hours(24) + 1, -hours(24) - 1], ids=["later", "earlier"])
def test_the_same_id_more_than_24_hours_apart_is_another_event(counting, apart):
    counting.send(command("COUNT", NOON, event_id="e1"))
    counting.send(command("COUNT", NOON + apart, event_id="e1"))

    assert decided(counting) == [NOON, NOON + apart]


def test_ids_are_remembered_for_24_hours_and_then_forgotten_by_a_timer(counting):
    counting.send(command("COUNT", NOON, event_id="e1"))
    counting.send(command("COUNT", NOON + hours(3), event_id="e2"))

    counting.flink.watermark(NOON + hours(24))
    assert set(counting.flink.state("seen-events", BUCKET)) == {f"{EVENTS}/e1", f"{EVENTS}/e2"}
    counting.flink.watermark(NOON + hours(25))
    assert set(counting.flink.state("seen-events", BUCKET)) == {f"{EVENTS}/e2"}
    counting.flink.watermark(NOON + hours(28))
    assert [counting.flink.state(name, BUCKET) for name in SEEN] == [{}, {}, {}]
    counting.flink.assert_no_timers_left()


def test_an_id_that_came_again_as_another_event_is_remembered_from_then_on(counting):
    counting.send(command("COUNT", NOON, event_id="e1"))
    counting.send(command("COUNT", NOON + hours(24) + 1, event_id="e1"))
    counting.flink.watermark(NOON + hours(26))
    counting.send(command("COUNT", NOON + hours(26), event_id="e1"))

    assert decided(counting) == [NOON, NOON + hours(24) + 1]


def test_the_repeat_of_an_event_that_came_a_day_late_is_dropped(counting):
    counting.watermark(NOON + hours(30))
    counting.send(command("COUNT", NOON, event_id="e1"))
    counting.watermark(NOON + hours(30) + 1000)
    counting.send(command("COUNT", NOON, event_id="e1"))

    assert decided(counting) == [NOON]
