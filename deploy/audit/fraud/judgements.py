"""Decisions beside what the orders turned out to be, and what that adds up to."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from typing import Any, Final

from deploy.audit.verdict import Check

Record = Mapping[str, Any]
EVERYTHING: Final = "*"
RATE_ERROR: Final = 1e-9


def audit_judgements(
    outcomes: Iterable[Record],
    judgements: Collection[Record],
    decisions: Mapping[str, list[Record]],
    check: Check,
) -> None:
    """A decided order of which an outcome was told is judged once: later outcomes change nothing.

    judgements: the first of each event_id. decisions: by order_id, with those that came again. An
    outcome that names another customer than the decision may be lost.
    """
    told: dict[str, set[str]] = {}
    owed: set[str] = set()
    for outcome in outcomes:
        order_id, customer_id = outcome["order_id"], outcome["customer_id"]
        told.setdefault(order_id, set()).add(outcome["outcome"])
        if any(d["customer_id"] == customer_id for d in decisions.get(order_id, ())):
            owed.add(order_id)
    judged: Counter[str] = Counter()
    for judgement in judgements:
        order_id, outcome_told = judgement["order_id"], judgement["outcome"]
        judged[order_id] += 1
        if outcome_told not in told.get(order_id, ()):
            check.refute(f"order {order_id}: is judged as {outcome_told}, which nobody said")
        if not any(_is_of(judgement, decision) for decision in decisions.get(order_id, ())):
            check.refute(
                f"order {order_id}: is judged as {judgement['band']} under rules version "
                f"{judgement['rules_version']}, which is not what was decided"
            )
    for order_id in sorted(owed | judged.keys()):
        if judged[order_id] != 1:
            check.refute(f"order {order_id}: is judged {judged[order_id]} times, expected once")
    check.figure = f"{len(owed):,} orders with outcomes, {len(judgements):,} judgements"


def _is_of(judgement: Record, decision: Record) -> bool:
    rules = {reason["rule_id"] for reason in decision["reasons"] if reason["points"]}
    return (
        judgement["band"] == decision["band"]
        and judgement["rules_version"] == decision["rules_version"]
        and set(judgement["rules"]) == rules
    )


def audit_performance(
    judgements: Iterable[Record], performance: Iterable[Record], check: Check
) -> None:
    """The latest record of all rules together, by version, is what the judgements add up to."""
    wanted: dict[int, Counter[str]] = {}
    for judgement in judgements:
        sums = wanted.setdefault(judgement["rules_version"], Counter())
        kind = "frauds" if judgement["outcome"] == "FRAUD" else "legitimate"
        hit = judgement["band"] != "APPROVE"
        sums[kind] += 1
        sums["hits"] += hit
        sums[f"{kind}_hit"] += hit
    latest = {r["rules_version"]: r for r in performance if r["rule_id"] == EVERYTHING}
    for version in sorted(wanted.keys() | latest.keys()):
        record, sums = latest.get(version), wanted.get(version, Counter())
        if record is None:
            check.refute(f"rules version {version}: is judged, but its performance is not told")
            continue
        for name in ("hits", "frauds", "frauds_hit", "legitimate", "legitimate_hit"):
            if record[name] != sums[name]:
                check.refute(
                    f"rules version {version}: {name} is {record[name]}, expected {sums[name]}"
                )
        for name, hit, of in (
            ("catch_rate", "frauds_hit", "frauds"),
            ("false_positive_rate", "legitimate_hit", "legitimate"),
        ):
            rate = sums[hit] / sums[of] if sums[of] else 0.0
            if abs(record[name] - rate) > RATE_ERROR:
                check.refute(f"rules version {version}: {name} is {record[name]}, expected {rate}")
    check.figure = f"{len(latest):,} versions of the rules"
