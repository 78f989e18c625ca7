"""What inventory was told of an order's lines, and what it made of them."""

from collections import Counter

from deploy.audit.orders import contract
from deploy.audit.orders.history import History
from deploy.audit.verdict import Check


def audit_requests(history: History, asked: Check) -> None:
    """Inventory is asked for what was ordered."""
    for line in history.lines:
        for event in line.told:
            what = f"order {history.order_id}: {event['event_type']} of {line.reservation_id}"
            if event["sku"] != line.sku:
                asked.refute(f"{what} is of {event['sku']}, expected {line.sku}")
            elif event["event_type"] != "RESERVE_REQUESTED":
                continue
            elif event["quantity"] != line.quantity:
                asked.refute(f"{what} is of {event['quantity']}, expected {line.quantity}")
    if "CONFIRMED" in history.visited:
        for line in history.lines:
            if not line.answered("RESERVED"):
                asked.refute(
                    f"order {history.order_id}: was CONFIRMED, but {line.reservation_id} was "
                    "never RESERVED"
                )


def audit_departures(history: History, shipped: Check) -> None:
    """What left the warehouse is told once a line, and what did not is not.

    Units that inventory lost are not on its books any more, so it need not be told of them.
    """
    wanted = 1 if history.visited & contract.SENT else 0
    for line in history.lines:
        count = line.count("SHIPPED")
        if count != wanted and not (count == 0 and line.is_lost):
            shipped.refute(
                f"order {history.order_id}: is {history.state}, and {line.reservation_id} was "
                f"SHIPPED {count} times, expected {wanted}"
            )
        if count and line.count("RELEASED"):
            shipped.refute(
                f"order {history.order_id}: {line.reservation_id} was released and shipped"
            )


def audit_releases(history: History, released: Check) -> None:
    """An order that ended before it left holds no stock."""
    if history.state not in ("CANCELLED", "REJECTED"):
        return
    for line in history.lines:
        gone = line.count("RELEASED") or line.answered("EXPIRED", "RELEASED")
        if line.answered("RESERVED") and not gone:
            released.refute(
                f"order {history.order_id}: is {history.state}, but {line.reservation_id} is "
                "still reserved"
            )


def audit_returns(history: History, restocked: Check) -> None:
    """A return puts back what was ordered, at most once a line."""
    if history.restocks and history.state != "RETURNED":
        restocked.refute(f"order {history.order_id}: was restocked, but is {history.state}")
        return
    ordered: Counter[str] = Counter()
    lines: Counter[str] = Counter()
    for line in history.lines:
        ordered[line.sku] += line.quantity
        lines[line.sku] += 1
    units: Counter[str] = Counter()
    events: Counter[str] = Counter()
    for event in history.restocks:
        units[event["sku"]] += event["quantity"]
        events[event["sku"]] += 1
    for sku in sorted(units):
        if units[sku] > ordered[sku] or events[sku] > lines[sku]:
            restocked.refute(
                f"order {history.order_id}: {units[sku]} of {sku} restocked in {events[sku]} "
                f"events, expected {ordered[sku]} in {lines[sku]}"
            )
