"""What the pricing job remembers.

All types are stored as arrays: a new field goes to the end and has a default, and a field is never
renamed to mean something else, moved or removed, or stored state becomes unreadable. Policies and
promotions are kept as they came, with the names of their fields.
"""

import msgspec

from udfs.pricing.policy import PricePolicy
from udfs.pricing.promotions import Promotion


class Stocked(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """Units available at a warehouse, and the version of the record that said so."""

    available: int
    version: int


class Asked(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """What a competitor asked for the sku, and when (epoch ms)."""

    price_minor: int
    currency: str
    asked_at: int


class Pricing(msgspec.Struct, array_like=True):
    """A sku's entity state; amounts in minor units, times in epoch ms.

    clock: the latest time that it was decided for; it never goes back.
    currency, regular_minor: the price before promotions; 0 before the first one.
    public_minor: what everybody is charged, as last told.
    changed_at: when the regular price last changed.
    number: changes told so far.
    surging, demand_at: whether demand surges, and up to when demand is known.
    low_stock: whether stock is low, by warehouse in `stock`.
    followed_minor: the competitors' lowest price that ours goes by; None for none.
    promotions: those that may still hold. active: of these what was told to hold, with the
        event_id of the record that it was told by.
    told: lowest and highest price and category, as last told.
    wake_at: when to look again.
    """

    clock: int = 0
    policy: PricePolicy | None = None
    currency: str = ""
    regular_minor: int = 0
    public_minor: int = 0
    changed_at: int = 0
    number: int = 0
    surging: bool = False
    demand_at: int = 0
    low_stock: bool = False
    stock: dict[str, Stocked] = {}
    followed_minor: int | None = None
    competitors: dict[str, Asked] = {}
    promotions: dict[str, Promotion] = {}
    active: dict[str, str] = {}
    told: tuple[int, int, str | None] = (0, 0, None)
    wake_at: int | None = None


class Category(msgspec.Struct, array_like=True):
    """A category's link: the skus in it, and its promotions that have not ended."""

    skus: list[str] = []
    promotions: dict[str, Promotion] = {}


class Exposure(msgspec.Struct, array_like=True, gc=False):
    """A visitor's part in an experiment. until: when it may be forgotten (epoch ms)."""

    arm_id: str
    until: int
    purchases: int = 0
    revenue_minor: int = 0


class Visitor(msgspec.Struct, array_like=True):
    """A visitor who was exposed to experiments, by experiment_id."""

    exposures: dict[str, Exposure] = {}


class ArmSums(msgspec.Struct, array_like=True, gc=False):
    """What an arm came to, in sums; revenue in minor units.

    revenue_squares: sum over visitors of the square of each one's revenue.
    conversion_p, revenue_p: lowest always-valid p so far; 1 before any.
    """

    visitors: int = 0
    converted: int = 0
    revenue_minor: int = 0
    revenue_squares: float = 0.0
    conversion_p: float = 1.0
    revenue_p: float = 1.0


class Experimented(msgspec.Struct, array_like=True):
    """An experiment's sums by arm_id, and what was concluded, which stands.

    wake_at: when the next result is due (epoch ms).
    """

    arms: dict[str, ArmSums] = {}
    decision: str | None = None
    winner: str | None = None
    wake_at: int | None = None
