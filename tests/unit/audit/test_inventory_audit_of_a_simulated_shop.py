"""A long log of a job that does everything right, and the same with any one record touched."""

from copy import copy
from random import Random

import pytest
from support.inventory_job import simulated
from support.inventory_log import NOON, InventoryLog

EVENTS = 3000
END = NOON + EVENTS * 5
TOPICS = ("reservations", "availability", "alerts", "dead_letters")
COUNTED = ("sequence", "version", "total", "reserved", "committed", "available", "quantity")
NAMED = ("cause", "sku", "status", "warehouse_id", "alert_type", "record_value", "reservation_id")


@pytest.fixture(scope="module")
def day() -> InventoryLog:
    return simulated(EVENTS)


def touched(day: InventoryLog, topic: str, records: list) -> InventoryLog:
    log = copy(day)
    setattr(log, topic, records)
    return log


def test_it_is_accepted_and_there_was_something_of_everything(day):
    verdict = day.audit(as_of=END)
    assert verdict.ok, str(verdict)
    assert {r["status"] for r in day.reservations} == {
        "RESERVED", "REJECTED", "COMMITTED", "RELEASED", "EXPIRED", "REROUTED",
    }  # fmt: skip
    assert {a["alert_type"] for a in day.alerts} == {
        "OUT_OF_STOCK", "BACK_IN_STOCK", "LOW_STOCK", "REORDER_REQUESTED",
    }  # fmt: skip
    assert day.dead_letters


@pytest.mark.parametrize("topic", TOPICS)
def test_any_record_that_is_missing_or_doubled_is_noticed(day, topic):
    random, records = Random(7), getattr(day, topic)
    for place in random.sample(range(len(records)), min(4, len(records))):
        without = touched(day, topic, records[:place] + records[place + 1 :])
        assert not without.audit().ok, f"missing: {records[place]}"
        doubled = touched(day, topic, [*records, records[place]])
        assert not doubled.audit().ok, f"doubled: {records[place]}"


@pytest.mark.parametrize("topic", TOPICS)
def test_any_field_that_matters_is_noticed(day, topic):
    """But what is open in the contract: quantity and warehouse of an answer that only refuses."""
    random, records = Random(7), getattr(day, topic)
    for name in (*COUNTED, *NAMED):
        places = [place for place, record in enumerate(records) if matters(topic, record, name)]
        for place in places and random.sample(places, 1):
            record = records[place]
            other = record[name] + 1 if name in COUNTED else f"{record[name]}x"
            changed = [*records[:place], {**record, name: other}, *records[place + 1 :]]
            assert not touched(day, topic, changed).audit().ok, f"{name} = {other}: {record}"


def matters(topic: str, record: dict, name: str) -> bool:
    if name in ("quantity", "warehouse_id"):
        refuses = record.get("status") in ("REJECTED", "RELEASED", "EXPIRED")
        return name in record and not refuses and (topic, name) != ("alerts", "warehouse_id")
    return name in record


def test_any_two_inputs_of_a_sku_that_change_places_are_noticed(day):
    places = [i for i, e in enumerate(day.inputs) if e.record and e.record["sku"] == "mug-blue"]
    first, second = (day.inputs[place] for place in places[100:102])
    inputs = list(day.inputs)
    inputs[first.offset] = second._replace(offset=first.offset)
    inputs[second.offset] = first._replace(offset=second.offset)
    verdict = touched(day, "inputs", inputs).audit()
    assert not verdict.check("a sku's events are decided in the order of the log").ok
