"""The orders domain, as the runtime needs it."""

from typing import Final

from udfs.contract import Domain
from udfs.orders import rules
from udfs.orders.events import (
    COMMANDS,
    DECISIONS,
    DELAYS,
    INITIATED,
    INVENTORY_EVENTS,
    LIFECYCLE,
    LIMITS,
    LOYALTY,
    NOTIFICATIONS,
    OUTCOMES,
    PAYMENTS,
    REQUESTS,
    RESERVATIONS,
    SHIPMENTS,
    FraudDecision,
    FraudOutcome,
    OrderInitiated,
    OrderLimit,
    OrderRequest,
    PaymentEvent,
    ReservationStep,
    ShipmentEvent,
)
from udfs.orders.state import Order

ORDERS: Final = Domain(
    name="orders",
    entity="order_id",
    inputs={
        INITIATED: OrderInitiated,
        DECISIONS: FraudDecision,
        OUTCOMES: FraudOutcome,
        PAYMENTS: PaymentEvent,
        RESERVATIONS: ReservationStep,
        SHIPMENTS: ShipmentEvent,
        REQUESTS: OrderRequest,
    },
    reference={LIMITS: OrderLimit},
    outputs=(LIFECYCLE, COMMANDS, INVENTORY_EVENTS, NOTIFICATIONS, DELAYS, LOYALTY),
    rule=rules.decide,
    state=Order,
)
