"""A few decided orders as they should be, then each time with one thing wrong: it is named."""

from typing import Any

import pytest
from support.orders_log import OrdersLog, again, drop, edit

from deploy.audit.fraud import audit
from deploy.audit.fraud.fold import DECISIONS, JOB, Checks
from deploy.audit.orders.settling import Answers
from deploy.audit.verdict import Verdict

ALERTS, JUDGEMENTS, PERFORMANCE = "fraud.alerts", "fraud.judgements", "fraud.rule-performance"
SCORES = {"honest": 0, "odd": 45, "suspect": 70, "ring": 99}
BANDS = {"honest": "APPROVE", "odd": "STEP_UP", "suspect": "REVIEW", "ring": "DECLINE"}


def reasons(score: int) -> list[dict[str, Any]]:
    return [{"rule_id": "velocity", "points": score}] if score else []


def decide(log: OrdersLog, order_id: str, score: int, band: str) -> None:
    log.decided(
        order_id,
        band,
        decision_id=f"d-{order_id}",
        customer_id="c1",
        score=score,
        reasons=reasons(score),
        shadow_reasons=[],
        rules_version=3,
        decided_at=1,
    )


def judge(log: OrdersLog, order_id: str, outcome: str) -> None:
    log.put(
        JUDGEMENTS,
        "3",
        rule_set="3",
        rules_version=3,
        order_id=order_id,
        outcome=outcome,
        band=BANDS[order_id],
        rules=[reason["rule_id"] for reason in reasons(SCORES[order_id])],
        shadow_rules=[],
    )


def perform(log: OrdersLog, frauds: int, frauds_hit: int, legitimate: int, hit: int) -> None:
    log.put(
        PERFORMANCE,
        "*@3",
        performance_id="*@3",
        rule_id="*",
        rules_version=3,
        hits=frauds_hit + hit,
        frauds=frauds,
        frauds_hit=frauds_hit,
        legitimate=legitimate,
        legitimate_hit=hit,
        catch_rate=frauds_hit / frauds if frauds else 0.0,
        false_positive_rate=hit / legitimate if legitimate else 0.0,
    )


@pytest.fixture
def log() -> OrdersLog:
    """An order in every band; the outcomes of three are known."""
    log = OrdersLog()
    for order_id, score in SCORES.items():
        log.order(order_id)
        decide(log, order_id, score, BANDS[order_id])
    alert = {"decision_id": "d-ring", "customer_id": "c1", "score": 99}
    log.of(ALERTS, "ring", **alert)
    log.outcome("ring", "FRAUD", source="CHARGEBACK")
    judge(log, "ring", "FRAUD")
    perform(log, 1, 1, 0, 0)
    log.outcome("honest", "LEGITIMATE")
    judge(log, "honest", "LEGITIMATE")
    perform(log, 1, 1, 1, 0)
    log.outcome("odd", "LEGITIMATE", source="CUSTOMER")
    judge(log, "odd", "LEGITIMATE")
    perform(log, 1, 1, 2, 1)
    log.dead_letter(log.raw("payments.events"), job="fraud")
    return log


def assert_accepted(verdict: Verdict) -> None:
    assert verdict.ok, str(verdict)


def test_the_decisions_as_they_were_are_accepted_and_counted(log):
    verdict = audit(log.entries)
    assert_accepted(verdict)
    assert verdict.check(Checks().banded.name).figure == "1 APPROVE, 1 STEP_UP, 1 REVIEW, 1 DECLINE"


def test_a_decision_that_is_written_again_may_have_another_decided_at(log):
    decision = log.find(DECISIONS, order_id="ring")[0]
    repeat = dict(decision.record or {}, decided_at=2)
    log.entries.append(decision._replace(offset=9, record=repeat))
    verdict = audit(log.entries)
    assert_accepted(verdict)
    assert verdict.check(Checks().repeatable.name).figure == (
        "4 decisions, 1 came again, 0 with another score"
    )


def test_a_decision_that_is_written_again_after_a_failure_may_have_another_score(log):
    decide(log, "suspect", 20, "APPROVE")
    verdict = audit(log.entries)
    assert_accepted(verdict)
    assert verdict.check(Checks().repeatable.name).figure == (
        "4 decisions, 1 came again, 1 with another score"
    )


def test_what_is_written_again_after_a_failure_is_counted_once(log):
    for topic in (ALERTS, JUDGEMENTS, PERFORMANCE, "dlq"):
        log.entries += [entry for entry in log.entries if entry.topic == topic]
    assert_accepted(audit(log.entries))


def test_of_a_judgement_that_comes_again_otherwise_the_first_counts(log):
    first = log.find(JUDGEMENTS, order_id="odd")[0]
    decide(log, "odd", 20, "APPROVE")
    assert first.record is not None
    again = {**first.record, "band": "APPROVE"}
    log.entries.append(first._replace(offset=9, record=again))
    assert_accepted(audit(log.entries))


def test_an_order_that_is_declined_before_a_failure_and_not_after_it_may_have_its_alert(log):
    decide(log, "ring", 20, "APPROVE")
    assert_accepted(audit(log.entries))


def test_one_that_is_declined_only_after_it_must_have_one(log):
    decide(log, "suspect", 99, "DECLINE")
    violations = audit(log.entries).check(Checks().alerted.name).violations
    assert violations == ["order suspect: is declined and alerted 0 times"]


def test_an_order_that_is_placed_again_may_be_decided_again(log):
    again("orders.initiated", order_id="odd")(log)
    again(DECISIONS, {"decision_id": "d-odd-2"}, order_id="odd")(log)
    assert_accepted(audit(log.entries))


def test_a_second_outcome_of_an_order_changes_nothing(log):
    log.outcome("honest", "FRAUD", source="CHARGEBACK")
    assert_accepted(audit(log.entries))


def test_an_outcome_of_an_order_that_nobody_decided_is_judged_by_nobody(log):
    log.outcome("elsewhere", "FRAUD")
    assert_accepted(audit(log.entries))


def test_all_orders_are_answered_once_each_has_a_decision(log):
    answers = Answers(DECISIONS, JOB)
    for entry in log.entries:
        answers.take(entry)
    assert answers.complete
    log.order("late")
    answers.take(log.entries[-1])
    assert not answers.complete


def decide_nobody(log: OrdersLog) -> None:
    decide(log, "nobody", 0, "APPROVE")


def judge_what_nobody_said(log: OrdersLog) -> None:
    judge(log, "suspect", "FRAUD")


def leave_garbage(log: OrdersLog) -> None:
    log.raw("fraud.outcomes")


def put_the_valid_aside(log: OrdersLog) -> None:
    log.dead_letter(log.find("orders.initiated", order_id="odd")[0], job="fraud")


ODD, RING = {"order_id": "odd"}, {"order_id": "ring"}
LATEST = {"legitimate": 2}
FEW = [{"rule_id": "velocity", "points": 44}]
MANY = [{"rule_id": "velocity", "points": 120}]


@pytest.mark.parametrize(
    ("corrupt", "check", "named"),
    [
        (drop(DECISIONS, **ODD), "decided", "order odd: is not decided"),
        (decide_nobody, "decided", "order nobody: is decided, but nobody placed it"),
        (edit(DECISIONS, {"customer_id": "c2"}, **ODD), "decided", "is decided for customer c2"),
        (
            again(DECISIONS, {"customer_id": "c9"}, **ODD),
            "repeatable",
            "again with other customer_id",
        ),
        (again(DECISIONS, {"decision_id": "x"}, **ODD), "repeatable", "odd: has 2 decision_ids"),
        (edit(DECISIONS, {"score": 30}, **ODD), "banded", "order odd: STEP_UP with a score of 30"),
        (edit(DECISIONS, {"score": 61}, **ODD), "banded", "order odd: STEP_UP with a score of 61"),
        (edit(DECISIONS, {"score": 100}, **RING), "banded", "ring: DECLINE with a score of 100"),
        (edit(DECISIONS, {"band": "MAYBE"}, **ODD), "banded", "order odd: MAYBE"),
        (edit(DECISIONS, {"reasons": FEW}, **ODD), "reasoned", "its reasons add up to 44"),
        (edit(DECISIONS, {"shadow_reasons": MANY}, **ODD), "reasoned", "velocity adds 120"),
        (drop(ALERTS), "alerted", "order ring: is declined and alerted 0 times"),
        (again(ALERTS, **RING), "alerted", "order ring: is declined and alerted 2 times"),
        (again(ALERTS, {"decision_id": "d-odd", **ODD}), "alerted", "d-odd declines nothing"),
        (edit(ALERTS, {"score": 90}), "alerted", "order ring: its alert is not what was decided"),
        (drop(JUDGEMENTS, **ODD), "judged", "order odd: is judged 0 times"),
        (again(JUDGEMENTS, **ODD), "judged", "order odd: is judged 2 times"),
        (judge_what_nobody_said, "judged", "order suspect: is judged as FRAUD, which nobody said"),
        (edit(JUDGEMENTS, {"band": "REVIEW"}, **ODD), "judged", "odd: is judged as REVIEW under"),
        (edit(JUDGEMENTS, {"rules": ["travel"]}, **ODD), "judged", "not what was decided"),
        (drop(PERFORMANCE), "performance", "rules version 3: is judged, but its performance"),
        (drop(PERFORMANCE, **LATEST), "performance", "version 3: legitimate is 1, expected 2"),
        (edit(PERFORMANCE, {"hits": 3}, **LATEST), "performance", "hits is 3, expected 2"),
        (edit(PERFORMANCE, {"catch_rate": 0.5}), "performance", "catch_rate is 0.5, expected 1.0"),
        (drop("dlq"), "dead_letters", "payments.events partition 0 offset 0: invalid, but not in"),
        (edit("dlq", {"job": "orders"}), "dead_letters", "payments.events partition 0 offset 0"),
        (leave_garbage, "dead_letters", "fraud.outcomes partition 0 offset 3: invalid, but not"),
        (put_the_valid_aside, "dead_letters", "orders.initiated partition 0 offset 1: is in dlq"),
    ],
)
def test_it_refutes(log, corrupt, check, named):
    corrupt(log)
    verdict = audit(log.entries)
    assert not verdict.ok
    name = getattr(Checks(), check).name
    assert any(named in line for line in verdict.check(name).violations), str(verdict)
