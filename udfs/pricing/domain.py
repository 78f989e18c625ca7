"""The pricing domains, as the runtime needs them."""

from typing import Final

from udfs.contract import Domain, Links
from udfs.pricing import categories, exposures, results, rules
from udfs.pricing.assignment import Experiment
from udfs.pricing.events import (
    AVAILABILITY,
    CHANGES,
    CLICKS,
    COMPETITOR_PRICES,
    DEMAND,
    EXPERIMENTS,
    INVALIDATIONS,
    NOTICES,
    POLICIES,
    PROMOTIONS,
    RESULTS,
    SIGNALS,
    Availability,
    Click,
    CompetitorPrice,
    Demand,
    ExperimentSignal,
)
from udfs.pricing.policy import PricePolicy
from udfs.pricing.promotions import Promotion
from udfs.pricing.state import Category, Experimented, Pricing, Visitor

PRICING: Final = Domain(
    name="pricing",
    entity="sku",
    inputs={
        POLICIES: PricePolicy,
        DEMAND: Demand,
        AVAILABILITY: Availability,
        COMPETITOR_PRICES: CompetitorPrice,
        PROMOTIONS: Promotion,
        NOTICES: Promotion,
    },
    reference={POLICIES: PricePolicy},
    outputs=(CHANGES, INVALIDATIONS, NOTICES),
    rule=rules.decide,
    state=Pricing,
    links=Links(
        touches=categories.touches,
        touch=categories.Touch,
        answer=int,
        rule=categories.decide,
        state=Category,
    ),
)

EXPOSURES: Final = Domain(
    name="pricing-exposures",
    entity="visitor_id",
    inputs={CLICKS: Click},
    reference={EXPERIMENTS: Experiment, POLICIES: PricePolicy},
    outputs=(SIGNALS,),
    rule=exposures.decide,
    state=Visitor,
)

EXPERIMENT_RESULTS: Final = Domain(
    name="pricing-experiments",
    entity="experiment_id",
    inputs={SIGNALS: ExperimentSignal},
    reference={EXPERIMENTS: Experiment},
    outputs=(RESULTS,),
    rule=results.decide,
    state=Experimented,
)
