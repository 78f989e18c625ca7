"""What is known of each customer, gathered from the log."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from deploy.audit.engagement import contract
from deploy.audit.log import Entry

Record = Mapping[str, Any]


@dataclass
class History:
    """One customer. Each event once, whatever came again, in order of event time.

    purchases: epoch ms, by click or by order. delivered, returned: order_id -> its step.
    """

    customer_id: str
    clicks: list[Record] = field(default_factory=list)
    purchases: list[int] = field(default_factory=list)
    delivered: dict[str, Record] = field(default_factory=dict)
    returned: dict[str, Record] = field(default_factory=dict)
    preferences: list[Record] = field(default_factory=list)
    responses: list[Record] = field(default_factory=list)
    signals: list[Record] = field(default_factory=list)
    triggers: list[Record] = field(default_factory=list)
    messages: list[Record] = field(default_factory=list)

    def of(self, event_types: Iterable[str], sku: str | None = None) -> list[Record]:
        """The clicks of these types, of one sku if given."""
        wanted = set(event_types)
        return [
            click
            for click in self.clicks
            if click["event_type"] in wanted and sku in (None, click["sku"])
        ]

    def sent(self) -> list[Record]:
        return [trigger for trigger in self.triggers if trigger["outcome"] == "SENT"]

    def wanted_at(self, time: int, grace_ms: int) -> list[Record | None]:
        """The preferences that the job may have known at `time` (epoch ms); None for none."""
        before = [one for one in self.preferences if one["event_time"] <= time - grace_ms]
        around = [one for one in self.preferences if abs(one["event_time"] - time) < grace_ms]
        return [before[-1] if before else None, *around]


@dataclass
class Log:
    """All customers, and what is nobody's own.

    policies: template -> its records in order. alerts: those of BACK_IN_STOCK, by sku.
    """

    customers: dict[str, History] = field(default_factory=dict)
    policies: dict[str, list[Record]] = field(default_factory=lambda: defaultdict(list))
    alerts: dict[str, list[Record]] = field(default_factory=lambda: defaultdict(list))

    def of(self, customer_id: str) -> History:
        return self.customers.setdefault(customer_id, History(customer_id))

    def policy(self, template: str, version: int) -> Record | None:
        """The last policy of the template with this version."""
        found = [one for one in self.policies[template] if one["version"] == version]
        if not found and template == contract.ALL and version == 0:
            return contract.DEFAULT_LIMITS
        return found[-1] if found else None


def gather(entries: Iterable[Entry], dead: set[tuple[str, int, int]]) -> Log:
    """Hand every record to whom it is about; what was set aside counts for nothing."""
    log, seen = Log(), set()
    for entry in entries:
        record = entry.record
        if record is None or (entry.topic, entry.partition, entry.offset) in dead:
            continue
        is_input = entry.topic in contract.INPUTS
        if is_input and (entry.topic, record["event_id"]) in seen:
            continue
        seen.add((entry.topic, record["event_id"]))
        _take(log, entry.topic, record)
    for history in log.customers.values():
        for events in (history.clicks, history.preferences, history.responses):
            events.sort(key=lambda one: (one["event_time"], one["event_id"]))
    return log


def _take(log: Log, topic: str, record: Record) -> None:
    if topic == contract.POLICIES:
        log.policies[record["template"]].append(record)
    elif topic == contract.ALERTS:
        if record["alert_type"] == contract.BACK:
            log.alerts[record["sku"]].append(record)
    elif topic == contract.DEAD_LETTERS or record["customer_id"] is None:
        return
    elif topic == contract.LIFECYCLE:
        _take_step(log.of(record["customer_id"]), record)
    elif topic == contract.MESSAGES:
        if record["template"] in contract.TEMPLATES:
            log.of(record["customer_id"]).messages.append(record)
    else:
        history = log.of(record["customer_id"])
        kept: dict[str, list[Record]] = {
            contract.CLICKS: history.clicks,
            contract.PREFERENCES: history.preferences,
            contract.RESPONSES: history.responses,
            contract.SIGNALS: history.signals,
            contract.TRIGGERS: history.triggers,
        }
        kept[topic].append(record)
        if record.get("event_type") == "PURCHASE":
            history.purchases.append(record["event_time"])


def _take_step(history: History, step: Record) -> None:
    if step["sequence"] == 1:
        history.purchases.append(step["event_time"])
    if step["from_state"] != step["to_state"]:
        if step["to_state"] == "DELIVERED":
            history.delivered.setdefault(step["order_id"], step)
        elif step["to_state"] == "RETURNED":
            history.returned.setdefault(step["order_id"], step)
