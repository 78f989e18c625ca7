"""Which warehouse fills a reservation."""

from collections.abc import Mapping

from udfs.inventory.events import ShippingCost
from udfs.inventory.state import Shelf


def cheapest_warehouse(
    shelves: Mapping[str, Shelf],
    quantity: int,
    region: str | None,
    costs: Mapping[str, ShippingCost],
) -> str | None:
    """The warehouse that can fill all `quantity` units at the lowest cost to `region`, or None.

    Ties go to the shorter distance, then to the smaller id. A warehouse whose cost is not known
    comes after all with a known one: better a known price than a guess.
    """
    able = [id_ for id_, shelf in shelves.items() if shelf.available >= quantity]
    if len(able) < 2:
        return able[0] if able else None
    if region is None:
        return min(able)

    def rank(warehouse_id: str) -> tuple[bool, int, float, str]:
        cost = costs.get(f"{warehouse_id}|{region}")
        if cost is None:
            return True, 0, 0, warehouse_id
        return False, cost.cost_minor, cost.distance_km, warehouse_id

    return min(able, key=rank)
