"""The table, what is written about it, and the data that goes with it."""

import json
from pathlib import Path

import msgspec
import pytest

import connectors
from connectors.topics import TOPICS
from udfs.orders.actions import ACTIONS
from udfs.orders.causes import MEANINGS, REFUSALS, WHERE
from udfs.orders.diagram import BEGIN, END, sections
from udfs.orders.domain import ORDERS
from udfs.orders.events import LIMITS, OrderEvent, OrderLimit
from udfs.orders.limits import DEFAULTS_MS
from udfs.orders.state import TERMINAL, State
from udfs.orders.table import TABLE, Action, Trigger, mermaid

ROOT = Path(connectors.__file__).parent.parent


def test_the_docs_show_the_table_as_it_is():
    text = (ROOT / "docs" / "orders.md").read_text()
    made = text[text.index(BEGIN) : text.index(END) + len(END)]

    assert made == sections(), "run python -m udfs.orders.diagram and put it into docs/orders.md"


def test_every_move_is_in_the_diagram():
    drawn = mermaid()
    for (state, trigger), transition in TABLE.items():
        if state != transition.to:
            (line,) = [one for one in drawn.splitlines() if f" {state} --> {transition.to}:" in one]
            assert trigger.value in line


def test_every_state_can_be_reached_and_none_is_left_once_it_has_ended():
    reached = {State.INITIATED} | {to for to, _ in TABLE.values()}
    assert reached == set(State)
    assert all(to == state for (state, _), (to, _) in TABLE.items() if state in TERMINAL)


def test_every_trigger_and_action_of_the_table_is_explained_and_done():
    assert set(MEANINGS) == {trigger for _, trigger in TABLE}
    assert set(REFUSALS) == set(Trigger)
    assert set(WHERE) == set(State)
    assert set(ACTIONS) == set(Action) == {a for _, actions in TABLE.values() for a in actions}


def test_every_cancellation_does_the_same():
    moves = {move for (_, trigger), move in TABLE.items() if trigger == Trigger.CANCEL_REQUESTED}
    assert len(moves) == 1


def test_the_seed_has_every_limit_with_its_default():
    lines = (ROOT / "connectors" / "seeds" / f"{LIMITS}.ndjson").read_text().splitlines()
    limits = [msgspec.convert(json.loads(line), OrderLimit) for line in lines]

    assert {limit.waiting_for: limit.limit_ms for limit in limits} == DEFAULTS_MS
    assert len({json.loads(line)["event_id"] for line in lines}) == len(lines)


def test_no_record_has_a_field_that_would_be_taken_for_the_tag():
    tag = OrderEvent.__struct_config__.tag_field
    for topic in ORDERS.inputs:
        assert tag not in {field["name"] for field in TOPICS[topic].avro_schema["fields"]}


@pytest.mark.parametrize(
    ("topic", "fault"),
    [
        ("orders.initiated", {"lines": []}),
        ("orders.initiated", {"lines": [{"sku": "mug", "quantity": 0}]}),
        ("orders.initiated", {"amount_minor": -1}),
        ("orders.initiated", {"currency": "euro"}),
        ("orders.initiated", {"customer_id": ""}),
        ("fraud.decisions", {"band": "MAYBE"}),
        ("fraud.outcomes", {"source": "NEIGHBOUR"}),
        ("payments.events", {"event_type": "FORGOTTEN"}),
        ("inventory.reservations", {"status": "LOST"}),
        ("shipments.events", {"event_type": "EATEN"}),
        ("orders.requests", {"request": "REPLACE"}),
        ("orders.requests", {"event_time": 0}),
        ("orders.requests", {"order_id": ""}),
    ],
)
def test_a_record_that_promises_the_impossible_is_no_event(topic: str, fault: dict):
    known = {
        "event_id": "e1",
        "event_time": 1,
        "order_id": "o1",
        "customer_id": "ann",
        "amount_minor": 1,
        "currency": "EUR",
        "channel": "web",
        "lines": [{"sku": "mug", "quantity": 1}],
        "decision_id": "d1",
        "band": "APPROVE",
        "outcome": "FRAUD",
        "source": "CUSTOMER",
        "event_type": {"payments.events": "AUTHORIZED"}.get(topic, "PICKED"),
        "reservation_id": "o1/0",
        "sku": "mug",
        "status": "RESERVED",
        "request": "CANCEL",
    }
    assert msgspec.convert(known, ORDERS.inputs[topic])
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(known | fault, ORDERS.inputs[topic])
