"""How well each rule does: its hits among orders of known outcome, by version of the rules."""

from typing import Any

from udfs.contract import Outcome, View, WakeUp
from udfs.fraud.events import FRAUD, PERFORMANCES, RULES, Judgement
from udfs.fraud.rule_data import EVERY_RULE
from udfs.fraud.score import rule_set_of
from udfs.fraud.state import Performance, Tally


def decide(performance: Performance | None, event: Judgement | WakeUp, view: View) -> Outcome:
    """Count one judgement, and tell how all rules of its version have done so far.

    All of them: one more fraud lowers the catch rate of every rule that missed it. The rules of
    the version are those that have hit and, while it is the latest, those that are not OFF. "*"
    stands for the decision itself, which hits when it is not APPROVE.
    """
    if isinstance(event, WakeUp):  # nobody asks for one: a version's figures are kept
        return Outcome(performance, [])
    if performance is None:
        performance = Performance(rules={EVERY_RULE: Tally("ACTIVE")})
    tallies = performance.rules
    latest = rule_set_of(view.reference(RULES))
    if latest.version == event.rules_version:
        for rule in latest.rules:
            if rule.mode != "OFF":
                tallies.setdefault(rule.rule_id, Tally(rule.mode))

    hits = [*((rule_id, "ACTIVE") for rule_id in event.rules)]
    hits += [(rule_id, "SHADOW") for rule_id in event.shadow_rules]
    if event.band != "APPROVE":
        hits.append((EVERY_RULE, "ACTIVE"))
    is_fraud = event.outcome == FRAUD
    if is_fraud:
        performance.frauds += 1
    else:
        performance.legitimate += 1
    for rule_id, mode in hits:
        tally = tallies.setdefault(rule_id, Tally(mode))
        tally.mode = mode
        if is_fraud:
            tally.frauds_hit += 1
        else:
            tally.legitimate_hit += 1
    records = [
        (PERFORMANCES, _record(rule_id, event.rules_version, performance, tally))
        for rule_id, tally in sorted(tallies.items())
    ]
    return Outcome(performance, records)


def _record(rule_id: str, version: int, performance: Performance, tally: Tally) -> dict[str, Any]:
    frauds, legitimate = performance.frauds, performance.legitimate
    return {
        "performance_id": f"{rule_id}@{version}",
        "rule_id": rule_id,
        "rules_version": version,
        "mode": tally.mode,
        "hits": tally.frauds_hit + tally.legitimate_hit,
        "frauds": frauds,
        "frauds_hit": tally.frauds_hit,
        "legitimate": legitimate,
        "legitimate_hit": tally.legitimate_hit,
        "catch_rate": tally.frauds_hit / frauds if frauds else 0.0,
        "false_positive_rate": tally.legitimate_hit / legitimate if legitimate else 0.0,
    }
