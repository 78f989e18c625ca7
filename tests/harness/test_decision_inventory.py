"""The promises that the inventory job makes to people, from records to records."""

import pytest
from support.decisions import DecisionHarness
from support.stockroom import (
    NOON,
    committed,
    hours,
    minutes,
    reserve,
    restocked,
    seconds,
    shipped,
)

from udfs.inventory.domain import INVENTORY
from udfs.inventory.events import ALERTS, AVAILABILITY, POLICIES, RESERVATIONS


@pytest.fixture
def inventory() -> DecisionHarness:
    return DecisionHarness(INVENTORY, NOON)


def statuses(harness: DecisionHarness, reservation_id: str) -> list[str]:
    records = harness.emitted(RESERVATIONS, reservation_id=reservation_id)
    return [record["status"] for record in records]


def available(harness: DecisionHarness) -> int:
    return harness.emitted(AVAILABILITY)[-1]["available"]


def test_an_expired_reservation_returns_its_units_once(inventory):
    inventory.send(restocked("berlin", 1), reserve("r1"))
    assert available(inventory) == 0
    inventory.watermark(NOON + minutes(16))
    inventory.restore()
    inventory.watermark(NOON + minutes(20))

    assert statuses(inventory, "r1") == ["RESERVED", "EXPIRED"]
    assert available(inventory) == 1
    assert inventory.emitted(RESERVATIONS)[-1]["event_time"] == NOON + minutes(15)

    inventory.watermark(NOON + hours(26))
    inventory.wait(hours(26))
    inventory.flink.assert_no_timers_left()
    assert list(inventory.flink.state("entities", 7)) == ["mug"]  # the stock is there to stay
    assert inventory.flink.keys() == [7]
    assert inventory.flink.state("children", 7) == {}


def test_on_a_quiet_topic_a_reservation_expires_by_the_clock_and_the_unit_can_be_sold(inventory):
    inventory.send(restocked("berlin", 1), reserve("r1"))
    inventory.wait(minutes(15) + seconds(6))
    inventory.send(reserve("r2", at=NOON + minutes(16)))

    assert statuses(inventory, "r1") == ["RESERVED", "EXPIRED"]
    assert statuses(inventory, "r2") == ["RESERVED"]


def test_a_committed_reservation_does_not_expire(inventory):
    inventory.send(restocked("berlin", 1), reserve("r1"))
    inventory.send(committed("r1", at=NOON + minutes(1)))
    inventory.watermark(NOON + hours(1))
    inventory.wait(hours(1))

    assert statuses(inventory, "r1") == ["RESERVED", "COMMITTED"]


def test_a_commit_that_the_watermark_overtook_counts_after_a_silence_too(inventory):
    inventory.send(restocked("berlin", 1), reserve("r1"))
    inventory.wait(minutes(14))
    inventory.flink.watermark(NOON + minutes(15))
    inventory.wait(20)
    inventory.send(committed("r1", at=NOON + minutes(14)))

    assert statuses(inventory, "r1") == ["RESERVED", "COMMITTED"]


def test_after_an_outage_a_commit_in_the_backlog_counts(inventory):
    inventory.send(restocked("berlin", 1), reserve("r1"))
    inventory.restore(down_ms=hours(2))
    inventory.wait(seconds(1))
    inventory.send(committed("r1", at=NOON + minutes(14)))

    assert statuses(inventory, "r1") == ["RESERVED", "COMMITTED"]


def test_the_last_unit_is_sold_once_however_often_the_request_is_delivered(inventory):
    request = reserve("r1")
    inventory.send(restocked("berlin", 1), request, request)
    inventory.restore()
    inventory.send(request, reserve("r2"))

    assert statuses(inventory, "r1") == ["RESERVED"]
    assert statuses(inventory, "r2") == ["REJECTED"]
    assert available(inventory) == 0


def test_a_new_policy_holds_for_the_next_reservation(inventory):
    inventory.send(restocked("berlin", 2), reserve("r1"))
    hasty = {"event_id": "p1", "event_time": NOON, "sku": "*", "reservation_timeout_s": 60}
    inventory.refer(POLICIES, hasty)
    inventory.send(reserve("r2"))
    inventory.watermark(NOON + minutes(2))

    assert statuses(inventory, "r1") == ["RESERVED"]
    assert statuses(inventory, "r2") == ["RESERVED", "EXPIRED"]


def test_a_parcel_that_left_is_neither_expired_nor_sold_again(inventory):
    inventory.send(restocked("berlin", 1), reserve("r1"), committed("r1"), shipped("r1"))
    inventory.watermark(NOON + hours(1))
    inventory.send(reserve("r2", at=NOON + hours(1)))

    assert statuses(inventory, "r2") == ["REJECTED"]
    assert [r["alert_type"] for r in inventory.emitted(ALERTS)] == ["OUT_OF_STOCK"]
