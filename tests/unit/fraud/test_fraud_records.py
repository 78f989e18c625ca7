"""What is written fits the topics, and what is stored keeps its form."""

import msgspec
import pytest
from checkout import NOON, Checkout, declined, order, outcome, rule

from connectors.codec import Encoder
from connectors.topics import TOPICS
from udfs.fraud.domain import FRAUD, PERFORMANCE
from udfs.fraud.links import Cause, Incident, LinkFacts, Placed, Sighting
from udfs.fraud.state import (
    Customer,
    Decided,
    Link,
    OrderLink,
    Pending,
    Performance,
    Ring,
    Seen,
    Tally,
)


def test_every_record_fits_its_topic():
    checkout = Checkout(
        [
            rule("SHARED_DEVICE", 99, low=0, high=1),
            rule("SHARED_CARD", 99, low=0, high=1, mode="SHADOW"),
        ]
    )
    checkout.send(declined("x"), order("x"), outcome("x", "FRAUD"))

    assert {topic for topic, _ in checkout.outputs} == {*FRAUD.outputs, *PERFORMANCE.outputs}
    for topic, record in checkout.outputs:
        assert Encoder(topic, TOPICS[topic].avro_schema, 1).encode(record)


def test_every_record_of_an_order_names_itself_differently():
    checkout = Checkout([rule("SHARED_DEVICE", 99, low=0, high=1)])
    checkout.send(declined("x"), declined("x", at=NOON + 1), order("x"), outcome("x", "FRAUD"))
    names = [(topic, record["event_id"]) for topic, record in checkout.outputs]
    assert len(names) == len(set(names))


FORMS = {
    Ring: "times ids",
    Seen: "times orders customers declines frauds",
    Pending: "signal event_id event_time",
    OrderLink: "customer_id device_id card_fingerprint pending told fraud last_used",
    Link: "wake_at seen order",
    Customer: "wake_at orders declines learned currency amounts mean variance abroad frequency "
    "frequency_at first_at devices countries located hours",
    Decided: "event_id score rules_version reasons shadow_reasons outcome",
    Tally: "mode frauds_hit legitimate_hit",
    Performance: "frauds legitimate rules",
    Sighting: "event_id event_time customer order",
    Placed: "event_id event_time customer_id device_id card_fingerprint",
    Cause: "event_id event_time signal",
    Incident: "event_id event_time signal",
    LinkFacts: "customers orders declines frauds",
}


@pytest.mark.parametrize("kind", FORMS)
def test_stored_fields_keep_their_places(kind):
    config = kind.__struct_config__
    assert config.array_like
    assert list(kind.__struct_fields__)[: len(FORMS[kind].split())] == FORMS[kind].split()
    if kind in (Customer, Link, Performance):
        assert msgspec.msgpack.decode(b"\x90", type=kind) == kind()
