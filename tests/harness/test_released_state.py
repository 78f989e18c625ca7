"""State that the last release wrote: read by today's operator, migrated, and gone on from."""

from pathlib import Path

import pytest
from support.decisions import BUCKET, DecisionHarness
from support.stockroom import NOON, minutes, restocked, shipped

from udfs.inventory.domain import INVENTORY
from udfs.inventory.events import ALERTS, AVAILABILITY, RESERVATIONS

SNAPSHOT = Path(__file__).parent / "released" / "inventory.snapshot"


@pytest.fixture
def resumed() -> DecisionHarness:
    """Today's operator with the state of `released/make.py`."""
    harness = DecisionHarness(INVENTORY, NOON)
    harness.restore(SNAPSHOT.read_bytes())
    return harness


def test_stock_of_an_older_version_is_migrated_and_goes_on(resumed: DecisionHarness):
    resumed.send(
        {**restocked("berlin", 4, sku="mug"), "event_id": "later-1"},
        {**shipped("r1", sku="mug"), "event_id": "later-2"},
    )

    shelves = resumed.emitted(AVAILABILITY, sku="mug")
    assert [(one["version"], one["total"], one["committed"]) for one in shelves] == [
        (4, 7, 3),
        (5, 4, 0),
    ]
    (alert,) = resumed.emitted(ALERTS)
    assert (alert["alert_type"], alert["out_since"]) == ("BACK_IN_STOCK", None)
    assert resumed.dead_letters == []


def test_an_event_that_was_decided_then_is_not_decided_again(resumed: DecisionHarness):
    resumed.send({**restocked("berlin", 3, sku="mug"), "event_id": "mugs"})

    assert resumed.outputs == []


def test_a_wake_up_that_was_asked_for_then_comes(resumed: DecisionHarness):
    resumed.watermark(NOON + minutes(16))

    (lapsed,) = resumed.emitted(RESERVATIONS)
    assert (lapsed["sku"], lapsed["status"], lapsed["quantity"]) == ("cup", "EXPIRED", 2)
    assert set(resumed.flink.state("entities", BUCKET)) == {"cup", "mug"}
