"""Orders to measure fraud scoring with: plausible, seeded, all fields filled."""

import random
from collections.abc import Iterator
from typing import Any

from bench.pacing import evenly
from connectors.clock import now_ms

ORDERS = "orders.initiated"
COUNTRIES = ("DE", "FR", "PL", "NL", "IT")
DAY_MS = 86_400_000

Record = dict[str, Any]


def orders(count: int, customers: int, seed: int) -> Iterator[Record]:
    """`count` orders of `customers` customers with habits, a millisecond apart up to now."""
    rng = random.Random(seed)
    start = now_ms() - count
    for number in range(count):
        yield order(rng, rng.randrange(customers), f"{start:x}-{number}", start + number)


def paced(rate: int, seconds: float, customers: int, seed: int) -> Iterator[Record]:
    """Orders evenly `rate` a second for so many seconds, each as of now; made before the first."""
    rng = random.Random(seed)
    first = now_ms()
    made = [
        order(rng, rng.randrange(customers), f"{first:x}-{number}", first)
        for number in range(int(rate * seconds))
    ]
    for number in evenly(rate, len(made)):
        yield made[number] | {"event_time": now_ms()}


def order(rng: random.Random, customer: int, name: str, at: int) -> Record:
    """One of 50 orders is from elsewhere: another device, another country."""
    odd = rng.random() < 0.02
    home = COUNTRIES[customer % len(COUNTRIES)]
    price = 500 + (customer * 7919) % 20_000
    quantity = rng.randint(1, 3)
    line = {"sku": f"sku-{rng.randrange(500)}", "quantity": quantity, "unit_price_minor": price}
    return {
        "event_id": f"e-{name}",
        "event_time": at,
        "order_id": f"o-{name}",
        "customer_id": f"customer-{customer}",
        "account_created_at": at - 400 * DAY_MS,
        "amount_minor": price * quantity,
        "currency": "EUR",
        "payment_method": "card",
        "card_fingerprint": f"card-{customer}",
        "device_id": f"device-{rng.randrange(1 << 30) if odd else customer}",
        "ip": "192.0.2.1",
        "ip_country": rng.choice(COUNTRIES) if odd else home,
        "latitude": 50.0 + customer % 7,
        "longitude": 10.0 + customer % 11,
        "billing_country": home,
        "shipping_country": home,
        "channel": "web",
        "lines": [line],
    }
