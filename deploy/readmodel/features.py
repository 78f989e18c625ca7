"""What the table of features holds of a record of each features topic."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from deploy.audit.log import Entry
from deploy.readmodel.times import spelt, utc

SESSION: Final = (
    "customer_id",
    "views",
    "hovers",
    "cart_adds",
    "cart_removals",
    "wishlist_adds",
    "searches",
    "checkout_starts",
    "purchases",
    "distinct_skus",
    "distinct_categories",
    "last_query",
    "last_sku",
    "last_category",
    "price_minor",
    "intent_strength",
)
CUSTOMER: Final = (
    "loyalty_tier",
    "country",
    "active_days_30d",
    "events_30d",
    "purchases_30d",
    "favourite_category_30d",
    "price_minor_30d",
    "price_band_30d",
    "intent_strength",
    "layer",
    "category",
    "price_minor",
    "price_band",
    "last_query",
)
DEMAND: Final = (
    "views_1m",
    "views_5m",
    "views_1h",
    "carts_1m",
    "carts_5m",
    "carts_1h",
    "purchases_1m",
    "purchases_5m",
    "purchases_1h",
    "browse_to_cart",
    "baseline",
    "surge_ratio",
)


def features(entry: Entry) -> dict[str, Any]:
    """The row that a record of features.session, .customer or .product-demand makes."""
    record = entry.record
    assert record is not None
    valid_until = record.get("valid_until")
    row = {
        "event_time": utc(record["event_time"]),
        "log_offset": entry.offset,
        "valid_until": None if valid_until is None else utc(valid_until),
    }
    if entry.topic == "features.session":
        return row | _of("VISITOR", record["visitor_id"], record, SESSION)
    if entry.topic == "features.product-demand":
        return row | _of("SKU", record["sku"], record, DEMAND)
    bought_at = {"last_purchase_at": spelt(record["last_purchase_at"])}
    return row | _of("CUSTOMER", record["customer_id"], record, CUSTOMER, bought_at)


def _of(
    entity: str,
    key: str,
    record: dict[str, Any],
    names: tuple[str, ...],
    others: Mapping[str, Any] = MappingProxyType({}),
) -> dict[str, Any]:
    vector = {**{name: record[name] for name in names}, **others}
    return {"entity": entity, "key": key, "features": vector}
