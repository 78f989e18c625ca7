"""Savepoints of the last release, and what a stack must know before jobs can go on from them."""

import shutil
from pathlib import Path

from support.live_topics import LiveTopics, Record

from connectors.settings import settings
from connectors.transactions import METADATA
from deploy.kept_states import KeptStates

FOLDER = Path(__file__).parents[1] / "e2e" / "released"
JOBS = ("inventory", "orders")
SKU, RESERVATION, ORDER, CUSTOMER = "cup", "released-reservation", "released-order", "customer"
MONEY = {"amount_minor": 1_000, "currency": "EUR"}


def send_history(topics: LiveTopics, at: int) -> None:
    """The events that the savepoints have decided, in the same places: jobs read on behind them."""
    _send_stock(topics, at)
    _send_order(topics, at)


def _send_stock(topics: LiveTopics, at: int) -> None:
    """A sku of which five came and two were sold."""
    said: Record = {"event_time": at, "sku": SKU}
    stocked = {"event_type": "RESTOCKED", "warehouse_id": "berlin", "quantity": 5}
    asked = {"event_type": "RESERVE_REQUESTED", "reservation_id": RESERVATION, "quantity": 2}
    sold = {"event_type": "COMMITTED", "reservation_id": RESERVATION}
    for number, what in enumerate((stocked, asked, sold)):
        topics.send("inventory.events", {"event_id": f"released-{number}", **said, **what})


def _send_order(topics: LiveTopics, at: int) -> None:
    """An order that is approved, and not paid yet."""
    said: Record = {"event_time": at, "order_id": ORDER, "customer_id": CUSTOMER}
    line = {"sku": "plate", "quantity": 1, "unit_price_minor": 1_000}
    placed = {"payment_method": "card", "device_id": "device", "channel": "web", "lines": [line]}
    countries = {"billing_country": "DE", "shipping_country": "DE", "ip_country": "DE"}
    account = {"card_fingerprint": "card", "account_created_at": at}
    topics.send(
        "orders.initiated",
        {"event_id": "released-placed", **said, **placed, **countries, **account, **MONEY},
    )
    scored = {"decision_id": "released-scored", "score": 3, "band": "APPROVE", "rules_version": 1}
    reasons: Record = {"reasons": [], "shadow_reasons": [], "decided_at": at}
    topics.send("fraud.decisions", {"event_id": "released-scored", **said, **scored, **reasons})


def keep(job: str, savepoint: Path) -> int:
    """Make `savepoint` the job's of the last release; returns its size (bytes)."""
    shutil.rmtree(FOLDER / job, ignore_errors=True)
    shutil.copytree(savepoint, FOLDER / job)
    return sum(path.stat().st_size for path in (FOLDER / job).iterdir())


def provide(job: str) -> Path:
    """Put the job's savepoint where `submit` finds it; returns where that is."""
    target = KeptStates(settings()).savepoints(job) / "savepoint-released"
    shutil.copytree(FOLDER / job, target)
    (target / METADATA).touch()
    return target
