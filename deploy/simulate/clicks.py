"""Shoppers' clicks: visitors who look around, fill carts, change their mind, buy or walk away.

Two stories are told in every run, for whoever watches: for a while one sku is in demand (the
surge; another in each run, since what surges every time is no surge), and one cart is left behind
and bought later (the recovery). Time is counted in clicks sent
(`rate` of them are a second), so that a seed gives the same clicks however the clock runs.
"""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from heapq import heappop, heappush
from itertools import accumulate
from random import Random
from typing import Any, NamedTuple

from deploy.simulate.catalogue import CURRENCY, PRODUCTS, Product
from deploy.simulate.sending import Kind, Record, Sending

CLICKS = "clickstream.events"

MOST_LOOKED_AT = 6
SEARCHED, HOVERED, WISHED, CARTED = 0.3, 0.3, 0.04, 0.08
# of what was put into the cart, of carts with something in them, and of checkouts
TAKEN_OUT, CHECKED_OUT, BOUGHT = 0.15, 0.5, 0.8
PAUSE_S = (1.0, 12.0)
# of visitors: those who have told who they are
KNOWN = 0.6

DUPLICATES, LATE, TOO_LATE = 0.01, 0.02, 0.003
LATE_S, TOO_LATE_S = (0.3, 3.0), (8.0, 30.0)
REMEMBERED = 500

SURGE_FROM_S, SURGE_S = 20.0, 60.0
# of new visits during the surge, and how many of those put it into the cart
SURGE_SHARE, SURGE_CARTED = 0.5, 0.6
LEFT_AT_S, RECOVERED_AFTER_S = 10.0, 45.0

_SHARES = list(accumulate(product.share for product in PRODUCTS))
LEFT_BEHIND = next(product for product in PRODUCTS if product.sku == "rug-green")
# neither promoted nor compared with competitors, and not among what is always wanted
SURGES = tuple(p for p in PRODUCTS[12:] if p.sku.startswith(("vase-", "bowl-", "pan-", "towel-")))


@dataclass(frozen=True)
class Visitor:
    """A browser or app during one visit; customer_id if they have told who they are."""

    visitor_id: str
    customer_id: str | None
    session_id: str

    @property
    def device_id(self) -> str:
        return f"{self.customer_id or self.visitor_id}-computer"


class Step(NamedTuple):
    """A click of a visit, without id and time."""

    event_type: str
    product: Product | None = None
    query: str | None = None
    quantity: int | None = None


class ClickLife:
    """One run's clicks, deterministic for its arguments in everything but the times.

    run: unique to the run, prefix of every id. rate: clicks that are a second (> 0). customers: how
    many customers the run has, as `Customers` names them. `leaver` is who comes back for the cart,
    `surging` what is in demand for a while.
    """

    def __init__(self, seed: int, run: str, rate: float, customers: int) -> None:
        self._random = Random(f"{seed} clicks")
        self._run = run
        self._rate = rate
        self._customers = customers
        self.surging = Random(f"{run} surge").choice(SURGES)
        self._clicks = self._visits = self._steps = 0
        self._agenda: list[tuple[float, int, Visitor, Step]] = []
        self._recent: deque[Sending] = deque(maxlen=REMEMBERED)
        self.leaver = Visitor(f"{run}-leaver", f"{run}-c0", f"{run}-leaver-1")
        self._plan(self.leaver, LEFT_AT_S * rate, _left_behind())
        back = Visitor(f"{run}-leaver", f"{run}-c0", f"{run}-leaver-2")
        self._plan(back, (LEFT_AT_S + RECOVERED_AFTER_S) * rate, _recovered())

    def next(self, now: int) -> Sending:
        """The next click, with `now` (epoch ms) as its time unless it is late or a duplicate."""
        if self._recent and self._random.random() < DUPLICATES:
            return self._random.choice(self._recent)._replace(kind=Kind.DUPLICATE)
        while not self._agenda or self._agenda[0][0] > self._clicks:
            self._begin_visit()
        _, _, visitor, step = heappop(self._agenda)
        self._clicks += 1
        sending = self._sending(visitor, step, now)
        self._recent.append(sending)
        return sending

    @property
    def is_surging(self) -> bool:
        """Whether new visitors come for the sku in demand."""
        return SURGE_FROM_S <= self._clicks / self._rate < SURGE_FROM_S + SURGE_S

    def _begin_visit(self) -> None:
        self._visits += 1
        number, known = self._visits, self._random.random() < KNOWN
        customer = f"{self._run}-c{self._random.randrange(self._customers)}" if known else None
        visitor_id = f"{customer}-browser" if customer else f"{self._run}-v{number}"
        visitor = Visitor(visitor_id, customer, f"{self._run}-visit{number}")
        self._plan(visitor, self._clicks, self._visit())

    def _visit(self) -> Iterator[Step]:
        is_drawn = self.is_surging and self._random.random() < SURGE_SHARE
        comes_for = self.surging if is_drawn else None
        if comes_for is None and self._random.random() < SEARCHED:
            yield Step("SEARCH", query=self._product().sku.replace("-", " "))
        cart: list[tuple[Product, int]] = []
        for _ in range(1 if comes_for else self._random.randint(1, MOST_LOOKED_AT)):
            yield from self._look_at(comes_for or self._product(), comes_for is not None, cart)
        for product, quantity in tuple(cart):
            if self._random.random() < TAKEN_OUT:
                cart.remove((product, quantity))
                yield Step("REMOVE_FROM_CART", product, quantity=quantity)
        if cart and self._random.random() < CHECKED_OUT:
            yield Step("CHECKOUT_START")
            if self._random.random() < BOUGHT:
                yield from (Step("PURCHASE", product, quantity=n) for product, n in cart)

    def _look_at(
        self, product: Product, is_wanted: bool, cart: list[tuple[Product, int]]
    ) -> Iterator[Step]:
        yield Step("PAGE_VIEW", product)
        if self._random.random() < HOVERED:
            yield Step("HOVER", product)
        if self._random.random() < WISHED:
            yield Step("WISHLIST_ADD", product)
        if self._random.random() < (SURGE_CARTED if is_wanted else CARTED):
            cart.append((product, self._random.choices((1, 2, 3), (80, 15, 5))[0]))
            yield Step("ADD_TO_CART", product, quantity=cart[-1][1])

    def _product(self) -> Product:
        return self._random.choices(PRODUCTS, cum_weights=_SHARES)[0]

    def _plan(self, visitor: Visitor, due: float, steps: Iterator[Step]) -> None:
        """Put a visit on the agenda that begins when `due` clicks have been sent."""
        for step in steps:
            self._steps += 1
            heappush(self._agenda, (due, self._steps, visitor, step))
            due += self._random.uniform(*PAUSE_S) * self._rate

    def _sending(self, visitor: Visitor, step: Step, now: int) -> Sending:
        chance, kind, event_time = self._random.random(), Kind.CLICK, now
        if chance < TOO_LATE:
            kind = Kind.CLICK_TOO_LATE
            event_time -= round(self._random.uniform(*TOO_LATE_S) * 1000)
        elif chance < TOO_LATE + LATE:
            event_time -= round(self._random.uniform(*LATE_S) * 1000)
        record: Record = {
            "event_id": f"{self._run}-k{self._clicks}",
            "event_time": event_time,
            "visitor_id": visitor.visitor_id,
            "customer_id": visitor.customer_id,
            "session_id": visitor.session_id,
            "event_type": step.event_type,
            "device_id": visitor.device_id,
            **_about(step),
        }
        return Sending(kind, CLICKS, visitor.visitor_id, record, event_time)


def _about(step: Step) -> dict[str, Any]:
    product = step.product
    return {
        "sku": product.sku if product else None,
        "category": None,  # the catalogue knows it
        "query": step.query,
        "price_minor": product.price_minor if product else None,
        "quantity": step.quantity,
        "currency": CURRENCY if product else None,
    }


def _left_behind() -> Iterator[Step]:
    yield Step("PAGE_VIEW", LEFT_BEHIND)
    yield Step("ADD_TO_CART", LEFT_BEHIND, quantity=1)


def _recovered() -> Iterator[Step]:
    yield Step("PAGE_VIEW", LEFT_BEHIND)
    yield Step("CHECKOUT_START")
    yield Step("PURCHASE", LEFT_BEHIND, quantity=1)
