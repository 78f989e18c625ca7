"""Whatever bytes stand in a topic: a record, or the declared error, and at once.

`make fuzz` runs these with well over 100,000 inputs; here a few, always the same.
"""

import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.garbage import SCHEMA_ID, sources_of, values_in

from connectors.codec import Decoder, UndecodableError
from connectors.ndjson import InvalidLineError, LineEncoder
from connectors.topics import TOPICS
from jobs.runtime.records import Inputs
from jobs.runtime.wire import Wire
from udfs.contract import Domain
from udfs.engagement.domain import ENGAGEMENT
from udfs.fraud.domain import FRAUD, PERFORMANCE
from udfs.inventory.domain import INVENTORY
from udfs.orders.domain import ORDERS
from udfs.pricing.domain import EXPERIMENT_RESULTS, EXPOSURES, PRICING

DOMAINS = (
    ENGAGEMENT, EXPERIMENT_RESULTS, EXPOSURES, FRAUD, INVENTORY, ORDERS, PERFORMANCE, PRICING
)  # fmt: skip
INPUTS = [(domain, topic) for domain in DOMAINS for topic in domain.inputs]
NAMES = [f"{domain.name}-{topic}" for domain, topic in INPUTS]
HANGS_S = 5.0

# `make fuzz` asks for a hundred times as many examples as the default, and for other ones each time
FUZZING = settings.default.max_examples > 1_000
few = settings(
    max_examples=settings.default.max_examples // 5,
    derandomize=not FUZZING,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)


def outcome(call, argument, declared):
    """What it returns, and None; or None, and why it does not. It must not take long."""
    begun = time.monotonic()
    try:
        return call(argument), None
    except declared as error:
        return None, str(error)
    finally:
        assert time.monotonic() - begun < HANGS_S


@pytest.mark.parametrize("topic", TOPICS.values(), ids=TOPICS)
@few
@given(data=st.data())
def test_a_decoder_gives_a_record_or_says_that_there_is_none(topic, data):
    lookup = {SCHEMA_ID: topic.schema_text}.get
    value = data.draw(values_in(topic))
    decode = Decoder(topic.name, topic.avro_schema, lookup).decode
    record, reason = outcome(decode, value, UndecodableError)
    if reason is None:
        assert record.keys() == {field["name"] for field in topic.avro_schema["fields"]}
    else:
        assert topic.name in reason


@pytest.mark.parametrize("topic", TOPICS.values(), ids=TOPICS)
@few
@given(line=st.binary(max_size=80) | st.text(max_size=80).map(str.encode))
def test_a_line_is_a_record_or_said_to_be_none(topic, line):
    encoder = LineEncoder(topic, SCHEMA_ID)
    found, reason = outcome(lambda lines: list(encoder.records(lines)), [line], InvalidLineError)
    if reason is None:
        assert all(record.value[:1] == b"\0" for record in found)
    else:
        assert reason.startswith("line 1: ")


@pytest.mark.parametrize(("domain", "topic"), INPUTS, ids=NAMES)
@few
@given(data=st.data())
def test_an_input_is_an_event_or_refused_with_a_reason(domain: Domain, topic: str, data):
    wire = Wire({SCHEMA_ID: TOPICS[topic].schema_text}, {}, "http://127.0.0.1:1")
    source = data.draw(sources_of(TOPICS[topic]))
    read, reason = outcome(Inputs(domain, wire).read, source, ValueError)
    if read is not None:
        event, entity = read
        assert event is None or event.event_time > 0
        assert entity is None or isinstance(entity, str)
    else:
        assert reason
