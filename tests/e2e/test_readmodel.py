"""The read models behind a live shop, while a TaskManager and Postgres are killed."""

import os
import signal
import threading
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from support.live_topics import Sender, now_ms

from connectors.postgres import connected
from connectors.registry import Registry
from connectors.settings import settings
from deploy.cluster import FlinkCluster
from deploy.readmodel.models import READ_MODELS
from deploy.simulate.sender import simulate
from deploy.stack.temporary import LocalStack, local_stack

OPEN_S, RATE, ORDERS = 40.0, 50, 300
TASKMANAGER_DIES_AFTER_S, POSTGRES_DIES_AFTER_S = 12.0, 24.0
JOBS = ("fraud", "orders", "inventory", "readmodel")


@dataclass
class Shop:
    stack: LocalStack
    restarts: int


@pytest.fixture(scope="module")
def shop() -> Iterator[Shop]:
    """A shop that has closed. Three of its jobs ran; what the others would have written is sent."""
    with local_stack() as stack:
        stack.up()
        for name in JOBS:
            stack.demand("submit", name, "--wait")
        registry = Registry(settings().registry_url)
        with Sender(registry) as sender:
            send_what_other_jobs_write(sender)
        accidents = [
            threading.Timer(TASKMANAGER_DIES_AFTER_S, kill, (stack, "taskmanager-1")),
            threading.Timer(TASKMANAGER_DIES_AFTER_S, kill, (stack, "taskmanager-2")),
            threading.Timer(POSTGRES_DIES_AFTER_S, kill, (stack, "postgres")),
        ]
        for accident in accidents:
            accident.start()
        simulate(
            settings().kafka_bootstrap,
            registry,
            seconds=OPEN_S,
            rate=RATE,
            seed=11,
            orders_total=ORDERS,
            drain_s=20,
        )
        for accident in accidents:
            accident.join()
        job = FlinkCluster(settings()).job("readmodel")
        yield Shop(stack, 0 if job is None else job.restarts)


def kill(stack: LocalStack, service: str) -> None:
    os.kill(int(str(stack.services()[service]["pid"])), signal.SIGKILL)


def send_what_other_jobs_write(sender: Sender) -> None:
    """Prices, features and messages, with repeats and stale records among them."""
    now = now_ms()
    for number in (1, 2, 3, 2):
        sender.send("pricing.changes", price(number, now + number))
    for views, at in ((1, now), (3, now + 2), (2, now + 1), (4, now + 2)):
        sender.send("features.product-demand", demand(views, at))
    sender.send("features.session", session(now))
    sender.send("features.customer", customer(now))
    for response, at in (("OPENED", now + 1), ("CLICKED", now + 3), ("DISMISSED", now + 2)):
        sender.send("engagement.responses", answer(response, at))
    sender.send("engagement.triggers", trigger(now), trigger(now))
    for order_id, band in (("f1", "REVIEW"), ("f2", "APPROVE")):
        judged = {"order_id": order_id, "outcome": "FRAUD", "band": band, "rules": []}
        about = {"rule_set": "1", "rules_version": 1, "shadow_rules": []}
        named = {"event_id": f"judged-{order_id}", "event_time": now}
        sender.send("fraud.judgements", {**named, **judged, **about})
    bought = {"visitor_id": "v", "customer_id": "ann", "event_type": "PURCHASE", "sku": "mug"}
    sender.send("clickstream.events", {"event_id": "bought", "event_time": now + 5, **bought})


def price(number: int, at: int) -> dict[str, object]:
    figures = {"old_minor": None, "new_minor": 1000 + number, "regular_minor": 1000}
    bounds = {"lowest_minor": 800, "highest_minor": 1500, "policy_version": 1, "number": number}
    lists = {"reasons": ["DEMAND_SURGE"], "limits": [], "promotions": ["sale"]}
    named = {"event_id": f"p{number}", "event_time": at, "change_id": f"mug/{number}", "cause": "c"}
    return {
        **named,
        "sku": "mug",
        "category": None,
        "currency": "EUR",
        **figures,
        **bounds,
        **lists,
    }


def demand(views: int, at: int) -> dict[str, object]:
    counts = ("views_5m", "views_1h", "carts_1m", "carts_5m", "carts_1h", "purchases_1m")
    counts = (*counts, "purchases_5m", "purchases_1h")
    ratios = {"browse_to_cart": 1 / 3, "baseline": 0.08, "surge_ratio": 1.5}
    window = {"window_start": at - 10_000, "window_end": at}
    named = {"event_id": f"d{views}", "event_time": at, "sku": "mug", "views_1m": views}
    return {**named, **window, **dict.fromkeys(counts, 7), **ratios}


def session(at: int) -> dict[str, object]:
    counts = ("views", "hovers", "cart_adds", "cart_removals", "wishlist_adds", "searches")
    counts = (*counts, "checkout_starts", "purchases", "distinct_skus", "distinct_categories")
    words = {"last_query": "tall mug", "last_sku": "mug", "last_category": None}
    named = {"event_id": "s", "event_time": at, "visitor_id": "v", "customer_id": "ann"}
    rest = {"session_id": None, "price_minor": 1000 / 3, "intent_strength": 1e-5}
    return {**named, **dict.fromkeys(counts, 1), **words, **rest, "valid_until": at + 90_000}


def customer(at: int) -> dict[str, object]:
    counts = ("active_days_30d", "events_30d", "purchases_30d", "categories_30d")
    absent = ("loyalty_tier", "country", "favourite_category_30d", "price_minor_30d")
    absent = (*absent, "price_band_30d", "category", "price_minor", "price_band", "last_query")
    named = {"event_id": "c", "event_time": at, "customer_id": "ann", "visitor_id": "v"}
    rest = {"last_purchase_at": at - 1, "intent_strength": 0.5, "layer": "LONG_TERM"}
    counted = {**dict.fromkeys(counts, 2), **dict.fromkeys(absent)}
    return {**named, **counted, **rest, "valid_until": at + 90_000}


def trigger(at: int) -> dict[str, object]:
    named = {"event_id": "t1", "trigger_id": "t1", "event_time": at, "customer_id": "ann"}
    what = {"template": "CART_ABANDONMENT", "outcome": "SENT", "reason": "CART_LEFT"}
    times = {"caused_at": at - 60_000, "due_at": at, "latest_at": at + 60_000, "send_at": at}
    rest = {"subject": "", "skus": ["mug"], "cause_id": "k", "local_hour": 9, "channel": "EMAIL"}
    return {**named, **what, **times, **rest, "policy_version": 1, "limits_version": 1}


def answer(response: str, at: int) -> dict[str, object]:
    named = {"event_id": f"r-{response}", "event_time": at, "customer_id": "ann"}
    about = {"trigger_id": "t1", "template": "CART_ABANDONMENT", "channel": "EMAIL", "sent_at": at}
    return {**named, **about, "response": response}


@pytest.mark.timeout(480)
def test_there_is_no_drift_after_a_taskmanager_and_postgres_died(shop: Shop) -> None:
    assert shop.restarts, "the job felt the loss of a TaskManager or of Postgres"
    checked = shop.stack.run("readmodel", "check")
    lines = dict(line.split(": ", 1) for line in checked.stdout.splitlines() if ": " in line)
    for name in READ_MODELS.keys() - {"kpis"}:  # which hang on when an outage lets event time pass
        assert lines[name].startswith("no drift, "), checked.stdout + checked.stderr
        assert not lines[name].startswith("no drift, 0 rows"), checked.stdout


@pytest.mark.timeout(240)
def test_what_somebody_changed_by_hand_is_named_and_mended_by_a_rebuild(shop: Shop) -> None:
    with connected(settings().postgres_dsn) as connection:
        connection.execute("UPDATE readmodel.prices SET price_minor = 1")

    checked = shop.stack.run("readmodel", "check", "prices", "--wait", "2")
    assert checked.returncode == 1
    assert "mug: price_minor is 1, the log says 1003" in checked.stdout

    rebuilt = shop.stack.run("readmodel", "rebuild", "prices")
    assert "prices: 1 rows of 4 events" in rebuilt.stdout, rebuilt.stderr
    assert shop.stack.run("readmodel", "check", "prices").returncode == 0


def test_a_name_that_is_no_read_model_is_refused_with_those_that_are(shop: Shop) -> None:
    asked = shop.stack.run("readmodel", "rebuild", "price")
    assert asked.returncode == 1
    assert "expected a read model, one of availability, orders" in asked.stderr
