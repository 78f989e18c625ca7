"""The read models as a person reads them: a few rows of each table."""

from typing import Any, Final

from rich.console import Group
from rich.table import Table

from connectors.postgres import connected

SHOWN: Final = {
    "availability": (
        "what can be sold, least first",
        "SELECT sku, warehouse_id, total, reserved, committed, available, version"
        " FROM readmodel.availability ORDER BY available, sku, warehouse_id LIMIT 5",
    ),
    "orders": (
        "the orders that moved last",
        "SELECT order_id, customer_id, state, cause, updated_at, tracking_number"
        " FROM readmodel.orders ORDER BY updated_at DESC NULLS LAST, order_id LIMIT 5",
    ),
    "order_timeline": (
        "the timeline of the order that moved last",
        "SELECT order_id, happened_at, kind, what, state, explanation"
        " FROM readmodel.order_timeline WHERE order_id = ("
        "  SELECT order_id FROM readmodel.orders"
        "  ORDER BY updated_at DESC NULLS LAST, order_id LIMIT 1"
        ") ORDER BY happened_at, sequence",
    ),
    "fraud_review_queue": (
        "who waits for a reviewer, highest score first",
        "SELECT order_id, customer_id, score, reasons, changed_at"
        " FROM readmodel.fraud_review_queue WHERE status = 'OPEN' ORDER BY score DESC LIMIT 5",
    ),
    "prices": (
        "the latest prices",
        "SELECT sku, price_minor, regular_minor, currency, reasons, changed_at"
        " FROM readmodel.prices ORDER BY changed_at DESC, sku LIMIT 5",
    ),
    "features": (
        "the latest features of each kind of entity",
        "SELECT DISTINCT ON (entity) entity, key, event_time, features"
        " FROM readmodel.features ORDER BY entity, event_time DESC, key",
    ),
    "engagement_log": (
        "the latest reasons to write to somebody",
        "SELECT customer_id, template, outcome, reason, send_at, response"
        " FROM readmodel.engagement_log ORDER BY decided_at DESC NULLS LAST LIMIT 5",
    ),
    "kpis": (
        "KPIs of the latest minutes",
        "SELECT kpi, minute_start, part, whole, round(rate::numeric, 4) AS rate"
        " FROM readmodel.kpis"
        " WHERE minute_start >= (SELECT max(minute_start) - interval '2 min' FROM readmodel.kpis)"
        " ORDER BY kpi, minute_start",
    ),
}
"""For each table what is shown of it, and the query: also how the table is meant to be read."""


def tables(dsn: str) -> Group:
    """A few rows of every table. Raises ShopstreamError if there is no Postgres."""
    shown = []
    with connected(dsn) as connection:
        for name, (title, query) in SHOWN.items():
            cursor = connection.execute(query)
            drawn = Table(title=f"readmodel.{name}: {title}", title_justify="left")
            for column in cursor.description or ():
                drawn.add_column(column.name)
            for row in cursor:
                drawn.add_row(*map(_cell, row))
            shown.append(drawn)
    return Group(*shown)


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, dict):
        return ", ".join(f"{name} {_cell(each)}" for name, each in value.items() if each)
    if isinstance(value, list):
        return "; ".join(map(_cell, value))
    return str(value)
