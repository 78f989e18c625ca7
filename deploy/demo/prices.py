"""The prices of a running shop: what moved them, and which promotions came and went."""

from collections import Counter, deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from rich.table import Table

from deploy.audit.log import Entry

CHANGES = "pricing.changes"
SURGE = "DEMAND_SURGE"
SHOWN = 6


@dataclass
class Held:
    """When a promotion held for a sku (epoch ms), as far as it was seen."""

    promotion_id: str
    sku: str
    started_at: int | None = None
    ended_at: int | None = None

    @property
    def is_whole(self) -> bool:
        """Whether start and end were seen."""
        return self.started_at is not None and self.ended_at is not None


@dataclass
class Rise:
    """How a surge has moved a sku's price (minor units), from before its first step to now."""

    sku: str
    currency: str
    old_minor: int
    new_minor: int


@dataclass
class Prices:
    """The changes of prices, in the order in which they become readable.

    surges: changes by which more demand made a price higher.
    """

    changes: int = 0
    by_reason: Counter[str] = field(default_factory=Counter)
    latest: deque[dict[str, Any]] = field(default_factory=lambda: deque(maxlen=SHOWN))
    surges: list[dict[str, Any]] = field(default_factory=list)
    _holding: dict[str, set[str]] = field(default_factory=dict)
    _promotions: dict[tuple[str, str], Held] = field(default_factory=dict)

    def take(self, entry: Entry) -> None:
        change = entry.record
        if entry.topic != CHANGES or change is None:
            return
        self.changes += 1
        self.by_reason.update(change["reasons"])
        old_minor = change["old_minor"]
        if old_minor is not None:
            self.latest.append(change)
            if SURGE in change["reasons"] and change["new_minor"] > old_minor:
                self.surges.append(change)
        self._follow_promotions(change)

    def rises(self) -> list[Rise]:
        """Of each sku in `surges`, in the order of its first."""
        rises: dict[str, Rise] = {}
        for change in self.surges:
            sku, new_minor = change["sku"], change["new_minor"]
            first = Rise(sku, change["currency"], change["old_minor"], new_minor)
            rises.setdefault(sku, first).new_minor = new_minor
        return list(rises.values())

    def promotions(self) -> list[Held]:
        """Those that started or ended, each for each of its skus."""
        return list(self._promotions.values())

    def as_dict(self) -> dict[str, Any]:
        """For JSON: the prices alone."""
        return {
            "changes": self.changes,
            "by_reason": dict(self.by_reason),
            "surge": [
                {
                    "sku": change["sku"],
                    "old": change["old_minor"],
                    "new": change["new_minor"],
                    "reasons": list(change["reasons"]),
                }
                for change in self.surges
            ],
        }

    def line(self) -> str:
        """The same in a few words."""
        ended = sum(one.is_whole for one in self.promotions())
        return f"{self.changes:,} price changes, {ended:,} promotions over"

    def render(self) -> Table:
        table = Table("price of", title="latest prices", title_justify="left")
        table.add_column("from", justify="right")
        table.add_column("to", justify="right")
        table.add_column("because of")
        for change in reversed(self.latest):
            old, new = (money(change[name]) for name in ("old_minor", "new_minor"))
            table.add_row(change["sku"], old, new, _words(change["reasons"]))
        return table

    def _follow_promotions(self, change: dict[str, Any]) -> None:
        """A promotion that was seen first in a change that starts none has started earlier."""
        sku, at, reasons = change["sku"], change["event_time"], change["reasons"]
        before, now = self._holding.get(sku, set()), set(change["promotions"])
        self._holding[sku] = now
        for name in now - before:
            if "PROMOTION_STARTED" in reasons:
                self._held(name, sku).started_at = at
        for name in before - now:
            self._held(name, sku).ended_at = at

    def _held(self, promotion_id: str, sku: str) -> Held:
        return self._promotions.setdefault((promotion_id, sku), Held(promotion_id, sku))


def money(minor: int) -> str:
    """As the simulated shop counts: a hundred minor units are one."""
    return f"{minor / 100:.2f}"


def _words(reasons: Iterable[str]) -> str:
    return ", ".join(reason.lower().replace("_", " ") for reason in reasons)
