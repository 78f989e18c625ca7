"""What cannot be decided goes to the dead-letter topic, and nothing else suffers from it."""

import pytest
from support.counting_domain import COUNTING, command
from support.decisions import BUCKET, WIRE, DecisionHarness, Raw, encoded, put_out, raw
from support.stockroom import NOON, hours, minutes, record, reserve, restocked

from connectors.clock import now_ms
from connectors.codec import RegistryUnavailableError
from connectors.topics import TOPICS
from udfs.inventory.domain import INVENTORY
from udfs.inventory.events import ALERTS, EVENTS, RESERVATIONS

RESTOCK = restocked("berlin", 1, event_id="undecidable")
LATER = restocked("berlin", 1, at=NOON + hours(1) + 1)

UNDECIDABLE = {
    "no Avro": (raw(EVENTS, RESTOCK, value=b"{}"), "UndecodableError", "came only 2 bytes"),
    "cut off": (
        raw(EVENTS, RESTOCK, value=encoded(EVENTS, RESTOCK)[:-3]),
        "UndecodableError",
        "inventory.events",
    ),
    "no value": (raw(EVENTS, RESTOCK, value=None), "UndecodableError", "came no value"),
    "no key": (raw(EVENTS, RESTOCK, key=None), "InvalidEventError", "expected the Kafka key 'mug'"),
    "another key": (raw(EVENTS, RESTOCK, key=b"cup"), "InvalidEventError", "came b'cup'"),
    "a key that is no text": (raw(EVENTS, RESTOCK, key=b"\xff"), "UnicodeDecodeError", "utf-8"),
    "an unknown kind": (raw(EVENTS, record("STOLEN")), "ValidationError", "STOLEN"),
    "no units": (raw(EVENTS, restocked("berlin", 0)), "ValidationError", "quantity"),
    "a time to come": (raw(EVENTS, LATER, timestamp=NOON), "InvalidEventError", str(NOON)),
}


@pytest.fixture
def inventory() -> DecisionHarness:
    return DecisionHarness(INVENTORY, NOON)


@pytest.fixture
def counting() -> DecisionHarness:
    return DecisionHarness(COUNTING, NOON)


@pytest.mark.parametrize(("came", "error", "reason"), UNDECIDABLE.values(), ids=UNDECIDABLE)
def test_a_record_that_is_no_event_is_set_aside_whole_and_with_a_reason(
    inventory, came: Raw, error: str, reason: str
):
    inventory.send(restocked("berlin", 2), came, reserve("r1"))

    (letter,) = inventory.dead_letters
    assert reason in letter.pop("error_message")
    assert letter == {
        "event_id": f"inventory/{EVENTS}/{BUCKET % 4}/1",
        "event_time": came.timestamp,
        "source_topic": EVENTS,
        "source_partition": BUCKET % 4,
        "source_offset": 1,
        "source_timestamp": came.timestamp,
        "record_key": came.key,
        "record_value": came.value,
        "job": "inventory",
        "error_class": error,
        "attempt": 1,
    }
    assert [r["status"] for r in inventory.emitted(RESERVATIONS)] == ["RESERVED"]


def test_dead_letters_stand_where_the_record_stood_and_are_keyed_by_its_topic(inventory):
    inventory.send(restocked("berlin", 2), Raw(b"?", b"mug", NOON), reserve("r1", order_id="o1"))

    keys = [output.key for output in inventory.outputs]
    assert keys == ["mug|berlin", EVENTS, "o1", "mug|berlin"]


def test_an_event_time_of_an_hour_after_the_records_timestamp_is_still_decided(inventory):
    ahead = restocked("berlin", 1, at=NOON + hours(1))
    inventory.send(raw(EVENTS, ahead, timestamp=NOON))

    assert inventory.dead_letters == []


def test_an_event_whose_outputs_are_larger_than_their_topic_takes_changes_nothing(inventory):
    huge = reserve("r1", order_id="o" * 600_000)  # in the key and in the value
    inventory.send(restocked("berlin", 1), huge, reserve("r2"))

    (letter,) = inventory.dead_letters
    assert letter["error_class"] == "UnencodableError"
    assert "inventory.reservations: expected a record of at most" in letter["error_message"]
    assert [r["status"] for r in inventory.emitted(RESERVATIONS)] == ["RESERVED"]


def test_a_letter_is_no_larger_than_its_record_and_a_reason(inventory):
    largest = TOPICS[EVENTS].max_message_bytes
    inventory.send(raw(EVENTS, RESTOCK, key=b"\0" * largest))

    (letter,) = inventory.dead_letters
    assert len(letter["error_message"]) <= 2_000
    assert len(encoded("dlq", letter)) < largest + 10_000


def test_a_record_without_a_timestamp_is_a_letter_that_kafka_takes(inventory):
    inventory.send(raw(EVENTS, RESTOCK, value=b"?", timestamp=-1))

    (row,) = put_out(inventory.flink)
    assert row[3] == 0
    assert inventory.dead_letters[0]["source_timestamp"] == -1


def test_outputs_are_dated_no_further_ahead_than_kafka_allows(counting):
    now = now_ms()
    ahead = command("COUNT", now + hours(1))
    counting.send(raw(EVENTS, ahead, timestamp=now + minutes(30)))

    (row,) = put_out(counting.flink)
    assert now < row[3] < now + hours(1)
    assert counting.emitted(ALERTS)[0]["event_time"] == now + hours(1)


def test_a_rule_that_raises_has_changed_nothing(counting):
    counting.send(command("COUNT", NOON), command("PUT", NOON, reservation_id="c1"))
    before = counting.flink.snapshot()
    counting.send(command("FAIL", NOON, quantity=1000, reservation_id="c1", event_id="failed"))

    (letter,) = counting.dead_letters
    assert (letter["error_class"], letter["error_message"]) == ("RuntimeError", "told to fail")
    assert counting.flink.snapshot() == before


def test_a_rule_that_raises_takes_nothing_from_the_others_of_its_batch(counting):
    counting.send(
        command("SCAN", NOON, reservation_id="c1"),
        command("FAIL", NOON, quantity=1000, reservation_id="c1"),
        command("FAIL", NOON, "cup", quantity=1000, reservation_id="c1"),
        command("COUNT", NOON),
        command("SCAN", NOON),
    )
    counting.watermark(NOON + hours(1))

    said = [(r["alert_type"], r["quantity"]) for r in counting.emitted(ALERTS)]
    assert said == [("CHILD", 1), ("COUNTED", 1), ("CHILD", 1)]
    assert len(counting.dead_letters) == 2


def test_an_output_that_does_not_fit_its_topic_is_the_fault_of_its_event(counting):
    counting.send(command("MUMBLE", NOON, reservation_id="c1"), command("COUNT", NOON))

    (letter,) = counting.dead_letters
    assert letter["error_class"] == "UnencodableError"
    assert "quantity" in letter["error_message"]
    assert [r["quantity"] for r in counting.emitted(ALERTS)] == [1]


def test_an_event_that_failed_may_come_again(counting):
    counting.send(command("FAIL", NOON, event_id="e1"))
    counting.send(command("COUNT", NOON, event_id="e1"))  # the same, now that the rule is mended

    assert [r["quantity"] for r in counting.emitted(ALERTS)] == [1]


def test_the_same_record_gives_the_same_dead_letter_again():
    def letters() -> list:
        again = DecisionHarness(INVENTORY, NOON)
        again.send(Raw(b"?", b"mug", NOON))
        return put_out(again.flink)

    assert letters() == letters()


def test_a_silent_registry_stops_the_job_instead_of_condemning_the_record(inventory):
    unknown = (max(WIRE.schemas) + 1).to_bytes(4, "big")
    value = b"\0" + unknown + encoded(EVENTS, RESTOCK)[5:]

    with pytest.raises(RegistryUnavailableError, match=r"no schema registry answers at .*:1 "):
        inventory.send(restocked("berlin", 1), raw(EVENTS, RESTOCK, value=value))
    assert inventory.outputs == []
