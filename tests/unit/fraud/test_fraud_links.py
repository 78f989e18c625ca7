"""Devices, cards and orders as links: what they count, tell and forget."""

import random

from checkout import NOON, Checkout, days, declined, hours, minutes, order, outcome

from udfs.contract import WakeUp
from udfs.fraud.events import SIGNALS
from udfs.fraud.links import Incident, Sighting, decide


def facts_of(sightings, at):
    """What a device answers to a last order at `at`, after (time, customer, order) sightings."""
    link = None
    for time, customer, order_hash in sightings:
        link = decide(link, Sighting("e", time, customer, order_hash), "device:d").state
    return decide(link, Sighting("last", at, 99, 99), "device:d").answer


def test_a_device_counts_customers_and_orders_of_each_window_up_to_the_order():
    seen = [
        (NOON - days(27), 1, 1),
        (NOON - days(6), 2, 2),
        (NOON - hours(23), 2, 3),
        (NOON - minutes(59), 3, 4),
        (NOON + 1, 4, 5),
    ]
    facts = facts_of(seen, NOON)
    assert facts.orders == (2, 3, 4, 5)
    assert facts.customers == (2, 3, 3, 4)


def test_a_device_answers_the_same_however_its_history_was_shuffled_and_repeated():
    history = [(NOON + minutes(n), n % 5, n) for n in range(60)]
    expected = facts_of(history, NOON + hours(2))
    for seed in range(20):
        shuffled = [*history, *history[10:50]]
        random.Random(seed).shuffle(shuffled)
        assert facts_of(shuffled, NOON + hours(2)) == expected


def test_an_order_older_than_all_that_a_full_device_remembers_still_counts_itself():
    history = [(NOON + minutes(n), n, n) for n in range(40)]
    assert facts_of(history, NOON - days(1)).orders == (1, 1, 1, 1)


def test_an_incident_that_comes_again_counts_once_and_only_the_last_16_are_kept():
    link = None
    for number in range(40):
        for _ in range(2):
            incident = Incident(f"e{number}", NOON + number, "PAYMENT_DECLINED")
            link = decide(link, incident, "card:c").state
    assert decide(link, Sighting("s", NOON + 99, 1, 1), "card:c").answer.declines == (16,) * 4
    assert link.seen.frauds.times == []


def test_a_decline_and_a_fraud_are_told_with_where_the_order_came_from():
    checkout = Checkout()
    checkout.send(order("x"), declined("x", at=NOON + 1), outcome("x", "FRAUD", at=NOON + days(9)))

    told = checkout.emitted(SIGNALS)

    assert [record["signal"] for record in told] == ["PAYMENT_DECLINED", "FRAUD"]
    assert told[0] == {
        "event_id": f"PAYMENT_DECLINED/declined-x-{NOON + 1}",
        "event_time": NOON + 1,
        "signal": "PAYMENT_DECLINED",
        "order_id": "x",
        "customer_id": "ada",
        "device_id": "ada's phone",
        "card_fingerprint": "ada's card",
    }
    assert checkout.customer().declines.times == [NOON + 1]
    for name in ("device:ada's phone", "card:ada's card"):
        seen = checkout.link(name).seen
        assert (seen.declines.times, seen.frauds.times) == ([NOON + 1], [NOON + days(9)])


def test_a_decline_that_comes_before_its_order_is_told_when_the_order_comes():
    checkout = Checkout()
    checkout.send(declined("x", at=NOON + 1))
    assert checkout.emitted(SIGNALS) == []

    checkout.send(order("x"))

    (told,) = checkout.emitted(SIGNALS)
    assert (told["event_time"], told["customer_id"]) == (NOON + 1, "ada")


def test_a_touch_that_comes_again_tells_nothing_again():
    checkout = Checkout()
    checkout.send(declined("x"), order("x"), outcome("x", "FRAUD"))
    told = len(checkout.emitted(SIGNALS))
    link = checkout.links["order:x"]
    events = [declined("x"), outcome("x", "FRAUD"), order("x")]
    checkout._seen.clear()
    checkout.send(*events, outcome("x", "FRAUD", at=NOON + days(1), source="CUSTOMER"))

    assert told == len(checkout.emitted(SIGNALS)) == 2
    assert checkout.links["order:x"] == link


def test_payments_that_went_well_and_honest_orders_touch_nothing():
    checkout = Checkout()
    checkout.send(declined("x", event_type="CAPTURED"), outcome("y", "LEGITIMATE"))
    assert checkout.links == {}


def test_a_device_is_forgotten_28_days_after_its_last_use_with_one_wake_up_at_a_time():
    checkout = Checkout()
    checkout.send(order())
    asked = checkout.wake_ups["device:ada's phone"]
    checkout.send(order(at=NOON + days(20)))
    assert checkout.wake_ups["device:ada's phone"] == asked == NOON + days(28)

    checkout.advance(NOON + days(28))
    assert checkout.wake_ups["device:ada's phone"] == NOON + days(48)

    checkout.advance(NOON + days(48))
    assert checkout.link("device:ada's phone") is None


def test_a_wake_up_for_a_link_that_is_gone_does_nothing():
    assert decide(None, WakeUp("w", NOON), "device:d").state is None
