"""A flash sale: one new sku, a few units, and more shoppers than units within seconds."""

from collections.abc import Iterator
from random import Random

FIRST_AT_S = 5.0
EVERY_S = 30.0
SHOPPERS_PER_UNIT = 1.6
CROWD = 0.8


class FlashSale:
    """Opens at fixed times of the run; `sku` is the one on sale now, a new one each time.

    rate: events that are a second; a sale has two seconds' worth of shoppers, 20 to 400.
    """

    def __init__(self, run: str, rate: float) -> None:
        self.sku = ""
        self._run = run
        self._rate = rate
        self._sales = 0
        self._shoppers = 0
        self._opens_at = round(FIRST_AT_S * rate)

    def opens(self, now: int) -> Iterator[tuple[str, int]]:
        """(warehouse, units) to put on sale if it opens now; `now` counts events sent."""
        if now < self._opens_at:
            return
        self._opens_at += max(1, round(EVERY_S * self._rate))
        self._sales += 1
        self.sku = f"drop-{self._run}-{self._sales}"
        self._shoppers = min(400, max(20, round(2 * self._rate)))
        units = int(self._shoppers / SHOPPERS_PER_UNIT)
        yield "berlin", units - units // 4
        yield "lyon", units // 4

    def wants_next(self, random: Random) -> bool:
        """Whether the next shopper comes for the sale; there is one fewer then."""
        if not self._shoppers or random.random() >= CROWD:
            return False
        self._shoppers -= 1
        return True
