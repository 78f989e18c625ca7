"""The independent fold of the orders job's log: it proves or refutes what the job promises."""

from collections.abc import Collection, Mapping
from typing import Any

from deploy.audit.log import Entry
from deploy.audit.orders import contract, money, people, steps, stock
from deploy.audit.orders.history import History, gather
from deploy.audit.orders.inputs import audit_dead_letters, letters_of, placed, source_of
from deploy.audit.verdict import Check, Invariants, Verdict

JOB = "orders"
GRACE_MS = 30_000


class Checks(Invariants):
    """The invariants of an order, in the order in which they are told."""

    def __init__(self) -> None:
        self.complete = Check("every valid order has a life, and nothing else has one")
        self.chain = Check("an order's steps start with INITIATED and count up by one")
        self.moves = Check("every move of an order is allowed")
        self.waits = Check("every order has ended, or its wait is explained")
        self.committed = Check("no payment is captured before every line is committed")
        self.amounts = Check("at most one capture and one refund, of what the order costs")
        self.settled = Check("who got nothing is refunded once, who got it has paid")
        self.sums = Check("authorized = captured + open + refunded")
        self.asked = Check("inventory is asked for what was ordered")
        self.shipped = Check("what left is shipped once a line, and never released")
        self.released = Check("orders that ended before they left hold no stock")
        self.restocked = Check("returns are restocked at most once a line")
        self.fraud = Check("only orders found honest go on, and declined ones end")
        self.loyalty = Check("points come with the delivery and go with the return")
        self.messages = Check("customers hear of their orders, and only of theirs")
        self.dead_letters = Check("invalid records, and only they, are in dlq as they came")


def audit(
    entries: Collection[Entry],
    *,
    as_of: int | None = None,
    default_limits: Mapping[str, int] = contract.DEFAULT_LIMITS_MS,
    grace_ms: int = GRACE_MS,
) -> Verdict:
    """Judge a job that has caught up with its input.

    entries: the records of `contract.TOPICS`, each partition whole and in the order of its offsets.
    as_of: the moment of the audit (epoch ms); an order that has waited longer than it may, and
        `grace_ms` more, is a violation unless orders.delays says so. None leaves that unjudged.
    default_limits: limits (ms, by what is waited for) where orders.limits has none.
    """
    checks = Checks()
    by_topic: dict[str, list[Entry]] = {name: [] for name in contract.TOPICS}
    for entry in entries:
        if entry.topic in by_topic:
            by_topic[entry.topic].append(entry)
    letters = letters_of(JOB, _records(by_topic[contract.DEAD_LETTERS]))
    dead = {source_of(letter) for letter in letters}
    orders = placed(by_topic[contract.ORDERS], dead)
    others = (e for name in contract.TOPICS if name != contract.ORDERS for e in by_topic[name])
    histories = gather(orders, others, dead)
    by_order = histories.by_order
    for name in orders.optional:
        if not by_order[name].steps:
            del by_order[name]

    limits = dict(default_limits)
    limits |= {r["waiting_for"]: r["limit_ms"] for r in _records(by_topic[contract.LIMITS])}
    judged_at = None if as_of is None else as_of - grace_ms
    for history in by_order.values():
        _audit(history, checks, limits, judged_at)
    steps.audit_strays(histories, checks.complete)
    money.audit_sums(by_order.values(), checks.sums)
    audit_dead_letters(
        checks.dead_letters,
        letters,
        (entry for name in contract.INPUTS for entry in by_topic[name]),
        (contract.LIMITS,),
        lambda record: _may_be_given_up(record, by_order),
    )
    _tell(checks, by_order)
    notes = [] if as_of is not None else ["no time of audit was given: waits are not judged"]
    return Verdict(JOB, checks.all(), notes)


def _audit(
    history: History, checks: Checks, limits: Mapping[str, int], judged_at: int | None
) -> None:
    steps.audit_steps(history, checks.complete, checks.chain, checks.moves)
    if not history.steps:
        return
    steps.audit_wait(history, checks.waits, limits, judged_at)
    money.audit_capture(history, checks.committed)
    money.audit_amounts(history, checks.amounts)
    money.audit_settlement(history, checks.settled)
    stock.audit_requests(history, checks.asked)
    stock.audit_departures(history, checks.shipped)
    stock.audit_releases(history, checks.released)
    stock.audit_returns(history, checks.restocked)
    people.audit_honesty(history, checks.fraud)
    people.audit_loyalty(history, checks.loyalty)
    people.audit_messages(history, checks.messages)


def _may_be_given_up(record: Mapping[str, Any], by_order: Mapping[str, History]) -> bool:
    """What belongs to no order, or to one that ended and is forgotten, may be set aside."""
    history = by_order.get(record["order_id"] or "")
    return history is None or history.state in contract.TERMINAL


def _records(entries: Collection[Entry]) -> list[dict[str, Any]]:
    return [entry.record for entry in entries if entry.record is not None]


def _tell(checks: Checks, by_order: Mapping[str, History]) -> None:
    """What was looked at, for a person."""
    histories = list(by_order.values())
    lives = sum(len(history.steps) for history in histories)
    standing = ", ".join(f"{n:,} {state}" for state, n in steps.funnel(histories).items())
    captures = sum(len(history.told(money.CAPTURE)) for history in histories)
    refunds = sum(len(history.told(money.REFUND)) for history in histories)
    lines = [line for history in histories for line in history.lines]
    checks.complete.figure = f"{len(histories):,} orders"
    checks.chain.figure = checks.moves.figure = f"{lives:,} steps"
    checks.waits.figure = standing or "no orders"
    checks.committed.figure = f"{captures:,} captures"
    checks.amounts.figure = f"{captures:,} captures, {refunds:,} refunds"
    paid = sum(history.authorized() is not None for history in histories)
    checks.settled.figure = f"{paid:,} authorized payments"
    checks.asked.figure = f"{len(lines):,} lines"
    checks.shipped.figure = f"{sum(line.count('SHIPPED') for line in lines):,} lines shipped"
    checks.released.figure = f"{sum(line.count('RELEASED') for line in lines):,} lines released"
    checks.restocked.figure = f"{sum(len(h.restocks) for h in histories):,} restocks"
    checks.fraud.figure = f"{sum(bool(h.decisions) for h in histories):,} orders decided"
    checks.loyalty.figure = f"{sum(len(h.loyalty) for h in histories):,} records"
    checks.messages.figure = f"{sum(len(h.messages) for h in histories):,} messages"
