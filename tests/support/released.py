"""Savepoints of the last release, and what a stack must know before jobs can go on from them."""

import json
import shutil
from pathlib import Path
from typing import Any

from support.live_topics import LiveTopics, Record

from connectors.cdc.tables import change_topic, ensure_change_topics
from connectors.kafka import Publisher
from connectors.settings import settings
from connectors.transactions import METADATA
from deploy.kept_states import KeptStates

FOLDER = Path(__file__).parents[1] / "e2e" / "released"
DECIDING = ("inventory", "fraud", "orders", "pricing", "engagement", "clickstream")
TELLING = ("readmodel", "cdc")
"""Of a stack of their own: they read what the others write, and write what these read."""
JOBS = DECIDING + TELLING
SKU, RESERVATION, ORDER, CUSTOMER = "cup", "released-reservation", "released-order", "customer"
MONEY = {"amount_minor": 1_000, "currency": "EUR"}
WISH, WISHED_SKU, VISITOR = "released-wish", "plate", "visitor"
MESSAGE, PRODUCT, PRODUCT_LSN = "released-message", "released-product", 1_000
SECOND_MS = 1_000
_MADE_AT = "made_at"


def send_events(topics: LiveTopics, at: int) -> None:
    """What the savepoints have seen of the world. Prices are of the policies that `up` sows."""
    _send_stock(topics, at)
    topics.send("orders.initiated", placed("released-placed", ORDER, at))
    _send_clicks(topics, at)
    topics.send("engagement.triggers", _message(at))
    ensure_change_topics(settings())
    send_product("as it was", PRODUCT_LSN, at)


def send_history(topics: LiveTopics, at: int) -> None:
    """All that the savepoints have decided, in the same places: jobs read on behind it."""
    send_events(topics, at)
    said: Record = {"event_id": "released-scored", "event_time": at, "order_id": ORDER}
    scored = {"decision_id": "released-scored", "score": 3, "band": "APPROVE", "rules_version": 1}
    reasons: Record = {"reasons": [], "shadow_reasons": [], "decided_at": at}
    topics.send("fraud.decisions", {**said, "customer_id": CUSTOMER, **scored, **reasons})


def _send_clicks(topics: LiveTopics, at: int) -> None:
    """The customer wishes for a sku that is sold out; then somebody else comes by."""
    who = {"customer_id": CUSTOMER, "sku": WISHED_SKU}
    wished = click(WISH, VISITOR, at, event_type="WISHLIST_ADD", **who)
    topics.send("clickstream.events", wished, click("released-click", "passer-by", at + SECOND_MS))


def click(event_id: str, visitor_id: str, at: int, **fields: Any) -> Record:
    """A visitor's view, unless it is said to be something else."""
    said = {"event_id": event_id, "event_time": at, "visitor_id": visitor_id}
    return {**said, "event_type": "PAGE_VIEW", **fields}


def _message(at: int) -> Record:
    """To the customer, about a cart."""
    times = dict.fromkeys(("event_time", "caused_at", "due_at", "latest_at", "send_at"), at)
    said = {"event_id": MESSAGE, "trigger_id": MESSAGE, "cause_id": WISH, "customer_id": CUSTOMER}
    sent = {"template": "CART_ABANDONMENT", "outcome": "SENT", "reason": "DELIVERED"}
    return {**said, **sent, **times, "subject": "", "channel": "EMAIL"}


def send_product(name: str, lsn: int, at: int) -> None:
    """A change of the product in the shop's database, in its log at `lsn`, as Connect writes it."""
    row = {"sku": PRODUCT, "name": name, "category": "cups", "price_minor": 1_000}
    change = {"change_op": "u", "change_lsn": lsn, "change_ms": at}
    value = json.dumps({**row, "currency": "EUR", **change}).encode()
    with Publisher(settings().kafka_bootstrap) as publisher:
        publisher.send(change_topic("products"), PRODUCT, value, at)


def _send_stock(topics: LiveTopics, at: int) -> None:
    """A sku of which five came and two were sold."""
    said: Record = {"event_time": at, "sku": SKU}
    stocked = {"event_type": "RESTOCKED", "warehouse_id": "berlin", "quantity": 5}
    asked = {"event_type": "RESERVE_REQUESTED", "reservation_id": RESERVATION, "quantity": 2}
    sold = {"event_type": "COMMITTED", "reservation_id": RESERVATION}
    for number, what in enumerate((stocked, asked, sold)):
        topics.send("inventory.events", {"event_id": f"released-{number}", **said, **what})


def placed(event_id: str, order_id: str, at: int, device_id: str = "device") -> Record:
    """An order of the customer, who is new, as it is placed."""
    line = {"sku": "plate", "quantity": 1, "unit_price_minor": 1_000}
    return {
        "event_id": event_id,
        "event_time": at,
        "order_id": order_id,
        "customer_id": CUSTOMER,
        "account_created_at": at,
        "payment_method": "card",
        "card_fingerprint": "card",
        "device_id": device_id,
        "billing_country": "DE",
        "shipping_country": "DE",
        "ip_country": "DE",
        "channel": "web",
        "lines": [line],
        **MONEY,
    }


def keep(job: str, savepoint: Path, at: int) -> int:
    """Make `savepoint` the job's of the last release, of events as of `at` (epoch ms); returns its
    size (bytes)."""
    shutil.rmtree(FOLDER / job, ignore_errors=True)
    shutil.copytree(savepoint, FOLDER / job)
    size = sum(path.stat().st_size for path in (FOLDER / job).iterdir())
    (FOLDER / job / _MADE_AT).write_text(f"{at}\n")
    return size


def made_at(job: str) -> int:
    """The time (epoch ms) of the events in the job's savepoint, which it forgets some day."""
    return int((FOLDER / job / _MADE_AT).read_text())


def provide(job: str) -> Path:
    """Put the job's savepoint where `submit` finds it; returns where that is."""
    target = KeptStates(settings()).savepoints(job) / "savepoint-released"
    shutil.copytree(FOLDER / job, target, ignore=shutil.ignore_patterns(_MADE_AT))
    (target / METADATA).touch()
    return target
