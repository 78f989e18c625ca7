"""The signals: how strongly, from 0 to 1, an order shows what a rule of each kind looks for.

Each kind is made once a rule into a function with its parameters in it. Most are a ramp: nothing
up to `low`, everything from `high`, and in between in proportion.
"""

from collections.abc import Callable, Mapping
from math import sqrt
from typing import Final

from udfs.fraud.events import OrderInitiated
from udfs.fraud.history import distance_km, log_amount, orders_per_day, share_of_hour
from udfs.fraud.links import LinkFacts
from udfs.fraud.rule_data import DAY_MS, HOUR_MS, WINDOWS_H
from udfs.fraud.state import Customer, short

Facts = LinkFacts | None
"""What the order's device, or card, has seen; None if it has none."""

Strength = Callable[[OrderInitiated, Customer, Facts, Facts], float]
"""(order, its customer before it, device, card) -> 0 to 1."""

Parameters = Mapping[str, float]

LEAST_TRAVEL_H: Final = 1 / 60
"""Two orders at once are taken to be a minute apart, or any distance would be impossible."""


def ramp(measure: float, low: float, high: float) -> float:
    """0 up to `low`, 1 from `high` on, linear in between; low < high."""
    if measure <= low:
        return 0.0
    if measure >= high:
        return 1.0
    return (measure - low) / (high - low)


def velocity(parameters: Parameters) -> Strength:
    """Orders in the window, this one included, as a multiple of what is usual in `usual_h` hours.

    Usual is at least 1, so that a rare customer's single order is nothing.
    """
    low, high, window_ms, days = (
        parameters["low"],
        parameters["high"],
        int(parameters["window_h"]) * HOUR_MS,
        parameters["usual_h"] / 24,
    )

    def strength(order: OrderInitiated, customer: Customer, _device: Facts, _card: Facts) -> float:
        time = order.event_time
        orders = customer.orders.count(time, window_ms) + 1
        if orders <= low:  # usual is at least 1
            return 0.0
        usual = orders_per_day(customer, time) * days
        return ramp(orders / usual if usual > 1 else orders, low, high)

    return strength


def amount_deviation(parameters: Parameters) -> Strength:
    """Standard deviations by which the logarithm of the amount is above the customer's mean."""
    low, high, least, floor = (
        parameters["low"],
        parameters["high"],
        parameters["min_history"],
        parameters["min_deviation"],
    )

    def strength(order: OrderInitiated, customer: Customer, _device: Facts, _card: Facts) -> float:
        if customer.amounts < least or customer.currency != order.currency:
            return 0.0
        above = log_amount(order.amount_minor) - customer.mean
        if above <= 0:
            return 0.0
        deviation = sqrt(customer.variance)
        return ramp(above / (deviation if deviation > floor else floor), low, high)

    return strength


def new_account_amount(parameters: Parameters) -> Strength:
    """The amount as a multiple of `amount_minor`, of an account's first orders while it is new."""
    low, high, usual = parameters["low"], parameters["high"], parameters["amount_minor"]
    new_ms, max_orders = parameters["max_age_days"] * DAY_MS, parameters["max_orders"]
    by_currency = {
        name.removeprefix("amount_minor."): value
        for name, value in parameters.items()
        if name.startswith("amount_minor.")
    }

    def strength(order: OrderInitiated, customer: Customer, _device: Facts, _card: Facts) -> float:
        if customer.learned >= max_orders:
            return 0.0
        created_at = order.account_created_at
        if created_at is not None and order.event_time - created_at > new_ms:
            return 0.0
        return ramp(order.amount_minor / by_currency.get(order.currency, usual), low, high)

    return strength


def new_device(parameters: Parameters) -> Strength:
    """Whether the device is none of those that the customer is known to use."""
    least = parameters["min_history"]

    def strength(order: OrderInitiated, customer: Customer, _device: Facts, _card: Facts) -> float:
        if not order.device_id or not customer.devices or customer.learned < least:
            return 0.0
        return 0.0 if short(order.device_id) in customer.devices else 1.0

    return strength


def new_shipping_country(parameters: Parameters) -> Strength:
    """Whether the order goes to a country that the customer has not shipped to."""
    least = parameters["min_history"]

    def strength(order: OrderInitiated, customer: Customer, _device: Facts, _card: Facts) -> float:
        country, known = order.shipping_country, customer.countries
        if not country or not known or customer.learned < least:
            return 0.0
        return 0.0 if country in known else 1.0

    return strength


def ip_country(parameters: Parameters) -> Strength:
    """1 if the address is neither in the billing nor the shipping country, `partial` if in one."""
    partial = parameters["partial"]

    def strength(order: OrderInitiated, _customer: Customer, _device: Facts, _card: Facts) -> float:
        country = order.ip_country
        if not country:
            return 0.0
        billing, shipping = order.billing_country or country, order.shipping_country or country
        if country == billing and country == shipping:
            return 0.0
        near = country in (order.billing_country, order.shipping_country)
        return partial if near else 1.0

    return strength


def impossible_travel(parameters: Parameters) -> Strength:
    """Speed (km/h) from where the customer last ordered, beyond a distance of `min_km`."""
    low, high, least_km = parameters["low"], parameters["high"], parameters["min_km"]

    def strength(order: OrderInitiated, customer: Customer, _device: Facts, _card: Facts) -> float:
        latitude, longitude, located = order.latitude, order.longitude, customer.located
        if latitude is None or longitude is None or located is None:
            return 0.0
        time, last_latitude, last_longitude = located
        if latitude == last_latitude and longitude == last_longitude:
            return 0.0
        distance = distance_km(latitude, longitude, last_latitude, last_longitude)
        if distance < least_km:
            return 0.0
        hours = abs(order.event_time - time) / HOUR_MS
        return ramp(distance / max(hours, LEAST_TRAVEL_H), low, high)

    return strength


def shared_device(parameters: Parameters) -> Strength:
    """Customers that used the order's device in the window."""
    low, high, window = parameters["low"], parameters["high"], _window(parameters)

    def strength(_order: OrderInitiated, _customer: Customer, device: Facts, _card: Facts) -> float:
        return 0.0 if device is None else ramp(device.customers[window], low, high)

    return strength


def shared_card(parameters: Parameters) -> Strength:
    """Customers that used the order's card in the window."""
    low, high, window = parameters["low"], parameters["high"], _window(parameters)

    def strength(_order: OrderInitiated, _customer: Customer, _device: Facts, card: Facts) -> float:
        return 0.0 if card is None else ramp(card.customers[window], low, high)

    return strength


def link_orders(parameters: Parameters) -> Strength:
    """Orders from the device or the card in the window, if several customers placed them.

    Those of a single customer are a habit, which VELOCITY weighs.
    """
    low, high, window = parameters["low"], parameters["high"], _window(parameters)
    least = parameters["min_customers"]

    def strength(_order: OrderInitiated, _customer: Customer, device: Facts, card: Facts) -> float:
        most = 0
        for link in (device, card):
            if link is not None and link.customers[window] >= least:
                most = max(most, link.orders[window])
        return ramp(most, low, high)

    return strength


def declined_payments(parameters: Parameters) -> Strength:
    """Declined payments in the window, of device, card or customer: the most of them."""
    low, high, window = parameters["low"], parameters["high"], _window(parameters)
    window_ms = WINDOWS_H[window] * HOUR_MS

    def strength(order: OrderInitiated, customer: Customer, device: Facts, card: Facts) -> float:
        most = customer.declines.count(order.event_time, window_ms)
        if device is not None:
            most = max(most, device.declines[window])
        if card is not None:
            most = max(most, card.declines[window])
        return ramp(most, low, high)

    return strength


def known_fraud(parameters: Parameters) -> Strength:
    """Frauds that became known in the window, of the device or the card: the most of them."""
    low, high, window = parameters["low"], parameters["high"], _window(parameters)

    def strength(_order: OrderInitiated, _customer: Customer, device: Facts, card: Facts) -> float:
        most = 0 if device is None else device.frauds[window]
        if card is not None:
            most = max(most, card.frauds[window])
        return ramp(most, low, high)

    return strength


def odd_hours(parameters: Parameters) -> Strength:
    """How rarely the customer orders within an hour of this time of day: 1 up to a share `low`."""
    low, high, least = parameters["low"], parameters["high"], parameters["min_history"]

    def strength(order: OrderInitiated, customer: Customer, _device: Facts, _card: Facts) -> float:
        if customer.learned < least:
            return 0.0
        return 1.0 - ramp(share_of_hour(customer, order.event_time), low, high)

    return strength


def _window(parameters: Parameters) -> int:
    return WINDOWS_H.index(int(parameters["window_h"]))


SIGNALS: Final[Mapping[str, Callable[[Parameters], Strength]]] = {
    "VELOCITY": velocity,
    "AMOUNT_DEVIATION": amount_deviation,
    "NEW_ACCOUNT_AMOUNT": new_account_amount,
    "NEW_DEVICE": new_device,
    "NEW_SHIPPING_COUNTRY": new_shipping_country,
    "IP_COUNTRY": ip_country,
    "IMPOSSIBLE_TRAVEL": impossible_travel,
    "SHARED_DEVICE": shared_device,
    "SHARED_CARD": shared_card,
    "LINK_ORDERS": link_orders,
    "DECLINED_PAYMENTS": declined_payments,
    "KNOWN_FRAUD": known_fraud,
    "ODD_HOURS": odd_hours,
}
"""What makes a signal of each kind of rule."""
