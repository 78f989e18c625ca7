"""The log of a small shop as the engagement rules would write it, and ways to falsify it."""

from collections import Counter
from random import Random
from typing import Any

from support.rules import Record, RuleDriver

from connectors.topics import TOPICS
from deploy.audit.log import Entry
from deploy.simulate.engagement import Recipients
from deploy.simulate.sending import Tally
from udfs.engagement.domain import ENGAGEMENT

NOON = 1_767_614_400_000
SECOND = 1_000
SKUS = ("mug", "pot", "pan")


class EngagementLog:
    """Everything that is told to the rules, and what they say, as entries of topics."""

    def __init__(self, policies: list[Record]) -> None:
        self.entries: list[Entry] = []
        self._offsets: Counter[str] = Counter()
        self._rules = RuleDriver(ENGAGEMENT)
        self.recipients = Recipients(1, "run", Tally())
        for policy in policies:
            self._rules.refer("engagement.policies", policy["template"], policy)
            self._append("engagement.policies", policy)

    def tell(self, topic: str, record: Record) -> None:
        """A record of an input; nulls that it leaves out are filled in."""
        fields = TOPICS[topic].avro_schema["fields"]
        record = {field["name"]: field.get("default") for field in fields} | record
        self._append(topic, record)
        self._took(self._rules.send(record, topic), record["event_time"])

    def advance(self, now: int) -> None:
        """Time goes on to `now` (epoch ms), for the rules and for who reads messages."""
        for output in self._rules.advance(now):
            self._took([output], output[1].get("send_at") or now)
        for sending in self.recipients.due(now):
            assert isinstance(sending.record, dict)
            self.tell(sending.topic, sending.record)

    def raw(self, topic: str, value: bytes, key: bytes) -> Entry:
        """A record that does not decode, and the dead letter of it."""
        entry = self._entry(topic, key, value, None)
        letter = {
            "event_id": f"letter-{entry.offset}",
            "event_time": NOON,
            "source_topic": topic,
            "source_partition": 0,
            "source_offset": entry.offset,
            "record_key": key,
            "record_value": value,
            "job": "engagement",
            "error_message": "it is bad",
        }
        self._append("dlq", letter)
        return entry

    def change(self, topic: str, changes: dict[str, Any], **having: Any) -> None:
        """Falsify the first record of the topic that has these values."""
        index = self._first(topic, having)
        entry = self.entries[index]
        assert entry.record is not None
        self.entries[index] = entry._replace(record=entry.record | changes)

    def drop(self, topic: str, **having: Any) -> None:
        """Lose the first record of the topic that has these values."""
        del self.entries[self._first(topic, having)]

    def add(self, topic: str, record: Record) -> None:
        """A record that the rules know nothing of."""
        self._append(topic, record)

    def first(self, topic: str, **having: Any) -> Record:
        record = self.entries[self._first(topic, having)].record
        assert record is not None
        return record

    def _first(self, topic: str, having: Record) -> int:
        return next(
            index
            for index, entry in enumerate(self.entries)
            if entry.topic == topic and entry.record and having.items() <= entry.record.items()
        )

    def _took(self, outputs: list[tuple[str, Record]], now: int) -> None:
        for topic, record in outputs:
            record.setdefault("event_time", now)
            self._append(topic, record)
            if topic == "engagement.signals":
                self._took(self._rules.send(record, topic), now)
            if topic == "notifications.requests":
                self.recipients.take(record, now)

    def _append(self, topic: str, record: Record) -> None:
        key = TOPICS[topic].key_of(record).encode()
        self._entry(topic, key, repr(record).encode(), record)

    def _entry(self, topic: str, key: bytes, value: bytes, record: Record | None) -> Entry:
        entry = Entry(topic, 0, self._offsets[topic], key, value, record)
        self.entries.append(entry)
        self._offsets[topic] += 1
        return entry


def shop_day(policies: list[Record], seconds: int = 600, seed: int = 1) -> EngagementLog:
    """Thirty customers who click once a second altogether, order, return, and read messages."""
    log, random = EngagementLog(policies), Random(seed)
    customers = [f"run-c{number}" for number in range(30)]
    for sending in log.recipients.preferences(customers, NOON - 3_600_000):
        assert isinstance(sending.record, dict)
        log.tell(sending.topic, sending.record)
    types = ("PAGE_VIEW", "ADD_TO_CART", "WISHLIST_ADD", "REMOVE_FROM_CART", "PURCHASE", "SEARCH")
    weights = (50, 15, 15, 5, 5, 10)
    for number in range(seconds):
        now = NOON + number * SECOND
        log.advance(now)
        customer_id = random.choice(customers)
        click = {
            "event_id": f"click-{number}",
            "event_time": now - random.choice([0] * 9 + [5 * SECOND]),
            "visitor_id": f"v-{customer_id}",
            "customer_id": customer_id if random.random() < 0.9 else None,
            "event_type": random.choices(types, weights)[0],
            "sku": random.choice(SKUS),
        }
        log.tell("clickstream.events", click)
        if random.random() < 0.02:
            log.tell("clickstream.events", click)
        if random.random() < 0.05:
            alert = {"event_id": f"alert-{number}", "event_time": now, "quantity": 3}
            about = {"alert_type": "BACK_IN_STOCK", "sku": random.choice(SKUS)}
            log.tell("inventory.alerts", alert | about)
        if random.random() < 0.1:
            _order(log, random, number, customer_id, now)
    log.raw("clickstream.events", b"?", b"v1")
    log.advance(NOON + (seconds + 400) * SECOND)
    return log


def _order(log: EngagementLog, random: Random, number: int, customer_id: str, now: int) -> None:
    states = ["INITIATED", "SHIPPED", "DELIVERED", "RETURNED"]
    steps = states[: random.choice([1, 3, 3, 4])]
    for sequence, state in enumerate(steps, start=1):
        step = {
            "event_id": f"o{number}/{sequence}",
            "event_time": now,
            "order_id": f"o{number}",
            "customer_id": customer_id,
            "from_state": states[max(0, sequence - 2)],
            "to_state": state,
            "cause": "",
            "sequence": sequence,
        }
        log.tell("orders.lifecycle", step)
