"""What happened, in order and in a few words."""

from typing import Any

from deploy.audit.log import Entry
from deploy.timeline.telling import details, headline, why
from deploy.timeline.timeline import in_order

DECISION = {
    "event_id": "e#0",
    "event_time": 5,
    "order_id": "o1",
    "customer_id": "ann",
    "score": 42,
    "band": "STEP_UP",
    "reasons": [{"rule_id": "velocity", "points": 30}, {"rule_id": "new-device", "points": 12}],
    "shadow_reasons": [],
}


def entry(topic: str, event_id: str, at: int, offset: int = 0) -> Entry:
    return Entry(topic, 0, offset, b"", b"", {"event_id": event_id, "event_time": at})


def test_a_decision_says_what_was_decided_and_why():
    assert headline("fraud.decisions", DECISION) == "STEP_UP"
    assert why("fraud.decisions", DECISION) == "velocity 30, new-device 12"
    assert details(DECISION, "order_id") == "customer id ann, score 42"


def test_money_is_told_with_its_currency_and_lines_by_their_skus():
    order = {
        "event_id": "e",
        "amount_minor": 3000,
        "currency": "EUR",
        "lines": [{"sku": "mug", "quantity": 2, "unit_price_minor": 1500}],
    }
    assert headline("orders.initiated", order) == "initiated"
    assert details(order, "order_id") == "amount 3,000 minor EUR, lines 2 mug"


def test_the_id_of_an_event_is_no_reason():
    answer: dict[str, Any] = {"status": "RESERVED", "cause": "e7", "reason": None}
    assert why("inventory.reservations", answer) == ""
    assert why("orders.lifecycle", {"explanation": "", "cause": "RESERVED"}) == "RESERVED"


def test_what_an_event_caused_comes_after_it_at_the_same_time():
    step = entry("orders.lifecycle", "e#0#1", 5)
    decision, order = entry("fraud.decisions", "e#0", 5), entry("orders.initiated", "e", 5)
    before = entry("clickstream.events", "c", 4)
    assert in_order([step, decision, order, before]) == [before, order, decision, step]
