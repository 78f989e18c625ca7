"""What is remembered of a customer, what teaches, and when it is forgotten."""

import random

import pytest
from checkout import (
    DECISIONS,
    NOON,
    Checkout,
    days,
    declined,
    minutes,
    order,
    outcome,
    rule,
)

from udfs.fraud.events import ALERTS, JUDGEMENTS


def odd_order(number: int, **fields):
    """One that has everything new about it."""
    return order(
        at=NOON + minutes(number),
        amount_minor=10**6 + number,
        device_id=f"device {number}",
        card_fingerprint=f"card {number}",
        shipping_country=f"{chr(65 + number % 26)}{chr(65 + number // 26 % 26)}",
        **fields,
    )


def test_ten_thousand_orders_take_no_more_room_than_a_hundred():
    checkout = Checkout([rule("VELOCITY", 0)])
    sizes = []
    for number in range(10_000):
        checkout.send(odd_order(number), *([declined(f"o{number}")] if number < 50 else []))
        sizes.append(len(checkout.fraud.states["ada"]))
    assert max(sizes[100:]) < 700
    assert max(sizes[9_000:]) <= max(sizes[100:1_000]) + 40


def test_a_busy_device_takes_a_bounded_room():
    checkout = Checkout([rule("VELOCITY", 0)])
    for number in range(500):
        checkout.send(
            order(f"x{number}", at=NOON + number, customer_id=f"c{number}"),
            declined(f"x{number}", at=NOON + number),
        )
    assert len(checkout.links["device:ada's phone"]) < 1_200
    assert max(map(len, checkout.links.values())) < 1_200


def test_a_declined_order_teaches_nothing_but_counts_in_the_velocity():
    checkout = Checkout([rule("NEW_DEVICE", 0), rule("KNOWN_FRAUD", 99)])
    checkout.send(order("x"), outcome("x", "FRAUD", at=NOON + 1))
    before = checkout.customer()

    decision = checkout.send(
        order("y", at=NOON + 2, amount_minor=10**6, device_id="new", shipping_country="FR")
    )

    assert decision["band"] == "DECLINE"
    after = checkout.customer()
    assert after.orders.times == [NOON, NOON + 2]
    after.orders = before.orders
    assert after == before


def test_a_reviewed_order_teaches_neither_amount_nor_device_nor_country():
    checkout = Checkout([rule("NEW_DEVICE", 70)])
    checkout.send(order())
    before = checkout.customer()

    decision = checkout.send(
        order(at=NOON + 2, amount_minor=10**6, device_id="new", shipping_country="FR")
    )

    assert decision["band"] == "REVIEW"
    after = checkout.customer()
    assert (after.devices, after.countries) == (before.devices, before.countries)
    assert (after.mean, after.amounts) == (before.mean, before.amounts)
    assert after.learned == 2


def test_a_repeated_order_gets_its_first_decision_again_and_teaches_nothing():
    checkout = Checkout()
    first = dict(checkout.send(order("x", event_id="first")))
    known = checkout.customer()

    again = checkout.send(order("x", event_id="again", at=NOON + 5, amount_minor=10**9))

    same = {"event_id", "event_time", "decided_at"}
    assert {k: again[k] for k in again if k not in same} == {
        k: first[k] for k in first if k not in same
    }
    assert again["decision_id"] == "x/first"
    assert again["event_id"] != first["event_id"]
    assert checkout.customer() == known


def test_a_repeated_order_that_was_declined_raises_no_second_alert():
    checkout = Checkout([rule("SHARED_DEVICE", 99, low=0, high=1)])
    for event_id in ("first", "again"):
        assert checkout.send(order("x", event_id=event_id))["band"] == "DECLINE"
    assert len(checkout.emitted(ALERTS)) == 1


def test_a_history_that_was_shuffled_and_repeated_is_the_same_history():
    history = [
        order(f"x{n}", at=NOON + minutes(7 * n * n), latitude=50 + n / 100) for n in range(40)
    ]
    expected = Checkout([rule("VELOCITY", 0)])
    expected.send(*history)
    customer = expected.customer()

    for seed in range(10):
        shuffled = [*history, *({**record, "event_id": "again"} for record in history[:1])]
        random.Random(seed).shuffle(shuffled)
        checkout = Checkout([rule("VELOCITY", 0)])
        checkout.send(*shuffled)
        other = checkout.customer()
        for field in ("orders", "learned", "devices", "countries", "located", "first_at"):
            assert getattr(other, field) == getattr(customer, field), field
        assert other.frequency == pytest.approx(customer.frequency)
        assert other.mean == pytest.approx(customer.mean)


def test_a_replay_gives_the_same_records():
    def play() -> Checkout:
        checkout, randomly = Checkout(), random.Random(7)
        for number in range(200):
            name = f"c{randomly.randrange(9)}"
            record = order(
                f"x{number}",
                at=NOON + minutes(randomly.randrange(9_000)),
                customer_id=name,
                device_id=f"d{randomly.randrange(4)}",
                card_fingerprint=f"k{randomly.randrange(9)}",
                amount_minor=randomly.randrange(1, 10**6),
            )
            checkout.send(record)
            if randomly.random() < 0.3:
                checkout.send(declined(f"x{number}", at=record["event_time"] + 1))
            if randomly.random() < 0.2:
                checkout.send(
                    outcome(f"x{number}", "FRAUD", at=record["event_time"] + 2, customer_id=name)
                )
        return checkout

    first, second = play(), play()
    assert first.outputs == second.outputs
    assert first.links == second.links
    assert {record["band"] for record in first.emitted(DECISIONS)} > {"APPROVE", "DECLINE"}


def test_everything_is_forgotten_180_days_after_the_last_order():
    checkout = Checkout()
    checkout.send(order("x"), declined("x"), order("y", at=NOON + days(100)))
    assert checkout.fraud.wake_ups == {"ada": NOON + days(180)}

    checkout.advance(NOON + days(279))
    assert checkout.customer() is not None
    assert set(checkout.fraud.children("ada")) == {"y"}

    checkout.advance(NOON + days(280))
    checkout.assert_nothing_left()


def test_a_customer_known_only_by_a_decline_or_an_outcome_is_forgotten_too():
    checkout = Checkout()
    signal = {"event_id": "s", "event_time": NOON, "signal": "PAYMENT_DECLINED"}
    checkout.apply("fraud.signals", signal | {"order_id": "x", "customer_id": "ada"})
    checkout.send(outcome("y", "LEGITIMATE"))
    assert checkout.customer().declines.times == [NOON]

    checkout.advance(NOON + days(180))

    checkout.assert_nothing_left()
    assert checkout.emitted(JUDGEMENTS) == []
