"""What the simulated shop sells, and from where: the same in every run, whatever the seed."""

from typing import Any, NamedTuple

REGIONS = ("DE", "FR", "PL", "NL", "IT")
REGION_WEIGHTS = (40, 25, 15, 12, 8)

# cost in cents and distance in km; equal costs are decided by distance, and what is not listed is
# unknown and so the last choice
_SHIPPING: dict[str, dict[str, tuple[int, float]]] = {
    "berlin": {"DE": (390, 290.0), "FR": (890, 1050.0), "PL": (590, 570.0), "NL": (690, 650.0)},
    "lyon": {"DE": (790, 1020.0), "FR": (390, 390.0), "NL": (690, 930.0), "IT": (690, 640.0)},
    "gdansk": {"DE": (590, 520.0), "FR": (1190, 1590.0), "PL": (290, 340.0), "NL": (890, 1100.0)},
}
WAREHOUSES = tuple(_SHIPPING)

CURRENCY = "EUR"
# cents; a colour costs a little more than the one before it
_THINGS = {
    "mug": 1290, "plate": 990, "bowl": 1490, "lamp": 7990, "chair": 14900, "shelf": 18900,
    "towel": 1990, "blanket": 4990, "pan": 5990, "vase": 3490, "clock": 4490, "rug": 22900,
}  # fmt: skip
_COLOUR_SURCHARGE = 50
_COLOURS = ("blue", "white", "green", "red", "grey", "black", "sand", "oak")

SHORT_TIMEOUT_S = 5
_SHORT_TIMEOUT_RANKS = frozenset({1, 4, 9, 16, 25})
_REORDERED_RANKS = range(30)


class Product(NamedTuple):
    """What a sku is to the shop.

    rank: 0 for what sells best. share: its part of all sales. homes: warehouses that keep it.
    price_minor: of one unit, in cents of `CURRENCY`.
    """

    sku: str
    rank: int
    share: float
    homes: tuple[str, ...]
    price_minor: int

    @property
    def is_short_lived(self) -> bool:
        """Whether its reservations expire within seconds."""
        return self.rank in _SHORT_TIMEOUT_RANKS


def _products() -> tuple[Product, ...]:
    """Popularity falls with rank as Zipf's law has it (exponent 1)."""
    priced = [
        (f"{thing}-{colour}", price + _COLOUR_SURCHARGE * step)
        for step, colour in enumerate(_COLOURS)
        for thing, price in _THINGS.items()
    ]
    whole = sum(1 / (rank + 1) for rank in range(len(priced)))
    return tuple(
        Product(sku, rank, 1 / (rank + 1) / whole, _homes(rank), price)
        for rank, (sku, price) in enumerate(priced)
    )


def _homes(rank: int) -> tuple[str, ...]:
    """What sells best is everywhere, the rest in two warehouses or one."""
    first = rank % len(WAREHOUSES)
    turned = WAREHOUSES[first:] + WAREHOUSES[:first]
    return turned[: 3 if rank < 24 else 1 + rank % 2]


PRODUCTS = _products()


def policies() -> list[dict[str, Any]]:
    """Records of inventory.policies, without id and time; the other skus follow the default."""
    return [
        {
            "sku": product.sku,
            "reorder_point": 10 if product.rank in _REORDERED_RANKS else 0,
            "reorder_quantity": 50 if product.rank % 3 else 0,
            "reservation_timeout_s": SHORT_TIMEOUT_S if product.is_short_lived else 900,
        }
        for product in PRODUCTS
        if product.rank in _REORDERED_RANKS
    ]


def shipping_costs() -> list[dict[str, Any]]:
    """Records of inventory.shipping-costs, without id and time."""
    return [
        {
            "warehouse_id": warehouse,
            "region": region,
            "cost_minor": cost_minor,
            "currency": CURRENCY,
            "distance_km": distance_km,
        }
        for warehouse, regions in _SHIPPING.items()
        for region, (cost_minor, distance_km) in regions.items()
    ]
