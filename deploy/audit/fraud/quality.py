"""How good the decisions are, on traffic of which it is known what it is."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

BANDS: Final = ("APPROVE", "STEP_UP", "REVIEW", "DECLINE")
HONEST: Final = ("HONEST", "HABIT_CHANGE")
FRAUDS: Final = ("RING", "TAKEOVER")
LABELS: Final = (*HONEST, *FRAUDS)


@dataclass
class Quality:
    """Decided orders whose label is known, by band and label.

    undecided: labelled orders without a decision.
    """

    orders: Counter[tuple[str, str]] = field(default_factory=Counter)
    undecided: int = 0

    def row(self, band: str) -> list[int]:
        """How many of each label, in the order of `LABELS`, are in the band."""
        return [self.orders[band, label] for label in LABELS]

    @property
    def catch_rate(self) -> float | None:
        """Frauds that were not simply approved, of all frauds, 0 to 1; None without any."""
        return self._not_approved(FRAUDS)

    @property
    def false_positive_rate(self) -> float | None:
        """Honest orders that were not simply approved, of all, 0 to 1; None without any."""
        return self._not_approved(HONEST)

    def _not_approved(self, labels: tuple[str, ...]) -> float | None:
        total = sum(self.orders[band, label] for band in BANDS for label in labels)
        approved = sum(self.orders["APPROVE", label] for label in labels)
        return (total - approved) / total if total else None

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "bands": {band: dict(zip(LABELS, self.row(band), strict=True)) for band in BANDS},
            "catch_rate": self.catch_rate,
            "false_positive_rate": self.false_positive_rate,
            "undecided": self.undecided,
        }


def quality(decisions: Iterable[Mapping[str, Any]], labels: Mapping[str, str]) -> Quality:
    """Count the first decision of every labelled order by band and label.

    decisions: records of fraud.decisions; orders without a label are passed over. labels: what an
    order is (one of `LABELS`), by order_id; KeyError names a label that is none of them.
    """
    unknown = set(labels.values()) - set(LABELS)
    if unknown:
        raise KeyError(f"expected the labels {', '.join(LABELS)}, came {', '.join(unknown)}")
    found = Quality()
    seen: set[str] = set()
    for decision in decisions:
        order_id = decision["order_id"]
        if order_id in labels and order_id not in seen:
            seen.add(order_id)
            found.orders[decision["band"], labels[order_id]] += 1
    found.undecided = len(labels.keys() - seen)
    return found
