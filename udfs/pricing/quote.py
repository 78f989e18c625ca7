"""The price that a checkout must charge now: of the job, of its tests and of whoever sells."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import msgspec

from udfs.pricing.assignment import Experiment, assigned
from udfs.pricing.events import CHANGES, EXPERIMENTS, PROMOTIONS
from udfs.pricing.promotions import Promotion, Tier, reduced


class Customer(NamedTuple):
    """Somebody with an account; `loyalty_tier` None for one without a tier."""

    customer_id: str
    loyalty_tier: Tier | None = None


class PricedSku(NamedTuple):
    """All that the price of a sku follows from; amounts in minor units of `currency`.

    regular_minor: the price before promotions. promotions: those of the sku and of its category.
    """

    sku: str
    category: str | None
    currency: str
    regular_minor: int
    lowest_minor: int
    highest_minor: int
    promotions: tuple[Promotion, ...] = ()
    experiments: tuple[Experiment, ...] = ()


class Quote(NamedTuple):
    """What to charge, and what it follows from. The arm is None outside of any experiment."""

    price_minor: int
    currency: str
    regular_minor: int
    promotions: tuple[str, ...]
    experiment_id: str | None
    arm_id: str | None


def quote(sku: PricedSku, visitor: str | None, customer: Customer | None, at: int) -> Quote:
    """The price of one unit at `at` (epoch ms) for a visitor, who may be a known customer.

    The arm of an experiment changes the regular price, then promotions reduce it; whatever comes
    out is kept between `lowest_minor` and `highest_minor`.
    """
    price, experiment_id, arm_id = sku.regular_minor, None, None
    found = None
    if visitor is not None:
        found = assigned(sku.experiments, sku.sku, sku.category, visitor, at)
    if found is not None:
        experiment_id, arm_id = found[0].experiment_id, found[1].arm_id
        price = with_percent(price, found[1].price_pct)
        price = min(max(price, sku.lowest_minor), sku.highest_minor)
    tier = None if customer is None else customer.loyalty_tier
    holding = [one for one in sku.promotions if one.holds(at) and one.is_for(tier)]
    price, promotions = reduced(price, sku.currency, holding)
    price = min(max(price, sku.lowest_minor), sku.highest_minor)
    return Quote(price, sku.currency, sku.regular_minor, promotions, experiment_id, arm_id)


def with_percent(price: int, percent: float) -> int:
    """`price` and `percent` per cent of it (to the hundredth), rounded half up to minor units."""
    return (price * (10_000 + round(percent * 100)) + 5_000) // 10_000


class PriceBook:
    """What a checkout keeps to quote by: the latest records of pricing.changes, .promotions and
    .experiments.
    """

    def __init__(self) -> None:
        self._changes: dict[str, Mapping[str, Any]] = {}
        self._promotions: dict[str, Promotion] = {}
        self._experiments: dict[str, Experiment] = {}

    def take(self, topic: str, record: Mapping[str, Any]) -> None:
        """Learn a record of one of the topics; others say nothing of prices."""
        if topic == CHANGES:
            self._changes[record["sku"]] = record
        elif topic == PROMOTIONS:
            promotion = msgspec.convert(record, Promotion)
            self._promotions[promotion.promotion_id] = promotion
        elif topic == EXPERIMENTS:
            experiment = msgspec.convert(record, Experiment)
            self._experiments[experiment.experiment_id] = experiment

    def sku(self, name: str) -> PricedSku | None:
        """What the price of a sku follows from; None for one that has no price."""
        change = self._changes.get(name)
        if change is None:
            return None
        category = change["category"]
        return PricedSku(
            name,
            category,
            change["currency"],
            change["regular_minor"],
            change["lowest_minor"],
            change["highest_minor"],
            tuple(
                one
                for one in self._promotions.values()
                if one.sku == name or (one.category is not None and one.category == category)
            ),
            tuple(self._experiments.values()),
        )
