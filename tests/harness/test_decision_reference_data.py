"""Reference data: waited for, updated while the job runs, and there again after a restore."""

from dataclasses import replace

import pytest
from support.counting_domain import COUNTING, command, policy
from support.decisions import BATCH_MS, DecisionHarness, Raw, raw
from support.stockroom import NOON, minutes, seconds

from udfs.inventory.domain import INVENTORY
from udfs.inventory.events import ALERTS, POLICIES, SHIPPING_COSTS, ShippingCost

TWO_RECORDS = {(POLICIES, 0): 1}
UNREADABLE = Raw(b"?", b"mug", NOON)


@pytest.fixture
def counting() -> DecisionHarness:
    return DecisionHarness(COUNTING, NOON)


@pytest.fixture(params=[BATCH_MS, 0], ids=["batched", "one by one"])
def gathering(request) -> DecisionHarness:
    return DecisionHarness(COUNTING, NOON, batch_ms=request.param)


@pytest.fixture
def waiting() -> DecisionHarness:
    return DecisionHarness(COUNTING, NOON, awaited=TWO_RECORDS)


def counted(harness: DecisionHarness) -> list[tuple[int, int]]:
    """(number, the policy it was decided by) of what was counted; -1 for no policy."""
    said = harness.emitted(ALERTS, alert_type="COUNTED")
    return [(record["quantity"], record["sequence"]) for record in said]


def test_nothing_is_decided_before_the_awaited_records_are_read(waiting):
    waiting.send(command("COUNT", NOON))
    waiting.refer(POLICIES, policy(1))
    waiting.send(command("COUNT", NOON))
    waiting.wait(minutes(10))
    assert waiting.outputs == []

    waiting.refer(POLICIES, policy(2))
    waiting.wait(seconds(1))
    assert counted(waiting) == [(1, 2), (2, 2)]


def test_batches_that_were_held_are_decided_before_the_ones_that_came_later(waiting):
    first, second = command("COUNT", NOON + 2), command("COUNT", NOON + 1)
    waiting.send(first)
    waiting.refer(POLICIES, policy(1))
    waiting.refer(POLICIES, policy(2))
    waiting.send(second)  # before the timer that decides the first
    waiting.wait(seconds(1))
    waiting.send(command("COUNT", NOON))

    times = [record["event_time"] for record in waiting.emitted(ALERTS)]
    assert times == [NOON + 2, NOON + 1, NOON]


def test_once_held_batches_are_decided_the_next_one_is_not_held(waiting):
    waiting.send(command("COUNT", NOON))
    waiting.refer(POLICIES, policy(1))
    waiting.refer(POLICIES, policy(2))
    waiting.wait(seconds(1))
    waiting.send(command("COUNT", NOON))

    assert counted(waiting) == [(1, 2), (2, 2)]
    assert waiting.flink.state("held-batches", 7) == []


def test_held_batches_outlive_a_restore(waiting):
    waiting.send(command("COUNT", NOON + 1))
    waiting.refer(POLICIES, policy(1))
    waiting.restore(down_ms=minutes(5))  # so their timer comes before anything else
    waiting.send(command("COUNT", NOON + 2))
    waiting.wait(seconds(1))
    assert waiting.outputs == []

    waiting.refer(POLICIES, policy(2))
    waiting.wait(seconds(1))
    assert [r["event_time"] for r in waiting.emitted(ALERTS)] == [NOON + 1, NOON + 2]
    assert counted(waiting) == [(1, 2), (2, 2)]


def test_held_batches_are_decided_by_their_timer_if_no_other_comes(waiting):
    waiting.send(command("COUNT", NOON))
    waiting.refer(POLICIES, policy(1))
    waiting.refer(POLICIES, policy(2))
    waiting.restore()
    waiting.wait(seconds(1))

    assert counted(waiting) == [(1, 2)]


def test_waiting_costs_a_bucket_one_timer_however_many_batches_are_held(waiting):
    for _ in range(20):
        waiting.send(command("COUNT", NOON))
        waiting.wait(33)

    assert len(waiting.flink.timers()) == 1


def test_a_newly_submitted_job_waits_for_what_there_is_now(counting):
    counting.refer(POLICIES, policy(1))
    counting.restore(awaited={(POLICIES, 0): 2})
    counting.send(command("COUNT", NOON))
    counting.refer(POLICIES, policy(2))
    counting.wait(seconds(1))
    assert counting.outputs == []

    counting.refer(POLICIES, policy(3))
    counting.wait(seconds(1))
    assert counted(counting) == [(1, 3)]


def test_a_restored_job_does_not_wait_for_what_it_has_read(waiting):
    waiting.refer(POLICIES, policy(1))
    waiting.refer(POLICIES, policy(2))
    waiting.restore()
    waiting.send(command("COUNT", NOON))

    assert counted(waiting) == [(1, 2)]


def test_an_update_holds_from_the_next_event_on(counting):
    counting.send(command("COUNT", NOON))
    counting.refer(POLICIES, policy(1))
    counting.refer(POLICIES, policy(9, sku="cup"))
    counting.send(command("COUNT", NOON))
    counting.refer(POLICIES, policy(2))
    counting.send(command("COUNT", NOON))

    assert counted(counting) == [(1, -1), (2, 1), (3, 2)]


def test_a_tombstone_removes_the_record_for_good(counting):
    counting.refer(POLICIES, policy(1))
    counting.refer(POLICIES, Raw(None, b"mug", NOON))
    counting.send(command("COUNT", NOON))
    counting.restore()
    counting.send(command("COUNT", NOON))

    assert counted(counting) == [(1, -1), (2, -1)]
    assert counting.dead_letters == []


def test_a_tombstone_removes_only_what_has_its_key(counting):
    counting.refer(POLICIES, policy(1, sku="mug"))
    counting.refer(POLICIES, policy(2, sku="mug|blue"))
    counting.refer(POLICIES, Raw(None, b"mug", NOON))
    counting.send(command("COUNT", NOON, "mug"), command("COUNT", NOON, "mug|blue"))

    assert counted(counting) == [(1, -1), (1, 2)]


def test_a_tombstone_of_a_warehouse_removes_its_costs_to_all_regions():
    inventory = DecisionHarness(INVENTORY, NOON)
    for region in ("eu", "us"):
        cost = {"warehouse_id": "berlin", "region": region, "cost_minor": 1, "currency": "EUR"}
        inventory.refer(SHIPPING_COSTS, {"event_id": region, "event_time": 1} | cost)
    inventory.refer(SHIPPING_COSTS, Raw(None, b"berlin", NOON))

    kept = [key for key in inventory.flink.broadcast_state("reference") if "=" in key]
    assert kept == []


def test_reference_data_is_restored(counting):
    counting.refer(POLICIES, policy(1))
    counting.restore()
    counting.send(command("COUNT", NOON))

    assert counted(counting) == [(1, 1)]


def test_a_restored_job_updates_what_it_restored(counting):
    counting.refer(POLICIES, policy(1))
    counting.refer(POLICIES, policy(9, sku="cup"))
    counting.restore()
    counting.refer(POLICIES, policy(2))
    counting.send(command("COUNT", NOON), command("COUNT", NOON, "cup"))

    assert counted(counting) == [(1, 2), (1, 9)]


def test_a_reference_topic_that_the_domain_has_given_up_does_not_stop_it():
    broader = replace(COUNTING, reference=COUNTING.reference | {SHIPPING_COSTS: ShippingCost})
    before = DecisionHarness(broader, NOON)
    cost = {"warehouse_id": "berlin", "region": "eu", "cost_minor": 1, "currency": "EUR"}
    before.refer(SHIPPING_COSTS, {"event_id": "c", "event_time": 1} | cost)
    before.refer(POLICIES, policy(1))
    before.restore(domain=COUNTING)
    before.send(command("COUNT", NOON))

    assert counted(before) == [(1, 1)]


def test_a_reference_record_that_cannot_be_read_is_set_aside_and_changes_nothing(counting):
    counting.refer(POLICIES, policy(1))
    counting.refer(POLICIES, UNREADABLE)
    counting.refer(POLICIES, policy(-5))  # decodes, but no policy has a negative point
    counting.refer(POLICIES, raw(POLICIES, policy(7), key=b"cup"))
    counting.refer(POLICIES, raw(POLICIES, policy(8), key=None))
    counting.send(command("COUNT", NOON))

    letters = [
        (r["source_topic"], r["source_offset"], r["record_key"], r["error_class"])
        for r in counting.dead_letters
    ]
    assert letters == [
        (POLICIES, 1, b"mug", "UndecodableError"),
        (POLICIES, 2, b"mug", "ValidationError"),
        (POLICIES, 3, b"cup", "InvalidEventError"),
        (POLICIES, 4, None, "InvalidEventError"),
    ]
    assert counted(counting) == [(1, 1)]


def test_only_the_first_of_the_subtasks_sets_a_reference_record_aside():
    second = DecisionHarness(COUNTING, NOON, subtask=1)
    second.refer(POLICIES, UNREADABLE)

    assert second.outputs == []


@pytest.mark.parametrize(
    "last",
    [UNREADABLE, Raw(None, b"mug", NOON), raw(POLICIES, policy(3), key=b"\xff")],
    ids=["a value that is no Avro", "a tombstone", "a key that is no text"],
)
def test_a_job_does_not_wait_for_ever_if_the_last_reference_record_is(waiting, last):
    waiting.refer(POLICIES, policy(1, sku="cup"))
    waiting.refer(POLICIES, last)
    waiting.send(command("COUNT", NOON))
    waiting.wait(seconds(1))

    assert [number for number, _ in counted(waiting)] == [1]


def test_a_wake_up_is_decided_by_the_reference_data_that_was_restored(gathering):
    gathering.refer(POLICIES, policy(1))
    gathering.send(command("WAKE", NOON, quantity=minutes(15)))
    gathering.restore()
    gathering.watermark(NOON + minutes(16))

    assert [r["sequence"] for r in gathering.emitted(ALERTS, alert_type="WOKEN")] == [1]


def test_no_wake_up_is_decided_before_the_awaited_records_are_read(gathering):
    gathering.refer(POLICIES, policy(1))
    gathering.send(command("WAKE", NOON, quantity=minutes(15)))
    gathering.restore(awaited={(POLICIES, 0): 1})
    gathering.watermark(NOON + minutes(16))
    gathering.wait(minutes(5))
    assert gathering.outputs == []

    gathering.refer(POLICIES, policy(2))
    gathering.wait(seconds(5))
    assert [r["sequence"] for r in gathering.emitted(ALERTS, alert_type="WOKEN")] == [2]


def test_no_wake_up_overtakes_the_batches_that_are_held(gathering):
    gathering.send(command("WAKE", NOON, quantity=minutes(15)))
    gathering.restore(awaited={(POLICIES, 0): 0})
    gathering.send(command("WAKE", NOON + minutes(1), quantity=0))  # cancels
    gathering.watermark(NOON + minutes(16))
    gathering.wait(minutes(5))
    gathering.refer(POLICIES, policy(1))
    gathering.wait(seconds(5))

    assert gathering.outputs == []
