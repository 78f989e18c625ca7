"""What is ordered: order `n` of a seed is the same order, with the same fate, in every run.

Frauds and changes of habit stand in blocks of the numbers: a ring lives for `RING_ORDERS` orders
and places a few of them, a customer buys presents within `SPREE_ORDERS`.
"""

from dataclasses import dataclass
from itertools import accumulate
from random import Random
from typing import Any, NamedTuple

from deploy.simulate.catalogue import CURRENCY, PRODUCTS, REGIONS, Product
from deploy.simulate.customers import ABROAD, PLACES, RING_ORDERS, Customer, Customers
from deploy.simulate.customers import address as ip_address
from deploy.simulate.fate import Fate, fate
from deploy.simulate.sending import Label, Record

INITIATED = "orders.initiated"
LOYAL = 300

KINDS = ("ring", "takeover", "spree", "travel", "newcomer", "usual")
KIND_WEIGHTS = (40, 10, 25, 15, 70, 840)
# a stolen account is worth something if it has been used; before, nobody has a history here
FIRST_TAKEOVER = 100
TAKEN_OVER = 60
SPREE_ORDERS = 200
# of a ring's life: while it finds out which cards work
TESTING = 0.4
UNUSUAL_CHANNEL, NO_POSITION = 0.05, 0.1
LINE_WEIGHTS, MOST_UNITS, LOOKED_AT = (50, 30, 20), 3, 6
# a sku whose reservations lapse within seconds may lapse before an order is confirmed: rarely
SHORT_LIVED = 0.02

_LASTING = [product for product in PRODUCTS if not product.is_short_lived]
_LASTING_SHARES = list(accumulate(product.share for product in _LASTING))
_SHORT_LIVED = [product for product in PRODUCTS if product.is_short_lived]


@dataclass(frozen=True)
class Order:
    """An order as it is placed (`record`, of orders.initiated), the truth about it, its fate."""

    order_id: str
    customer_id: str
    label: Label
    record: Record
    fate: Fate


class _Basket(NamedTuple):
    lines: list[Record]
    amount_minor: int


class OrderBook:
    """The orders of a run, by number.

    run: unique to the run, prefix of every id. opened_at: epoch ms. loyal: customers who order
        again and again, at least 100. Each has their own usual rate, so there are to be more of
        them the more orders there are in little time.
    """

    def __init__(self, seed: int, run: str, opened_at: int, loyal: int = LOYAL) -> None:
        self._seed = seed
        self._run = run
        self._loyal = loyal
        self._customers = Customers(seed, run, opened_at, loyal)

    def order(self, number: int, now: int) -> Order:
        """Order `number` (0 or more), placed at `now` (epoch ms).

        The same for a seed, but for times and the run's name; what depends on the hour counts it
        from the opening.
        """
        random = Random(f"{self._seed} order {number}")
        kind = random.choices(KINDS, KIND_WEIGHTS)[0]
        if kind == "ring":
            return self._by_ring(random, number, now)
        if kind == "takeover" and number >= FIRST_TAKEOVER:
            return self._takeover(random, number, now)
        if kind == "spree":
            return self._spree(random, number, now)
        if kind == "travel":
            return self._travel(random, number, now)
        if kind == "newcomer":
            customer = self._customers.newcomer(random, number, now)
        else:
            customer = self._customers.pick(random, now)
        return self._as_usual(random, number, now, Label.HONEST, customer)

    def _by_ring(self, random: Random, number: int, now: int) -> Order:
        block, place = divmod(number, RING_ORDERS)
        ring = self._customers.ring(block)
        fields = {
            "customer_id": f"{self._run}-f{number}",
            "account_created_at": now - random.randint(30_000, 1_800_000),
            "payment_method": "card",
            "card_fingerprint": random.choice(ring.cards),
            "device_id": ring.device,
            "ip": ring.ip,
            "ip_country": ring.ip_country,
            "latitude": ring.latitude,
            "longitude": ring.longitude,
            "billing_country": random.choice(REGIONS),
            "shipping_country": ring.shipping_country,
            "channel": "web",
        }
        basket = _basket(random, random.uniform(30_000, 70_000))
        is_testing = place < TESTING * RING_ORDERS
        return self._placed(random, number, now, Label.RING, fields, basket, is_testing)

    def _takeover(self, random: Random, number: int, now: int) -> Order:
        """A loyal customer's account and card, from elsewhere, for as much as it will bear."""
        customer = self._customers.loyal(random.randrange(TAKEN_OVER))
        country = random.choice(ABROAD)
        changed = {
            "device_id": f"{self._run}-t{number}-device",
            **_abroad(random, country),
            "latitude": PLACES[country][0],
            "longitude": PLACES[country][1],
            "shipping_country": random.choice(REGIONS),
        }
        basket = _basket(random, customer.spends_minor * random.uniform(3.0, 8.0))
        fields = {**_habits(random, customer), **changed}
        return self._placed(random, number, now, Label.TAKEOVER, fields, basket)

    def _spree(self, random: Random, number: int, now: int) -> Order:
        """Presents: a customer who orders little orders much, to be sent to friends."""
        block = Random(f"{self._seed} spree {number // SPREE_ORDERS}")
        customer = self._customers.loyal(block.randrange(self._loyal // 2, self._loyal))
        fields = _habits(random, customer)
        if random.random() < 0.3:
            fields["shipping_country"] = random.choice(REGIONS)
        basket = _basket(random, customer.spends_minor * random.uniform(0.8, 2.5))
        return self._placed(random, number, now, Label.HABIT_CHANGE, fields, basket)

    def _travel(self, random: Random, number: int, now: int) -> Order:
        """A loyal customer abroad, whose own device has no position to tell there."""
        customer = self._customers.pick(random, now)
        away = {**_abroad(random, random.choice(ABROAD)), "latitude": None, "longitude": None}
        return self._as_usual(random, number, now, Label.HABIT_CHANGE, customer, away)

    def _as_usual(
        self,
        random: Random,
        number: int,
        now: int,
        label: Label,
        customer: Customer,
        changed: Record | None = None,
    ) -> Order:
        fields = {**_habits(random, customer), **(changed or {})}
        basket = _basket(random, customer.spends_minor * random.lognormvariate(0, customer.spread))
        return self._placed(random, number, now, label, fields, basket)

    def _placed(
        self,
        random: Random,
        number: int,
        now: int,
        label: Label,
        fields: Record,
        basket: _Basket,
        is_testing: bool = False,
    ) -> Order:
        order_id = f"{self._run}-o{number}"
        to_come = fate(random, label, is_testing)
        record = {
            "event_id": f"{order_id}-initiated",
            "event_time": now - round(to_come.order_mishaps.late_by_s * 1000),
            "order_id": order_id,
            **fields,
            "amount_minor": basket.amount_minor,
            "currency": CURRENCY,
            "lines": basket.lines,
        }
        return Order(order_id, fields["customer_id"], label, record, to_come)


def _habits(random: Random, customer: Customer) -> dict[str, Any]:
    """The customer's fields of an order, as nearly always."""
    channel = customer.channel
    if random.random() < UNUSUAL_CHANNEL:
        channel = "web" if channel == "app" else "app"
    knows_position = random.random() >= NO_POSITION
    return {
        "customer_id": customer.customer_id,
        "account_created_at": customer.account_created_at,
        "payment_method": customer.payment_method,
        "card_fingerprint": customer.card,
        "device_id": customer.devices[-1 if channel == "app" else 0],
        "ip": customer.ip,
        "ip_country": customer.country,
        "latitude": customer.latitude if knows_position else None,
        "longitude": customer.longitude if knows_position else None,
        "billing_country": customer.country,
        "shipping_country": customer.country,
        "channel": channel,
    }


def _abroad(random: Random, country: str) -> Record:
    return {"ip": ip_address(random), "ip_country": country}


def _basket(random: Random, budget_minor: float) -> _Basket:
    """One to three skus for about `budget_minor` cents, popular ones more likely."""
    units: dict[Product, int] = {}
    rest = budget_minor
    wanted = random.choices((1, 2, 3), LINE_WEIGHTS)[0]
    for to_come in range(wanted, 0, -1):
        product = _product(random, rest / to_come)
        if product in units:
            continue
        units[product] = max(1, min(MOST_UNITS, round(rest / to_come / product.price_minor)))
        rest -= units[product] * product.price_minor
    lines = [
        {"sku": product.sku, "quantity": quantity, "unit_price_minor": product.price_minor}
        for product, quantity in units.items()
    ]
    return _Basket(lines, sum(product.price_minor * count for product, count in units.items()))


def _product(random: Random, budget_minor: float) -> Product:
    """Of a few that are looked at, the one whose price is nearest to the budget."""
    if random.random() < SHORT_LIVED:
        return random.choice(_SHORT_LIVED)
    seen = random.choices(_LASTING, cum_weights=_LASTING_SHARES, k=LOOKED_AT)
    return min(seen, key=lambda product: abs(product.price_minor - budget_minor))
