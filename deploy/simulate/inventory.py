"""The life of the shop's stock: shoppers reserve, pay, change their mind or walk away; units come,
go and get lost. It does not read what the jobs answer, but keeps a rough count of its own.

The shoppers here stand in stores or come through marketplaces, which reserve for themselves: behind
their reservations is no order that the shop knows.

Time here is counted in events sent (`rate` of them are a second), so that a seed gives the same
life however the clock runs.
"""

from collections import Counter
from heapq import heappop, heappush
from itertools import accumulate
from random import Random
from typing import Any, NamedTuple

from deploy.simulate.catalogue import (
    PRODUCTS,
    REGION_WEIGHTS,
    REGIONS,
    SHORT_TIMEOUT_S,
    Product,
    policies,
    shipping_costs,
)
from deploy.simulate.flash import FlashSale
from deploy.simulate.sending import Kind, Record

EVENTS = "inventory.events"
SUPPLY_S = 20.0
RESERVATIONS_PER_EVENT = 0.4
UNITS_PER_RESERVATION = 1.5
UNITS_PER_ORDER = 2.0

# of what is not the consequence of something earlier
LOSS, FOUND, RESERVE_AGAIN, COMMIT_UNKNOWN, PINNED = 0.012, 0.005, 0.012, 0.008, 0.08
# of losses: so many units that promises break
PALLET = 0.5
# of reservations that the shop believes it could grant
COMMITTED, RELEASED = 0.72, 0.12
TOO_LATE = 0.1
# of commits
SHIPPED, CANCELLED = 0.85, 0.04

_BY_SKU = {product.sku: product for product in PRODUCTS}
_SHARES = list(accumulate(product.share for product in PRODUCTS))


class Happening(NamedTuple):
    """An event without its id and time."""

    kind: Kind
    fields: dict[str, Any]


class InventoryLife:
    """One run's life of the stock.

    random: the only source of chance. run: prefix of all ids, unique to the run: an event_id that
    came yesterday would be dropped as a repeat. rate: events that are a second. orders: how many
    orders a second take from the stock besides, each told by `ordered`.
    """

    def __init__(self, random: Random, run: str, rate: float, orders: float = 0.0) -> None:
        self.abandoned = 0
        self._random = random
        self._run = run
        self._rate = rate
        self._orders = orders
        self._now = 0
        self._numbers = 0
        self._plans: list[tuple[float, int, Happening]] = []
        self._on_hand: Counter[str] = Counter()
        self._ordered: set[str] = set()
        self._asked: list[dict[str, Any]] = []
        self._flash = FlashSale(run, rate)

    def reference(self) -> list[tuple[str, Record]]:
        """(topic, record) of policies and costs, to be sent before all else; no ids or times."""
        return [
            *(("inventory.policies", record) for record in policies()),
            *(("inventory.shipping-costs", record) for record in shipping_costs()),
        ]

    def opening(self) -> list[Happening]:
        """The first units of every product, at each of its homes."""
        stock = []
        for product in PRODUCTS:
            units = 1 + self._supply(product) // len(product.homes)
            self._on_hand[product.sku] += units * len(product.homes)
            stock += [self._restocked(product.sku, home, units) for home in product.homes]
        return stock

    def next(self) -> Happening:
        """What happens next: what is due of what was planned, or something new."""
        self._now += 1
        for warehouse, quantity in self._flash.opens(self._now):
            self._plan(0.0, self._restocked(self._flash.sku, warehouse, quantity))
        if self._plans and self._plans[0][0] <= self._now:
            happening = heappop(self._plans)[2]
            if happening.kind is Kind.RESTOCK:
                self._ordered.discard(happening.fields["sku"])
                self._on_hand[happening.fields["sku"]] += happening.fields["quantity"]
            return happening
        return self._something_new()

    def ordered(self, sku: str, quantity: int) -> None:
        """An order wants units: they count as gone, and more may have to come."""
        self._on_hand[sku] = max(0, self._on_hand[sku] - quantity)
        self._restock_if_low(_BY_SKU[sku])

    def bad(self) -> Happening | bytes:
        """A record that cannot be processed; bytes are to be sent as they are."""
        chance = self._random.random()
        sku = self._random.choice(PRODUCTS).sku
        if chance < 0.4:
            return b"\xff" + self._random.randbytes(20)
        if chance < 0.7:
            return Happening(Kind.BAD_TYPE, {"event_type": "STOLEN", "sku": sku, "quantity": 1})
        nothing = {"reservation_id": self._name("r"), "quantity": 0}
        asked = {"event_type": "RESERVE_REQUESTED", "sku": sku, **nothing}
        return Happening(Kind.BAD_QUANTITY, asked)

    def any_sku(self) -> str:
        return self._random.choices(PRODUCTS, cum_weights=_SHARES)[0].sku

    def _something_new(self) -> Happening:
        if self._flash.wants_next(self._random):
            return self._reserve(self._flash.sku, Kind.RESERVE_FLASH, 1, None)
        product = self._random.choices(PRODUCTS, cum_weights=_SHARES)[0]
        chance = self._random.random()
        if chance < LOSS:
            is_pallet = self._random.random() < PALLET
            lost = self._supply(product) if is_pallet else self._random.randint(1, 4)
            return self._adjust(Kind.LOSS, product, -lost)
        if chance < LOSS + FOUND:
            return self._adjust(Kind.FOUND, product, self._random.randint(1, 3))
        if chance < LOSS + FOUND + COMMIT_UNKNOWN:
            unknown = {"sku": product.sku, "reservation_id": self._name("x")}
            return Happening(Kind.COMMIT_UNKNOWN, {"event_type": "COMMITTED", **unknown})
        if chance < LOSS + FOUND + COMMIT_UNKNOWN + RESERVE_AGAIN and self._asked:
            return Happening(Kind.RESERVE_AGAIN, self._random.choice(self._asked))
        quantity = self._random.choices((1, 2, 3), (65, 25, 10))[0]
        if self._random.random() < PINNED:
            home = self._random.choice(product.homes)
            return self._reserve(product.sku, Kind.RESERVE_PINNED, quantity, home, product)
        return self._reserve(product.sku, Kind.RESERVE, quantity, None, product)

    def _reserve(
        self,
        sku: str,
        kind: Kind,
        quantity: int,
        warehouse: str | None,
        product: Product | None = None,
    ) -> Happening:
        """A request, and what its shopper will do next; `product` None: never restocked."""
        random = self._random
        asked = {
            "event_type": "RESERVE_REQUESTED",
            "sku": sku,
            "warehouse_id": warehouse,
            "quantity": quantity,
            "reservation_id": self._name("r"),
            "order_id": None,
            "channel": "store" if warehouse else random.choice(("store", "marketplace")),
            "ship_to_region": random.choices(REGIONS, REGION_WEIGHTS)[0],
        }
        self._asked.append(asked)
        del self._asked[:-200]
        if self._on_hand[sku] >= quantity:
            self._on_hand[sku] -= quantity
            self._decide_fate(asked, product is not None and product.is_short_lived)
        if product is not None:
            self._restock_if_low(product)
        return Happening(kind, asked)

    def _decide_fate(self, asked: dict[str, Any], short_lived: bool) -> None:
        """Commit and ship, or commit and cancel, or release, or forget about it."""
        random, chance = self._random, self._random.random()
        if chance >= COMMITTED + RELEASED:
            self.abandoned += 1
            if short_lived:
                self._on_hand[asked["sku"]] += asked["quantity"]
            return
        if chance >= COMMITTED:
            self._follow(random.uniform(0.5, 3.0), Kind.RELEASE, "RELEASED", asked)
            self._on_hand[asked["sku"]] += asked["quantity"]
            return
        if short_lived and random.random() < TOO_LATE:
            after = random.uniform(SHORT_TIMEOUT_S + 0.5, SHORT_TIMEOUT_S + 4.0)
            self._follow(after, Kind.COMMIT_LATE, "COMMITTED", asked)
            return
        paid = random.uniform(0.5, 3.0)
        self._follow(paid, Kind.COMMIT, "COMMITTED", asked)
        next_chance = random.random()
        if next_chance < SHIPPED:
            self._follow(paid + random.uniform(1.0, 5.0), Kind.SHIP, "SHIPPED", asked)
        elif next_chance < SHIPPED + CANCELLED:
            self._follow(paid + random.uniform(0.5, 3.0), Kind.CANCEL, "RELEASED", asked)

    def _follow(self, after_s: float, kind: Kind, event_type: str, asked: dict[str, Any]) -> None:
        named = {name: asked[name] for name in ("sku", "quantity", "reservation_id", "order_id")}
        self._plan(after_s, Happening(kind, {"event_type": event_type, **named}))

    def _restock_if_low(self, product: Product) -> None:
        supply = self._supply(product)
        if self._on_hand[product.sku] > supply // 3 or product.sku in self._ordered:
            return
        self._ordered.add(product.sku)
        home = self._random.choice(product.homes)
        after_s = self._random.uniform(1.0, 6.0)
        self._plan(after_s, self._restocked(product.sku, home, supply))

    def _restocked(self, sku: str, warehouse: str, quantity: int) -> Happening:
        where = {"sku": sku, "warehouse_id": warehouse, "quantity": quantity}
        return Happening(Kind.RESTOCK, {"event_type": "RESTOCKED", **where})

    def _adjust(self, kind: Kind, product: Product, quantity: int) -> Happening:
        self._on_hand[product.sku] = max(0, self._on_hand[product.sku] + quantity)
        home = self._random.choice(product.homes)
        where = {"sku": product.sku, "warehouse_id": home, "quantity": quantity}
        return Happening(kind, {"event_type": "ADJUSTED", **where})

    def _supply(self, product: Product) -> int:
        """Units that last for `SUPPLY_S` seconds."""
        reserved = self._rate * RESERVATIONS_PER_EVENT * UNITS_PER_RESERVATION
        sold = (reserved + self._orders * UNITS_PER_ORDER) * product.share
        return max(12, round(sold * SUPPLY_S))

    def _plan(self, after_s: float, happening: Happening) -> None:
        self._numbers += 1
        heappush(self._plans, (self._now + after_s * self._rate, self._numbers, happening))

    def _name(self, prefix: str) -> str:
        self._numbers += 1
        return f"{self._run}-{prefix}{self._numbers}"
