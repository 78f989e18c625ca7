"""Words for the tests of the engagement rules: what customers do, and the messages they get."""

import json
from itertools import count
from pathlib import Path
from typing import Any

from support.rules import Record, RuleDriver

import connectors
from connectors.codec import Encoder
from connectors.topics import TOPICS
from udfs.engagement.domain import ENGAGEMENT
from udfs.engagement.events import (
    ALERTS,
    CLICKS,
    LIFECYCLE,
    NOTIFICATIONS,
    POLICIES,
    PREFERENCES,
    RESPONSES,
    SIGNALS,
    TRIGGERS,
)

NOON = 1_767_614_400_000
"""Monday, 2026-01-05 12:00 UTC."""
SECOND = 1_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR

SEEDS = Path(connectors.__file__).parent / "seeds" / "engagement.policies.ndjson"
DEFAULTS = {
    policy["template"]: policy for policy in map(json.loads, SEEDS.read_text().splitlines())
}
_ENCODERS = {topic: Encoder(topic, TOPICS[topic].avro_schema, 1) for topic in ENGAGEMENT.outputs}


class Mailroom(RuleDriver):
    """Where customers' doings arrive. Every output is encoded by its schema, and signals come back.

    An event that comes again reaches the rule again: the domain bears repeats.
    """

    def __init__(self) -> None:
        super().__init__(ENGAGEMENT)
        self._numbers = count(1)
        for template in DEFAULTS:
            self.policy(template)

    def policy(self, template: str, **changes: Any) -> None:
        """The default policy of the template, but for `changes`."""
        self.refer(POLICIES, template, DEFAULTS[template] | changes)

    def send(self, record: Record, topic: str | None = None) -> list[tuple[str, Record]]:
        self._seen.clear()
        outputs = super().send(record, topic)
        for name, signal in outputs:
            if name == SIGNALS:
                _ENCODERS[name].encode(signal)
                self.send(signal, SIGNALS)
        return outputs

    def _apply(self, entity: str, event: Any) -> list[tuple[str, Record]]:
        outputs = super()._apply(entity, event)
        for topic, record in outputs:
            record.setdefault("event_time", event.event_time)
            _ENCODERS[topic].encode(record)
        return outputs

    def tell(self, topic: str, at: int, customer_id: str | None = "ann", **fields: Any) -> Record:
        """Send a record of `topic` at `at` (epoch ms); it is returned."""
        record = {
            "event_id": f"event-{next(self._numbers)}",
            "event_time": at,
            "customer_id": customer_id,
            **fields,
        }
        self.send(record, topic)
        return record

    def click(self, event_type: str, at: int, sku: str | None = "mug", **fields: Any) -> Record:
        fields = {"visitor_id": "v1", "event_type": event_type, "sku": sku, **fields}
        return self.tell(CLICKS, at, **fields)

    def look(self, at: int, sku: str = "mug", times: int = 1, **fields: Any) -> None:
        """Views of the sku, a second apart, the last of them at `at`."""
        for back in range(times - 1, -1, -1):
            self.click("PAGE_VIEW", at - back * SECOND, sku, **fields)

    def order(self, at: int, to_state: str = "INITIATED", **fields: Any) -> Record:
        sequence = 1 if to_state == "INITIATED" else 5
        steps = {"from_state": "INITIATED", "to_state": to_state, "sequence": sequence}
        return self.tell(LIFECYCLE, at, **({"order_id": "o1", **steps} | fields))

    def back_in_stock(self, at: int, sku: str = "mug", alert_type: str = "BACK_IN_STOCK") -> Record:
        return self.tell(ALERTS, at, None, sku=sku, alert_type=alert_type)

    def prefer(self, at: int, **fields: Any) -> Record:
        return self.tell(PREFERENCES, at, **fields)

    def answer(self, trigger: Record, response: str, at: int, **fields: Any) -> Record:
        """The customer's response to the message of a trigger."""
        about = {name: trigger[name] for name in ("customer_id", "trigger_id", "template")}
        return self.tell(RESPONSES, at, **(about | {"response": response} | fields))

    def triggers(self, **fields: Any) -> list[Record]:
        return self.emitted(TRIGGERS, **fields)

    def endings(self) -> list[tuple[str, str, str]]:
        """(template, outcome, reason) of all triggers, in order."""
        names = ("template", "outcome", "reason")
        return [tuple(record[name] for name in names) for record in self.triggers()]

    def messages(self, **fields: Any) -> list[Record]:
        return self.emitted(NOTIFICATIONS, **fields)
