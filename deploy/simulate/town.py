"""Everybody who has to do with the shop in one run: what they send, and who hears what."""

from collections.abc import Callable, Iterator, Mapping
from functools import partial

from deploy.simulate import engagement, pricing, world
from deploy.simulate.clicks import CLICKS, ClickLife
from deploy.simulate.engagement import Recipients
from deploy.simulate.orders import LOYAL, OrderBook
from deploy.simulate.pricing import Market
from deploy.simulate.sending import Record, Sending
from deploy.simulate.shop import Shop
from deploy.simulate.world import World

READS = (*world.READS, *engagement.READS)
WRITES = tuple(dict.fromkeys((*world.WRITES, CLICKS, *engagement.WRITES, *pricing.WRITES)))

LOYAL_PER_ORDER = 2  # a run is minutes of a shop whose customers order once in weeks
# of loyal customers, every so many have told how they want to be written to; the first has not
TOLD_EVERY = 2

Hears = Callable[[Record, int], object]


class Town:
    """The shop and all around it, from before the opening at `opened_at`. Times are epoch ms.

    run: unique to the run, prefix of every id. rate: stock events that are a second.
    orders, clicks: how many there will be in all, over `seconds`. `tally` counts what was sent.
    """

    def __init__(
        self,
        seed: int,
        opened_at: int,
        *,
        rate: float,
        seconds: float,
        orders: int,
        clicks: int,
    ) -> None:
        run = f"s{seed}-{opened_at:x}"
        loyal = max(LOYAL, orders * LOYAL_PER_ORDER)
        self._shop = Shop(seed, run, rate, orders / seconds)
        self.tally = self._shop.tally
        self._book = OrderBook(seed, run, opened_at, loyal)
        self._world = World(self.tally)
        self._recipients = Recipients(seed, run, self.tally)
        self._market = Market(seed, run, self.tally)
        self._events, self._whole = 0, round(rate * seconds)
        self._placed, self._orders = 0, orders
        self._clicked, self._clicks = 0, clicks
        self._visitors: ClickLife | None = None
        if clicks:
            self._visitors = ClickLife(seed, run, clicks / seconds, loyal)
            self.tally.surging = self._visitors.surging.sku
        self._told = [f"{run}-c{number}" for number in range(1, loyal, TOLD_EVERY)]
        self._ears: Mapping[str, Hears] = {
            **{name: partial(self._world.take, name) for name in world.READS},
            **dict.fromkeys(engagement.READS, self._recipients.take),
        }

    def reference(self, now: int) -> Iterator[Sending]:
        """What the jobs must have learned before the shop opens."""
        yield from self._shop.reference(now)
        yield from self._recipients.preferences(self._told, now)

    def opening(self, now: int) -> Iterator[Sending]:
        """The first stock, and the promotions to come."""
        yield from self._shop.opening(now)
        yield from self._market.opening(now)

    def next(self, now: int) -> Iterator[Sending]:
        """The next event of the stock, with the orders and clicks that are due with it."""
        yield self._shop.next(now)
        self._events += 1
        while self._placed < self._orders * self._events // self._whole:
            order = self._book.order(self._placed, now)
            self._shop.ordered(order.record["lines"])
            self._world.place(order, now)
            self._placed += 1
            yield from self._world.due(now)
        while self._visitors and self._clicked < self._clicks * self._events // self._whole:
            click = self._visitors.next(now)
            self._clicked += 1
            self.tally.sent[click.kind] += 1
            yield click

    def hear(self, topic: str, record: Record, now: int) -> None:
        """Let those whom it concerns know a record of one of `READS`."""
        self._ears[topic](record, now)

    def due(self, now: int) -> Iterator[Sending]:
        """What is to be sent by `now` besides, each once."""
        for somebody in (self._world, self._recipients, self._market):
            yield from somebody.due(now)

    def has_ended(self, now: int) -> bool:
        """Whether nothing more is to be expected about orders.

        Messages go on for longer, and nobody has to answer one.
        """
        return self._world.has_ended(now)

    def close(self) -> None:
        """Note in the tally what is left unsettled."""
        self.tally.unsettled = self._world.unsettled
