"""A savepoint of the last release, and what a stack must know before a job can go on from it."""

import shutil
from pathlib import Path

from support.live_topics import LiveTopics, Record

from connectors.settings import settings
from connectors.transactions import METADATA
from deploy.kept_states import KeptStates

SAVEPOINT = Path(__file__).parents[1] / "e2e" / "released" / "inventory"
EVENTS = "inventory.events"
SKU, RESERVATION = "cup", "released-reservation"


def send_history(topics: LiveTopics, at: int) -> None:
    """The events that the savepoint has decided, in the same places: it reads on behind them."""
    said: Record = {"event_time": at, "sku": SKU}
    stocked = {"event_type": "RESTOCKED", "warehouse_id": "berlin", "quantity": 5}
    asked = {"event_type": "RESERVE_REQUESTED", "reservation_id": RESERVATION, "quantity": 2}
    sold = {"event_type": "COMMITTED", "reservation_id": RESERVATION}
    for number, what in enumerate((stocked, asked, sold)):
        topics.send(EVENTS, {"event_id": f"released-{number}", **said, **what})


def keep(savepoint: Path) -> None:
    """Make `savepoint` the one of the last release."""
    shutil.rmtree(SAVEPOINT, ignore_errors=True)
    shutil.copytree(savepoint, SAVEPOINT)


def provide() -> Path:
    """Put the savepoint where `submit inventory` finds it; returns where that is."""
    target = KeptStates(settings()).savepoints("inventory") / "savepoint-released"
    shutil.copytree(SAVEPOINT, target)
    (target / METADATA).touch()
    return target
