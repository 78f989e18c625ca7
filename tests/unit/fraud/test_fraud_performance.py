"""Outcomes beside decisions: how well each rule does under a version of the rules."""

from checkout import NOON, Checkout, days, order, outcome, rule

from udfs.fraud.events import JUDGEMENTS, PERFORMANCES

RULES = [
    rule("SHARED_DEVICE", 40, low=0, high=1, version=3),
    rule("IP_COUNTRY", 40, version=7, mode="SHADOW"),
    rule("KNOWN_FRAUD", 0, version=2),
    rule("VELOCITY", 9, mode="OFF"),
]


def latest(checkout: Checkout) -> dict[str, dict]:
    return {record["performance_id"]: record for record in checkout.emitted(PERFORMANCES)}


def rates(record: dict) -> tuple:
    return record["hits"], record["catch_rate"], record["false_positive_rate"]


def test_an_outcome_is_put_beside_the_decision():
    checkout = Checkout(RULES)
    checkout.send(order("x", ip_country="US"), outcome("x", "FRAUD", at=NOON + days(3)))

    (judgement,) = checkout.emitted(JUDGEMENTS)

    assert judgement == {
        "event_id": "judgement/x/placed-x",
        "event_time": NOON + days(3),
        "rule_set": "7",
        "rules_version": 7,
        "order_id": "x",
        "outcome": "FRAUD",
        "band": "STEP_UP",
        "rules": ["shared_device"],
        "shadow_rules": ["ip_country"],
    }


def test_only_the_first_outcome_of_an_order_is_judged():
    checkout = Checkout(RULES)
    checkout.send(order("x"), outcome("x", "LEGITIMATE"), outcome("x", "FRAUD", at=NOON + 1))
    assert [record["outcome"] for record in checkout.emitted(JUDGEMENTS)] == ["LEGITIMATE"]


def test_an_outcome_that_comes_before_its_order_is_judged_when_the_order_comes():
    checkout = Checkout(RULES)
    checkout.send(outcome("x", "LEGITIMATE", at=NOON + 5))
    assert checkout.emitted(JUDGEMENTS) == []

    checkout.send(order("x"))

    assert [record["order_id"] for record in checkout.emitted(JUDGEMENTS)] == ["x"]


def test_each_judgement_tells_the_rates_of_all_rules_of_its_version():
    checkout = Checkout(RULES)
    for name, country, verdict in [
        ("a", "US", "FRAUD"),
        ("b", "US", "LEGITIMATE"),
        ("c", "DE", "FRAUD"),
        ("d", "DE", "LEGITIMATE"),
    ]:
        device = "phone" if name in "ac" else None
        checkout.send(
            order(name, customer_id=name, ip_country=country, device_id=device),
            outcome(name, verdict, customer_id=name),
        )

    found = latest(checkout)

    assert set(found) == {"*@7", "shared_device@7", "ip_country@7", "known_fraud@7"}
    assert rates(found["*@7"]) == (2, 1.0, 0.0)
    assert rates(found["shared_device@7"]) == (2, 1.0, 0.0)
    assert rates(found["ip_country@7"]) == (2, 0.5, 0.5)
    assert rates(found["known_fraud@7"]) == (0, 0.0, 0.0)
    assert found["ip_country@7"]["mode"] == "SHADOW"
    assert (found["*@7"]["frauds"], found["*@7"]["legitimate"]) == (2, 2)


def test_a_decision_counts_for_the_rules_that_made_it_however_they_have_changed_since():
    checkout = Checkout(RULES)
    checkout.send(order("x"))
    checkout.refer(rule("SHARED_DEVICE", 0, mode="OFF", version=8))
    checkout.send(outcome("x", "FRAUD"))

    assert {record["rules_version"] for record in checkout.emitted(PERFORMANCES)} == {7}
    assert rates(latest(checkout)["shared_device@7"]) == (1, 1.0, 0.0)
