"""Price policies: what a record may say, and the terms that hold for a sku."""

from typing import Annotated, Final, NamedTuple

import msgspec

from udfs.pricing.events import MAX_QUANTITY, Count, Currency, Id, Price, Time

EVERY_SKU: Final = "*"

Percent = Annotated[float, msgspec.Meta(ge=0, le=100)]
Seconds = Annotated[int, msgspec.Meta(ge=1, le=366 * 86_400)]
Ratio = Annotated[float, msgspec.Meta(ge=0, le=1_000_000)]


class PricePolicy(msgspec.Struct, frozen=True, kw_only=True):
    """Within what a sku's price may move, and by what. Key: sku, or "*".

    What is None holds as the policy of "*" says. That one has no price of its own, every other
    must have: currency, base, floor, ceiling and cost, with floor <= base <= ceiling and
    cost <= ceiling.
    """

    event_id: Id
    event_time: Time
    sku: Id
    version: Annotated[int, msgspec.Meta(ge=1)]
    currency: Currency | None = None
    category: Id | None = None
    base_minor: Price | None = None
    floor_minor: Price | None = None
    ceiling_minor: Price | None = None
    cost_minor: Price | None = None
    margin_pct: Annotated[float, msgspec.Meta(ge=0, le=1_000)] | None = None
    max_step_pct: Annotated[float, msgspec.Meta(gt=0, le=100)] | None = None
    cooldown_s: Seconds | None = None
    surge_ratio: Ratio | None = None
    surge_end_ratio: Ratio | None = None
    surge_min_views: Annotated[int, msgspec.Meta(ge=1, le=MAX_QUANTITY)] | None = None
    surge_pct: Percent | None = None
    low_stock_units: Count | None = None
    restocked_units: Count | None = None
    low_stock_pct: Percent | None = None
    competitor_weight: Annotated[float, msgspec.Meta(ge=0, le=0.9)] | None = None
    competitor_dead_band_pct: Percent | None = None
    competitor_max_age_s: Seconds | None = None

    def __post_init__(self) -> None:
        if self.sku == EVERY_SKU:
            return
        base, floor = self.base_minor, self.floor_minor
        ceiling, cost = self.ceiling_minor, self.cost_minor
        if base is None or floor is None or ceiling is None or cost is None or not self.currency:
            raise ValueError(
                "the policy of a sku needs currency, base_minor, floor_minor, ceiling_minor and "
                'cost_minor; only "*" has none'
            )
        if not floor <= base <= ceiling:
            raise ValueError(
                f"expected floor_minor <= base_minor <= ceiling_minor, came {floor}, {base} and "
                f"{ceiling}"
            )
        if cost > ceiling:
            raise ValueError(f"expected cost_minor <= ceiling_minor, came {cost} and {ceiling}")


class Terms(NamedTuple):
    """The policy that holds for a sku, complete; amounts in minor units.

    lowest_minor: nobody is charged less, whatever the promotion. margin_minor: the least for the
    price before promotions; at least `lowest_minor`, at most `ceiling_minor`.
    """

    version: int
    currency: str
    category: str | None
    base_minor: int
    floor_minor: int
    ceiling_minor: int
    cost_minor: int
    margin_pct: float = 10.0
    max_step_pct: float = 5.0
    cooldown_s: int = 300
    surge_ratio: float = 2.0
    surge_end_ratio: float = 1.3
    surge_min_views: int = 20
    surge_pct: float = 10.0
    low_stock_units: int = 5
    restocked_units: int = 10
    low_stock_pct: float = 5.0
    competitor_weight: float = 0.5
    competitor_dead_band_pct: float = 1.0
    competitor_max_age_s: int = 21_600

    @property
    def lowest_minor(self) -> int:
        return max(self.floor_minor, self.cost_minor)

    @property
    def margin_minor(self) -> int:
        """The margin is a wish: it gives way to the ceiling, which the cost does not have to."""
        wished = -(-self.cost_minor * round(10_000 + self.margin_pct * 100) // 10_000)
        return max(self.lowest_minor, min(wished, self.ceiling_minor))


_OWN: Final = ("version", "currency", "category", *Terms._fields[3:7])
_LAYERED: Final = Terms._fields[len(_OWN) :]


def terms_of(own: PricePolicy, default: PricePolicy | None) -> Terms:
    """What `own` says, then the policy of "*", then the defaults of `Terms`."""
    said = {name: getattr(own, name) for name in _OWN}
    for policy in (default, own):
        if policy is not None:
            for name in _LAYERED:
                value = getattr(policy, name)
                if value is not None:
                    said[name] = value
    return Terms(**said)
