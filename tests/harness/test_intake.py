"""The intake on the harness: who gets an event, and what becomes of a record that is none."""

from collections.abc import Sequence
from dataclasses import replace

import msgspec
from flinkharness import Harness
from pyflink.common import Row, Types
from support.decisions import WIRE, Raw, raw
from support.linked_domain import LINKED, ORDERS, OUTCOMES, PAYMENTS

from jobs.runtime.buckets import bucket_numbers, bucket_of, link_bucket
from jobs.runtime.intake import IntakeFunction
from jobs.runtime.packets import Packing, Passed, Questions
from jobs.runtime.streams import BATCH_TYPE, PACKED_TYPE
from jobs.runtime.typed import reader_of
from udfs.contract import Domain

NOON = 1_767_268_800_000
BUCKETS = 4
ORDER = {
    "event_id": "e1",
    "event_time": NOON,
    "order_id": "o1",
    "customer_id": "ann",
    "amount_minor": 100,
    "currency": "EUR",
    "payment_method": "card",
    "channel": "web",
    "lines": [],
    "device_id": "phone",
    "card_fingerprint": "visa",
}
TOLD = {"event_id": "t1", "event_time": NOON, "order_id": "o1", "customer_id": "ann"}


def sent(*records: tuple[str, Raw], bucket: int) -> list[tuple[int, Questions]]:
    """What the intake makes of one batch of a bucket: (bucket, questions) pairs."""
    unpack = reader_of(Questions[list[Passed]])
    return [(target, unpack(packed)) for target, packed in rows_of(LINKED, records, bucket)]


def rows_of(
    domain: Domain, records: Sequence[tuple[str, Raw]], bucket: int
) -> list[tuple[int, bytes]]:
    """What the intake of a domain makes of one batch: (bucket, packed) rows."""
    harness = Harness(
        IntakeFunction(domain, WIRE, BUCKETS),
        key_type=Types.INT(),
        input_type=BATCH_TYPE,
        output_type=PACKED_TYPE,
        clock=NOON,
    )
    batch = Row(
        [record.value for _, record in records],
        [record.key for _, record in records],
        [topic for topic, _ in records],
        [0 for _ in records],
        list(range(len(records))),
        [record.timestamp for _, record in records],
        NOON,
    )
    harness.send(batch, key=bucket)
    return [tuple(row) for row in harness.emitted()]


def test_an_orders_touches_go_to_the_buckets_of_its_links_and_come_back_to_its_own():
    own = bucket_of("ann", BUCKETS)
    parts = sent((ORDERS, raw(ORDERS, ORDER)), bucket=own)

    asked = {touch.name: target for target, part in parts for touch in part.touches}
    assert asked == {name: link_bucket(name, BUCKETS) for name in ("phone", "visa")}
    assert {part.reply_to for _, part in parts} == {own}
    assert {part.parts for _, part in parts} == {len(parts)}
    assert sum(len(part.events) for _, part in parts) == 1, "the event travels once"


def test_a_record_keyed_by_another_name_goes_to_the_bucket_of_its_entity():
    told = TOLD | {"outcome": "FRAUD", "source": "CHARGEBACK"}
    elsewhere = next(
        other for other in bucket_numbers(BUCKETS) if other != bucket_of("ann", BUCKETS)
    )
    ((_, part),) = sent((OUTCOMES, raw(OUTCOMES, told)), bucket=elsewhere)

    assert part.reply_to == bucket_of("ann", BUCKETS)
    assert [passed.entity for passed in part.events] == ["ann"]


def test_a_record_of_no_entity_only_touches():
    paid = {"event_id": "p1", "event_time": NOON, "order_id": "o1", "event_type": "DECLINED"}
    money = {"amount_minor": 1, "currency": "EUR"}
    ((_, part),) = sent((PAYMENTS, raw(PAYMENTS, paid | money)), bucket=3)

    assert [touch.name for touch in part.touches] == ["order:o1"]
    assert [(passed.entity, passed.error) for passed in part.events] == [(None, None)]


def test_a_record_that_concerns_nobody_goes_nowhere():
    paid = {"event_id": "p1", "event_time": NOON, "order_id": "o1", "event_type": "DECLINED"}
    nobodys = (PAYMENTS, raw(PAYMENTS, paid | {"amount_minor": 1, "currency": "EUR"}))
    anns = (ORDERS, raw(ORDERS, ORDER))
    without_links = replace(LINKED, links=None)

    assert rows_of(without_links, [nobodys], bucket=3) == []
    ((_, packed),) = rows_of(without_links, [nobodys, anns], bucket=3)
    assert [passed.entity for passed in Packing(without_links).packet(packed).events] == ["ann"]


def test_a_record_that_cannot_be_read_travels_as_an_error_with_its_bytes():
    ((_, part),) = sent((ORDERS, Raw(b"?", b"ann", NOON)), bucket=2)

    (passed,) = part.events
    assert passed.error is not None
    assert passed.error[0] == "UndecodableError"
    assert passed.source == (ORDERS, 0, 0, NOON, b"ann", b"?")
    assert (part.reply_to, part.touches, passed.event) == (2, [], b"")


def test_an_event_survives_its_journey():
    parts = sent((ORDERS, raw(ORDERS, ORDER)), bucket=0)
    (passed,) = [passed for _, part in parts for passed in part.events]

    event = msgspec.msgpack.decode(passed.event, type=LINKED.inputs[ORDERS])
    assert (event.order_id, event.device_id) == ("o1", "phone")
