"""Who orders: loyal customers and their habits, newcomers, and rings of fraudsters.

Everybody is a function of the run's seed and their number, whoever is asked for first. Ids begin
with the run's name, so that no customer of one run has a history from another.
"""

from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate
from random import Random

from deploy.simulate.catalogue import REGION_WEIGHTS, REGIONS

DAY_MS = 86_400_000
HOUR_MS = 3_600_000
# orders that a ring lives for; what it places among them is its part of all orders
RING_ORDERS = 250
RING_CARDS = 3
HOUSEHOLD = 20
DRAWS = 20

# degrees north and east, of a large city
PLACES = {
    "DE": (52.52, 13.40), "FR": (48.86, 2.35), "PL": (52.23, 21.01), "NL": (52.37, 4.90),
    "IT": (45.46, 9.19), "ES": (40.42, -3.70), "US": (40.71, -74.01), "BR": (-23.55, -46.63),
    "TH": (13.76, 100.50), "ZA": (-26.20, 28.05),
}  # fmt: skip
ABROAD = tuple(country for country in PLACES if country not in REGIONS)
METHODS = ("card", "wallet", "invoice")
METHOD_WEIGHTS = (70, 20, 10)


@dataclass(frozen=True)
class Customer:
    """Somebody with habits.

    account_created_at: epoch ms, or None for a guest. devices, card, ip, channel: the usual ones.
    country: home, to which bills and parcels go. latitude, longitude: degrees.
    spends_minor, spread: median of what an order costs, and deviation of its logarithm.
    awake_from, awake_for: hours, counted from when the shop opened, in which they order.
    """

    customer_id: str
    account_created_at: int | None
    devices: tuple[str, ...]
    payment_method: str
    card: str | None
    ip: str
    country: str
    latitude: float
    longitude: float
    channel: str
    spends_minor: float
    spread: float
    awake_from: int
    awake_for: int

    def is_awake(self, hour: int) -> bool:
        """Whether they usually order `hour` hours after the opening."""
        return (hour - self.awake_from) % 24 < self.awake_for


@dataclass(frozen=True)
class Ring:
    """Fraudsters with one device and a few stolen cards, behind ever new accounts."""

    device: str
    cards: tuple[str, ...]
    ip: str
    ip_country: str
    latitude: float
    longitude: float
    shipping_country: str


class Customers:
    """All who order in a run that opened at `opened_at` (epoch ms), `loyal_count` of them loyal."""

    def __init__(self, seed: int, run: str, opened_at: int, loyal_count: int) -> None:
        self._seed = seed
        self._run = run
        self._opened_at = opened_at
        self._loyal_count = loyal_count
        # orders fall with the number as Zipf's law has it, but gently: nobody has all of them
        shift = 1 + loyal_count // 6
        self._shares = list(accumulate(1 / (number + shift) for number in range(loyal_count)))
        self.loyal = lru_cache(maxsize=None)(self._loyal)
        self.ring = lru_cache(maxsize=4)(self._ring)

    def pick(self, random: Random, now: int) -> Customer:
        """A loyal customer, most likely one who usually orders at this hour."""
        hour = (now - self._opened_at) // HOUR_MS
        for _ in range(DRAWS):
            customer = self.loyal(
                random.choices(range(self._loyal_count), cum_weights=self._shares)[0]
            )
            if customer.is_awake(hour):
                break
        return customer

    def newcomer(self, random: Random, number: int, now: int) -> Customer:
        """An honest customer with their first order, some of them as guests."""
        created_at = now - random.randint(60_000, 2 * HOUR_MS)
        name = f"{self._run}-n{number}"
        return self._somebody(random, name, created_at if random.random() < 0.8 else None, name)

    def _loyal(self, number: int) -> Customer:
        """The loyal customer of that number; 0 orders most."""
        random = Random(f"{self._seed} loyal {number}")
        created_at = self._opened_at - random.randint(60, 1500) * DAY_MS
        # some live with the customer before them and use the same computer
        lives_with = number - 1 if number % HOUSEHOLD == 1 else number
        household = f"{self._run}-h{lives_with}"
        return self._somebody(random, f"{self._run}-c{number}", created_at, household)

    def _ring(self, number: int) -> Ring:
        random = Random(f"{self._seed} ring {number}")
        country = random.choice(ABROAD)
        return Ring(
            device=f"{self._run}-ring{number}-device",
            cards=tuple(f"{self._run}-ring{number}-card{n}" for n in range(RING_CARDS)),
            ip=address(random),
            ip_country=country,
            latitude=PLACES[country][0],
            longitude=PLACES[country][1],
            shipping_country=random.choices(REGIONS, REGION_WEIGHTS)[0],
        )

    def _somebody(
        self, random: Random, name: str, created_at: int | None, household: str
    ) -> Customer:
        country = random.choices(REGIONS, REGION_WEIGHTS)[0]
        latitude, longitude = PLACES[country]
        awake_for = random.randint(10, 18)
        method = random.choices(METHODS, METHOD_WEIGHTS)[0]
        phone = (f"{name}-phone",) if random.random() < 0.5 else ()
        return Customer(
            customer_id=name,
            account_created_at=created_at,
            devices=(f"{household}-computer", *phone),
            payment_method=method,
            card=None if method == "invoice" else f"{name}-card",
            ip=address(random),
            country=country,
            latitude=round(latitude + random.uniform(-0.5, 0.5), 4),
            longitude=round(longitude + random.uniform(-0.5, 0.5), 4),
            channel="app" if phone and random.random() < 0.7 else "web",
            spends_minor=random.lognormvariate(8.5, 0.5),
            spread=random.uniform(0.2, 0.45),
            # the shop opens at an hour at which everybody shops
            awake_from=-random.randint(0, awake_for - 2),
            awake_for=awake_for,
        )


def address(random: Random) -> str:
    """An IP address of the block that is set aside for benchmarks (RFC 2544)."""
    return f"198.{random.randint(18, 19)}.{random.randint(0, 255)}.{random.randint(1, 254)}"
