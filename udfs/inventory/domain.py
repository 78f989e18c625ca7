"""The inventory domain, as the runtime needs it."""

from typing import Final

from udfs.contract import Domain
from udfs.inventory import rules
from udfs.inventory.events import (
    ALERTS,
    AVAILABILITY,
    EVENTS,
    POLICIES,
    RESERVATIONS,
    SHIPPING_COSTS,
    InventoryEvent,
    ShippingCost,
    StockPolicy,
)
from udfs.inventory.state import MIGRATIONS, VERSION, Reservation, Stock

INVENTORY: Final = Domain(
    name="inventory",
    entity="sku",
    inputs={EVENTS: InventoryEvent},
    reference={POLICIES: StockPolicy, SHIPPING_COSTS: ShippingCost},
    outputs=(RESERVATIONS, AVAILABILITY, ALERTS),
    rule=rules.decide,
    state=Stock,
    child=Reservation,
    state_version=VERSION,
    migrations=MIGRATIONS,
)
