"""Twenty months of prices that real competitors asked, for 35 products: the guardrails hold."""

import csv
import os
from collections import defaultdict
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import pytest
from support.price_desk import Desk, competitor, policy

SHARED = Path(os.environ.get("SHOPSTREAM_SHARED_DATA", "../shared/data"))
PRICES = SHARED / "pricing" / "retail_price_competitors.csv"
MONTH_MS = 31 * 86_400_000


def products() -> dict[str, list[dict[str, str]]]:
    """The rows of each product in the order of their months; read where they are, never copied."""
    found = defaultdict(list)
    with PRICES.open(newline="", encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            found[row["product_id"]].append(row)
    for rows in found.values():
        rows.sort(key=month_of)
    return found


def month_of(row: dict[str, str]) -> int:
    """Its first moment, in epoch ms."""
    first = datetime.strptime(row["month_year"], "%d-%m-%Y").replace(tzinfo=UTC)
    return round(first.timestamp() * 1000)


def cents(price: str) -> int:
    return round(float(price) * 100)


@pytest.mark.shared_data
def test_real_competitors_move_prices_within_the_guardrails_and_towards_them():
    if not PRICES.exists():
        pytest.skip(f"no prices of competitors in {SHARED}")
    moves = 0
    for rows in products().values():
        desk, base = Desk(), cents(rows[0]["unit_price"])
        floor, ceiling = base * 7 // 10, base * 13 // 10
        bounds = {"base_minor": base, "floor_minor": floor, "ceiling_minor": ceiling}
        kept = {"competitor_max_age_s": MONTH_MS // 1000, "cooldown_s": 3_600}
        desk.send(policy(at=month_of(rows[0]), cost_minor=base // 2, **bounds, **kept))
        for row in rows:
            asked = [cents(row[name]) for name in ("comp_1", "comp_2", "comp_3")]
            start = month_of(row)
            for number, price in enumerate(asked):
                desk.send(competitor(price, start + number, f"comp_{number}"))
            desk.advance(start + MONTH_MS * 9 // 10)
            wished = base + (min(asked) - base) / 2
            assert desk.price() == pytest.approx(min(max(wished, floor), ceiling), rel=0.01)
        prices = desk.prices()
        moves += len(prices) - 1
        assert floor <= min(prices) <= max(prices) <= ceiling
        assert all(abs(new - old) <= old * 0.05 for old, new in pairwise(prices))
    assert moves > 100, "or nothing was shown"
