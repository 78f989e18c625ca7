"""Whether an order was honest, and what its customer was told and given."""

from deploy.audit.orders import contract
from deploy.audit.orders.history import History
from deploy.audit.verdict import Check

TOLD_OF = ("CONFIRMED", "SHIPPED", "CANCELLED", "RETURNED")
CLEARED_BY = {"STEP_UP": ("CUSTOMER", "REVIEWER"), "REVIEW": ("REVIEWER",)}


def audit_honesty(history: History, fraud: Check) -> None:
    """Only an order that was approved, or found legitimate, goes on; a declined one ends."""
    band = history.decisions[0]["band"] if history.decisions else "not decided"
    legitimate = any(
        outcome["outcome"] == "LEGITIMATE" and outcome["source"] in CLEARED_BY.get(band, ())
        for outcome in history.outcomes
    )
    gone_on = history.visited & contract.CLEARED
    if gone_on and band != "APPROVE" and not legitimate:
        fraud.refute(
            f"order {history.order_id}: was {min(gone_on, key=contract.STATES.index)}, but is "
            f"{band} and not found legitimate by whom it takes"
        )
    if band == "DECLINE" and history.state not in ("REJECTED", "CANCELLED"):
        fraud.refute(f"order {history.order_id}: DECLINE, but it is {history.state}")


def audit_loyalty(history: History, loyalty: Check) -> None:
    """Points come once with the delivery and go once, all of them, with the return."""
    name = history.order_id
    given = [r["points"] for r in history.loyalty if r["reason"] == "DELIVERED"]
    taken = [r["points"] for r in history.loyalty if r["reason"] == "RETURNED"]
    delivered = "DELIVERED" in history.visited
    returned = delivered and history.state == "RETURNED"
    worth_points = history.order["amount_minor"] >= 100
    if len(given) > delivered or (delivered and worth_points and not given):
        loyalty.refute(f"order {name}: points given {len(given)} times, expected {delivered:d}")
    if any(points < 0 for points in given):
        loyalty.refute(f"order {name}: {min(given)} points given")
    wanted = [-points for points in given] if returned else []
    if taken != wanted:
        loyalty.refute(f"order {name}: points taken back {taken}, expected {wanted}")
    for record in history.loyalty:
        if record["customer_id"] != history.order["customer_id"]:
            loyalty.refute(f"order {name}: points of customer {record['customer_id']}")
        if record["reason"] not in ("DELIVERED", "RETURNED"):
            loyalty.refute(f"order {name}: points for {record['reason']}")


def audit_messages(history: History, messages: Check) -> None:
    """The customer, and nobody else, hears of every turn that the order takes."""
    name, owner = history.order_id, history.order["customer_id"]
    for message in history.messages:
        if message["customer_id"] != owner:
            messages.refute(f"order {name}: {message['template']} went to {message['customer_id']}")
    turns = [state for state in TOLD_OF if state in history.visited]
    if len(history.messages) < len(turns):
        messages.refute(
            f"order {name}: was {', '.join(turns)}, and {len(history.messages)} messages tell of it"
        )
