"""What orders, pricing and engagement read: plausible, seeded, up to now."""

import json
import random
from collections.abc import Iterator
from typing import Any

from bench import fraud_load
from bench.clickstream_load import CLICKS, clicks
from bench.pacing import evenly
from connectors.clock import now_ms
from connectors.provision import SEEDS
from udfs.engagement.events import ALERTS
from udfs.orders.events import DECISIONS, INITIATED, PAYMENTS, RESERVATIONS
from udfs.pricing.events import COMPETITOR_PRICES, DEMAND, POLICIES

Record = dict[str, Any]
Records = Iterator[tuple[str, Record]]

ORDER_TOPICS = (INITIATED, DECISIONS, PAYMENTS, RESERVATIONS)
EVENTS_OF_AN_ORDER = len(ORDER_TOPICS)
CUSTOMERS = 20_000
PANE_MS = 10_000
CLICKS_PER_MS = 1
WISHED_AHEAD_S = 5


def orders(events: int, seed: int) -> Records:
    """Orders of one line that are placed, approved, paid and reserved, one after the other."""
    return _reserved(fraud_load.orders(events // EVENTS_OF_AN_ORDER, CUSTOMERS, seed))


def paced_orders(rate: int, seconds: float, seed: int) -> Records:
    """The same, evenly `rate` orders a second for so many seconds, all of an order as of now."""
    return _reserved(fraud_load.paced(rate, seconds, CUSTOMERS, seed))


def paced_policies(rate: int, seconds: float, seed: int) -> Records:
    """Policies of skus that had none, evenly `rate` a second, each as of now."""
    first = now_ms()
    for number in evenly(rate, round(rate * seconds)):
        name = f"{first:x}-{seed}-{number}"
        price = {"base_minor": 1_000, "floor_minor": 800, "ceiling_minor": 1_250, "cost_minor": 600}
        said = {"event_id": name, "event_time": now_ms(), "sku": f"sku-{name}", "version": 1}
        yield POLICIES, {**said, "currency": "EUR", **price}


def paced_wishes(rate: int, seconds: float, seed: int) -> Records:
    """Skus that are back, evenly `rate` a second, each as of now, and each wished for before."""
    first = now_ms()
    ahead = round(rate * WISHED_AHEAD_S)
    for number in evenly(rate, round(rate * seconds) + ahead):
        at = now_ms()
        who = {"visitor_id": f"visitor-{number}", "customer_id": f"customer-{number % CUSTOMERS}"}
        wish = {"event_id": f"wish-{first:x}-{seed}-{number}", "event_time": at, **who}
        sku = f"sku-{first:x}-{seed}-"
        yield CLICKS, {**wish, "event_type": "WISHLIST_ADD", "sku": f"{sku}{number}"}
        if number >= ahead:
            back = {"alert_type": "BACK_IN_STOCK", "sku": f"{sku}{number - ahead}", "quantity": 5}
            yield ALERTS, {"event_id": f"back-{first:x}-{seed}-{number}", "event_time": at, **back}


def _reserved(placed: Iterator[Record]) -> Records:
    for order in placed:
        at, order_id, line = order["event_time"], order["order_id"], order["lines"][0]
        said = {"event_time": at, "order_id": order_id}
        paid = {"amount_minor": order["amount_minor"], "currency": order["currency"]}
        yield INITIATED, order
        yield (
            DECISIONS,
            {
                **said,
                "event_id": f"{order_id}/decided",
                "decision_id": f"{order_id}/decided",
                "customer_id": order["customer_id"],
                "score": 3,
                "band": "APPROVE",
                "reasons": [],
                "shadow_reasons": [],
                "rules_version": 1,
                "decided_at": at,
            },
        )
        event = {"event_id": f"{order_id}/paid", "event_type": "AUTHORIZED"}
        yield PAYMENTS, {**said, **event, **paid}
        yield (
            RESERVATIONS,
            {
                **said,
                "event_id": f"{order_id}/reserved",
                "reservation_id": f"{order_id}/0",
                "sku": line["sku"],
                "warehouse_id": "berlin",
                "quantity": line["quantity"],
                "status": "RESERVED",
            },
        )


def pricing(events: int, seed: int) -> Records:
    """Demand of each sku that `up` sows a policy for, one of 20 in a surge; a tenth of the events
    are competitors' prices."""
    rng = random.Random(seed)
    skus = [
        policy
        for line in (SEEDS / f"{POLICIES}.ndjson").read_text().splitlines()
        if "base_minor" in (policy := json.loads(line))
    ]
    began = now_ms() - events // len(skus) * PANE_MS
    for number in range(events):
        pane, policy = number // len(skus), skus[number % len(skus)]
        at = began + pane * PANE_MS
        named = {"event_id": f"{began:x}-{number}", "event_time": at, "sku": policy["sku"]}
        if rng.random() < 0.1:
            price = round(policy["base_minor"] * rng.uniform(0.9, 1.1))
            rival = {"competitor": "rival", "price_minor": price, "currency": policy["currency"]}
            yield COMPETITOR_PRICES, {**named, **rival}
        else:
            yield DEMAND, {**named, **_demand(at, 3.0 if rng.random() < 0.05 else 1.0)}


def engagement(events: int, seed: int) -> Records:
    """Clicks, half of them by customers."""
    return ((CLICKS, click) for click in clicks(events, CLICKS_PER_MS, seed))


def _demand(at: int, surge_ratio: float) -> Record:
    spans = {"1m": 1, "5m": 5, "1h": 60}
    views = {f"views_{name}": 20 * minutes for name, minutes in spans.items()}
    carts = {f"carts_{name}": 2 * minutes for name, minutes in spans.items()}
    purchases = {f"purchases_{name}": minutes for name, minutes in spans.items()}
    return {
        **views,
        **carts,
        **purchases,
        "window_start": at - PANE_MS,
        "window_end": at,
        "browse_to_cart": 0.1,
        "baseline": 0.1 / surge_ratio,
        "surge_ratio": surge_ratio,
    }
