"""Clicks and purchases of others as records of clickstream.events, in the order of their time.

Layouts: OTTO's session dataset (sessions of clicks, carts and orders, a line of JSON each),
DIGINETICA's item views (CIKM Cup 2016; a day, and milliseconds since the session began), REES46's
shop events, and UCI's Online Retail (invoice lines, gzipped).
"""

import csv
import gzip
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import IO, Any

from connectors.errors import ShopstreamError

Record = dict[str, Any]

OTTO_TYPES = {"clicks": "PAGE_VIEW", "carts": "ADD_TO_CART", "orders": "PURCHASE"}
REES46_TYPES = {
    "view": "PAGE_VIEW",
    "cart": "ADD_TO_CART",
    "remove_from_cart": "REMOVE_FROM_CART",
    "purchase": "PURCHASE",
}
CANCELLATION = "C"  # begins the number of an invoice that takes another one back


def otto(path: Path) -> list[Record]:
    """Sessions as visitors; clicks are views, each item of an order is a purchase."""
    records = []
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            session = json.loads(line)
            visitor = f"otto-{session['session']}"
            records += [
                _click(
                    f"{visitor}-{number}",
                    event["ts"],
                    visitor,
                    OTTO_TYPES[event["type"]],
                    sku=str(event["aid"]),
                )
                for number, event in enumerate(session["events"])
            ]
    return _in_order(records)


def diginetica(path: Path) -> list[Record]:
    """Sessions as visitors. All begin at midnight of their day: the file does not say when."""
    columns = ("session_id", "item_id", "timeframe", "eventdate")
    return _in_order(
        _click(
            f"diginetica-{number}",
            _epoch_ms(row["eventdate"]) + int(row["timeframe"]),
            f"diginetica-{row['session_id']}",
            "PAGE_VIEW",
            sku=row["item_id"],
        )
        for number, row in _rows(path, columns, delimiter=";")
    )


def rees46(path: Path) -> list[Record]:
    """Sessions as visitors, users as customers; the file does not name the currency."""
    columns = ("event_time", "event_type", "product_id", "price", "user_id", "user_session")
    return _in_order(
        _click(
            f"rees46-{number}",
            _epoch_ms(row["event_time"].removesuffix(" UTC")),
            row["user_session"],
            REES46_TYPES[row["event_type"]],
            customer_id=row["user_id"],
            session_id=row["user_session"],
            sku=row["product_id"],
            category=row["category_code"] or None,
            price_minor=_minor(row["price"]),
        )
        for number, row in _rows(path, columns)
    )


def retail(path: Path) -> list[Record]:
    """Invoice lines as purchases of one sku each; cancellations and corrections are left out.

    Who has no CustomerID is a visitor by their invoice. Prices are taken as pounds.
    """
    columns = ("InvoiceNo", "StockCode", "Quantity", "InvoiceDate", "UnitPrice", "CustomerID")
    return _in_order(
        _click(
            f"retail-{number}",
            _epoch_ms(row["InvoiceDate"]),
            row["CustomerID"] or f"invoice-{row['InvoiceNo']}",
            "PURCHASE",
            customer_id=row["CustomerID"] or None,
            sku=row["StockCode"],
            price_minor=_minor(row["UnitPrice"]),
            quantity=int(row["Quantity"]),
            currency="GBP",
        )
        for number, row in _rows(path, columns)
        if not row["InvoiceNo"].startswith(CANCELLATION) and int(row["Quantity"]) > 0
    )


LOADERS: dict[str, Callable[[Path], list[Record]]] = {
    "clickstream/otto_sessions.jsonl": otto,
    "clickstream/diginetica_item_views.csv": diginetica,
    "clickstream/rees46_2019-10-01_tiny.csv": rees46,
    "retail_transactions/uci_online_retail_2010-12.csv.gz": retail,
}
"""By the file's place below the folder of shared data."""


def _click(
    event_id: str, event_time: int, visitor_id: str, event_type: str, **fields: Any
) -> Record:
    return {
        "event_id": event_id,
        "event_time": event_time,
        "visitor_id": visitor_id,
        "event_type": event_type,
        **fields,
    }


def _rows(
    path: Path, columns: tuple[str, ...], delimiter: str = ","
) -> Iterator[tuple[int, dict[str, str]]]:
    """(number, row) of a CSV file, gzipped or not."""
    with _opened(path) as lines:
        rows = csv.DictReader(lines, delimiter=delimiter)
        absent = [name for name in columns if name not in (rows.fieldnames or ())]
        if absent:
            raise ShopstreamError(f"{path}: expected columns {', '.join(absent)}, came others")
        yield from enumerate(rows)


def _opened(path: Path) -> IO[str]:
    if path.suffix == ".gz":
        return gzip.open(path, "rt", encoding="utf-8")
    return path.open(encoding="utf-8")


def _in_order(records: Iterator[Record] | list[Record]) -> list[Record]:
    return sorted(records, key=lambda record: record["event_time"])


def _epoch_ms(text: str) -> int:
    """Of an ISO time without zone, taken as UTC."""
    since = datetime.fromisoformat(text).replace(tzinfo=UTC) - datetime(1970, 1, 1, tzinfo=UTC)
    return since // timedelta(milliseconds=1)


def _minor(price: str) -> int:
    return int((Decimal(price) * 100).to_integral_value())
