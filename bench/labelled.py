"""Labelled transactions of others as orders: card and terminal, no device, address or position.

The layout is that of the simulated data of Le Borgne et al., "Reproducible Machine Learning for
Credit Card Fraud Detection: Practical Handbook", 2022, one row a transaction in order of time.
"""

import csv
import gzip
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from connectors.errors import ShopstreamError
from udfs.fraud.events import OrderInitiated
from udfs.fraud.state import short

COLUMNS = ("TRANSACTION_ID", "TX_DATETIME", "CUSTOMER_ID", "TERMINAL_ID", "TX_AMOUNT", "TX_FRAUD")
CURRENCY = "EUR"  # the data name none; any will do, as long as it is always the same


def transactions(path: Path, one_in: int = 1) -> Iterator[tuple[OrderInitiated, bool]]:
    """(order, whether it was fraud) of a gzipped CSV file; of one in so many customers only.

    The customer is also the card, the terminal stands for the device. Amounts have two decimals,
    times are taken for UTC. Raises ShopstreamError for a file of another layout.
    """
    with gzip.open(path, "rt", encoding="utf-8", newline="") as lines:
        reader = csv.DictReader(lines)
        missing = set(COLUMNS) - set(reader.fieldnames or ())
        if missing:
            raise ShopstreamError(
                f"{path}: expected the columns {', '.join(COLUMNS)}, "
                f"missing are {', '.join(sorted(missing))}"
            )
        for row in reader:
            if short(row["CUSTOMER_ID"]) % one_in:
                continue
            at = datetime.fromisoformat(row["TX_DATETIME"]).replace(tzinfo=UTC)
            transaction_id, customer_id = row["TRANSACTION_ID"], row["CUSTOMER_ID"]
            order = OrderInitiated(
                event_id=transaction_id,
                event_time=round(at.timestamp() * 1000),
                order_id=transaction_id,
                customer_id=customer_id,
                card_fingerprint=customer_id,
                device_id=row["TERMINAL_ID"],
                amount_minor=round(float(row["TX_AMOUNT"]) * 100),
                currency=CURRENCY,
            )
            yield order, row["TX_FRAUD"] == "1"
