"""Whom a timeline is about, and which records name it."""

from typing import Any

from connectors.partitioning import partition_of
from connectors.topics import TOPICS
from deploy.timeline.subject import Subject

ORDER = Subject("order", "o1")
PARTITIONS = {name: topic.partitions for name, topic in TOPICS.items()}


def letter(value: bytes) -> dict[str, Any]:
    return {"record_key": None, "record_value": value}


def test_topics_that_cannot_name_an_order_are_not_read():
    topics = ORDER.topics()
    assert {"orders.initiated", "inventory.events", "notifications.requests", "dlq"} <= {*topics}
    assert not {"clickstream.events", "pricing.changes", "fraud.rules"} & {*topics}


def test_of_a_topic_that_is_keyed_by_it_one_partition_is_read():
    places = ORDER.places(PARTITIONS, ["orders.lifecycle", "orders.initiated"])
    assert places == [
        ("orders.lifecycle", partition_of("o1", 4)),
        *(("orders.initiated", number) for number in range(4)),
    ]


def test_a_key_of_several_fields_tells_no_partition():
    places = Subject("sku", "mug").places(PARTITIONS, ["inventory.availability"])
    assert len(places) == 4


def test_a_record_names_an_order_by_field_by_parameter_or_by_reservation():
    assert ORDER.is_named_by("orders.lifecycle", {"order_id": "o1"})
    assert ORDER.is_named_by("notifications.requests", {"parameters": {"order_id": "o1"}})
    assert ORDER.is_named_by("inventory.events", {"order_id": None, "reservation_id": "o1/0"})
    assert not ORDER.is_named_by("inventory.events", {"order_id": "o11", "reservation_id": "o11/0"})
    assert not ORDER.is_named_by("orders.lifecycle", {"order_id": "o2", "explanation": "o1"})


def test_a_record_names_a_sku_in_its_lines_and_lists():
    mug = Subject("sku", "mug")
    assert mug.is_named_by("orders.initiated", {"lines": [{"sku": "cup"}, {"sku": "mug"}]})
    assert mug.is_named_by("engagement.triggers", {"skus": ["mug"]})
    assert not mug.is_named_by("engagement.triggers", {"skus": ["mugs"]})


def test_a_customer_is_named_by_its_orders_too():
    ann = Subject("customer", "ann", frozenset({"o1", "o2"}))
    assert ann.is_named_by("payments.events", {"order_id": "o2"})
    assert not ann.is_named_by("payments.events", {"order_id": "o3"})
    assert {number for _, number in ann.places(PARTITIONS, ["payments.events"])} == {
        partition_of("o1", 4),
        partition_of("o2", 4),
    }


def test_a_dead_letter_names_what_its_bytes_do():
    assert ORDER.is_named_by("dlq", letter(b"\0\0\0\0\1\4o1"))
    assert not ORDER.is_named_by("dlq", letter(b"\0\0\0\0\1\4p1"))


def test_bytes_are_searched_for_the_id_as_it_is():
    assert Subject("sku", "mug (1)").pattern.search(b"..mug (1)..")
    assert not Subject("sku", "m.g").pattern.search(b"mug")
