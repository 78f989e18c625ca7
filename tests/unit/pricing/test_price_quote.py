"""What a checkout must charge: one function for everybody, tiers and arms of experiments."""

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st
from support.price_desk import NOON, Desk, event, hours, policy, promotion

from udfs.pricing.assignment import Arm, Experiment
from udfs.pricing.events import EXPERIMENTS
from udfs.pricing.promotions import TIERS, Promotion
from udfs.pricing.quote import Customer, PriceBook, PricedSku, quote

VISITORS = [f"v{number}" for number in range(200)]
EXPERIMENT = event(
    NOON,
    experiment_id="e1",
    arms=[
        {"arm_id": "control", "price_pct": 0.0, "weight": 1},
        {"arm_id": "dearer", "price_pct": 5.0, "weight": 1},
    ],
    traffic_share=0.2,
    starts_at=NOON,
    ends_at=NOON + hours(1),
    sku="mug",
    category=None,
    planned_visitors=1_000,
)


def arm_names(desk: Desk, at: int) -> set[tuple[str | None, int]]:
    quotes = [desk.quote(at, visitor) for visitor in VISITORS]
    return {(found.arm_id, found.price_minor) for found in quotes}


def test_visitors_pay_the_price_of_their_arm_while_the_experiment_runs(desk: Desk):
    desk.send(policy())
    desk.book.take(EXPERIMENTS, EXPERIMENT)

    assert arm_names(desk, NOON) == {(None, 1_000), ("control", 1_000), ("dearer", 1_050)}
    assert arm_names(desk, NOON + hours(1)) == {(None, 1_000)}
    assert desk.quote(NOON).arm_id is None, "nobody in particular is in no arm"
    taking_part = [v for v in VISITORS if desk.quote(NOON, v).arm_id is not None]
    experiment = msgspec.convert(EXPERIMENT, Experiment)
    assert taking_part == [v for v in VISITORS if experiment.arm_of(v) is not None]


def test_a_promotion_reduces_the_price_of_the_arm(desk: Desk):
    desk.send(policy(), promotion("sale", NOON, NOON + hours(1)))
    desk.book.take(EXPERIMENTS, EXPERIMENT)
    dearer = next(v for v in VISITORS if desk.quote(NOON, v).arm_id == "dearer")
    found = desk.quote(NOON, dearer)
    assert (found.price_minor, found.regular_minor) == (945, 1_000)
    assert (found.promotions, found.experiment_id, found.currency) == (("sale",), "e1", "EUR")


def test_a_sku_that_was_never_priced_cannot_be_quoted():
    assert PriceBook().sku("mug") is None


@st.composite
def skus(draw: st.DrawFn) -> PricedSku:
    lowest, regular, highest = sorted(draw(st.tuples(*[st.integers(1, 10_000)] * 3)))
    promotions = [
        Promotion(
            event_id="e",
            event_time=1,
            promotion_id=str(number),
            starts_at=1,
            ends_at=draw(st.integers(1, 20)),
            sku="mug",
            percent=draw(st.floats(0.01, 100)),
            loyalty_tier=draw(st.sampled_from([None, *TIERS])),
            stackable=draw(st.booleans()),
        )
        for number in range(draw(st.integers(0, 5)))
    ]
    experiment = Experiment(
        event_id="e",
        event_time=1,
        experiment_id="e",
        arms=(Arm("control"), Arm("other", draw(st.floats(-90, 100)))),
        traffic_share=0.2,
        starts_at=1,
        ends_at=20,
    )
    bounds = ("mug", None, "EUR", regular, lowest, highest)
    return PricedSku(*bounds, tuple(promotions), (experiment,))


@settings(max_examples=300)
@given(skus(), st.sampled_from([None, *VISITORS]), st.integers(1, 20))
def test_nobody_is_charged_outside_of_the_bounds_and_a_higher_tier_never_pays_more(
    sku: PricedSku, visitor: str | None, at: int
):
    prices = [quote(sku, visitor, Customer("ada", tier), at).price_minor for tier in (None, *TIERS)]
    assert all(sku.lowest_minor <= price <= sku.highest_minor for price in prices)
    assert prices == sorted(prices, reverse=True)
    assert quote(sku, visitor, None, at).price_minor == prices[0]
