"""What is usual for a customer: how it is learnt from orders, and measured against.

Everything here is of constant size, and does not depend on the order in which late orders come,
but for which devices, countries and amounts were the last.
"""

from math import asin, cos, exp, log, radians, sin, sqrt
from typing import Final

from udfs.fraud.events import OrderInitiated
from udfs.fraud.rule_data import DAY_MS, HOUR_MS
from udfs.fraud.state import Customer, short

ORDERS: Final = 16
DECLINES: Final = 8
DEVICES: Final = 8
COUNTRIES: Final = 4

AMOUNTS: Final = 64
"""From this many amounts on, each new one weighs 1/64, and old ones fade."""

ABROAD: Final = 5
"""So many orders in a row in another currency, and it is the customer's own."""

FREQUENCY_MS: Final = 28 * DAY_MS
"""Time constant (ms) after which an order weighs 1/e in the usual rate."""

LEAST_AGE_MS: Final = 7 * DAY_MS
"""A customer counts as at least this old, lest a first hour's orders become the usual rate."""

HOURS_FULL: Final = 64
EARTH_RADIUS_KM: Final = 6_371.0


def remember_order(customer: Customer, order: OrderInitiated) -> None:
    """Note that an order was placed, whatever is thought of it: it counts in the velocity."""
    customer.orders.add(order.event_time, short(order.order_id), ORDERS)


def learn(customer: Customer, order: OrderInitiated, *, trusted: bool) -> None:
    """Take an order for usual. Not `trusted`: its amount, device and country are not learnt."""
    time = order.event_time
    customer.learned += 1
    _learn_frequency(customer, time)
    _learn_hour(customer, time)
    if order.latitude is not None and order.longitude is not None:
        located = customer.located
        if located is None or time >= located[0]:
            customer.located = (time, order.latitude, order.longitude)
    if not trusted:
        return
    _learn_amount(customer, order)
    if order.device_id:
        device, devices = short(order.device_id), customer.devices
        if device in devices:
            devices.remove(device)
        devices.append(device)
        if len(devices) > DEVICES:
            del devices[0]
    if order.shipping_country:
        country, countries = order.shipping_country, customer.countries
        if country in countries:
            countries.remove(country)
        countries.append(country)
        if len(countries) > COUNTRIES:
            del countries[0]


def log_amount(amount_minor: int) -> float:
    """Natural logarithm of an amount in minor units; of 0 as of 1."""
    return log(amount_minor) if amount_minor > 1 else 0.0


def _learn_amount(customer: Customer, order: OrderInitiated) -> None:
    """Mean and variance as they stream by (Welford 1962), old values fading beyond AMOUNTS.

    With a weight of 1/n this is the exact population variance; with a constant one the
    exponentially weighted variance of Finch, "Incremental calculation of weighted mean and
    variance", 2009, section 9.
    """
    if order.currency != customer.currency:
        customer.abroad += 1
        if customer.amounts and customer.abroad < ABROAD:
            return
        customer.currency = order.currency
        customer.amounts, customer.mean, customer.variance = 0, 0.0, 0.0
    customer.abroad = 0
    customer.amounts = min(customer.amounts + 1, AMOUNTS)
    weight = 1 / customer.amounts
    difference = log_amount(order.amount_minor) - customer.mean
    customer.mean += weight * difference
    customer.variance = (1 - weight) * (customer.variance + weight * difference * difference)


def _learn_frequency(customer: Customer, time: int) -> None:
    ahead = time - customer.frequency_at
    if ahead >= 0:
        customer.frequency = 1.0 + customer.frequency * exp(-ahead / FREQUENCY_MS)
        customer.frequency_at = time
    else:
        customer.frequency += exp(ahead / FREQUENCY_MS)
    if customer.first_at == 0 or time < customer.first_at:
        customer.first_at = time


def orders_per_day(customer: Customer, time: int) -> float:
    """The customer's usual rate, orders a day as of `time` (epoch ms); 0 without a history.

    An exponentially decayed count over the decayed length of the time that it was counted in.
    """
    if not customer.frequency:
        return 0.0
    age = time - customer.first_at
    if age < LEAST_AGE_MS:
        age = LEAST_AGE_MS
    since = time - customer.frequency_at
    orders = customer.frequency * exp(-since / FREQUENCY_MS) if since > 0 else customer.frequency
    return orders * DAY_MS / (FREQUENCY_MS * (1 - exp(-age / FREQUENCY_MS)))


def hour_of(time: int) -> int:
    """Hour of day, 0 to 23 (UTC), of an epoch ms."""
    return time // HOUR_MS % 24


def _learn_hour(customer: Customer, time: int) -> None:
    hours = bytearray(customer.hours)
    hours[hour_of(time)] += 1
    if sum(hours) >= HOURS_FULL:
        hours = bytearray([count // 2 for count in hours])
    customer.hours = bytes(hours)


def share_of_hour(customer: Customer, time: int) -> float:
    """Share (0 to 1) of the customer's orders within an hour of the time of day, or 1 of none."""
    hours, hour = customer.hours, hour_of(time)
    total = sum(hours)
    if not total:
        return 1.0
    return (hours[hour - 1] + hours[hour] + hours[hour - 23]) / total


def distance_km(latitude: float, longitude: float, other: float, other_longitude: float) -> float:
    """Great-circle distance between two positions in degrees, by the haversine formula.

    Source: R. W. Sinnott, "Virtues of the Haversine", Sky and Telescope 68 (2), 1984.
    """
    north, other_north = radians(latitude), radians(other)
    east = radians(other_longitude - longitude)
    chord = sin((other_north - north) / 2) ** 2 + cos(north) * cos(other_north) * sin(east / 2) ** 2
    return 2 * EARTH_RADIUS_KM * asin(min(1.0, sqrt(chord)))
