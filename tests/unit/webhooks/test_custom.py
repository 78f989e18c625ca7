"""The custom format: a contract's record in a Standard Webhooks message."""

import json

import pytest
from support.webhooks import RECEIVED_MS, facts_of

from connectors.webhooks.contract import Cart, Level, PaymentEvent, Unmappable
from connectors.webhooks.custom import topic_of
from connectors.webhooks.platforms import UnknownTopic

PAYMENT = {"order_id": "o", "event_type": "CAPTURED", "amount_minor": 5, "currency": "EUR"}


def facts(topic, **message):
    return facts_of("custom", topic, {"type": topic, **message})


def test_a_record_without_id_and_time_takes_those_of_its_delivery():
    assert facts("payments.events", data=PAYMENT) == [
        PaymentEvent(event_id="custom:d-1", event_time=RECEIVED_MS, **PAYMENT)
    ]


def test_a_record_with_id_and_time_keeps_them():
    (paid,) = facts("payments.events", data=PAYMENT | {"event_id": "p-9"}, timestamp=5)
    assert (paid.event_id, paid.event_time) == ("p-9", 5)


@pytest.mark.parametrize(
    ("topic", "data", "reason"),
    [
        ("payments.events", {}, "order_id"),
        ("payments.events", PAYMENT | {"amount_minor": -1}, "amount_minor"),
        ("payments.events", PAYMENT | {"amount_minor": 1.5}, "amount_minor"),
        ("payments.events", PAYMENT | {"note": "x"}, "unknown field `note`"),
        ("inventory.events", {"event_type": "RESTOCKED", "sku": "a"}, "warehouse_id"),
        ("inventory.events", {"event_type": "COMMITTED", "sku": "a"}, "reservation_id"),
        (
            "inventory.events",
            {"event_type": "RESTOCKED", "sku": "a", "warehouse_id": "b", "quantity": 0},
            "quantity >= 1",
        ),
        ("inventory.levels", {"sku": "a", "warehouse_id": "b"}, "available"),
        ("carts", {"cart_id": "c", "visitor_id": "v"}, "lines"),
    ],
)
def test_a_record_that_is_none_of_its_topic_says_what_is_wrong(topic, data, reason):
    with pytest.raises(Unmappable, match=reason):
        facts(topic, data=data)


def test_levels_and_carts_are_snapshots():
    (level,) = facts(
        "inventory.levels", data={"sku": "a", "warehouse_id": "b", "available": 3}, timestamp=7
    )
    assert level == Level(source="custom", sku="a", warehouse_id="b", available=3, at=7)
    (cart,) = facts(
        "carts", data={"cart_id": "c", "visitor_id": "v", "lines": [{"sku": "a", "quantity": 1}]}
    )
    assert isinstance(cart, Cart)


def test_outputs_of_jobs_cannot_be_sent():
    with pytest.raises(UnknownTopic):
        facts("fraud.decisions", data={})


@pytest.mark.parametrize("body", [b"", b"[]", b'{"type": 7}', b"\xff", b"[" * 5000])
def test_a_body_without_a_type_has_no_topic(body):
    assert topic_of({}, body) == ""
    assert topic_of({}, json.dumps({"type": "carts"}).encode()) == "carts"
