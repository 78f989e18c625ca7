"""What was charged and given back, from commands and the provider's own words."""

from collections import Counter
from collections.abc import Iterable

from deploy.audit.orders import contract
from deploy.audit.orders.history import History
from deploy.audit.verdict import Check

CAPTURE = "CAPTURE_PAYMENT"
REFUND = "REFUND_PAYMENT"


def audit_capture(history: History, committed: Check) -> None:
    """No money is taken before all lines are committed, in event time."""
    for capture in history.told(CAPTURE):
        for line in history.lines:
            commits = [answer["event_time"] for answer in line.answered("COMMITTED")]
            what = f"order {history.order_id}: captured at {capture['event_time']}"
            if not commits:
                committed.refute(f"{what}, but {line.reservation_id} was never committed")
            elif capture["event_time"] < min(commits):
                committed.refute(
                    f"{what}, but {line.reservation_id} was committed at {min(commits)}"
                )


def audit_amounts(history: History, amounts: Check) -> None:
    """At most one capture and one refund, of what the order costs; or of what else was held."""
    order = history.order
    price = (order["amount_minor"], order["currency"])
    held = history.authorized() or order
    for command in (CAPTURE, REFUND):
        records = history.told(command)
        if len(records) > 1:
            amounts.refute(f"order {history.order_id}: {command} came {len(records)} times")
        for record in records:
            amount = (record["amount_minor"], record["currency"])
            is_held = amount == (held["amount_minor"], held["currency"])
            gives_back = command == REFUND and (is_held or record["amount_minor"] is None)
            if amount != price and not gives_back:
                amounts.refute(
                    f"order {history.order_id}: {command} of {amount[0]} {amount[1]}, "
                    f"expected {price[0]} {price[1]}"
                )


def audit_settlement(history: History, settled: Check) -> None:
    """Who got nothing gets the money back, who got the parcel pays for it."""
    name, state = history.order_id, history.state
    captures, refunds = len(history.told(CAPTURE)), len(history.told(REFUND))
    if state in contract.UNPAID:
        wanted = 0 if history.is_given_back_unasked() and not refunds else 1
        if history.authorized() is not None and refunds != wanted:
            settled.refute(
                f"order {name}: is {state} with an authorized payment, and has {refunds} refunds"
            )
        return
    if refunds:
        settled.refute(f"order {name}: is {state}, but refunded")
    excused = history.is_given_back_unasked() or any(line.is_lost for line in history.lines)
    if state == "DELIVERED" and not captures and not excused:
        settled.refute(f"order {name}: is DELIVERED, but its payment was not captured")


def audit_sums(histories: Iterable[History], sums: Check) -> None:
    """authorized = captured + open + refunded, in every currency, in minor units.

    What was authorized beyond the order's amount lapses when that is captured.
    """
    authorized: Counter[str] = Counter()
    captured: Counter[str] = Counter()
    refunded: Counter[str] = Counter()
    still_open: Counter[str] = Counter()
    for history in histories:
        payment = history.authorized()
        if payment is None:
            continue
        held, currency = payment["amount_minor"], payment["currency"]
        captures, refunds = history.told(CAPTURE), history.told(REFUND)
        authorized[currency] += history.order["amount_minor"] if captures else held
        for record in refunds:
            voided = record["amount_minor"] is None
            refunded[record["currency"] or currency] += held if voided else record["amount_minor"]
        if captures and not refunds:
            for record in captures:
                captured[record["currency"]] += record["amount_minor"]
        elif not refunds and history.is_given_back_unasked():
            refunded[currency] += held
        elif not refunds:
            still_open[currency] += held
    figures = []
    for currency in sorted(authorized | captured | refunded | still_open):
        told = (
            f"{currency} {authorized[currency]:,} authorized = {captured[currency]:,} captured + "
            f"{still_open[currency]:,} open + {refunded[currency]:,} refunded"
        )
        figures.append(told)
        parts = captured[currency] + still_open[currency] + refunded[currency]
        if authorized[currency] != parts:
            sums.refute(f"{told}: these are {parts:,}")
    sums.figure = "; ".join(figures) or "no payments"
