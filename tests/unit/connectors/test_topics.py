"""The declaration of topics: what it promises of keys and schemas, and how it refuses mistakes."""

import pickle

import pytest
import yaml

from connectors.errors import ShopstreamError
from connectors.topics import DECLARATION, TOPICS, load, topic


def with_change(tmp_path, name, **changes):
    declared = yaml.safe_load(DECLARATION.read_text())
    declared[name] = {k: v for k, v in {**declared[name], **changes}.items() if v is not ...}
    path = tmp_path / "topics.yaml"
    path.write_text(yaml.safe_dump(declared))
    return path


@pytest.mark.parametrize(
    ("name", "record", "key"),
    [
        ("inventory.events", {"sku": "mug"}, "mug"),
        ("inventory.policies", {"sku": "*"}, "*"),
        ("inventory.shipping-costs", {"warehouse_id": "w", "region": "eu"}, "w"),
        ("inventory.reservations", {"order_id": "o", "reservation_id": "r"}, "o"),
        ("inventory.reservations", {"order_id": None, "reservation_id": "r"}, "r"),
        ("inventory.reservations", {"order_id": "", "reservation_id": "r"}, "r"),
        ("inventory.availability", {"sku": "mug", "warehouse_id": "w"}, "mug|w"),
        ("inventory.alerts", {"sku": "mug"}, "mug"),
        ("dlq", {"source_topic": "inventory.events"}, "inventory.events"),
    ],
)
def test_a_record_is_keyed_as_the_contract_says(name, record, key):
    assert topic(name).key_of(record) == key


def test_a_warehouses_costs_are_told_apart_by_region():
    costs = topic("inventory.shipping-costs")
    assert costs.identity_of({"warehouse_id": "w", "region": "eu"}) == "w|eu"
    assert costs.cleanup == "delete"  # compaction by the key would keep one region only


def test_without_an_identity_of_its_own_a_record_is_named_by_its_key():
    assert topic("inventory.policies").identity_of({"sku": "mug"}) == "mug"


@pytest.mark.parametrize("name", TOPICS)
def test_a_topic_travels_to_a_worker_with_its_key_functions(name):
    declared = TOPICS[name]
    record = {field["name"]: "x" for field in declared.avro_schema["fields"]}
    names = declared.key_of(record), declared.identity_of(record)
    copied = pickle.loads(pickle.dumps(declared))
    assert (copied.key_of(record), copied.identity_of(record)) == names


@pytest.mark.parametrize("name", TOPICS)
def test_every_schema_has_what_every_record_has_and_explains_itself(name):
    schema = TOPICS[name].avro_schema
    fields = {field["name"]: field for field in schema["fields"]}
    assert schema["namespace"] == "shopstream"
    assert fields["event_id"]["type"] == "string"
    assert fields["event_time"]["type"] == {"type": "long", "logicalType": "timestamp-millis"}
    assert all(part["doc"] for part in (schema, *schema["fields"]))
    unions = [field for field in fields.values() if isinstance(field["type"], list)]
    assert all(field["type"][0] == "null" and field["default"] is None for field in unions)


def test_nothing_expires_by_the_time_that_it_happened():
    assert {declared.retention_ms for declared in TOPICS.values()} == {-1}


def test_a_dead_letter_has_room_for_the_largest_record_of_any_other_topic():
    others = (t.max_message_bytes for name, t in TOPICS.items() if name != "dlq")
    assert topic("dlq").max_message_bytes > 2 * max(others)


def test_an_unknown_topic_is_answered_with_the_known_ones():
    with pytest.raises(ShopstreamError, match=r"unknown topic 'inventry.events'.*inventory.events"):
        topic("inventry.events")


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"partitions": 0}, "partitions: Input should be greater than or equal to 1"),
        ({"owner": ...}, "owner: Field required"),
        ({"retention": 5}, "retention: Extra inputs are not permitted"),
        ({"cleanup": "shred"}, "cleanup: Input should be 'delete' or 'compact'"),
        ({"key": []}, "key: Tuple should have at least 1 item"),
        ({"key": ["skew"]}, "the key field skew must be a string"),
        ({"key": ["order_id"]}, "the key field order_id must be a string"),
        ({"key": ["quantity"]}, "the key field quantity must be a string"),
        ({"identity": ["colour"]}, "the key field colour must be a string"),
        (
            {"key": ["order_id", "sku"], "key_fallback": ["sku"]},
            "a key of one field, came order_id",
        ),
        ({"schema": "nope.avsc"}, "schemas/nope.avsc"),
    ],
)
def test_a_declaration_that_does_not_hold_names_topic_and_field(tmp_path, changes, reason):
    with pytest.raises(ShopstreamError) as caught:
        load(with_change(tmp_path, "inventory.events", **changes))
    assert "topic inventory.events: " in str(caught.value)
    assert reason in str(caught.value)


@pytest.mark.parametrize("text", ["- a\n- b\n", "a: [", "", "dlq: 4\n"])
def test_a_file_that_is_no_declaration_is_refused_in_one_line(tmp_path, text):
    path = tmp_path / "topics.yaml"
    path.write_text(text)
    with pytest.raises(ShopstreamError, match=r"topics\.yaml") as caught:
        load(path)
    assert "\n" not in str(caught.value)
