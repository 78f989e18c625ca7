"""What each kind of rule sees, alone."""

import pytest
from checkout import NOON, Checkout, days, declined, hours, minutes, order, outcome, points, rule

LONDON, SYDNEY = (51.5, -0.1), (-33.9, 151.2)


def at_place(place: tuple[float, float], **fields):
    return order(latitude=place[0], longitude=place[1], **fields)


def test_orders_of_the_last_hour_count_by_their_own_time_however_late_they_come():
    checkout = Checkout([rule("VELOCITY", 80)])
    checkout.send(order(at=NOON + minutes(50)), order(at=NOON + hours(9)), order(at=NOON))

    decision = checkout.send(order(at=NOON + minutes(60)))

    assert points(decision) == {
        "velocity": 40
    }  # the third of its hour: half of the way from 1 to 5


def test_an_amount_is_measured_by_the_customers_own_spread():
    checkout = Checkout([rule("AMOUNT_DEVIATION", 80, low=2, high=4)])
    for number in range(20):
        checkout.send(order(at=NOON + days(number), amount_minor=[2_000, 8_000][number % 2]))

    assert points(checkout.send(order(at=NOON + days(21), amount_minor=12_000))) == {}
    assert points(checkout.send(order(at=NOON + days(22), amount_minor=500_000))) != {}


def test_an_amount_in_another_currency_is_compared_with_nothing_until_it_is_the_usual_one():
    checkout = Checkout([rule("AMOUNT_DEVIATION", 80)])
    for number in range(10):
        checkout.send(order(at=NOON + days(number)))

    assert (
        points(checkout.send(order(at=NOON + days(11), currency="JPY", amount_minor=10**6))) == {}
    )
    for number in range(12, 24):
        checkout.send(order(at=NOON + days(number), currency="JPY", amount_minor=10**6))
    assert checkout.customer().currency == "JPY"
    high = order(at=NOON + days(30), currency="JPY", amount_minor=10**8)
    assert points(checkout.send(high)) == {"amount_deviation": 80}


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"amount_minor": 80_000}, 50),
        ({"amount_minor": 50_000}, 25),
        ({"amount_minor": 20_000}, 0),
        ({"amount_minor": 80_000, "account_created_at": None}, 50),
        ({"amount_minor": 80_000, "account_created_at": NOON - days(30)}, 0),
        ({"amount_minor": 80_000, "currency": "JPY"}, 0),
        ({"amount_minor": 400_000, "currency": "JPY"}, 50),
    ],
)
def test_a_high_amount_counts_for_a_new_account_in_its_currency(fields, expected):
    checkout = Checkout([rule("NEW_ACCOUNT_AMOUNT", 50, **{"amount_minor.JPY": 100_000})])
    decision = checkout.send(order(**{"account_created_at": NOON - hours(1)} | fields))
    assert decision["score"] == expected


def test_a_high_amount_counts_only_for_the_first_order():
    checkout = Checkout([rule("NEW_ACCOUNT_AMOUNT")])
    checkout.send(order(account_created_at=NOON - hours(1)))
    second = order(account_created_at=NOON - hours(1), amount_minor=10**6, at=NOON + hours(1))
    assert checkout.send(second)["score"] == 0


@pytest.mark.parametrize(
    ("kind", "field", "known", "new"),
    [
        ("NEW_DEVICE", "device_id", "phone", "tablet"),
        ("NEW_SHIPPING_COUNTRY", "shipping_country", "DE", "FR"),
    ],
)
def test_what_a_customer_has_not_used_before_is_new_once(kind, field, known, new):
    checkout = Checkout([rule(kind, 20)])
    used = [known, known, None, new, known, new]
    scores = [
        checkout.send(order(at=NOON + hours(n), **{field: value}))["score"]
        for n, value in enumerate(used)
    ]
    assert scores == [0, 0, 0, 20, 0, 0]


@pytest.mark.parametrize(
    ("ip", "billing", "shipping", "expected"),
    [
        ("DE", "DE", "DE", 0),
        (None, "DE", "DE", 0),
        ("DE", None, None, 0),
        ("DE", "DE", None, 0),
        ("DE", "DE", "FR", 25),
        ("FR", "DE", "FR", 25),
        ("US", "DE", "FR", 50),
        ("US", None, "FR", 50),
    ],
)
def test_the_address_is_compared_with_both_countries(ip, billing, shipping, expected):
    checkout = Checkout([rule("IP_COUNTRY", 50, partial=0.5)])
    decision = checkout.send(
        order(ip_country=ip, billing_country=billing, shipping_country=shipping)
    )
    assert decision["score"] == expected


@pytest.mark.parametrize(("after_h", "expected"), [(0, 40), (3, 40), (30, 0)])
def test_a_customer_cannot_be_in_london_and_soon_after_in_sydney(after_h, expected):
    checkout = Checkout([rule("IMPOSSIBLE_TRAVEL", 40)])
    checkout.send(at_place(LONDON))
    assert checkout.send(at_place(SYDNEY, at=NOON + hours(after_h)))["score"] == expected


def test_a_position_that_wavers_within_a_city_is_no_travel():
    checkout = Checkout([rule("IMPOSSIBLE_TRAVEL", 40)])
    checkout.send(at_place(LONDON))
    assert checkout.send(at_place((51.6, 0.3), at=NOON + 1))["score"] == 0


@pytest.mark.parametrize(
    ("kind", "field"), [("SHARED_DEVICE", "device_id"), ("SHARED_CARD", "card_fingerprint")]
)
def test_customers_of_one_device_or_card_count_within_the_window(kind, field):
    checkout = Checkout([rule(kind, 90, low=1, high=4, window_h=24)])
    scores = [
        checkout.send(order(at=NOON + at, customer_id=name, **{field: "shared"}))["score"]
        for name, at in [("a", 0), ("b", 1), ("b", 2), ("c", 3), ("d", 4), ("e", days(2))]
    ]
    assert scores == [0, 30, 30, 60, 90, 0]


def test_many_orders_of_one_device_count_only_if_several_customers_placed_them():
    checkout = Checkout([rule("LINK_ORDERS", 60, low=2, high=5)])
    for number in range(4):
        assert checkout.send(order(at=NOON + number, card_fingerprint=None))["score"] == 0

    decision = checkout.send(order(at=NOON + 5, customer_id="ben", card_fingerprint=None))

    assert decision["score"] == 60


@pytest.mark.parametrize(
    "same",
    [{"customer_id": "ada"}, {"device_id": "ada's phone"}, {"card_fingerprint": "ada's card"}],
)
def test_declined_payments_follow_the_customer_the_device_and_the_card(same):
    checkout = Checkout([rule("DECLINED_PAYMENTS", 40, low=0, high=2)])
    for name in ("x", "y"):
        checkout.send(order(name), declined(name, at=NOON + minutes(1)))
    other = {"customer_id": "ben", "device_id": "other", "card_fingerprint": "other"}

    assert checkout.send(order(at=NOON + minutes(2), **other))["score"] == 0
    assert checkout.send(order(at=NOON + minutes(2), **(other | same)))["score"] == 40
    assert checkout.send(order(at=NOON + days(2), **(other | same)))["score"] == 0


def test_a_decline_counts_from_its_own_time_on():
    checkout = Checkout([rule("DECLINED_PAYMENTS", 40, low=0, high=1)])
    checkout.send(order("x"), declined("x", at=NOON + hours(2)))
    assert checkout.send(order(at=NOON + hours(1)))["score"] == 0
    assert checkout.send(order(at=NOON + hours(3)))["score"] == 40


@pytest.mark.parametrize("same", [{"device_id": "ada's phone"}, {"card_fingerprint": "ada's card"}])
def test_a_device_or_card_of_a_known_fraud_is_remembered_for_28_days(same):
    checkout = Checkout([rule("KNOWN_FRAUD", 60)])
    checkout.send(order("x"), outcome("x", "FRAUD", at=NOON + days(3)))
    other = {"customer_id": "ben", "device_id": "other", "card_fingerprint": "other"} | same

    assert checkout.send(order(at=NOON + days(2), **other))["score"] == 0
    assert checkout.send(order(at=NOON + days(4), **other))["score"] == 60
    assert checkout.send(order(at=NOON + days(32), **other))["score"] == 0


def test_an_hour_at_which_a_customer_never_orders_is_odd_once_there_is_a_history():
    checkout = Checkout([rule("ODD_HOURS", 15, min_history=10)])
    midnight = hours(12)
    assert checkout.send(order(at=NOON + midnight - days(1)))["score"] == 0
    for day in range(10, 50):
        assert checkout.send(order(at=NOON + days(day)))["score"] == 0

    assert checkout.send(order(at=NOON + days(50) + hours(6)))["score"] == 15
    assert checkout.send(order(at=NOON + days(51) + hours(1)))["score"] == 0
