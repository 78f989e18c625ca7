"""What is usual, as it streams by."""

from math import log
from statistics import fmean, pvariance

import msgspec
import pytest
from checkout import NOON, days, hours, order

from udfs.fraud.events import OrderInitiated
from udfs.fraud.history import distance_km, learn, orders_per_day, share_of_hour
from udfs.fraud.state import Customer


def learned(*records: dict) -> Customer:
    customer = Customer()
    for record in records:
        learn(customer, msgspec.convert(record, OrderInitiated), trusted=True)
    return customer


def test_mean_and_variance_of_the_first_amounts_are_exact():
    amounts = [100, 2_500, 990, 31_000, 5, 4_999]
    customer = learned(*(order(amount_minor=amount) for amount in amounts))
    logs = [log(amount) for amount in amounts]
    assert customer.mean == pytest.approx(fmean(logs))
    assert customer.variance == pytest.approx(pvariance(logs))


def test_old_amounts_fade():
    customer = learned(*(order(amount_minor=100) for _ in range(200)))
    for _ in range(400):
        learn(customer, msgspec.convert(order(amount_minor=10_000), OrderInitiated), trusted=True)
    assert customer.mean == pytest.approx(log(10_000), abs=0.02)
    assert customer.variance < 0.05


@pytest.mark.parametrize(("every_days", "per_day"), [(14, 1 / 14), (1, 1), (0.25, 4)])
def test_the_usual_rate_is_what_a_steady_customer_does(every_days, per_day):
    count = round(200 / every_days)
    customer = learned(*(order(at=NOON + days(every_days * n)) for n in range(count)))
    now = NOON + days(every_days * count)
    assert orders_per_day(customer, now) == pytest.approx(per_day, rel=0.3)
    assert orders_per_day(customer, now + days(150)) < per_day / 50


def test_a_first_hours_orders_are_no_usual_rate():
    customer = learned(*(order(at=NOON + n) for n in range(7)))
    assert orders_per_day(customer, NOON + hours(1)) < 1.2


@pytest.mark.parametrize(("hour", "share"), [(22, 0), (23, 1), (24, 1), (25, 1), (26, 0)])
def test_hours_of_the_day_go_round(hour, share):
    midnight = NOON + hours(12)
    assert share_of_hour(learned(order(at=midnight)), NOON + hours(hour - 12)) == share


def test_hours_fade_by_halves_and_fit_a_byte():
    customer = learned(*(order(at=NOON + days(n)) for n in range(1_000)))
    assert sum(customer.hours) < 64
    assert share_of_hour(customer, NOON) == 1


@pytest.mark.parametrize(
    ("one", "other", "km"),
    [
        ((51.5, -0.1), (-33.9, 151.2), 16_990),
        ((0, 179), (0, -179), 222),
        ((90, 0), (-90, 0), 20_015),
        ((52.5, 13.4), (52.5, 13.4), 0),
    ],
)
def test_distances_are_along_the_great_circle(one, other, km):
    assert distance_km(*one, *other) == pytest.approx(km, rel=0.01)
