"""Words for the tests of the pricing rules: records of the topics, and a desk to send them to."""

from itertools import count
from typing import Any

from support.rules import Record, RuleDriver

from connectors.codec import Encoder
from connectors.topics import TOPICS
from udfs.pricing.domain import PRICING
from udfs.pricing.events import (
    AVAILABILITY,
    CHANGES,
    COMPETITOR_PRICES,
    DEMAND,
    INVALIDATIONS,
    NOTICES,
    POLICIES,
    PROMOTIONS,
)
from udfs.pricing.quote import Customer, PriceBook, Quote, quote

NOON = 1_750_000_000_000
_numbers = count(1)


def seconds(amount: float) -> int:
    """In milliseconds."""
    return round(amount * 1000)


def minutes(amount: float) -> int:
    """In milliseconds."""
    return seconds(amount * 60)


def hours(amount: float) -> int:
    """In milliseconds."""
    return minutes(amount * 60)


def event(at: int, **fields: Any) -> Record:
    return {"event_id": f"event-{next(_numbers)}", "event_time": at} | fields


def policy(sku: str = "mug", at: int = NOON, **fields: Any) -> Record:
    """10.00 EUR between 8.00 and 13.00, at most 5 % a minute; `fields` override."""
    usual = {
        "sku": sku,
        "version": 1,
        "currency": "EUR",
        "category": None,
        "base_minor": 1_000,
        "floor_minor": 800,
        "ceiling_minor": 1_300,
        "cost_minor": 600,
        "margin_pct": 10.0,
        "max_step_pct": 5.0,
        "cooldown_s": 60,
        "surge_ratio": 2.0,
        "surge_end_ratio": 1.3,
        "surge_min_views": 20,
        "surge_pct": 10.0,
        "low_stock_units": 5,
        "restocked_units": 10,
        "low_stock_pct": 5.0,
        "competitor_weight": 0.5,
        "competitor_dead_band_pct": 1.0,
        "competitor_max_age_s": 21_600,
    }
    return event(at, **(usual | fields))


def everyone(at: int = NOON, **fields: Any) -> Record:
    """The policy of "*": nothing but `fields`."""
    return event(at, sku="*", version=1, **fields)


def demand(ratio: float, at: int, views: int = 100, sku: str = "mug") -> Record:
    counts = {
        f"{what}_{span}": views if what == "views" else 0
        for what in ("views", "carts", "purchases")
        for span in ("1m", "5m", "1h")
    }
    window = {"window_start": at - seconds(10), "window_end": at}
    ratios = {"browse_to_cart": ratio / 10, "baseline": 0.1, "surge_ratio": ratio}
    return event(at, sku=sku, **window, **counts, **ratios)


def availability(units: int, version: int, at: int, warehouse_id: str = "berlin") -> Record:
    counts = {"total": units, "reserved": 0, "committed": 0, "available": units}
    return event(at, sku="mug", warehouse_id=warehouse_id, version=version, **counts)


def competitor(price: int, at: int, name: str = "rival", currency: str = "EUR") -> Record:
    return event(at, sku="mug", competitor=name, price_minor=price, currency=currency)


def promotion(name: str, starts_at: int, ends_at: int, at: int = NOON, **fields: Any) -> Record:
    """10 % off the mug for all, unless `fields` say otherwise."""
    usual: Record = {
        "promotion_id": name,
        "starts_at": starts_at,
        "ends_at": ends_at,
        "sku": None if fields.get("category") else "mug",
        "category": None,
        "percent": None if fields.get("amount_minor") else 10.0,
        "amount_minor": None,
        "currency": None,
        "loyalty_tier": None,
        "stackable": False,
    }
    return event(at, **(usual | fields))


_TOPIC_OF = {
    "base_minor": POLICIES,
    "surge_ratio": DEMAND,
    "available": AVAILABILITY,
    "competitor": COMPETITOR_PRICES,
    "promotion_id": PROMOTIONS,
}


def topic_of(record: Record) -> str:
    return next(topic for field, topic in _TOPIC_OF.items() if field in record)


class Desk:
    """The pricing job in dicts, which reads back the notices that it wrote.

    Beside it a price book learns what the job writes, and every change is held against its quote.
    """

    def __init__(self) -> None:
        self.driver = RuleDriver(PRICING)
        self.book = PriceBook()
        self._told = 0

    def refer(self, record: Record) -> None:
        """Publish a policy to those who read it as reference data only: the one of "*"."""
        self.driver.refer(POLICIES, record["sku"], record)

    def send(self, *records: Record) -> list[Record]:
        """The changes that the records led to."""
        before = len(self.changes())
        for record in records:
            topic = topic_of(record)
            if topic == PROMOTIONS:
                self.book.take(topic, record)
            for output, notice in self.driver.send(record, topic):
                if output == NOTICES:
                    self.driver.send(notice, NOTICES)
            self._check_new(since=record["event_time"])
        return self.changes()[before:]

    def advance(self, time: int) -> list[Record]:
        """Move event time to `time` (epoch ms); the changes that it led to."""
        before = len(self.changes())
        self.driver.advance(time)
        self._check_new(since=0)
        return self.changes()[before:]

    def changes(self, sku: str = "mug") -> list[Record]:
        return self.driver.emitted(CHANGES, sku=sku)

    def prices(self) -> list[int]:
        """The price of each change of the mug so far."""
        return [change["new_minor"] for change in self.changes()]

    def price(self) -> int:
        return self.prices()[-1]

    def quote(self, at: int, visitor: str | None = None, customer: Customer | None = None) -> Quote:
        found = self.book.sku("mug")
        assert found is not None, "the mug has no price yet"
        return quote(found, visitor, customer, at)

    def _check_new(self, since: int) -> None:
        """Every record fits its topic; every change has its one invalidation, and is the quote.

        Not before `since` (epoch ms): what was due before a record is decided without it.
        """
        new, self._told = self.driver.outputs[self._told :], len(self.driver.outputs)
        for topic, record in new:
            filled = {"event_id": "x", "event_time": 1} | record
            assert Encoder(topic, TOPICS[topic].avro_schema, 1).encode(filled)
        changes = [record for topic, record in new if topic == CHANGES]
        invalidations = [record for topic, record in new if topic == INVALIDATIONS]
        assert [(c["sku"], c["change_id"], c["event_time"]) for c in changes] == [
            (i["sku"], i["change_id"], i["event_time"]) for i in invalidations
        ]
        for change in changes:
            assert change["reasons"], change
            self.book.take(CHANGES, change)
            found = self.book.sku(change["sku"])
            assert found is not None
            holding = {p.promotion_id for p in found.promotions if p.holds(change["event_time"])}
            is_told = holding == set(change["promotions"])  # else a notice is on its way
            if is_told and change["event_time"] >= since:
                charged = quote(found, None, None, change["event_time"])
                assert charged.price_minor == change["new_minor"], change
