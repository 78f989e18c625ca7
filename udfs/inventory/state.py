"""What the inventory job remembers of a sku.

All types are stored as arrays: a new field goes to the end and has a default. A field that is
renamed to mean something else, moved or removed makes a new version, and a migration to it.
"""

from typing import Final, Literal

import msgspec

from udfs.contract import Migration, Migrations

Status = Literal["RESERVED", "REJECTED", "COMMITTED", "RELEASED", "EXPIRED", "SHIPPED"]

RESERVED: Final = "RESERVED"
REJECTED: Final = "REJECTED"
COMMITTED: Final = "COMMITTED"
RELEASED: Final = "RELEASED"
EXPIRED: Final = "EXPIRED"
SHIPPED: Final = "SHIPPED"
REROUTED: Final = "REROUTED"
"""Only ever announced: a rerouted reservation stays RESERVED or COMMITTED, elsewhere."""


SOME_TIME: Final = 0
"""Since when a sku has been out of stock that ran out before that was kept."""


class Shelf(msgspec.Struct, array_like=True, gc=False):
    """A sku's units at one warehouse.

    total: units that are there, promised or not.
    reserved, committed: units of them that are promised.
    version: availability records written so far for this sku and warehouse.
    """

    total: int = 0
    reserved: int = 0
    committed: int = 0
    version: int = 0

    @property
    def available(self) -> int:
        """Units that can still be promised (ATS); below zero only inside a step, never after it."""
        return self.total - self.reserved - self.committed


class Stock(msgspec.Struct, array_like=True):
    """A sku's entity state.

    warehouses: by warehouse_id.
    sequence: the number of the last step (1, 2, ...); 0 before the first.
    out_since: when OUT_OF_STOCK was announced last (epoch ms), or `SOME_TIME`; None since
        BACK_IN_STOCK was.
    low_stock: LOW_STOCK was announced and no delivery has brought it above the reorder point yet.
    """

    warehouses: dict[str, Shelf] = {}
    sequence: int = 0
    out_since: int | None = None
    low_stock: bool = False

    @property
    def available(self) -> int:
        """Units that can still be promised, over all warehouses."""
        return sum([shelf.available for shelf in self.warehouses.values()])


class Reservation(msgspec.Struct, array_like=True, gc=False):
    """A child of the sku, by reservation_id: a request, and what has become of it.

    sequence: the step that decided the request; a higher one is a newer reservation.
    expires_at: when it lapses unless committed (epoch ms); None if it was rejected.
    warehouse_id: where its units are promised now; `first_warehouse_id`: where they were at first.
    reason: why it was rejected, or released by us; None otherwise.
    closed_at: when it was rejected, released, expired or shipped (epoch ms); None while open.
    """

    status: Status
    quantity: int
    sequence: int
    expires_at: int | None = None
    warehouse_id: str | None = None
    first_warehouse_id: str | None = None
    order_id: str | None = None
    ship_to_region: str | None = None
    reason: str | None = None
    closed_at: int | None = None


class Stock1(msgspec.Struct, array_like=True):
    """`Stock` as version 1 kept it: whether OUT_OF_STOCK was announced, not when."""

    warehouses: dict[str, Shelf] = {}
    sequence: int = 0
    out_of_stock: bool = False
    low_stock: bool = False


def stock_of_version_1(old: Stock1) -> Stock:
    since = SOME_TIME if old.out_of_stock else None
    return Stock(old.warehouses, old.sequence, since, old.low_stock)


VERSION: Final = 2
MIGRATIONS: Final[Migrations] = {1: {Stock: Migration(Stock1, stock_of_version_1)}}
