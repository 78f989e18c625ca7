"""What the pricing job reads of a sku and of a visitor, apart from policies, promotions and
experiments, which have modules of their own.

Times are epoch milliseconds of event time, prices minor units of their currency. Fields that no
rule looks at are not declared, and are skipped when a record is converted.
"""

from typing import Annotated, Final, Literal

import msgspec

POLICIES: Final = "pricing.policies"
COMPETITOR_PRICES: Final = "pricing.competitor-prices"
PROMOTIONS: Final = "pricing.promotions"
NOTICES: Final = "pricing.promotion-notices"
EXPERIMENTS: Final = "pricing.experiments"
CHANGES: Final = "pricing.changes"
INVALIDATIONS: Final = "pricing.cache-invalidations"
SIGNALS: Final = "pricing.experiment-signals"
RESULTS: Final = "pricing.experiment-results"
DEMAND: Final = "features.product-demand"
AVAILABILITY: Final = "inventory.availability"
CLICKS: Final = "clickstream.events"

MAX_TIME: Final = 253_402_300_799_999
"""The last millisecond of the year 9999: beyond it a time is not in milliseconds."""

MAX_PRICE: Final = 10**12
"""Minor units that no price reaches: beyond it a number is a mistake, not a price."""

MAX_QUANTITY: Final = 1_000_000_000

Id = Annotated[str, msgspec.Meta(min_length=1)]
Time = Annotated[int, msgspec.Meta(gt=0, le=MAX_TIME)]
Price = Annotated[int, msgspec.Meta(gt=0, le=MAX_PRICE)]
Count = Annotated[int, msgspec.Meta(ge=0, le=MAX_QUANTITY)]
Currency = Annotated[str, msgspec.Meta(pattern="^[A-Z]{3}$")]


class Demand(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """How much a sku is wanted. surge_ratio: browse-to-cart of 5 minutes over the sku's usual."""

    event_id: Id
    event_time: Time
    sku: Id
    window_end: Time
    views_5m: Count
    surge_ratio: Annotated[float, msgspec.Meta(ge=0)]


class Availability(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Units that can be sold of a sku at a warehouse; a higher version is newer."""

    event_id: Id
    event_time: Time
    sku: Id
    warehouse_id: Id
    available: int
    version: int


class CompetitorPrice(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What a competitor asks for a sku."""

    event_id: Id
    event_time: Time
    sku: Id
    competitor: Id
    price_minor: Price
    currency: Currency


class Click(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What a visitor did; only views and purchases of a sku matter here.

    price_minor: of one unit, in minor units.
    """

    event_id: Id
    event_time: Time
    visitor_id: Id
    event_type: str
    sku: str | None = None
    category: str | None = None
    price_minor: Annotated[int, msgspec.Meta(ge=0, le=MAX_PRICE)] | None = None
    quantity: Count | None = None


class ExperimentSignal(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A visitor was exposed to an experiment, or bought under it.

    revenue_before_minor: what the visitor's earlier purchases under it came to.
    """

    event_id: Id
    event_time: Time
    experiment_id: Id
    arm_id: Id
    signal: Literal["EXPOSED", "PURCHASED"]
    revenue_minor: Annotated[int, msgspec.Meta(ge=0)] = 0
    revenue_before_minor: Annotated[int, msgspec.Meta(ge=0)] = 0
    is_first: bool = False
