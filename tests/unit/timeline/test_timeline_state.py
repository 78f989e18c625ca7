"""Where an order, a customer or a sku stands, by what is told of it."""

from collections.abc import Iterable
from typing import Any

from support.inventory_job import simulated
from support.orders_log import OrdersLog, confirm

from deploy.audit.log import Entry
from deploy.timeline.state import state_of
from deploy.timeline.subject import Subject

SCORED = {"score": 12, "decision_id": "d1"}


def placed() -> OrdersLog:
    log = OrdersLog()
    log.order("o1")
    log.decided("o1", **SCORED)
    log.paid("o1")
    log.step("o1", "INITIATED")
    return log


def test_an_order_stands_where_its_last_step_led():
    log = placed()
    before = state_of(Subject("order", "o1"), log.entries)
    confirm(log, "o1")
    log.paid("o1", "CAPTURED")
    after = state_of(Subject("order", "o1"), log.entries)

    assert (before["state"], before["lines"]["o1/0"]) == ("INITIATED", "2 mug not answered")
    assert (after["state"], after["lines"]["o1/0"]) == ("CONFIRMED", "2 mug COMMITTED")
    assert after["fraud"] == "APPROVE with a score of 12"
    assert after["payments"] == {"AUTHORIZED": 1, "CAPTURED": 1}


def test_of_an_order_that_nobody_placed_nothing_is_known():
    assert state_of(Subject("order", "o2"), placed().entries) == {}


def test_a_customer_is_what_their_orders_add_up_to():
    log = placed()
    confirm(log, "o1")
    log.paid("o1", "CAPTURED")
    log.order("o2")
    log.paid("o2", "DECLINED")
    log.points("o1", 30, "DELIVERED")

    state = state_of(Subject("customer", "c1"), log.entries)
    assert state["orders"] == {"CONFIRMED": 1, "PLACED": 1}
    assert state["paid"] == ["3,000 minor EUR"]
    assert (state["declined payments"], state["loyalty points"]) == (1, 30)
    assert state["messages"] == {"ORDER_CONFIRMED": 1}


def test_the_stock_of_a_sku_is_folded_from_its_events_and_agrees_with_what_was_told():
    day = simulated(600)
    records = {
        "inventory.reservations": day.reservations,
        "inventory.availability": day.availability,
        "inventory.alerts": day.alerts,
        "inventory.policies": day.policies,
        "inventory.shipping-costs": day.costs,
        "dlq": day.dead_letters,
    }
    entries = [Entry("inventory.events", *record) for record in day.inputs]
    entries += [entry for topic, of in records.items() for entry in as_entries(topic, of)]
    skus = {record["sku"] for record in day.availability}
    assert len(skus) > 1
    for sku in skus:
        state = state_of(Subject("sku", sku), [entry for entry in entries if names(entry, sku)])
        folded = {name: units["available"] for name, units in state["stock"].items()}
        assert folded == state["available, as told"]


def as_entries(topic: str, records: Iterable[dict[str, Any]]) -> list[Entry]:
    return [Entry(topic, 0, offset, b"", b"", record) for offset, record in enumerate(records)]


def names(entry: Entry, sku: str) -> bool:
    return entry.record is not None and entry.record.get("sku", sku) == sku
