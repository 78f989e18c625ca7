"""What the demo shows and tells of orders and fraud, on entries written by hand."""

from typing import Any

import pytest
from rich.console import Console
from support.orders_log import OrdersLog, day
from support.story_log import whole_story

from deploy.audit.fraud import quality
from deploy.audit.verdict import Check, Verdict
from deploy.demo.demo import Findings
from deploy.demo.live import TOPICS, LiveView
from deploy.demo.report import quality_table
from deploy.simulate.sending import Tally


@pytest.fixture
def log() -> OrdersLog:
    """The day's steps, and two decisions, one of which is written twice."""
    log, steps = OrdersLog(), day().find("orders.lifecycle")
    log.entries += steps
    for decision_id, band in (("d1", "APPROVE"), ("d2", "REVIEW"), ("d2", "REVIEW")):
        log.decided(f"o-{decision_id}", band, decision_id=decision_id)
    return log


@pytest.fixture
def view(log: OrdersLog) -> LiveView:
    view = LiveView()
    for entry in log.entries:
        view.take(entry)
    return view


def shown(what: Any) -> str:
    """As printed, in one line: titles are broken to the width of their table."""
    console = Console(width=120)
    with console.capture() as capture:
        console.print(what)
    return " ".join(capture.get().split())


def test_the_topics_of_orders_and_decisions_are_read():
    assert {"orders.lifecycle", "fraud.decisions"} <= set(TOPICS)


def test_the_funnel_counts_each_order_where_it_stands_now(view):
    assert view.funnel.counts() == {
        "INITIATED": 1, "DELIVERED": 1, "RETURNED": 1, "CANCELLED": 1, "REJECTED": 1,
    }  # fmt: skip


def test_the_bands_count_a_decision_once_however_often_it_is_written(view):
    assert view.bands.counts() == {"APPROVE": 1, "STEP_UP": 0, "REVIEW": 1, "DECLINE": 0}


def test_garbage_in_a_topic_changes_nothing(view, log):
    before = view.funnel.counts(), view.bands.counts()
    for topic in ("orders.lifecycle", "fraud.decisions"):
        view.take(log.raw(topic))
    assert (view.funnel.counts(), view.bands.counts()) == before


def test_the_line_and_the_picture_tell_of_both(view):
    assert "5 orders, 1 delivered, 1 of 2 approved at once" in view.line(3.0)
    picture = shown(view.render(3.0))
    assert "where the orders are" in picture
    assert "REJECTED" in picture
    assert "how honest they look" in picture
    assert "50.0%" in picture


def test_an_empty_shop_can_be_shown():
    view = LiveView()
    assert "0 orders, 0 delivered, 0 of 0 approved at once" in view.line(0.0)
    assert "where the orders are" in shown(view.render(0.0))


def test_the_quality_table_tells_bands_and_rates(view):
    labels = {"o-d1": "HONEST", "o-d2": "RING", "o-d3": "RING"}
    table = shown(quality_table(quality(view.bands.decisions.values(), labels)))
    assert "100.0% of the frauds caught" in table
    assert "0.0% of the honest orders held up" in table
    assert "1 orders undecided" in table
    assert "habit change" in table


@pytest.mark.parametrize("fraud_failures", [0, 1])
def test_the_findings_hold_if_every_verdict_does(view, fraud_failures):
    verdicts = [
        Verdict("inventory", [Check("sums")]),
        Verdict("orders", [Check("sums")]),
        Verdict("fraud", [Check("bands", failures=fraud_failures)]),
    ]
    for entry in whole_story().entries:
        view.take(entry)
    labels = {"o-d1": "HONEST"}
    told = quality(view.bands.decisions.values(), labels)
    findings = Findings(Tally(), view, verdicts, told, 60.0).as_dict()
    holds = not fraud_failures
    assert findings["ok"] is findings["verdict"]["ok"] is holds
    assert {name: verdict["ok"] for name, verdict in findings["verdicts"].items()} == {
        "inventory": True, "orders": True, "fraud": holds, "demo": True,
    }  # fmt: skip
    assert findings["funnel"]["DELIVERED"] == 1
    assert findings["bands"]["REVIEW"] == 1
    assert findings["quality"]["bands"]["APPROVE"]["HONEST"] == 1
