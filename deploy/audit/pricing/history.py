"""One sku's changes, one after the other, against its policies."""

from collections.abc import Iterable, Sequence
from typing import Any, Final

from deploy.audit.verdict import Check

Record = Any
EVERY_SKU: Final = "*"
STEP_PCT, COOLDOWN_S = 5.0, 300
"""What holds where no policy says it."""


class Policies:
    """All policies that the log has, by sku and version."""

    def __init__(self, records: Iterable[Record]) -> None:
        self.by_sku: dict[str, list[Record]] = {}
        for record in records:
            self.by_sku.setdefault(record["sku"], []).append(record)

    def of(self, change: Record) -> list[Record]:
        """Those that the change may mean: usually one, none if compaction has taken it."""
        own = self.by_sku.get(change["sku"], [])
        return [policy for policy in own if policy["version"] == change["policy_version"]]

    def largest_step(self, policy: Record) -> float:
        """Per cent. When a policy of all was learned is not in the log, so any may have held."""
        if policy["max_step_pct"] is not None:
            return float(policy["max_step_pct"])
        return max([*self._of_all("max_step_pct"), STEP_PCT])

    def shortest_cooldown_ms(self, policy: Record) -> int:
        if policy["cooldown_s"] is not None:
            return int(policy["cooldown_s"]) * 1000
        return int(min([*self._of_all("cooldown_s"), COOLDOWN_S])) * 1000

    def _of_all(self, name: str) -> list[float]:
        return [
            policy[name] for policy in self.by_sku.get(EVERY_SKU, []) if policy[name] is not None
        ]


def audit_numbers(sku: str, history: Sequence[Record], check: Check) -> None:
    """1, 2, ..., each old price the new one before it, and no time before the one before it."""
    before = None
    for number, change in enumerate(history, 1):
        if change["number"] != number:
            check.refute(f"sku {sku}: expected change {number}, came {change['number']}")
            return
        expected = None
        if before is not None and before["currency"] == change["currency"]:
            expected = before["new_minor"]
        if change["old_minor"] != expected:
            check.refute(
                f"sku {sku}: change {number} is from {change['old_minor']}, expected {expected}"
            )
        if before is not None and change["event_time"] < before["event_time"]:
            check.refute(f"sku {sku}: change {number} is of an earlier time than the one before it")
        if not change["reasons"]:
            check.refute(f"sku {sku}: change {number} has no reason")
        before = change


def audit_guardrails(
    sku: str, history: Sequence[Record], policies: Policies, bounded: Check, stepped: Check
) -> int:
    """Every price within its policy; every move of the regular price small and late enough.

    Returns the number of moves.
    """
    before, moved_at, moves = None, 0, 0
    for change in history:
        meant = policies.of(change)
        if meant and not any(_is_within(change, policy) for policy in meant):
            bounded.refute(
                f"sku {sku}: change {change['number']} makes it {change['new_minor']} (before "
                f"promotions {change['regular_minor']}), outside of policy "
                f"{change['policy_version']}"
            )
        if before is None or change["regular_minor"] != before["regular_minor"]:
            moves += 1
            if before is not None and meant and not _is_free(change, before):
                _audit_move(change, before, moved_at, meant, policies, stepped)
            moved_at = change["event_time"]
        before = change
    return moves


def _is_free(change: Record, before: Record) -> bool:
    """Whether it may move by any step, at any time."""
    return change["currency"] != before["currency"] or "POLICY_CHANGED" in change["reasons"]


def _audit_move(
    change: Record,
    before: Record,
    moved_at: int,
    meant: Sequence[Record],
    policies: Policies,
    check: Check,
) -> None:
    what = f"sku {change['sku']}: change {change['number']}"
    step = abs(change["regular_minor"] - before["regular_minor"])
    largest = max(policies.largest_step(policy) for policy in meant)
    if step > max(1, before["regular_minor"] * largest / 100):
        check.refute(f"{what} moves it by {step}, more than {largest} %")
    shortest = min(policies.shortest_cooldown_ms(policy) for policy in meant)
    waited = change["event_time"] - moved_at
    if waited < shortest:
        check.refute(f"{what} comes {waited} ms after the last move, expected {shortest}")


def _is_within(change: Record, policy: Record) -> bool:
    lowest = max(policy["floor_minor"], policy["cost_minor"])
    prices = change["new_minor"], change["regular_minor"]
    return all(lowest <= price <= policy["ceiling_minor"] for price in prices)
