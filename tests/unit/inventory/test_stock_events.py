"""What is accepted as an event or a reference record, and how the rest is refused."""

import msgspec
import pytest
from support.stockroom import (
    NOON,
    Shop,
    adjusted,
    committed,
    record,
    released,
    reserve,
    restocked,
    shipped,
)

from udfs.inventory.domain import INVENTORY
from udfs.inventory.events import MAX_TIME, POLICIES, SHIPPING_COSTS, InventoryEvent

INVALID = {
    "no warehouse to restock": (restocked(None, 1), "warehouse_id"),
    "an empty warehouse id": (restocked("", 1), "warehouse_id"),
    "nothing restocked": (restocked("berlin", 0), "quantity"),
    "a negative restock": (restocked("berlin", -1), "quantity"),
    "too many to be true": (restocked("berlin", 1_000_000_001), "quantity"),
    "no warehouse to adjust": (adjusted(None, 1), "warehouse_id"),
    "a loss too great to be true": (adjusted("berlin", -1_000_000_001), "quantity"),
    "nothing wanted": (reserve("r1", 0), "quantity"),
    "no reservation to make": (reserve(None), "reservation_id"),
    "an empty reservation id": (reserve(""), "reservation_id"),
    "a request for an empty warehouse id": (reserve("r1", warehouse_id=""), "warehouse_id"),
    "no reservation to commit": (committed(None), "reservation_id"),
    "no reservation to release": (released(None), "reservation_id"),
    "no reservation to ship": (shipped(""), "reservation_id"),
    "no time": (committed("r1", at=0), "event_time"),
    "a time in microseconds": (committed("r1", at=NOON * 1000), "event_time"),
    "no sku": (committed("r1", sku=""), "sku"),
    "an unknown kind": (record("STOLEN"), "event_type"),
}


@pytest.mark.parametrize("invalid", INVALID)
def test_an_invalid_event_is_refused_naming_the_field(invalid):
    fields, name = INVALID[invalid]

    with pytest.raises(msgspec.ValidationError, match=rf"\$\.{name}"):
        msgspec.convert(fields, InventoryEvent)


@pytest.mark.parametrize("fields", [restocked("berlin", 10**9), adjusted("berlin", -(10**9))])
def test_the_bounds_themselves_are_accepted(fields):
    event = msgspec.convert(fields | {"event_time": MAX_TIME}, InventoryEvent)

    assert (event.quantity, event.event_time) == (fields["quantity"], MAX_TIME)


@pytest.mark.parametrize(
    ("topic", "fields"),
    [
        (POLICIES, {"sku": "mug", "reorder_point": -1}),
        (POLICIES, {"sku": "mug", "reorder_quantity": -1}),
        (POLICIES, {"sku": "mug", "reservation_timeout_s": 0}),
        (SHIPPING_COSTS, {"cost_minor": -1}),
        (SHIPPING_COSTS, {"currency": "euro"}),
        (SHIPPING_COSTS, {"distance_km": -1}),
    ],
)
def test_invalid_reference_data_is_refused_naming_the_field(topic, fields):
    cost = {"warehouse_id": "b", "region": "eu", "cost_minor": 1, "currency": "EUR"}
    whole = fields if topic == POLICIES else cost | {"distance_km": 1.5} | fields

    with pytest.raises(msgspec.ValidationError, match=list(fields)[-1]):
        msgspec.convert(whole, INVENTORY.reference[topic])


def test_a_policy_without_numbers_is_no_alerts_and_15_minutes():
    policy = msgspec.convert({"sku": "mug"}, INVENTORY.reference[POLICIES])

    assert (policy.reorder_point, policy.reorder_quantity) == (0, 0)
    assert policy.reservation_timeout_s == 900


def test_a_refused_event_changes_nothing(shop: Shop):
    shop.given(restocked("berlin", 1))

    with pytest.raises(msgspec.ValidationError):
        shop.send(reserve("r1", 0))

    assert shop.outputs == []
    assert shop.stock().sequence == 1
