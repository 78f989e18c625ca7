"""The independent fold of the fraud job's log: it proves or refutes what the job promises."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from typing import Any, Final

from deploy.audit.fraud.judgements import audit_judgements, audit_performance
from deploy.audit.log import Entry
from deploy.audit.orders.inputs import (
    Placed,
    Validity,
    audit_dead_letters,
    coordinates,
    letters_of,
    placed,
    source_of,
    validity,
)
from deploy.audit.verdict import Check, Invariants, Verdict

Record = Mapping[str, Any]
JOB: Final = "fraud"
PARTS: Final = (JOB, "fraud-performance")
"""Who writes dead letters for the job: what decides, and what counts how the rules did."""

ORDERS: Final = "orders.initiated"
OUTCOMES: Final = "fraud.outcomes"
PAYMENTS: Final = "payments.events"
SIGNALS: Final = "fraud.signals"
DECISIONS: Final = "fraud.decisions"
ALERTS: Final = "fraud.alerts"
JUDGEMENTS: Final = "fraud.judgements"
PERFORMANCE: Final = "fraud.rule-performance"
DEAD_LETTERS: Final = "dlq"
INPUTS: Final = (ORDERS, OUTCOMES, PAYMENTS)
OUTPUTS: Final = (DECISIONS, ALERTS, SIGNALS, JUDGEMENTS, PERFORMANCE, DEAD_LETTERS)
TOPICS: Final = (*INPUTS, *OUTPUTS)
REFERENCE: Final = ("fraud.rules",)

BANDS: Final = {"APPROVE": (0, 30), "STEP_UP": (31, 60), "REVIEW": (61, 85), "DECLINE": (86, 99)}
"""The lowest and the highest score of each band."""


class Checks(Invariants):
    """The invariants of a decision, in the order in which they are told."""

    def __init__(self) -> None:
        self.decided = Check("every valid order is decided, and nothing else is")
        self.repeatable = Check("a decision that comes again is of the same order")
        self.banded = Check("scores are 0 to 99, and make the band")
        self.reasoned = Check("no score is more than its reasons add up to")
        self.alerted = Check("declined orders, and only they, are alerted, by one event_id")
        self.judged = Check("decided orders are judged once, by an outcome that was told")
        self.performance = Check("rule performance is what the judgements add up to")
        self.dead_letters = Check("invalid records, and only they, are in dlq as they came")


def audit(entries: Collection[Entry]) -> Verdict:
    """Judge a job that has caught up with its input.

    entries: the records of `TOPICS`, each partition whole and in the order of its offsets.
    """
    checks = Checks()
    by_topic: dict[str, list[Entry]] = {name: [] for name in TOPICS}
    for entry in entries:
        if entry.topic in by_topic:
            by_topic[entry.topic].append(entry)
    told = _records(by_topic[DEAD_LETTERS])
    written = [letter for part in PARTS for letter in letters_of(part, told)]
    letters = _first_of_each(written)
    dead = {source_of(letter) for letter in letters}
    orders = placed(by_topic[ORDERS], dead)
    decisions = _records(by_topic[DECISIONS])
    outcomes = [
        entry.record
        for entry in by_topic[OUTCOMES]
        if entry.record is not None
        and validity(entry) is not Validity.INVALID
        and coordinates(entry) not in dead
    ]

    last = _audit_decisions(orders, decisions, checks)
    _audit_alerts(decisions, last, _records(by_topic[ALERTS]), checks.alerted)
    judgements = _first_of_each(_records(by_topic[JUDGEMENTS]))
    by_order: dict[str, list[Record]] = {}
    for decision in decisions:
        by_order.setdefault(decision["order_id"], []).append(decision)
    audit_judgements(outcomes, judgements, by_order, checks.judged)
    audit_performance(judgements, _records(by_topic[PERFORMANCE]), checks.performance)
    audit_dead_letters(
        checks.dead_letters,
        letters,
        (entry for name in (*INPUTS, SIGNALS, JUDGEMENTS) for entry in by_topic[name]),
        REFERENCE,
        lambda record: record["order_id"] not in orders.orders,
    )
    checks.decided.figure = f"{len(orders.orders):,} orders"
    bands = Counter(decision["band"] for decision in last.values())
    checks.banded.figure = ", ".join(f"{bands[band]:,} {band}" for band in BANDS)
    checks.reasoned.figure = f"{sum(len(d['reasons']) for d in last.values()):,} reasons"
    return Verdict(JOB, checks.all())


def _audit_decisions(
    orders: Placed, decisions: Iterable[Record], checks: Checks
) -> dict[str, Record]:
    """Judge the decisions; returns the last of each decision_id, which is what the job remembers.

    After a failure orders are decided again, and their decisions written again. They may then find
    other orders of their device or card before them than the first time: what is read anew comes
    in the order of each partition, but not of all together.
    """
    last: dict[str, Record] = {}
    ids: dict[str, set[str]] = {}
    repeats = otherwise = 0
    for decision in decisions:
        order_id, decision_id = decision["order_id"], decision["decision_id"]
        known = last.get(decision_id)
        last[decision_id] = decision
        _audit_score(decision, checks)
        if known is not None:
            repeats += 1
            otherwise += known["score"] != decision["score"]
            _compare(known, decision, checks.repeatable)
            continue
        ids.setdefault(order_id, set()).add(decision_id)
        order = orders.orders.get(order_id)
        if order is None:
            checks.decided.refute(f"order {order_id}: is decided, but nobody placed it")
        elif decision["customer_id"] != order["customer_id"]:
            checks.decided.refute(
                f"order {order_id}: is decided for customer {decision['customer_id']}"
            )
    for order_id in orders.orders:
        count, placings = len(ids.get(order_id, ())), len(orders.ids[order_id])
        if not count and order_id not in orders.optional:
            checks.decided.refute(f"order {order_id}: is not decided")
        if count > placings:
            checks.repeatable.refute(
                f"order {order_id}: has {count} decision_ids, expected {placings}"
            )
    checks.repeatable.figure = (
        f"{len(last):,} decisions, {repeats:,} came again, {otherwise:,} with another score"
    )
    return last


def _compare(known: Record, again: Record, check: Check) -> None:
    differ = [name for name in ("order_id", "customer_id") if known[name] != again[name]]
    if differ:
        check.refute(
            f"order {known['order_id']}: decision {known['decision_id']} came again with other "
            f"{', '.join(differ)}"
        )


def _audit_score(decision: Record, checks: Checks) -> None:
    score, band = decision["score"], decision["band"]
    what = f"order {decision['order_id']}: {band} with a score of {score}"
    lowest, highest = BANDS.get(band, (0, -1))
    if not lowest <= score <= highest:
        checks.banded.refute(what)
    points = [reason["points"] for reason in decision["reasons"]]
    if score > sum(points):
        checks.reasoned.refute(f"{what}, but its reasons add up to {sum(points)}")
    for reason in (*decision["reasons"], *decision["shadow_reasons"]):
        if not 0 <= reason["points"] <= 99:
            checks.reasoned.refute(f"{what}: {reason['rule_id']} adds {reason['points']}")


def _audit_alerts(
    decisions: Iterable[Record],
    last: Mapping[str, Record],
    alerts: Iterable[Record],
    check: Check,
) -> None:
    """An alert is of something that was decided; what was decided last has its alert, or none.

    Both are written again after a failure. What was declined only before it may have one.
    """
    declined: dict[str, list[Record]] = {}
    for decision in decisions:
        if decision["band"] == "DECLINE":
            declined.setdefault(decision["decision_id"], []).append(decision)
    ids: dict[str, set[str]] = {}
    for alert in alerts:
        decision_id = alert["decision_id"]
        ids.setdefault(decision_id, set()).add(alert["event_id"])
        if decision_id not in declined:
            check.refute(
                f"order {alert['order_id']}: is alerted, but {decision_id} declines nothing"
            )
        elif not any(_is_alert_of(alert, decision) for decision in declined[decision_id]):
            check.refute(f"order {alert['order_id']}: its alert is not what was decided")
    for decision_id, of_one in declined.items():
        times = len(ids.get(decision_id, ()))
        if times > 1 or (not times and last[decision_id]["band"] == "DECLINE"):
            check.refute(f"order {of_one[0]['order_id']}: is declined and alerted {times} times")
    check.figure = f"{sum(map(len, ids.values())):,} alerts"


def _is_alert_of(alert: Record, decision: Record) -> bool:
    return all(alert[name] == decision[name] for name in ("order_id", "customer_id", "score"))


def _first_of_each(records: Iterable[Record]) -> list[Record]:
    """The records without those of an event_id that was there before: what comes again."""
    found: dict[str, Record] = {}
    for record in records:
        found.setdefault(record["event_id"], record)
    return list(found.values())


def _records(entries: Iterable[Entry]) -> list[Record]:
    return [entry.record for entry in entries if entry.record is not None]
