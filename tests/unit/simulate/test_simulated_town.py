"""Everybody around the shop in one run: what each of them sends, and hears."""

from collections import Counter

import pytest

from connectors.topics import TOPICS
from deploy.simulate.sending import Kind
from deploy.simulate.town import READS, WRITES, Town

NOON = 1_767_614_400_000
RATE, SECONDS = 100, 30
WORDS = {
    "customer_id": "", "template": "CART_ABANDONMENT", "channel": "EMAIL", "send_at": NOON,
}  # fmt: skip


def town(orders: int = 0, clicks: int = 0) -> Town:
    return Town(1, NOON, rate=RATE, seconds=SECONDS, orders=orders, clicks=clicks)


def lived(one: Town) -> list:
    """All that is sent until the shop closes."""
    sent = [*one.reference(NOON), *one.opening(NOON)]
    for number in range(RATE * SECONDS):
        now = NOON + number * 1000 // RATE
        sent += [*one.next(now), *one.due(now)]
    return sent


def test_orders_and_clicks_come_evenly_and_all_of_them():
    kinds = Counter(s.kind for s in lived(town(orders=30, clicks=600)))
    assert kinds[Kind.ORDER] == 30
    one = town(clicks=600)
    clicks = [s for s in lived(one) if s.topic == "clickstream.events"]
    assert len(clicks) == 600
    first_half = [s for s in clicks if s.event_time < NOON + SECONDS * 500]
    assert 290 < len(first_half) < 320


def test_everything_that_is_sent_is_counted_and_declared():
    one = town(orders=30, clicks=600)
    sent = lived(one)
    assert Counter(s.kind for s in sent) == one.tally.sent
    topics = {s.topic for s in sent}
    assert {"pricing.promotions", "pricing.competitor-prices", "engagement.preferences"} <= topics
    assert topics <= {*WRITES, "inventory.events", "inventory.policies", "inventory.shipping-costs"}
    assert {*WRITES, *READS} <= set(TOPICS)


def test_what_is_in_demand_is_known_to_whoever_reads_the_tally():
    assert town(clicks=10).tally.surging is not None
    assert town().tally.surging is None


def test_about_half_of_the_customers_have_told_how_they_want_to_be_written_to():
    told = [s.key for s in town().reference(NOON) if s.kind is Kind.PREFERENCE]
    assert len(told) == 150
    # who comes back for a cart has nothing against a message about it
    assert not [key for key in told if key.endswith("-c0")]


@pytest.mark.parametrize("is_ours", [True, False])
def test_a_message_to_a_customer_of_the_run_is_heard(is_ours):
    one = town()
    run = f"s1-{NOON:x}" if is_ours else "earlier"
    for number in range(50):
        trigger_id = f"CART_ABANDONMENT/{number}"
        record = WORDS | {
            "customer_id": f"{run}-c{number}", "parameters": {"trigger_id": trigger_id},
        }  # fmt: skip
        one.hear("notifications.requests", record, NOON)
    kinds = {s.kind for s in one.due(NOON + 60_000)}
    assert (Kind.RESPONSE in kinds) is is_ours


def test_a_command_about_an_order_is_heard_by_the_world():
    one = town(orders=1)
    order_id = next(s.record["order_id"] for s in lived(one) if s.kind is Kind.ORDER)
    command = {
        "event_id": "c1", "order_id": order_id, "command": "AUTHORIZE_PAYMENT",
        "amount_minor": None, "currency": None,
    }  # fmt: skip
    one.hear("orders.commands", command, NOON)
    assert Kind.PAYMENT in {s.kind for s in one.due(NOON + 60_000)}
