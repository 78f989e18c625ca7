"""What the tables must hold, folded from the log: the newest of each row, whatever came last."""

from datetime import datetime

from support.entries import NOON, entry, stock

from deploy.audit.log import Entry
from deploy.readmodel.check import Difference, Drift, same, verdict
from deploy.readmodel.models import READ_MODELS
from deploy.readmodel.rows import Key, Row, Rows

MINUTE = datetime(2026, 1, 1, 12, 0)


def folded(name: str, *entries: Entry) -> dict[Key, Row]:
    model = READ_MODELS[name]
    fold, rows = model.fold(), Rows(model)
    for each in entries:
        rows.take(fold(each))
    return rows.whole()


def step(sequence: int, to_state: str, from_state: str = "INITIATED", **fields: object) -> Entry:
    named = {"order_id": "o1", "customer_id": "ann", "cause": "C", "explanation": "E"}
    states = {"from_state": from_state, "to_state": to_state, "sequence": sequence}
    return entry(
        "orders.lifecycle", sequence, event_id=f"o1/{sequence}", **named, **states, **fields
    )


def decision(offset: int, score: int, band: str = "REVIEW") -> Entry:
    named = {"order_id": "o1", "decision_id": "d1", "customer_id": "ann", "reasons": []}
    figures = {"score": score, "band": band, "rules_version": 1, "decided_at": NOON + offset}
    return entry("fraud.decisions", offset, **named, **figures)


def click(visitor_id: str, event_type: str, at: int, customer_id: str | None = None) -> Entry:
    who = {"visitor_id": visitor_id, "customer_id": customer_id}
    return entry("clickstream.events", event_time=at, event_type=event_type, **who)


def message(trigger_id: str, at: int, **fields: str) -> Entry:
    named = {"trigger_id": trigger_id, "customer_id": "ann", "template": "CART_ABANDONMENT"}
    return entry("engagement.triggers", event_time=at, **{**named, "outcome": "SENT", **fields})


def test_an_older_version_that_comes_later_changes_nothing() -> None:
    rows = folded("availability", stock("mug", 1, 9), stock("mug", 3, 7), stock("mug", 2, 8))
    assert rows["mug", "berlin"]["available"] == 7


def test_an_order_has_its_last_step_and_its_parcel_in_whatever_order_they_come() -> None:
    parcel = entry(
        "shipments.events", order_id="o1", event_type="SHIPPED", tracking_number="t7", carrier=None
    )
    unnamed = entry(
        "shipments.events", order_id="o2", event_type="PACKED", tracking_number=None, carrier=None
    )
    rows = folded("orders", parcel, unnamed, step(2, "RESERVING"), step(1, "INITIATED"))
    assert list(rows) == [("o1",)]
    assert rows[("o1",)]["state"] == "RESERVING"
    assert rows[("o1",)]["tracking_number"] == "t7"


def test_a_timeline_has_every_step_and_every_delay() -> None:
    wait = {"order_id": "o1", "state": "INITIATED", "waiting_for": "FRAUD", "waited_ms": 5999}
    delay = entry("orders.delays", event_id="o1/FRAUD", **wait)
    rows = folded("order_timeline", step(1, "INITIATED"), delay, step(2, "RESERVING"))
    assert {key[1] for key in rows} == {"o1/1", "o1/FRAUD", "o1/2"}
    assert rows["o1", "o1/FRAUD"]["explanation"] == "Has waited 5 s for FRAUD"


def test_the_first_decision_holds_and_only_reviews_are_queued() -> None:
    assert folded("fraud_review_queue", decision(4, 20, band="APPROVE")) == {}
    rows = folded("fraud_review_queue", decision(4, 70), decision(9, 80))
    assert rows[("o1",)]["score"] == 70
    assert rows[("o1",)]["status"] is None


def test_a_review_is_closed_by_the_step_that_leads_out_of_it() -> None:
    opened = step(2, "IN_REVIEW")
    closed = step(3, "REJECTED", from_state="IN_REVIEW")
    assert folded("fraud_review_queue", opened)[("o1",)]["status"] == "OPEN"
    assert folded("fraud_review_queue", opened, closed)[("o1",)]["status"] == "CLOSED"
    assert folded("fraud_review_queue", step(3, "CONFIRMED", from_state="RESERVING")) == {}


def test_of_two_features_of_the_same_time_the_later_in_the_log_is_newer() -> None:
    def demand(offset: int, views: int, at: int) -> Entry:
        zeros = dict.fromkeys(
            ("views_5m", "views_1h", "carts_1m", "carts_5m", "carts_1h", "purchases_1m"), 0
        )
        rest = {"purchases_5m": 0, "purchases_1h": 0, "browse_to_cart": 0.0, "baseline": 0.0}
        return entry(
            "features.product-demand",
            offset,
            event_time=at,
            sku="mug",
            surge_ratio=1.0,
            views_1m=views,
            **zeros,
            **rest,
        )

    records = demand(5, 1, NOON), demand(7, 3, NOON), demand(6, 2, NOON), demand(8, 4, NOON - 1)
    assert folded("features", *records)["SKU", "mug"]["features"]["views_1m"] == 3


def test_a_promise_is_broken_by_units_that_were_not_there() -> None:
    def settled(name: str, status: str, reason: str | None = None) -> Entry:
        return entry("inventory.reservations", reservation_id=name, status=status, reason=reason)

    rows = folded(
        "kpis",
        settled("r1", "COMMITTED"),
        settled("r1", "COMMITTED"),
        settled("r2", "REROUTED"),
        settled("r3", "RELEASED", "STOCK_LOST"),
        settled("r4", "RELEASED"),
        settled("r5", "RESERVED"),
    )
    figure = rows["INVENTORY_ACCURACY", MINUTE]
    assert (figure["part"], figure["whole"], figure["version"]) == (1, 3, 4)


def test_a_fraud_is_caught_unless_it_was_simply_approved() -> None:
    def turned_out(order_id: str, outcome: str, band: str) -> Entry:
        return entry("fraud.judgements", order_id=order_id, outcome=outcome, band=band)

    rows = folded(
        "kpis",
        turned_out("o1", "FRAUD", "DECLINE"),
        turned_out("o2", "FRAUD", "APPROVE"),
        turned_out("o3", "LEGITIMATE", "REVIEW"),
    )
    assert rows["FRAUD_CATCH_RATE", MINUTE]["rate"] == 0.5


def test_a_cart_is_recovered_by_a_purchase_within_a_day_whichever_is_read_first() -> None:
    day = 24 * 3_600_000
    soon, late = (
        click("v", "PURCHASE", NOON + day, "ann"),
        click("v", "PURCHASE", NOON + day + 1, "ann"),
    )
    before = click("v", "PURCHASE", NOON - 1, "ann")
    for entries, recovered in (
        ((message("t1", NOON), soon), 1),
        ((soon, message("t1", NOON)), 1),
        ((message("t1", NOON), late), 0),
        ((before, message("t1", NOON)), 0),
        ((message("t1", NOON), click("v", "PURCHASE", NOON, "bob")), 0),
    ):
        figure = folded("kpis", *entries)["CART_RECOVERY", MINUTE]
        assert (figure["part"], figure["whole"]) == (recovered, 1)
    assert ("CART_RECOVERY", MINUTE) not in folded("kpis", message("t1", NOON, outcome="SILENCED"))


def test_conversion_counts_visitors_not_clicks() -> None:
    rows = folded(
        "kpis",
        click("v1", "PAGE_VIEW", NOON),
        click("v1", "PURCHASE", NOON + 59_999),
        click("v2", "PAGE_VIEW", NOON + 1),
        click("v2", "PURCHASE", NOON + 60_000),
    )
    assert rows["CONVERSION", MINUTE]["rate"] == 0.5


def test_numbers_that_went_through_json_are_compared_as_numbers() -> None:
    assert same({"price": 900.5, "sku": "mug"}, {"price": 900.5000000000001, "sku": "mug"})
    assert same(1.0, 1)
    assert not same({"price": 900.5}, {"price": 900.6})
    assert not same({"price": 1}, {"price": 1, "sku": None})
    assert not same({"price": 1}, None)


def test_a_table_that_differs_from_the_log_is_a_verdict_that_does_not_hold() -> None:
    right = Drift("prices", 4, 1, [])
    wrong = Drift("orders", 9, 2, [Difference(("o1",), None, {"order_id": "o1"})])
    assert verdict([right]).ok
    told = verdict([right, wrong])
    assert not told.ok
    assert "o1: is in the table, and nothing in the log says so" in str(told)
