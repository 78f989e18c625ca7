"""The orders of a running shop: where they stand, and how honest they look."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from rich.table import Table

from deploy.audit.fraud.quality import BANDS
from deploy.audit.log import Entry
from deploy.audit.orders.contract import DECISIONS, LIFECYCLE, STATES


@dataclass
class Funnel:
    """Where every order stands now, by what its latest step says."""

    _state: dict[str, str] = field(default_factory=dict)

    def take(self, entry: Entry) -> None:
        if entry.topic == LIFECYCLE and entry.record is not None:
            self._state[entry.record["order_id"]] = entry.record["to_state"]

    def counts(self) -> dict[str, int]:
        """How many orders stand in each state that has any, in the order they pass them."""
        standing = Counter(self._state.values())
        return {state: standing[state] for state in STATES if standing[state]}

    def line(self) -> str:
        """The same in a few words: all orders, and those that are through."""
        standing = self.counts()
        delivered = standing.get("DELIVERED", 0)
        return f"{sum(standing.values()):,} orders, {delivered:,} delivered"

    def render(self) -> Table:
        standing = self.counts()
        widest = max(standing.values(), default=1)
        table = Table("orders now", title="where the orders are", title_justify="left")
        table.add_column("count", justify="right")
        table.add_column("")
        for state, count in standing.items():
            table.add_row(state, f"{count:,}", "█" * round(20 * count / widest))
        return table


@dataclass
class Bands:
    """The fraud decisions, each once however often it was written.

    decisions: by decision_id.
    """

    decisions: dict[str, dict[str, Any]] = field(default_factory=dict)

    def take(self, entry: Entry) -> None:
        if entry.topic == DECISIONS and entry.record is not None:
            self.decisions.setdefault(entry.record["decision_id"], entry.record)

    def counts(self) -> dict[str, int]:
        """How many decisions each band has."""
        bands = Counter(decision["band"] for decision in self.decisions.values())
        return {band: bands[band] for band in BANDS}

    def line(self) -> str:
        """The same in a few words."""
        bands = self.counts()
        return f"{bands['APPROVE']:,} of {len(self.decisions):,} approved at once"

    def render(self) -> Table:
        bands = self.counts()
        total = len(self.decisions)
        table = Table("fraud band", title="how honest they look", title_justify="left")
        table.add_column("orders", justify="right")
        table.add_column("share", justify="right")
        for band, count in bands.items():
            table.add_row(band, f"{count:,}", f"{count / total:.1%}" if total else "")
        return table
