"""What the operator does with events that it can decide."""

import pytest
from support.counting_domain import COUNTING, command
from support.decisions import DecisionHarness, decoded, put_out
from support.stockroom import NOON, minutes, reserve, restocked

from udfs.inventory.domain import INVENTORY
from udfs.inventory.events import ALERTS, AVAILABILITY, RESERVATIONS


@pytest.fixture
def inventory() -> DecisionHarness:
    return DecisionHarness(INVENTORY, NOON)


@pytest.fixture
def counting() -> DecisionHarness:
    return DecisionHarness(COUNTING, NOON)


def counted(harness: DecisionHarness) -> list[tuple[str, int]]:
    return [(r["sku"], r["quantity"]) for r in harness.emitted(ALERTS, alert_type="COUNTED")]


def test_an_event_is_decided_and_each_output_is_keyed_as_its_topic_says(inventory):
    inventory.send(restocked("berlin", 1), reserve("r1", order_id="o1"), reserve("r2"))

    assert [(output.topic, output.key) for output in inventory.outputs] == [
        (AVAILABILITY, "mug|berlin"),
        (RESERVATIONS, "o1"),
        (AVAILABILITY, "mug|berlin"),
        (ALERTS, "mug"),
        (RESERVATIONS, "r2"),
    ]
    decisions = [(r["reservation_id"], r["status"]) for r in inventory.emitted(RESERVATIONS)]
    assert decisions == [("r1", "RESERVED"), ("r2", "REJECTED")]


def test_outputs_are_named_and_timed_after_the_event_that_caused_them(inventory):
    request = reserve("r1", at=NOON + 5)
    inventory.send(restocked("berlin", 3), request)

    named = [(o.record["event_id"], o.record["event_time"]) for o in inventory.outputs[1:]]
    assert named == [(f"{request['event_id']}#0", NOON + 5), (f"{request['event_id']}#1", NOON + 5)]


def test_an_output_row_carries_its_event_time_for_kafka(inventory):
    inventory.send(restocked("berlin", 3, at=NOON + 5))

    ((topic, _, value, timestamp),) = put_out(inventory.flink)
    assert timestamp == decoded(topic, value)["event_time"] == NOON + 5


def test_a_replay_of_the_same_events_repeats_every_byte():
    records = [restocked("berlin", 2), reserve("r1", 2), reserve("r2")]

    def run() -> list:
        replayed = DecisionHarness(INVENTORY, NOON)
        replayed.send(*(dict(record) for record in records))
        replayed.watermark(NOON + minutes(16))
        return put_out(replayed.flink)

    first = run()
    assert len(first) == 8
    assert run() == first


def test_events_are_decided_in_the_order_of_their_arrival_over_batches_too(counting):
    counting.send(command("COUNT", NOON + 9), command("COUNT", NOON + 1))
    counting.send(command("COUNT", NOON + 5))

    assert [r["event_time"] for r in counting.emitted(ALERTS)] == [NOON + 9, NOON + 1, NOON + 5]
    assert counted(counting) == [("mug", 1), ("mug", 2), ("mug", 3)]


def test_entities_of_one_bucket_are_kept_apart(counting):
    counting.send(command("COUNT", NOON, "mug"), command("COUNT", NOON, "cup"))
    counting.send(command("COUNT", NOON, "cup"))

    assert counted(counting) == [("mug", 1), ("cup", 1), ("cup", 2)]


def test_buckets_do_not_see_each_others_state(counting):
    counting.send(command("COUNT", NOON, "mug"), bucket=1)
    counting.send(command("COUNT", NOON, "cup"), bucket=2)

    assert sorted(counting.flink.keys()) == [1, 2]
    assert list(counting.flink.state("entities", 1)) == ["mug"]
    assert list(counting.flink.state("entities", 2)) == ["cup"]


def test_a_late_event_is_decided_like_any_other(counting):
    counting.watermark(NOON + minutes(60))
    counting.send(command("COUNT", NOON))

    assert counted(counting) == [("mug", 1)]
