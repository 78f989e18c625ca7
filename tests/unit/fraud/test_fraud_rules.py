"""Rules as data: what a record may say, how they change, and what they add up to."""

import msgspec
import pytest
from checkout import NOON, Checkout, default_rules, minutes, order, points, rule
from hypothesis import given, settings
from hypothesis import strategies as st

from udfs.fraud.events import OrderInitiated
from udfs.fraud.rule_data import HABITS, PARAMETERS, FraudRule
from udfs.fraud.score import RuleSet, band_of
from udfs.fraud.signals import SIGNALS


def convert(record):
    return msgspec.convert(record, FraudRule)


@pytest.mark.parametrize(
    ("record", "complaint"),
    [
        (rule("VELOCITY", 100), "weight"),
        (rule("VELOCITY", -1), "weight"),
        (rule("VELOCITY", float("nan")), "weight"),
        (rule("LUCK"), "LUCK"),
        (rule("VELOCITY", mode="ON"), "mode"),
        (rule("VELOCITY", rule_id="*"), "rule_id"),
        (rule("VELOCITY", colour=1), "no parameter 'colour'"),
        (rule("VELOCITY", window_h=2), "window_h"),
        (rule("VELOCITY", low=5, high=5), "low < high"),
        (rule("VELOCITY", low=float("inf")), "finite"),
        (rule("IP_COUNTRY", partial=2), "partial"),
        (rule("AMOUNT_DEVIATION", min_deviation=0), "min_deviation"),
        (rule("NEW_ACCOUNT_AMOUNT", **{"amount_minor.yen": 1}), "amount_minor.yen"),
        (rule("NEW_ACCOUNT_AMOUNT", **{"amount_minor.JPY": 0}), "above 0"),
    ],
)
def test_a_rule_that_cannot_be_is_refused_with_the_reason(record, complaint):
    with pytest.raises(msgspec.ValidationError, match=complaint):
        convert(record)


@pytest.mark.parametrize(
    "wrong",
    [
        {"order_id": ""},
        {"event_id": ""},
        {"amount_minor": -1},
        {"currency": "euro"},
        {"latitude": 91.0},
        {"latitude": float("nan")},
        {"event_time": 0},
        {"shipping_country": "Germany"},
    ],
)
def test_an_order_that_cannot_be_is_refused(wrong):
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(order(**wrong), OrderInitiated)


def test_there_is_one_default_rule_of_every_kind_and_they_are_all_version_one():
    rules = [convert(record) for record in default_rules()]
    assert sorted(found.kind for found in rules) == sorted(SIGNALS) == sorted(PARAMETERS)
    assert {found.version for found in rules} == {1}
    assert set(PARAMETERS) > HABITS


def test_the_bands_begin_where_they_are_said_to():
    assert [band_of(score) for score in (0, 30, 31, 60, 61, 85, 86, 99)] == [
        *("APPROVE", "APPROVE", "STEP_UP", "STEP_UP"),
        *("REVIEW", "REVIEW", "DECLINE", "DECLINE"),
    ]


def test_without_rules_every_order_is_approved():
    decision = Checkout([]).send(order())
    assert (decision["score"], decision["band"], decision["rules_version"]) == (0, "APPROVE", 0)


def test_a_rule_that_changes_between_two_orders_holds_from_the_next_one_on():
    checkout = Checkout([rule("SHARED_CARD", 20, low=0, high=1)])
    modes = [{}, {"weight": 50}, {"mode": "SHADOW"}, {"mode": "OFF"}]
    seen = []
    for version, change in enumerate(modes, start=1):
        checkout.refer(rule("SHARED_CARD", 20, low=0, high=1, version=version) | change)
        decision = checkout.send(order(at=NOON + minutes(version)))
        shadow = [reason["points"] for reason in decision["shadow_reasons"]]
        seen.append((decision["score"], shadow, decision["rules_version"]))
    assert seen == [(20, [], 1), (50, [], 2), (0, [20], 3), (0, [], 4)]


def test_a_rule_that_was_deleted_no_longer_counts():
    checkout = Checkout([rule("SHARED_CARD", 20, low=0, high=1)])
    assert checkout.send(order())["score"] == 20
    checkout.fraud.refer("fraud.rules", "shared_card", None)
    assert checkout.send(order())["score"] == 0


def test_reasons_come_with_the_most_points_first():
    checkout = Checkout(
        [
            rule("SHARED_CARD", 20, low=0, high=1),
            rule("SHARED_DEVICE", 40, low=0, high=1),
            rule("SHARED_DEVICE", 30, rule_id="again", low=0, high=1),
        ]
    )
    decision = checkout.send(order())
    assert list(points(decision).items()) == [
        ("shared_device", 40),
        ("again", 30),
        ("shared_card", 20),
    ]


weights = st.dictionaries(
    st.sampled_from(sorted(PARAMETERS)), st.floats(0, 99), min_size=1, max_size=len(PARAMETERS)
)
histories = st.lists(
    st.fixed_dictionaries(
        {
            "event_time": st.integers(NOON, NOON + minutes(120)),
            "amount_minor": st.integers(0, 10**7),
            "device_id": st.sampled_from([None, "a", "b"]),
            "card_fingerprint": st.sampled_from([None, "a", "b"]),
            "customer_id": st.sampled_from(["ada", "ben"]),
            "ip_country": st.sampled_from([None, "DE", "FR"]),
            "shipping_country": st.sampled_from([None, "DE", "FR"]),
            "latitude": st.floats(-90, 90),
        }
    ),
    min_size=1,
    max_size=8,
)


@settings(max_examples=150, deadline=None)
@given(weights, histories, st.data())
def test_the_score_is_within_0_and_99_and_grows_with_every_weight(given_weights, history, data):
    kind = data.draw(st.sampled_from(sorted(given_weights)))
    higher = given_weights | {kind: data.draw(st.floats(given_weights[kind], 99))}
    lax = {name: {"min_history": 0.0} for name in PARAMETERS if "min_history" in PARAMETERS[name]}

    def rules(by_kind):
        return [
            convert(rule(name, weight, **lax.get(name, {}))) for name, weight in by_kind.items()
        ]

    checkout = Checkout([rule("VELOCITY", 0)])
    for record in history[:-1]:
        checkout.send(order(**record))
    last = msgspec.convert(order(**history[-1]), OrderInitiated)
    customer = checkout.customer(last.customer_id)
    checkout.send(order(**history[-1]))
    answers = iter(checkout.fraud.views[last.customer_id].answers)
    device = next(answers) if last.device_id else None
    card = next(answers) if last.card_fingerprint else None
    if customer is None:
        return

    lower_score = RuleSet(rules(given_weights)).score(last, customer, device, card)
    higher_score = RuleSet(rules(higher)).score(last, customer, device, card)

    assert 0 <= lower_score.score <= higher_score.score <= 99
    assert all(0 < found <= 99 for _, found in lower_score.reasons)
    only_habits = {name: weight for name, weight in higher.items() if name in HABITS}
    assert RuleSet(rules(only_habits)).score(last, customer, device, card).score <= 75
