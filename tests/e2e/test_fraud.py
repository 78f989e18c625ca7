"""The fraud job on a real cluster: scored on arrival, by rules that change while it runs."""

from collections.abc import Iterator
from itertools import count
from typing import Any

import pytest
from support.live_topics import LiveTopics, Record

from connectors.clock import now_ms
from connectors.kafka import Publisher
from connectors.settings import settings
from deploy.stack.temporary import LocalStack

OUTPUTS = ("fraud.decisions", "fraud.alerts", "fraud.signals", "fraud.rule-performance", "dlq")
DAY_MS = 86_400_000


class Checkout(LiveTopics):
    """Places orders and reads what was thought of them."""

    _numbers = count()

    def order(self, customer: str, **fields: Any) -> str:
        """Place an order; its id."""
        record = order(customer, f"{customer}-{next(self._numbers)}", **fields)
        self.send("orders.initiated", record)
        return record["order_id"]

    def decision(self, order_id: str) -> Record:
        """The decision of the order, once there is one."""
        return self.wait_for(lambda: self.decisions(order_id), f"a decision of {order_id}")[0]

    def decisions(self, order_id: str) -> list[Record]:
        return [one for one in self.seen["fraud.decisions"] if one["order_id"] == order_id]

    def rule(self, version: int, mode: str, weight: float = 50.0) -> None:
        """Publish a rule that IP countries unlike the order's own give points."""
        record = {
            "event_id": f"ip-{version}",
            "event_time": now_ms(),
            "rule_id": "ip-abroad",
            "kind": "IP_COUNTRY",
            "weight": weight,
            "parameters": {},
            "mode": mode,
            "version": version,
        }
        self.send("fraud.rules", record)


def order(customer: str, order_id: str, **fields: Any) -> Record:
    return {
        "event_id": f"e-{order_id}",
        "event_time": now_ms(),
        "order_id": order_id,
        "customer_id": customer,
        "account_created_at": now_ms() - 500 * DAY_MS,
        "amount_minor": 4_000,
        "currency": "EUR",
        "payment_method": "card",
        "card_fingerprint": f"card-{customer}",
        "device_id": f"device-{customer}",
        "ip_country": "DE",
        "billing_country": "DE",
        "shipping_country": "DE",
        "channel": "web",
        "lines": [{"sku": "mug", "quantity": 1, "unit_price_minor": 4_000}],
    } | fields


@pytest.fixture(scope="module")
def checkout(stack: LocalStack) -> Iterator[Checkout]:
    """A checkout whose orders are scored on two subtasks by the default rules."""
    submitted = stack.run("submit", "fraud", "--wait")
    assert submitted.returncode == 0, submitted.stderr
    checkout = Checkout(OUTPUTS)
    yield checkout
    checkout.close()
    stack.run("stop", "fraud")


def test_an_ordinary_order_is_approved_by_the_default_rules(checkout: Checkout) -> None:
    decision = checkout.decision(checkout.order("ann"))
    assert (decision["band"], decision["rules_version"] >= 1) == ("APPROVE", True)
    assert decision["decision_id"]


def test_a_repeated_event_is_not_decided_again(checkout: Checkout) -> None:
    record = order("bob", "bob-once")
    checkout.send("orders.initiated", record, record)
    checkout.decision("bob-once")
    checkout.decision(checkout.order("bob"))  # of the same customer, so after both
    assert len(checkout.decisions("bob-once")) == 1


def test_a_rule_changes_from_shadow_to_active_while_the_job_runs(checkout: Checkout) -> None:
    def last_version() -> int:
        return checkout.decision(checkout.order("probe"))["rules_version"]

    abroad = {"ip_country": "XA"}
    checkout.rule(101, "SHADOW")
    checkout.wait_for(lambda: last_version() == 101, "the rule in the shadow")
    shadow = checkout.decision(checkout.order("cem", **abroad))
    checkout.rule(102, "ACTIVE")
    checkout.wait_for(lambda: last_version() == 102, "the rule in force")
    active = checkout.decision(checkout.order("cem", **abroad))

    assert "ip-abroad" in [reason["rule_id"] for reason in shadow["shadow_reasons"]]
    assert "ip-abroad" not in [reason["rule_id"] for reason in shadow["reasons"]]
    points = {reason["rule_id"]: reason["points"] for reason in active["reasons"]}
    assert points["ip-abroad"] == 50
    assert active["score"] >= shadow["score"]


def test_declined_payments_are_told_to_the_device_that_they_came_from(checkout: Checkout) -> None:
    device = {"device_id": "device-of-a-ring"}
    orders = [checkout.order(f"ring-{number}", **device) for number in range(4)]
    for number, order_id in enumerate(orders):
        paid = {"event_type": "DECLINED", "amount_minor": 4_000, "currency": "EUR"}
        declined = {"event_id": f"p-ring-{number}", "event_time": now_ms(), "order_id": order_id}
        checkout.send("payments.events", declined | paid)

    def told() -> bool:
        return {one["order_id"] for one in checkout.seen["fraud.signals"]} >= set(orders)

    checkout.wait_for(told, "the signals of all declined payments")

    def counted() -> bool:
        decision = checkout.decision(checkout.order("ring-5", **device))
        return "declined-payments" in [reason["rule_id"] for reason in decision["reasons"]]

    checkout.wait_for(counted, "an order of the device that pays for its past")


def test_an_outcome_is_counted_in_the_rules_performance(checkout: Checkout) -> None:
    order_id = checkout.order("dana")
    version = checkout.decision(order_id)["rules_version"]
    told = {"outcome": "LEGITIMATE", "source": "REVIEWER", "customer_id": "dana"}
    ids = {"event_id": "outcome-dana", "event_time": now_ms(), "order_id": order_id}
    checkout.send("fraud.outcomes", ids | told)

    def counted() -> list[Record]:
        return [
            one
            for one in checkout.seen["fraud.rule-performance"]
            if one["rule_id"] == "*" and one["rules_version"] == version and one["legitimate"]
        ]

    latest = checkout.wait_for(counted, "the performance of the rules")[-1]
    assert latest["legitimate_hit"] == 0


def test_what_cannot_be_read_is_a_dead_letter_of_the_fraud_job(checkout: Checkout) -> None:
    with Publisher(settings().kafka_bootstrap) as publisher:
        publisher.send("orders.initiated", "eve", b"no avro at all")
        publisher.send("payments.events", "o-eve", b"")
    bad = order("eve", "eve-bad", amount_minor=-1)
    checkout.send("orders.initiated", bad)

    def letters() -> list[Record]:
        return [one for one in checkout.seen["dlq"] if one["job"] == "fraud"]

    checkout.wait_for(lambda: len(letters()) >= 3, "three dead letters")
    assert b"no avro at all" in [letter["record_value"] for letter in letters()]
    assert checkout.decision(checkout.order("eve"))["band"] == "APPROVE"
