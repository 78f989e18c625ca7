"""A record that was put back from the dead letters: decided as any other, and counted."""

import pytest
from support.decisions import DecisionHarness, raw
from support.stockroom import NOON, reserve, restocked

from connectors.topics import TOPICS
from jobs.runtime.attempts import parted
from udfs.inventory.domain import INVENTORY
from udfs.inventory.events import EVENTS, POLICIES, RESERVATIONS


@pytest.fixture
def inventory() -> DecisionHarness:
    return DecisionHarness(INVENTORY, NOON)


def test_one_that_can_be_decided_now_is_decided(inventory):
    inventory.send(restocked("berlin", 2), raw(EVENTS, reserve("r1"), attempt=2))

    assert [r["status"] for r in inventory.emitted(RESERVATIONS)] == ["RESERVED"]
    assert inventory.dead_letters == []


def test_one_that_fails_again_says_which_attempt_it_was(inventory):
    inventory.send(raw(EVENTS, reserve("r1"), value=b"?", attempt=3))

    (letter,) = inventory.dead_letters
    assert (letter["attempt"], letter["source_topic"]) == (3, EVENTS)
    assert letter["event_id"].startswith(f"inventory/{EVENTS}/")
    assert inventory.outputs[0].key == EVENTS


def test_one_that_another_job_refused_and_this_one_decided_is_not_decided_twice(inventory):
    delivery = restocked("berlin", 2)
    inventory.send(delivery)
    inventory.send(raw(EVENTS, delivery, attempt=2))

    assert inventory.emitted("inventory.availability")[-1]["total"] == 2


def test_reference_data_that_was_put_back_holds_and_if_it_fails_it_counts(inventory):
    policy = {
        "event_id": "p",
        "event_time": NOON,
        "sku": "mug",
        "reservation_timeout_s": 60,
        "reorder_point": 0,
        "reorder_quantity": 0,
    }
    inventory.refer(POLICIES, raw(POLICIES, policy, attempt=2))
    assert inventory.dead_letters == []

    inventory.refer(POLICIES, raw(POLICIES, policy, value=b"?", attempt=2))
    (letter,) = inventory.dead_letters
    assert (letter["attempt"], letter["source_topic"]) == (2, POLICIES)


@pytest.mark.parametrize(
    ("marked", "expected"),
    [
        (EVENTS, (EVENTS, 1)),
        (f"{EVENTS}#12", (EVENTS, 12)),
        (f"{EVENTS}#soon", (EVENTS, 1)),
        (f"{EVENTS}#{'9' * 40}", (EVENTS, 1)),
        ("wake-up/5:mug#7@12", ("wake-up/5:mug#7@12", 1)),
    ],
)
def test_a_mark_is_believed_only_where_it_is_one(marked, expected):
    assert parted(marked) == expected
    assert not any("#" in topic for topic in TOPICS)
