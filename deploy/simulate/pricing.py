"""What moves prices from outside: promotions of this run, and what competitors ask.

Demand is the clicks' business. The skus of each are others, so that what moved a price is plain:
no competitor has what is promoted or in demand.
"""

from collections.abc import Iterator
from random import Random

from deploy.simulate.catalogue import CURRENCY, PRODUCTS
from deploy.simulate.sending import Kind, Record, Sending, Tally

PROMOTIONS = "pricing.promotions"
COMPETITOR_PRICES = "pricing.competitor-prices"
POLICIES = "pricing.policies"
WRITES = (PROMOTIONS, COMPETITOR_PRICES)

PROMOTED_SKU, PROMOTED_CATEGORY = "lamp-blue", "clock"
# after the opening; (start, end) of what is for the sku and for the category
SKU_S, CATEGORY_S = (15.0, 30.0), (20.0, 50.0)

COMPETITORS = ("megastore", "corner-shop")
COMPARED = tuple(p for p in PRODUCTS if p.sku.startswith(("mug-", "plate-", "chair-")))
ASKED_EVERY_S = 5.0
ASKED = (0.9, 1.05)  # of our list price

HASTY_COOLDOWN_S = 10


def hasty_prices(now: int) -> Iterator[Sending]:
    """The policy of all skus in a shop whose minutes are seconds: for a demonstration.

    Only the cool-down is another than in the default, 10 s for 300 s. With the default a surge
    moves the price as soon as it is told, but a price that low stock has just moved would wait,
    and nobody would see the second step.
    """
    record = {
        "event_id": f"hasty-prices-{now}",
        "event_time": now,
        "sku": "*",
        "version": 2,
        "cooldown_s": HASTY_COOLDOWN_S,
    }
    yield Sending(Kind.REFERENCE, POLICIES, "*", record, now)


class Market:
    """Promotions and competitors of a run; `tally` counts what was handed out.

    All times are epoch ms. Competitors are silent until the opening.
    """

    def __init__(self, seed: int, run: str, tally: Tally) -> None:
        self._random = Random(f"{seed} market")
        self._run = run
        self._tally = tally
        self._asks = 0
        self._next_at: int | None = None

    def opening(self, now: int) -> Iterator[Sending]:
        """The promotions, published before they start: 15 % off a sku, 10 % off a category."""
        self._next_at = now
        yield self._promotion("sku", {"sku": PROMOTED_SKU, "percent": 15.0}, SKU_S, now)
        category = {"category": PROMOTED_CATEGORY, "percent": 10.0}
        yield self._promotion("category", category, CATEGORY_S, now)

    def due(self, now: int) -> Iterator[Sending]:
        """What competitors have asked up to `now`, each once."""
        while self._next_at is not None and self._next_at <= now:
            yield self._asked(self._next_at)
            self._next_at += round(ASKED_EVERY_S * 1000)

    def _promotion(
        self, name: str, fields: Record, span_s: tuple[float, float], now: int
    ) -> Sending:
        promotion_id = f"{self._run}-{name}"
        record = {
            "event_id": promotion_id,
            "event_time": now,
            "promotion_id": promotion_id,
            "starts_at": now + round(span_s[0] * 1000),
            "ends_at": now + round(span_s[1] * 1000),
            **fields,
        }
        return self._counted(Sending(Kind.PROMOTION, PROMOTIONS, promotion_id, record, now))

    def _asked(self, at: int) -> Sending:
        self._asks += 1
        product = self._random.choice(COMPARED)
        record = {
            "event_id": f"{self._run}-ask{self._asks}",
            "event_time": at,
            "sku": product.sku,
            "competitor": self._random.choice(COMPETITORS),
            "price_minor": round(product.price_minor * self._random.uniform(*ASKED)),
            "currency": CURRENCY,
        }
        return self._counted(
            Sending(Kind.COMPETITOR_PRICE, COMPETITOR_PRICES, product.sku, record, at)
        )

    def _counted(self, sending: Sending) -> Sending:
        self._tally.sent[sending.kind] += 1
        return sending
