"""A checkout to test the fraud rules on: links, customers and performances, without Flink."""

import itertools
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec
from remembered import Keyed

import connectors
from udfs.contract import WakeUp
from udfs.fraud.domain import FRAUD, PERFORMANCE
from udfs.fraud.events import (
    DECISIONS,
    JUDGEMENTS,
    ORDERS,
    OUTCOMES,
    PAYMENTS,
    RULES,
    SIGNALS,
    Judgement,
)
from udfs.fraud.links import LinkFacts, Touch
from udfs.fraud.state import Customer, Link

Record = dict[str, Any]

NOON = 1_767_614_400_000
"""Monday, 2026-01-05 12:00 UTC."""

SEEDS = Path(connectors.__file__).parent / "seeds" / "fraud.rules.ndjson"
_numbers = itertools.count()


def minutes(count: float) -> int:
    return round(count * 60_000)


def hours(count: float) -> int:
    return minutes(count * 60)


def days(count: float) -> int:
    return hours(count * 24)


def default_rules() -> list[Record]:
    return [json.loads(line) for line in SEEDS.read_text().splitlines()]


def rule(kind: str, weight: float = 50, **fields: Any) -> Record:
    """A rule named after its kind; `fields` override the others, the rest are parameters."""
    record = {"rule_id": kind.lower(), "kind": kind, "weight": weight, "mode": "ACTIVE"}
    record["version"] = 1
    known = {name: fields.pop(name) for name in ("rule_id", "mode", "version") if name in fields}
    return record | known | {"parameters": fields}


def order(order_id: str | None = None, at: int = NOON, **fields: Any) -> Record:
    """What the loyal customer Ada orders at home, unless `fields` say otherwise."""
    order_id = f"o{next(_numbers)}" if order_id is None else order_id
    usual = {
        "event_id": f"placed-{order_id}",
        "event_time": at,
        "order_id": order_id,
        "customer_id": "ada",
        "account_created_at": NOON - days(900),
        "amount_minor": 5_000,
        "currency": "EUR",
        "card_fingerprint": "ada's card",
        "device_id": "ada's phone",
        "ip_country": "DE",
        "latitude": 52.5,
        "longitude": 13.4,
        "billing_country": "DE",
        "shipping_country": "DE",
    }
    return usual | fields


def declined(order_id: str, at: int = NOON, **fields: Any) -> Record:
    event_id = f"declined-{order_id}-{at}"
    record = {"event_id": event_id, "event_time": at, "order_id": order_id}
    return record | {"event_type": "DECLINED"} | fields


def outcome(order_id: str, verdict: str, at: int = NOON, **fields: Any) -> Record:
    return {
        "event_id": f"{verdict}-{order_id}-{at}",
        "event_time": at,
        "order_id": order_id,
        "customer_id": "ada",
        "outcome": verdict,
        "source": "CHARGEBACK",
    } | fields


class Checkout:
    """The fraud job in dicts: touches links, asks the rule, and reads back what it told itself.

    All state, touches and answers pass through msgpack, so only what is persisted counts. An
    event_id that came before is dropped, as the operator does.
    """

    def __init__(self, rules: Iterable[Record] | None = None) -> None:
        self.fraud = Keyed(FRAUD)
        self.performance = Keyed(PERFORMANCE)
        self.links: dict[str, bytes] = {}
        self.wake_ups: dict[str, int] = {}
        self.outputs: list[tuple[str, Record]] = []
        self._seen: set[tuple[str, str]] = set()
        self.decision: Record = {}
        for record in default_rules() if rules is None else rules:
            self.refer(record)

    def refer(self, record: Record) -> None:
        for driver in (self.fraud, self.performance):
            driver.refer(RULES, record["rule_id"], record)

    def send(self, *records: Record) -> Record:
        """Apply orders, or what the record's fields say that it is; the last decision."""
        for record in records:
            self.apply(_topic_of(record), record)
        return self.decision

    def apply(self, topic: str, record: Record) -> None:
        if (topic, record["event_id"]) in self._seen:
            return
        self._seen.add((topic, record["event_id"]))
        event = msgspec.convert(record, FRAUD.inputs[topic])
        answers, outputs = [], []
        assert FRAUD.links is not None
        for name, touch in FRAUD.links.touches(event):
            linked_outputs, answer = self.touch(name, touch)
            answers.append(answer)
            outputs += linked_outputs
        entity = record.get(FRAUD.entity)
        if entity is not None:
            outputs += self.fraud.apply(entity, event, answers)
        for output_topic, output in self._keep(outputs, event):
            if output_topic == DECISIONS:
                self.decision = output
            elif output_topic == SIGNALS:
                self.apply(SIGNALS, output)
            elif output_topic == JUDGEMENTS:
                judgement = msgspec.convert(output, Judgement)
                self._keep(self.performance.apply(judgement.rule_set, judgement), judgement)

    def _keep(self, outputs: list[tuple[str, Record]], event: Any) -> list[tuple[str, Record]]:
        """Keep the outputs, named after their event where they name themselves not."""
        for number, (_, output) in enumerate(outputs):
            output.setdefault("event_id", f"{event.event_id}#{number}")
            output.setdefault("event_time", event.event_time)
        self.outputs += outputs
        return outputs

    def touch(self, name: str, touch: Touch | WakeUp) -> tuple[Any, LinkFacts | None]:
        assert FRAUD.links is not None
        if not isinstance(touch, WakeUp):
            touch = _copied(touch, FRAUD.links.touch)
        linked = FRAUD.links.rule(self.link(name), touch, name)
        self.wake_ups.pop(name, None)
        if linked.state is None:
            self.links.pop(name, None)
        else:
            self.links[name] = msgspec.msgpack.encode(linked.state)
            if linked.wake_at is not None:
                self.wake_ups[name] = linked.wake_at
        answer = linked.answer
        return linked.outputs, None if answer is None else _copied(answer, FRAUD.links.answer)

    def advance(self, time: int) -> None:
        """Move event time to `time` (epoch ms) and fire what is due."""
        self.fraud.advance(time)
        while due := min(
            ((at, name) for name, at in self.wake_ups.items() if at <= time), default=()
        ):
            at, name = due
            self.touch(name, WakeUp(f"wake/{name}/{at}", at))

    def link(self, name: str) -> Link | None:
        stored = self.links.get(name)
        return None if stored is None else msgspec.msgpack.decode(stored, type=Link)

    def customer(self, customer_id: str = "ada") -> Customer:
        return self.fraud.state(customer_id)

    def emitted(self, topic: str, **fields: Any) -> list[Record]:
        return [
            record
            for output_topic, record in self.outputs
            if output_topic == topic and all(record[name] == fields[name] for name in fields)
        ]

    def assert_nothing_left(self) -> None:
        """Fail if a customer, a decision, a link or a wake-up is left."""
        assert not self.links
        assert not self.wake_ups
        self.fraud.assert_nothing_left()


def points(decision: Record) -> dict[str, int]:
    return {reason["rule_id"]: reason["points"] for reason in decision["reasons"]}


def _copied(value: Any, kind: Any) -> Any:
    return msgspec.msgpack.decode(msgspec.msgpack.encode(value), type=kind)


def _topic_of(record: Record) -> str:
    if "outcome" in record:
        return OUTCOMES
    return PAYMENTS if "event_type" in record else ORDERS
