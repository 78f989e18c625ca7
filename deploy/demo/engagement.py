"""The messages of a running shop: what was sent, and what came of it."""

from bisect import bisect_right
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import Any

from rich.table import Table

from deploy.audit.engagement.contract import CART, CLICKS, RESPONSES, TEMPLATES, TRIGGERS
from deploy.audit.log import Entry


@dataclass
class Messages:
    """Triggers and responses, each once; and who bought after a message about their cart."""

    triggers: dict[str, dict[str, Any]] = field(default_factory=dict)
    _responses: dict[str, str] = field(default_factory=dict)
    _carts: defaultdict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    _purchases: defaultdict[str | None, set[int]] = field(default_factory=lambda: defaultdict(set))

    def take(self, entry: Entry) -> None:
        record = entry.record
        if record is None:
            return
        if entry.topic == TRIGGERS:
            self._triggered(record)
        elif entry.topic == RESPONSES:
            self._responses[record["event_id"]] = record["response"]
        elif entry.topic == CLICKS and record["event_type"] == "PURCHASE":
            self._purchases[record["customer_id"]].add(record["event_time"])

    def outcomes(self) -> dict[str, dict[str, int]]:
        """How many triggers of each template had each outcome."""
        counts: dict[str, Counter[str]] = {template: Counter() for template in TEMPLATES}
        for trigger in self.triggers.values():
            counts[trigger["template"]][trigger["outcome"]] += 1
        return {template: dict(outcomes) for template, outcomes in counts.items() if outcomes}

    def responses(self) -> dict[str, int]:
        """How many of each kind."""
        return dict(Counter(self._responses.values()))

    def carts_recovered(self) -> int:
        """Messages about a cart after which the customer bought, before the next such message."""
        recovered = 0
        for customer_id, sent in self._carts.items():
            ordered = sorted(sent)
            last = {bisect_right(ordered, at) for at in self._purchases.get(customer_id, ())}
            recovered += len(last - {0})
        return recovered

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "triggers": self.outcomes(),
            "responses": self.responses(),
            "carts_recovered": self.carts_recovered(),
        }

    def line(self) -> str:
        """The same in a few words."""
        sent = sum(outcomes.get("SENT", 0) for outcomes in self.outcomes().values())
        return f"{sent:,} messages, {self.carts_recovered():,} carts recovered"

    def render(self) -> Table:
        counts = self.outcomes()
        names = sorted({outcome for outcomes in counts.values() for outcome in outcomes})
        table = Table("messages to customers", title="what they are told", title_justify="left")
        for name in names:
            table.add_column(name.lower(), justify="right")
        for template, outcomes in counts.items():
            table.add_row(template, *(f"{outcomes.get(name, 0):,}" for name in names))
        return table

    def _triggered(self, trigger: dict[str, Any]) -> None:
        if trigger["trigger_id"] in self.triggers:
            return
        self.triggers[trigger["trigger_id"]] = trigger
        if trigger["template"] == CART and trigger["outcome"] == "SENT":
            self._carts[trigger["customer_id"]].append(trigger["send_at"])
