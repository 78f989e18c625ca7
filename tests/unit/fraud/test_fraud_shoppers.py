"""Whole stories: who is approved, who is reviewed, who is declined."""

import random

from checkout import NOON, Checkout, days, declined, hours, minutes, order, points

from udfs.fraud.events import ALERTS


def test_five_orders_in_an_hour_by_a_customer_of_one_in_two_weeks_are_reviewed_not_declined():
    checkout = Checkout()
    for fortnight in range(6):
        assert checkout.send(order(at=NOON + days(14 * fortnight)))["band"] == "APPROVE"

    burst = NOON + days(84)
    decisions = [checkout.send(order(at=burst + minutes(12 * number))) for number in range(5)]

    assert decisions[4]["band"] == "REVIEW"
    assert 61 <= decisions[4]["score"] <= 85
    assert decisions[0]["band"] == "APPROVE"
    assert points(decisions[4]) == {"velocity": 70}


def test_a_new_habit_in_every_respect_at_once_is_still_not_declined():
    checkout = Checkout()
    for day in range(40):
        checkout.send(order(at=NOON + days(day)))
    night = NOON + days(41) + hours(14)
    unlike = set()

    for number in range(20):
        unusual = order(
            at=night + minutes(number),
            amount_minor=900_000,
            device_id="new phone",
            shipping_country="FR",
        )
        decision = checkout.send(unusual)
        assert decision["band"] != "DECLINE"
        unlike |= set(points(decision))

    habits = {"velocity", "amount-deviation", "new-device", "new-shipping-country", "odd-hours"}
    assert unlike == habits | {"ip-country"}
    assert decision["score"] == 75 + points(decision)["ip-country"]


def test_a_loyal_customer_on_known_devices_buying_as_usual_is_always_approved():
    randomly = random.Random(4)
    for customer in range(10):
        checkout = Checkout()
        at = NOON + hours(randomly.randrange(24))
        for _ in range(100):
            at += round(days(1) * randomly.expovariate(1 / 5))
            usual_hour = at - at % days(1) + round(hours(1) * randomly.gauss(12, 3))
            decision = checkout.send(
                order(
                    at=usual_hour,
                    customer_id=f"c{customer}",
                    amount_minor=round(randomly.lognormvariate(8.5, 0.6)),
                    device_id=randomly.choice(["phone", "laptop"]),
                )
            )
            assert decision["band"] == "APPROVE", decision


def test_a_ring_of_new_customers_on_one_device_is_declined():
    checkout = Checkout()
    for number in range(12):
        at = NOON + minutes(5 * number)
        decision = checkout.send(
            order(
                f"ring-{number}",
                at=at,
                customer_id=f"mule-{number}",
                account_created_at=at - minutes(3),
                device_id="the ring's",
                card_fingerprint=f"card-{number}",
                amount_minor=90_000,
                ip_country="XX",
            ),
            declined(f"ring-{number}", at=at + minutes(1)),
        )

    assert decision["band"] == "DECLINE"
    assert decision["score"] == 99
    assert {"shared-device", "new-account-amount", "declined-payments"} <= set(points(decision))
    alerts = checkout.emitted(ALERTS)
    assert {alert["order_id"] for alert in alerts} == {f"ring-{number}" for number in range(3, 12)}
    assert alerts[-1]["decision_id"] == decision["decision_id"]
    assert alerts[-1]["reasons"] == decision["reasons"]


def test_a_shop_that_orders_all_day_is_not_suspected_for_ordering_ten_times_in_an_hour():
    checkout = Checkout()
    for day in range(30):
        for number in range(10):
            checkout.send(order(at=NOON + days(day) + minutes(45 * number)))

    decisions = [checkout.send(order(at=NOON + days(30) + minutes(6 * n))) for n in range(10)]

    assert {decision["band"] for decision in decisions} == {"APPROVE"}


def test_a_family_on_one_device_is_not_a_ring():
    checkout = Checkout()
    for day in range(30):
        for name in ("ada", "ben"):
            decision = checkout.send(
                order(at=NOON + days(day), customer_id=name, card_fingerprint=name)
            )
            assert decision["band"] == "APPROVE"
