"""Wake-ups in event time: at the right moment, once, and not before what happened earlier."""

import pytest
from support.counting_domain import COUNTING, command
from support.decisions import BATCH_MS, BUCKET, DecisionHarness
from support.stockroom import NOON, hours, minutes, seconds

from udfs.inventory.events import ALERTS

DUE = NOON + minutes(15)


@pytest.fixture
def counting() -> DecisionHarness:
    return DecisionHarness(COUNTING, NOON)


def wake(after: int = minutes(15), sku: str = "mug", at: int = NOON) -> dict:
    return command("WAKE", at, sku, quantity=after)


def put(child_id: str, after: int = minutes(15), sku: str = "mug", at: int = NOON) -> dict:
    return command("PUT", at, sku, quantity=after, reservation_id=child_id)


def woken(harness: DecisionHarness) -> list[tuple[str, str | None]]:
    """(entity, child) of the wake-ups, in order."""
    said = harness.emitted(ALERTS, alert_type="WOKEN")
    return [(record["sku"], record["warehouse_id"]) for record in said]


def test_an_entity_is_woken_when_event_time_reaches_what_it_asked_for(counting):
    counting.send(wake())
    counting.watermark(DUE - 1)
    assert woken(counting) == []

    counting.watermark(DUE)
    assert woken(counting) == [("mug", None)]
    (record,) = counting.emitted(ALERTS)
    assert record["event_time"] == DUE


def test_a_time_between_two_seconds_is_never_early_and_not_a_second_late(counting):
    counting.send(wake(minutes(15) + 1))
    counting.watermark(DUE)
    assert woken(counting) == []

    counting.watermark(DUE + seconds(1))
    (record,) = counting.emitted(ALERTS)
    assert record["event_time"] == DUE + 1


def test_a_child_is_woken_with_its_own_id(counting):
    counting.send(put("c1"), put("c2", minutes(20)))
    counting.watermark(DUE)

    assert woken(counting) == [("mug", "c1")]


def test_those_who_asked_for_the_same_second_are_woken_in_the_order_of_their_times(counting):
    counting.send(
        put("c9", seconds(60)),
        put("c1", seconds(60)),
        wake(seconds(60) - 1, "cup"),
        wake(seconds(60) - 2, "pan"),
    )
    counting.watermark(NOON + seconds(60))

    assert woken(counting) == [("pan", None), ("cup", None), ("mug", "c1"), ("mug", "c9")]


def test_a_wake_up_happens_once(counting):
    counting.send(wake(), put("c1"))
    for minute in range(15, 60, 5):
        counting.watermark(NOON + minutes(minute))
    counting.wait(hours(2))

    assert woken(counting) == [("mug", None), ("mug", "c1")]


def test_a_child_that_was_put_again_for_the_same_time_is_woken_once(counting):
    counting.send(put("c1"), put("c1"))
    counting.send(put("c1"))
    counting.watermark(DUE)

    assert woken(counting) == [("mug", "c1")]


def test_asking_for_the_same_time_again_does_not_make_the_state_grow(counting):
    counting.send(put("c1"), wake())
    before = counting.flink.state("wake-slots", BUCKET)
    for _ in range(5):
        counting.send(put("c1"), wake())

    assert counting.flink.state("wake-slots", BUCKET) == before


@pytest.mark.parametrize("ask", [wake, lambda after: put("c1", after)], ids=["entity", "child"])
def test_a_wake_up_that_was_cancelled_does_not_happen(counting, ask):
    counting.send(ask(minutes(15)))
    counting.send(ask(0))
    counting.watermark(NOON + hours(1))
    counting.wait(hours(1))

    assert counting.outputs == []


@pytest.mark.parametrize("ask", [wake, lambda after: put("c1", after)], ids=["entity", "child"])
def test_a_wake_up_that_was_moved_happens_at_the_new_time_only(counting, ask):
    counting.send(ask(minutes(15)))
    counting.send(ask(minutes(20)))
    counting.watermark(DUE + minutes(4))
    assert woken(counting) == []

    counting.watermark(DUE + minutes(5))
    assert len(woken(counting)) == 1


def test_what_is_forgotten_is_not_woken(counting):
    counting.send(wake(), put("c1"))
    counting.send(command("REMOVE", NOON, reservation_id="c1"), command("FORGET", NOON))
    counting.watermark(DUE)

    assert counting.outputs == []


def test_a_time_that_has_passed_already_is_made_up_for(counting):
    counting.watermark(DUE)
    counting.send(wake(minutes(10)))
    assert woken(counting) == []

    counting.watermark(DUE + 1)
    assert woken(counting) == [("mug", None)]


def test_wake_ups_outlive_a_restore(counting):
    counting.send(wake(), put("c1"))
    counting.restore()
    counting.watermark(DUE)

    assert woken(counting) == [("mug", None), ("mug", "c1")]


@pytest.mark.parametrize("mark", [":", "/", "|", "@"])
def test_the_ids_of_two_wake_ups_differ_whatever_characters_their_names_have(counting, mark):
    counting.send(put(f"b{mark}c", sku="a"), put("c", sku=f"a{mark}b"))
    counting.send(put("", sku="a"), wake(sku="a"))
    counting.watermark(DUE)

    ids = {record["event_id"] for record in counting.emitted(ALERTS)}
    assert len(ids) == len(woken(counting)) == 4


def test_a_wake_up_waits_for_the_batch_that_the_watermark_overtook(counting):
    counting.send(wake())
    counting.flink.watermark(DUE)
    assert woken(counting) == []

    counting.wait(BATCH_MS)
    counting.send(wake(0))  # cancels in time
    counting.wait(seconds(1))
    assert counting.outputs == []


def test_a_wake_up_waits_for_the_batch_that_the_watermark_overtook_after_a_silence(counting):
    counting.send(wake())
    counting.wait(minutes(14))
    counting.flink.watermark(DUE)  # of events that SQL has just begun to gather
    counting.wait(BATCH_MS)
    counting.send(wake(0))
    counting.wait(seconds(1))

    assert counting.outputs == []


@pytest.mark.parametrize("after", [0, BATCH_MS])
def test_a_batch_that_may_have_been_gathered_before_the_watermark_proves_nothing(counting, after):
    counting.send(wake())
    counting.flink.watermark(DUE)
    for _ in range(20):
        counting.wait(10)
        counting.send(command("BREAK", NOON, "cup"), bucket=2, closed_at=NOON + after)
    assert woken(counting) == []


def test_a_wake_up_goes_ahead_once_a_later_batch_has_come_however_many_follow(counting):
    counting.send(wake())
    counting.flink.watermark(DUE)
    for _ in range(20):
        counting.wait(10)
        counting.send(command("BREAK", NOON, "cup"), bucket=2)

    assert woken(counting) == [("mug", None)]


def test_where_nothing_is_gathered_nothing_is_on_the_way():
    one_by_one = DecisionHarness(COUNTING, NOON, batch_ms=0)
    one_by_one.send(wake())
    one_by_one.flink.watermark(DUE)

    assert woken(one_by_one) == [("mug", None)]


def test_a_wake_up_whose_rule_raises_is_set_aside_under_its_own_name(counting):
    counting.send(put("c1"), put("c2"), command("BREAK", NOON), wake(sku="cup"))
    counting.watermark(DUE)

    letters = counting.dead_letters
    assert [letter["error_message"] for letter in letters] == ["told to fail when woken"] * 2
    assert {letter["source_timestamp"] for letter in letters} == {DUE}
    assert {letter["record_key"] for letter in letters} == {b"mug"}
    assert woken(counting) == [("cup", None)]


def test_the_dead_letters_of_two_children_can_be_told_apart(counting):
    counting.send(put("c1"), put("c2"), command("BREAK", NOON))
    counting.watermark(DUE)

    assert len({letter["event_id"] for letter in counting.dead_letters}) == 2
    assert "c1" in str(counting.dead_letters[0])


def test_who_took_a_wake_up_back_and_asked_again_for_the_same_time_is_woken_once(counting):
    for event in (wake(), wake(0), wake()):
        counting.send(event)
    counting.watermark(DUE)
    assert woken(counting) == [("mug", None)]
