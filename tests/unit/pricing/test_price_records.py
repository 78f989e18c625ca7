"""What is refused, what is seeded, and the form of what is stored."""

import json
from pathlib import Path

import msgspec
import pytest
from support.price_desk import NOON, Desk, everyone, policy, promotion

import connectors
from udfs.pricing.policy import EVERY_SKU, PricePolicy, terms_of
from udfs.pricing.promotions import Promotion
from udfs.pricing.state import (
    ArmSums,
    Asked,
    Category,
    Experimented,
    Exposure,
    Pricing,
    Stocked,
    Visitor,
)

SEEDS = Path(connectors.__file__).parent / "seeds" / "pricing.policies.ndjson"


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"floor_minor": 1_001}, "expected floor_minor <= base_minor <= ceiling_minor"),
        ({"ceiling_minor": 999}, "expected floor_minor <= base_minor <= ceiling_minor"),
        ({"cost_minor": 1_301}, "expected cost_minor <= ceiling_minor"),
        ({"base_minor": None}, "needs currency, base_minor"),
        ({"currency": None}, "needs currency, base_minor"),
        ({"currency": "euro"}, "currency"),
        ({"base_minor": 0}, "base_minor"),
        ({"cooldown_s": 0}, "cooldown_s"),
        ({"max_step_pct": 0.0}, "max_step_pct"),
        ({"competitor_weight": 0.91}, "competitor_weight"),
        ({"version": 0}, "version"),
    ],
)
def test_a_policy_that_cannot_be_kept_is_refused(fields: dict, reason: str):
    with pytest.raises(msgspec.ValidationError, match=reason):
        msgspec.convert(policy(**fields), PricePolicy)


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"percent": None}, "either percent or amount_minor"),
        ({"percent": 5.0, "amount_minor": 100, "currency": "EUR"}, "either percent"),
        ({"amount_minor": 100}, "a currency with amount_minor"),
        ({"sku": None}, "a sku or a category"),
        ({"percent": 0.0}, "percent"),
        ({"loyalty_tier": "TIN"}, "loyalty_tier"),
    ],
)
def test_a_promotion_that_says_nothing_clear_is_refused(fields: dict, reason: str):
    with pytest.raises(msgspec.ValidationError, match=reason):
        msgspec.convert(promotion("p", NOON, NOON + 1, **fields), Promotion)


def test_the_policy_of_all_prices_nothing_by_itself(desk: Desk):
    record = everyone(surge_pct=5.0, base_minor=None)
    desk.refer(record)
    assert desk.send(record) == []
    assert desk.driver.state(EVERY_SKU) is None


def test_every_seeded_policy_prices_its_sku_at_its_base(desk: Desk):
    seeds = [json.loads(line) for line in SEEDS.read_text().splitlines()]
    default = next(record for record in seeds if record["sku"] == EVERY_SKU)
    desk.refer(default)
    for record in seeds:
        if record["sku"] == EVERY_SKU:
            continue
        absent = dict.fromkeys(PricePolicy.__struct_fields__)
        desk.send(absent | record)
        (change,) = desk.changes(record["sku"])
        assert change["new_minor"] == record["base_minor"]
        terms = terms_of(msgspec.convert(record, PricePolicy), None)
        assert terms.margin_minor < terms.base_minor < terms.ceiling_minor


FORMS = {
    Stocked: "available version",
    Asked: "price_minor currency asked_at",
    Pricing: "clock policy currency regular_minor public_minor changed_at number surging demand_at "
    "low_stock stock followed_minor competitors promotions active told wake_at",
    Category: "skus promotions",
    Exposure: "arm_id until purchases revenue_minor",
    Visitor: "exposures",
    ArmSums: "visitors converted revenue_minor revenue_squares conversion_p revenue_p",
    Experimented: "arms decision winner wake_at",
}


@pytest.mark.parametrize("kind", FORMS)
def test_stored_fields_keep_their_places(kind: type):
    config = kind.__struct_config__
    assert config.array_like
    assert list(kind.__struct_fields__)[: len(FORMS[kind].split())] == FORMS[kind].split()
    if kind in (Pricing, Category, Visitor, Experimented):
        assert msgspec.msgpack.decode(b"\x90", type=kind) == kind()
