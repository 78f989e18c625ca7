"""Promotions: what a record may say, when one holds and for whom, and what they make of a price."""

from collections.abc import Iterable
from typing import Annotated, Final, Literal

import msgspec

from udfs.pricing.events import Currency, Id, Price, Time

Tier = Literal["BRONZE", "SILVER", "GOLD", "PLATINUM"]
TIERS: Final[tuple[Tier, ...]] = ("BRONZE", "SILVER", "GOLD", "PLATINUM")
"""Loyalty tiers, lowest first: a promotion of a tier is for the higher ones too."""


class Promotion(msgspec.Struct, frozen=True, kw_only=True):
    """A reduction of a sku, or of a category, from `starts_at` until just before `ends_at`.

    percent (above 0 to 100) or amount_minor with its currency. As a notice to a sku of a category
    it names both. One that ends before it starts never holds: so is one withdrawn.
    """

    event_id: Id
    event_time: Time
    promotion_id: Id
    starts_at: Time
    ends_at: Time
    sku: Id | None = None
    category: Id | None = None
    percent: Annotated[float, msgspec.Meta(gt=0, le=100)] | None = None
    amount_minor: Price | None = None
    currency: Currency | None = None
    loyalty_tier: Tier | None = None
    stackable: bool = False

    def __post_init__(self) -> None:
        if self.sku is None and self.category is None:
            raise ValueError("expected a sku or a category")
        if (self.percent is None) == (self.amount_minor is None):
            raise ValueError("expected either percent or amount_minor")
        if self.amount_minor is not None and self.currency is None:
            raise ValueError("expected a currency with amount_minor")

    def holds(self, at: int) -> bool:
        """Whether it holds at `at` (epoch ms)."""
        return self.starts_at <= at < self.ends_at

    def is_for(self, tier: Tier | None) -> bool:
        """Whether it is for a customer of loyalty tier `tier`; None for one without."""
        if self.loyalty_tier is None:
            return True
        return tier is not None and TIERS.index(tier) >= TIERS.index(self.loyalty_tier)


def reduced(
    price: int, currency: str, promotions: Iterable[Promotion]
) -> tuple[int, tuple[str, ...]]:
    """The lowest price that `promotions` (all holding) give, and the ids of those that give it.

    All stackable ones together: first the per cents, one after the other, then the amounts. Any
    other only alone. Ties go to the smaller id; an amount in another currency gives nothing.
    """
    usable = sorted(
        (p for p in promotions if p.amount_minor is None or p.currency == currency),
        key=lambda promotion: promotion.promotion_id,
    )
    together = [promotion for promotion in usable if promotion.stackable]
    options = [[promotion] for promotion in usable if not promotion.stackable]
    if together:
        options.insert(0, together)
    best: int = price
    ids: tuple[str, ...] = ()
    for option in options:
        lower = _after(price, option)
        if lower < best:
            best, ids = lower, tuple(promotion.promotion_id for promotion in option)
    return best, ids


def _after(price: int, promotions: list[Promotion]) -> int:
    """Rounded once, half up; not below 0."""
    numerator, denominator, amounts = price, 1, 0
    for promotion in promotions:
        if promotion.percent is not None:
            numerator *= 10_000 - round(promotion.percent * 100)
            denominator *= 10_000
        else:
            amounts += promotion.amount_minor or 0
    return max(0, (2 * numerator + denominator) // (2 * denominator) - amounts)
