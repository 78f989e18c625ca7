"""What `--set` takes, and what it does to reference records."""

from typing import Any

import pytest

from connectors.errors import ShopstreamError
from deploy.replay.overrides import Overrides
from udfs.fraud.rule_data import FraudRule
from udfs.inventory.events import StockPolicy

RULES, POLICIES = "fraud.rules", "inventory.policies"
KINDS = {RULES: FraudRule, POLICIES: StockPolicy}


def rule(**fields: Any) -> dict[str, Any]:
    return {
        "event_id": "e",
        "event_time": 1,
        "rule_id": "velocity",
        "kind": "VELOCITY",
        "weight": 70.0,
        "parameters": {"low": 1.0},
        "mode": "ACTIVE",
        "version": 3,
    } | fields


def policy(sku: str) -> dict[str, Any]:
    fields = {"reorder_point": 5, "reorder_quantity": 1, "reservation_timeout_s": 900}
    return {"event_id": "e", "event_time": 1, "sku": sku, **fields}


def test_a_field_of_the_named_record_is_set_and_no_other():
    overrides = Overrides(["fraud.rules/velocity.weight=30"], KINDS)
    assert overrides.changed(RULES, rule()) == rule(weight=30.0)
    assert overrides.changed(RULES, rule(rule_id="other")) is None


def test_a_key_of_a_map_is_set_beside_the_others():
    overrides = Overrides(["fraud.rules/velocity.parameters.high=9"], KINDS)
    assert overrides.changed(RULES, rule()) == rule(parameters={"low": 1.0, "high": 9.0})


def test_a_value_that_is_no_json_is_a_text():
    overrides = Overrides(["fraud.rules/velocity.mode=SHADOW"], KINDS)
    assert overrides.changed(RULES, rule()) == rule(mode="SHADOW")


def test_a_record_may_have_dots_and_stars_in_its_name():
    texts = ["inventory.policies/a.b.reorder_point=1", "inventory.policies/*.reorder_point=2"]
    overrides = Overrides(texts, KINDS)
    for sku, point in (("a.b", 1), ("*", 2)):
        changed = overrides.changed(POLICIES, policy(sku))
        assert changed is not None
        assert changed["reorder_point"] == point


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("velocity.weight=30", "TOPIC/RECORD.FIELD=VALUE"),
        ("fraud.rules/velocity.weight", "TOPIC/RECORD.FIELD=VALUE"),
        ("orders.limits/FRAUD.limit_ms=3", "fraud.rules, inventory.policies"),
        ("fraud.rules/velocity.wait=3", "rule_id, kind, weight"),
        ("fraud.rules/velocity.rule_id=x", "names the record"),
    ],
)
def test_what_cannot_be_set_is_refused_with_what_can(text: str, expected: str):
    with pytest.raises(ShopstreamError, match=expected):
        Overrides([text], KINDS)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("fraud.rules/velocity.weight=many", "field weight: expected double"),
        ("fraud.rules/velocity.weight=120", "<= 99"),
        ("fraud.rules/velocity.parameters.speed=1", "no parameter 'speed'"),
        ("fraud.rules/velocity.weight.low=1", "no map"),
    ],
)
def test_a_value_that_topic_or_rules_refuse_is_refused(text: str, expected: str):
    with pytest.raises(ShopstreamError, match=expected):
        Overrides([text], KINDS).changed(RULES, rule())


def test_a_record_that_there_never_was_is_refused_with_those_that_there_are():
    overrides = Overrides(["fraud.rules/speed.weight=1"], KINDS)
    overrides.changed(RULES, rule())
    with pytest.raises(ShopstreamError, match="such as velocity; came 'speed'"):
        overrides.require_used()


def test_a_field_that_is_set_twice_is_refused():
    with pytest.raises(ShopstreamError, match="set twice"):
        Overrides(["fraud.rules/velocity.weight=1", "fraud.rules/velocity.weight=2"], KINDS)
