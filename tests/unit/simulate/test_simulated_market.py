"""Promotions and competitors of a run: within their contracts, and off each other's skus."""

import msgspec

from connectors.codec import Encoder
from connectors.topics import TOPICS
from deploy.simulate.clicks import SURGES
from deploy.simulate.pricing import (
    COMPARED,
    PROMOTED_CATEGORY,
    PROMOTED_SKU,
    WRITES,
    Market,
    hasty_prices,
)
from deploy.simulate.sending import Kind, Tally
from udfs.pricing.domain import PRICING
from udfs.pricing.policy import terms_of

NOON = 1_767_614_400_000


def minute(run: str = "run", seed: int = 1) -> list:
    market = Market(seed, run, Tally())
    return [*market.opening(NOON), *market.due(NOON + 60_000)]


def checked(sendings: list) -> list:
    """Each encodes by its schema, is keyed by contract, and is what the job takes."""
    for sending in sendings:
        declared = TOPICS[sending.topic]
        defaults = {f["name"]: f.get("default") for f in declared.avro_schema["fields"]}
        # null in an Avro default is what the job's types take for not given
        record = {k: v for k, v in (defaults | sending.record).items() if v is not None}
        assert Encoder(sending.topic, declared.avro_schema, 1).encode(sending.record)
        assert declared.key_of(record) == sending.key
        msgspec.convert(record, PRICING.inputs[sending.topic])
        assert sending.event_time == record["event_time"]
    return sendings


def test_what_is_sent_is_what_the_job_takes():
    assert {sending.topic for sending in checked(minute())} == set(WRITES)


def test_promotions_start_after_they_are_published_and_end_within_the_minute():
    promotions = [s.record for s in minute() if s.kind is Kind.PROMOTION]
    assert [p.get("sku") or p.get("category") for p in promotions] == [
        PROMOTED_SKU, PROMOTED_CATEGORY,
    ]  # fmt: skip
    for promotion in promotions:
        # the audit owes a start on time only to what is known 10 s before
        assert NOON + 10_000 < promotion["starts_at"] < promotion["ends_at"] < NOON + 60_000


def test_competitors_ask_now_and_then_once_the_shop_is_open():
    tally = Tally()
    market = Market(1, "run", tally)
    assert not list(market.due(NOON))
    list(market.opening(NOON))
    asked = [s for at in range(0, 60_001, 100) for s in market.due(NOON + at)]
    assert len(asked) == 13 == tally.sent[Kind.COMPETITOR_PRICE]
    assert [s.event_time for s in asked] == [NOON + 5000 * n for n in range(13)]


def test_what_is_promoted_compared_and_in_demand_are_different_skus():
    compared, wanted = {p.sku for p in COMPARED}, {p.sku for p in SURGES}
    promoted = {sku for sku in compared | wanted if sku.startswith(f"{PROMOTED_CATEGORY}-")}
    assert compared
    assert wanted
    assert not compared & wanted
    assert not promoted
    assert PROMOTED_SKU not in compared | wanted


def test_a_seed_gives_the_same_market_and_no_promotion_of_one_run_is_in_another():
    assert minute() == minute()
    assert minute(seed=2) != minute()
    mine, others = ({s.record["event_id"] for s in minute(run)} for run in ("run", "run2"))
    assert not mine & others


def test_hasty_prices_differ_from_the_default_in_the_cool_down_alone():
    (sending,) = checked(list(hasty_prices(NOON)))
    policy = PRICING.reference[sending.topic]
    own = policy(
        event_id="p", event_time=NOON, sku="mug", version=1, currency="EUR",
        base_minor=1000, floor_minor=800, ceiling_minor=1200, cost_minor=600,
    )  # fmt: skip
    usual, hasty = terms_of(own, None), terms_of(own, msgspec.convert(sending.record, policy))
    assert hasty == usual._replace(cooldown_s=10)
