"""What is known of a subject at a moment: folded from the log, independently of the jobs."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from deploy.audit.inventory.inputs import InputRecord, sort_out
from deploy.audit.inventory.reference import Costs, Policies
from deploy.audit.inventory.sku import Checks, SkuAudit
from deploy.audit.inventory.steps import rebuild
from deploy.audit.log import Entry
from deploy.audit.orders import contract
from deploy.audit.orders.history import History, gather
from deploy.audit.orders.inputs import letters_of, placed, source_of
from deploy.audit.verdict import Check
from deploy.timeline.subject import Subject

Record = Mapping[str, Any]
State = dict[str, Any]

STOCK = "inventory.events"
SETTLE_MS = 2_000


def state_of(subject: Subject, entries: Collection[Entry]) -> State:
    """The state that these entries add up to; empty fields are left out.

    entries: what names the subject, as far as it had happened, each partition in order.
    """
    fold = {"order": _order, "customer": _customer, "sku": _sku}[subject.kind]
    return {
        name: value for name, value in fold(subject, entries).items() if value not in (None, {}, [])
    }


def _histories(entries: Collection[Entry]) -> dict[str, History]:
    letters = letters_of("orders", _records(entries, contract.DEAD_LETTERS))
    dead = {source_of(letter) for letter in letters}
    orders = placed((e for e in entries if e.topic == contract.ORDERS), dead)
    others = (e for e in entries if e.topic in contract.TOPICS and e.topic != contract.ORDERS)
    return gather(orders, others, dead).by_order


def _order(subject: Subject, entries: Collection[Entry]) -> State:
    history = _histories(entries).get(subject.id)
    if history is None:
        return {}
    decision = history.decisions[-1] if history.decisions else None
    return {
        "state": history.state,
        "since": history.entered_at if history.steps else None,
        "customer": history.order["customer_id"],
        "amount": _money(history.order),
        "fraud": decision and f"{decision['band']} with a score of {decision['score']}",
        "lines": {
            line.reservation_id: f"{line.quantity} {line.sku} "
            f"{line.answers[-1]['status'] if line.answers else 'not answered'}"
            for line in history.lines
        },
        "payments": dict(Counter(p["event_type"] for p in history.payments)),
        "told late": [
            f"{delay['waiting_for']} for {delay['waited_ms'] / 1000:,.0f} s"
            for delay in history.delays
        ],
    }


def _customer(subject: Subject, entries: Collection[Entry]) -> State:
    histories = _histories(entries)
    own = {
        name: history
        for name, history in histories.items()
        if history.order["customer_id"] == subject.id
    }
    bands = {d["decision_id"]: d["band"] for d in _records(entries, contract.DECISIONS)}
    spent: Counter[str] = Counter()
    for history in own.values():
        for payment in history.payments:
            sign = {"CAPTURED": 1, "REFUNDED": -1}.get(payment["event_type"], 0)
            spent[payment["currency"]] += sign * payment["amount_minor"]
    payments = [payment for history in own.values() for payment in history.payments]
    return {
        "orders": dict(Counter(history.state or "PLACED" for history in own.values())),
        "fraud": dict(Counter(bands.values())),
        "paid": [_money({"amount_minor": n, "currency": c}) for c, n in spent.items() if n],
        "declined payments": sum(p["event_type"] == "DECLINED" for p in payments) or None,
        "loyalty points": sum(r["points"] for r in _records(entries, contract.LOYALTY)) or None,
        "messages": dict(Counter(r["template"] for r in _records(entries, contract.MESSAGES))),
        "clicks": sum(1 for _ in _records(entries, "clickstream.events")) or None,
        "profile": _latest(entries, "customers.profiles", ("loyalty_tier", "country")),
        "features": _latest(entries, "features.customer", ("layer", "favourite_category_30d")),
    }


def _sku(subject: Subject, entries: Collection[Entry]) -> State:
    price = _latest(entries, "pricing.changes", ("new_minor", "regular_minor", "currency"))
    told = {
        record["warehouse_id"]: record for record in _records(entries, "inventory.availability")
    }
    return {
        "stock": _stock(subject.id, entries),
        "available, as told": {name: record["available"] for name, record in told.items()},
        "price": price,
    }


def _stock(sku: str, entries: Collection[Entry]) -> State:
    """Units of the sku by warehouse, by the audit's own model of the contract."""
    letters = (r for r in _records(entries, "dlq") if r["source_topic"] == STOCK)
    dead = {(letter["source_partition"], letter["source_offset"]) for letter in letters}
    taken = sort_out((InputRecord(*e[1:]) for e in entries if e.topic == STOCK), dead)
    unjudged = Check("")
    steps = rebuild(
        (r for r in _records(entries, "inventory.reservations") if r["sku"] == sku),
        _records(entries, "inventory.availability"),
        _records(entries, "inventory.alerts"),
        unjudged,
        unjudged,
    )
    policies = Policies(_records(entries, "inventory.policies"), SETTLE_MS)
    costs = Costs(_records(entries, "inventory.shipping-costs"), SETTLE_MS)
    audit = SkuAudit(sku, taken.events.get(sku, []), policies, costs, Checks())
    for step in steps.get(sku, []):
        audit.take(step)
    return {
        name: {
            "total": units.total,
            "reserved": units.reserved,
            "committed": units.committed,
            "available": units.available,
        }
        for name, units in sorted(audit.stock.warehouses.items())
    }


def _records(entries: Iterable[Entry], topic: str) -> Iterable[Record]:
    return (e.record for e in entries if e.topic == topic and e.record is not None)


def _latest(entries: Iterable[Entry], topic: str, fields: tuple[str, ...]) -> State:
    """These fields of the topic's latest record, those that it has."""
    latest: Record = {}
    for record in _records(entries, topic):
        latest = record
    return {name: latest[name] for name in fields if latest.get(name) is not None}


def _money(record: Record) -> str:
    return f"{record['amount_minor']:,} minor {record['currency']}"
