"""How the simulated customers take messages: at their own hours, and as the contract has it."""

from collections import Counter

import msgspec

from connectors.codec import Encoder
from connectors.topics import TOPICS
from deploy.simulate.engagement import READS, WRITES, Recipients, hasty_policies, reader
from deploy.simulate.sending import Kind, Tally
from udfs.engagement.domain import ENGAGEMENT
from udfs.engagement.events import POLICIES

NOON = 1_767_614_400_000
HOUR = 3_600_000


def message(number: int, customer: int = 1, send_at: int = NOON, run: str = "run") -> dict:
    trigger_id = f"CART_ABANDONMENT/{run}-c{customer}/{number}"
    return {
        "event_id": trigger_id,
        "event_time": send_at,
        "customer_id": f"{run}-c{customer}",
        "template": "CART_ABANDONMENT",
        "channel": "EMAIL",
        "send_at": send_at,
        "parameters": {"trigger_id": trigger_id},
    }


def taken(messages: list[dict], seed: int = 1) -> list:
    recipients = Recipients(seed, "run", Tally())
    for one in messages:
        recipients.take(one, one["send_at"])
    return list(recipients.due(NOON + 9999 * HOUR))


def checked(sendings: list) -> list:
    """Each encodes by its schema, is keyed by contract, and is what the job takes."""
    for sending in sendings:
        declared = TOPICS[sending.topic]
        defaults = {f["name"]: f.get("default") for f in declared.avro_schema["fields"]}
        record = defaults | sending.record
        Encoder(sending.topic, declared.avro_schema, 1).encode(record)
        assert declared.key_of(record) == sending.key
        kinds = {**ENGAGEMENT.inputs, **ENGAGEMENT.reference}
        msgspec.convert(record, kinds[sending.topic])
        assert sending.event_time == record["event_time"]
    return sendings


def test_customers_read_mostly_at_their_own_hours():
    customer = reader(1, "run-c1")
    read: Counter[bool] = Counter()
    for number in range(2400):
        at = NOON + number * HOUR
        opened = [s for s in taken([message(number, send_at=at)]) if s.record.get("response")]
        is_best = customer.reads_at(at) > 0.5
        read[is_best] += any(s.record["response"] == "OPENED" for s in opened)
    assert 0.6 < read[True] / 300 < 0.8
    assert 0.05 < read[False] / 2100 < 0.15


def test_what_they_send_is_what_the_job_takes():
    sendings = checked(taken([message(n, n % 50, NOON + n * HOUR) for n in range(600)]))
    kinds = Counter(sending.kind for sending in sendings)
    assert kinds[Kind.RESPONSE] > 100
    assert kinds[Kind.RECOVERED] > 5
    assert {sending.topic for sending in sendings} <= set(WRITES)
    responses = {s.record["response"] for s in sendings if s.kind is Kind.RESPONSE}
    assert responses == {"OPENED", "CLICKED", "DISMISSED", "UNSUBSCRIBED"}


def test_a_message_is_taken_once_and_those_of_others_not_at_all():
    messages = [message(n, n % 50) for n in range(50)]
    assert len(taken(messages * 2)) == len(taken(messages)) > 0
    orders = [one | {"parameters": {"order_id": "o1"}} for one in messages]
    assert taken(orders) == []
    assert taken([message(n, n, run="earlier") for n in range(50)]) == []
    assert READS == ("notifications.requests",)


def test_the_same_seed_has_the_same_readers_and_another_has_others():
    messages = [message(n, n % 9) for n in range(100)]
    assert taken(messages) == taken(messages)
    assert taken(messages) != taken(messages, seed=2)


def test_customers_tell_their_preferences():
    tally = Tally()
    sendings = list(
        Recipients(1, "run", tally).preferences([f"run-c{n}" for n in range(300)], NOON)
    )
    checked(sendings)
    assert tally.sent[Kind.PREFERENCE] == 300
    assert 3 < sum(bool(sending.record["opt_outs"]) for sending in sendings) < 40


def test_hasty_policies_are_policies_of_all_templates():
    sendings = checked(list(hasty_policies(NOON)))
    assert len(sendings) == 6
    assert {sending.topic for sending in sendings} == {POLICIES}
