"""Where an order was and is: its steps, one after the other, and what it waits for."""

from collections import Counter
from collections.abc import Iterable, Mapping

from deploy.audit.orders import contract
from deploy.audit.orders.history import Histories, History
from deploy.audit.verdict import Check


def audit_steps(history: History, complete: Check, chain: Check, moves: Check) -> None:
    """A life starts with the order, has no gaps, and follows the allowed moves."""
    name, steps = history.order_id, history.steps
    if not steps:
        complete.refute(f"order {name}: has no step in {contract.LIFECYCLE}")
        return
    ids: Counter[str] = Counter(step["event_id"] for step in steps)
    for event_id, count in ids.items():
        if count > 1:
            chain.refute(f"order {name}: step {event_id} came out {count} times")
    before = contract.INITIATED
    for number, step in enumerate(steps, start=1):
        left, reached, at = step["from_state"], step["to_state"], f"order {name} step {number}"
        if step["sequence"] != number:
            chain.refute(f"{at}: has number {step['sequence']}")
        if left != before:
            chain.refute(f"{at}: leaves {left}, but the order was {before}")
        if number == 1 and (left, reached) != (contract.INITIATED, contract.INITIATED):
            chain.refute(f"{at}: expected INITIATED -> INITIATED, came {left} -> {reached}")
        elif left != reached and (left, reached) not in contract.MOVES:
            moves.refute(f"{at}: {left} -> {reached} ({step['cause']}) is not allowed")
        if reached not in contract.STATES:
            moves.refute(f"{at}: {reached} is no state")
        if not step["cause"]:
            moves.refute(f"{at}: {left} -> {reached} has no cause")
        if step["customer_id"] != history.order["customer_id"]:
            chain.refute(f"{at}: is of customer {step['customer_id']}")
        before = reached


def audit_strays(histories: Histories, complete: Check) -> None:
    """Nothing is told of an order that nobody placed."""
    for topic, record in histories.strays:
        complete.refute(f"order {record['order_id']}: is in {topic}, but nobody placed it")


def audit_wait(
    history: History, waits: Check, limits: Mapping[str, int], as_of: int | None
) -> None:
    """An order that has not ended is told of, or has not waited longer than it may.

    A wait is told once, so it may have been told in a state before: the payment's, say.

    limits: how long may be waited (ms), by what is waited for; all of `contract.WAITS`.
    as_of: the moment to judge at (epoch ms, less what delays may take to be told), or None.
    """
    name, state = history.order_id, history.state
    told: set[str] = set()
    for delay in history.delays:
        where, waiting_for = delay["state"], delay["waiting_for"]
        if where not in history.visited:
            waits.refute(f"order {name}: waited in {where}, where it never was")
        if delay["event_id"] in told:
            waits.refute(f"order {name}: the wait for {waiting_for} in {where} was told twice")
        told.add(delay["event_id"])
    if state is None or state in contract.TERMINAL or as_of is None:
        return
    waited = as_of - history.entered_at
    names = contract.WAITS[state]
    explained = any(
        delay["state"] == state or delay["waiting_for"] in names for delay in history.delays
    )
    if state == contract.INITIATED and not history.decisions:
        names = ("FRAUD",)
    if not explained and waited > max(limits[name] for name in names):
        waits.refute(
            f"order {name}: has been {state} for {waited / 1000:,.0f} s, and "
            f"{contract.DELAYS} does not say why"
        )


def funnel(histories: Iterable[History]) -> dict[str, int]:
    """How many orders stand in each state, in the order in which they pass them."""
    standing = Counter(history.state for history in histories)
    return {state: standing[state] for state in contract.STATES if standing[state]}
