"""The read models: how each table follows from the log, record by record.

Written against the contracts of the topics and the tables' migration alone: this shares nothing
with sql/readmodel, which it is there to check.
"""

from collections.abc import Iterator
from types import MappingProxyType
from typing import Any, Final

from connectors.errors import ShopstreamError
from deploy.audit.log import Entry
from deploy.readmodel.features import features
from deploy.readmodel.kpis import KPIS, Kpis
from deploy.readmodel.rows import Change, Part, ReadModel
from deploy.readmodel.times import utc

STOCK: Final = Part(
    ("total", "reserved", "committed", "available", "updated_at", "version"), ("version",)
)
STEP: Final = Part(
    ("customer_id", "state", "cause", "explanation", "updated_at", "sequence"), ("sequence",)
)
PARCEL: Final = Part(("tracking_number", "carrier", "parcel_at"), ("parcel_at",))
HAPPENING: Final = Part(
    ("happened_at", "kind", "what", "state", "explanation", "sequence"), ("happened_at",)
)
DECISION: Final = Part(
    (
        "decision_id",
        "customer_id",
        "score",
        "reasons",
        "rules_version",
        "decided_at",
        "decision_offset",
    ),
    ("decision_offset",),
    first_wins=True,
)
REVIEW: Final = Part(("status", "state", "cause", "changed_at", "sequence"), ("sequence",))
PRICE: Final = Part(
    (
        "category",
        "currency",
        "price_minor",
        "old_minor",
        "regular_minor",
        "lowest_minor",
        "highest_minor",
        "reasons",
        "limits",
        "promotions",
        "policy_version",
        "changed_at",
        "number",
    ),
    ("number",),
)
VECTOR: Final = Part(
    ("features", "valid_until", "event_time", "log_offset"), ("event_time", "log_offset")
)
TRIGGER: Final = Part(
    (
        "customer_id",
        "template",
        "outcome",
        "reason",
        "subject",
        "skus",
        "channel",
        "caused_at",
        "send_at",
        "decided_at",
    ),
    ("decided_at",),
)
RESPONSE: Final = Part(("response", "responded_at"), ("responded_at",))
FIGURE: Final = Part(("part", "whole", "rate", "version"), ("version",))


def availability(entry: Entry) -> Iterator[Change]:
    record = _record(entry)
    names = ("sku", "warehouse_id", "total", "reserved", "committed", "available", "version")
    yield Change(STOCK, {**_copied(record, names), "updated_at": utc(record["event_time"])})


def orders(entry: Entry) -> Iterator[Change]:
    record, at = _record(entry), utc(_record(entry)["event_time"])
    if entry.topic == "shipments.events":
        if record["tracking_number"] is not None:
            names = ("order_id", "tracking_number", "carrier")
            yield Change(PARCEL, {**_copied(record, names), "parcel_at": at})
        return
    row = _copied(record, ("order_id", "customer_id", "cause", "explanation", "sequence"))
    yield Change(STEP, {**row, "state": record["to_state"], "updated_at": at})


def order_timeline(entry: Entry) -> Iterator[Change]:
    record = _record(entry)
    row = {
        "order_id": record["order_id"],
        "entry_id": record["event_id"],
        "happened_at": utc(record["event_time"]),
    }
    if entry.topic == "orders.delays":
        waiting_for, waited_ms = record["waiting_for"], record["waited_ms"]
        row |= {"kind": "DELAY", "what": waiting_for, "state": record["state"], "sequence": None}
        row |= {"explanation": f"Has waited {waited_ms // 1000} s for {waiting_for}"}
    else:
        row |= {"kind": "STEP", "what": record["cause"], "state": record["to_state"]}
        row |= {"explanation": record["explanation"], "sequence": record["sequence"]}
    yield Change(HAPPENING, row)


def fraud_review_queue(entry: Entry) -> Iterator[Change]:
    record = _record(entry)
    if entry.topic == "fraud.decisions":
        if record["band"] == "REVIEW":
            names = ("order_id", "decision_id", "customer_id", "score", "reasons", "rules_version")
            row = {**_copied(record, names), "decision_offset": entry.offset}
            yield Change(DECISION, {**row, "decided_at": utc(record["decided_at"])})
        return
    is_open = record["to_state"] == "IN_REVIEW"
    if is_open or record["from_state"] == "IN_REVIEW":
        row = {**_copied(record, ("order_id", "cause", "sequence")), "state": record["to_state"]}
        row |= {"status": "OPEN" if is_open else "CLOSED", "changed_at": utc(record["event_time"])}
        yield Change(REVIEW, row)


def prices(entry: Entry) -> Iterator[Change]:
    record = _record(entry)
    names = [name for name in PRICE.columns if name not in ("price_minor", "changed_at")]
    row = {**_copied(record, ("sku", *names)), "price_minor": record["new_minor"]}
    yield Change(PRICE, {**row, "changed_at": utc(record["event_time"])})


def vectors(entry: Entry) -> Iterator[Change]:
    yield Change(VECTOR, features(entry))


def engagement_log(entry: Entry) -> Iterator[Change]:
    record, at = _record(entry), utc(_record(entry)["event_time"])
    if entry.topic == "engagement.responses":
        row = _copied(record, ("trigger_id", "response"))
        yield Change(RESPONSE, {**row, "responded_at": at})
        return
    row = _copied(record, ("trigger_id", *TRIGGER.columns[:7]))
    row |= {"decided_at": at, "caused_at": utc(record["caused_at"])}
    send_at = record["send_at"]
    yield Change(TRIGGER, {**row, "send_at": None if send_at is None else utc(send_at)})


def _record(entry: Entry) -> dict[str, Any]:
    assert entry.record is not None
    return entry.record


def _copied(record: dict[str, Any], names: tuple[str, ...] | list[str]) -> dict[str, Any]:
    return {name: record[name] for name in names}


_ALL = (
    ReadModel(
        "availability",
        ("sku", "warehouse_id"),
        (STOCK,),
        ("inventory.availability",),
        lambda: availability,
    ),
    ReadModel(
        "orders",
        ("order_id",),
        (STEP, PARCEL),
        ("orders.lifecycle", "shipments.events"),
        lambda: orders,
    ),
    ReadModel(
        "order_timeline",
        ("order_id", "entry_id"),
        (HAPPENING,),
        ("orders.lifecycle", "orders.delays"),
        lambda: order_timeline,
    ),
    ReadModel(
        "fraud_review_queue",
        ("order_id",),
        (DECISION, REVIEW),
        ("fraud.decisions", "orders.lifecycle"),
        lambda: fraud_review_queue,
    ),
    ReadModel("prices", ("sku",), (PRICE,), ("pricing.changes",), lambda: prices),
    ReadModel(
        "features",
        ("entity", "key"),
        (VECTOR,),
        ("features.session", "features.customer", "features.product-demand"),
        lambda: vectors,
    ),
    ReadModel(
        "engagement_log",
        ("trigger_id",),
        (TRIGGER, RESPONSE),
        ("engagement.triggers", "engagement.responses"),
        lambda: engagement_log,
    ),
    ReadModel("kpis", ("kpi", "minute_start"), (FIGURE,), KPIS, lambda: Kpis(FIGURE).changes),
)
READ_MODELS: Final = MappingProxyType({model.name: model for model in _ALL})
"""Every read model, by its table's name."""


def read_model(name: str) -> ReadModel:
    """The read model of that name; raises ShopstreamError if there is none."""
    if name not in READ_MODELS:
        known = ", ".join(READ_MODELS)
        raise ShopstreamError(f"expected a read model, one of {known}; came {name!r}")
    return READ_MODELS[name]
