"""What the orders job reads: what happens to an order, from seven topics, and its limits.

Times are epoch milliseconds of event time, money is in minor units of an ISO 4217 currency. Fields
that no rule looks at are not declared, and are skipped when a record is converted.
"""

from typing import Annotated, Final, Literal

import msgspec

from udfs.inventory.events import Id, Time, Units

INITIATED: Final = "orders.initiated"
DECISIONS: Final = "fraud.decisions"
OUTCOMES: Final = "fraud.outcomes"
PAYMENTS: Final = "payments.events"
RESERVATIONS: Final = "inventory.reservations"
SHIPMENTS: Final = "shipments.events"
REQUESTS: Final = "orders.requests"

LIMITS: Final = "orders.limits"

LIFECYCLE: Final = "orders.lifecycle"
COMMANDS: Final = "orders.commands"
INVENTORY_EVENTS: Final = "inventory.events"
NOTIFICATIONS: Final = "notifications.requests"
DELAYS: Final = "orders.delays"
LOYALTY: Final = "orders.loyalty"

MAX_AMOUNT: Final = 10**15
"""Minor units: no order costs more, whatever its currency; beyond it a number is a mistake."""

MAX_LINES: Final = 500
"""An order's state holds all its lines, so their number has a bound."""

Amount = Annotated[int, msgspec.Meta(ge=0, le=MAX_AMOUNT)]
Currency = Annotated[str, msgspec.Meta(pattern="^[A-Z]{3}$")]

Waiting = Literal[
    "ORDER",
    "FRAUD",
    "PAYMENT",
    "STEP_UP",
    "REVIEW",
    "RESERVATION",
    "COMMIT",
    "CAPTURE",
    "REFUND",
    "PACKING",
    "SHIPPING",
    "DELIVERY",
    "RETENTION",
]
"""What has a limit: twelve things that are waited for, and how long a finished order is kept."""


class OrderEvent(msgspec.Struct, frozen=True, kw_only=True, gc=False, tag_field="topic"):
    """What every event of an order says.

    The tag is not in the records. It tells the events apart that are kept in state until their
    order comes, so a tag must not change.
    """

    event_id: Id
    event_time: Time
    order_id: Id


class OrderedLine(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """`quantity` units of one sku."""

    sku: Id
    quantity: Units


class OrderInitiated(OrderEvent, frozen=True, kw_only=True, gc=False, tag=INITIATED):
    """A customer has placed an order of `amount_minor` in `currency`.

    shipping_country: ISO 3166-1 alpha-2; also the region that the stock is to be near to.
    """

    customer_id: Id
    amount_minor: Amount
    currency: Currency
    channel: str
    lines: Annotated[list[OrderedLine], msgspec.Meta(min_length=1, max_length=MAX_LINES)]
    shipping_country: str | None = None


class FraudDecision(OrderEvent, frozen=True, kw_only=True, gc=False, tag=DECISIONS):
    """How honest the order looks; a repeat has the same decision_id."""

    decision_id: Id
    band: Literal["APPROVE", "STEP_UP", "REVIEW", "DECLINE"]


class FraudOutcome(OrderEvent, frozen=True, kw_only=True, gc=False, tag=OUTCOMES):
    """What the order turned out to be, and who says so.

    CUSTOMER: who ordered, by authenticating. REVIEWER: a person of the shop. CHARGEBACK: the bank.
    """

    outcome: Literal["LEGITIMATE", "FRAUD"]
    source: Literal["CHARGEBACK", "REVIEWER", "CUSTOMER"]


class PaymentEvent(OrderEvent, frozen=True, kw_only=True, gc=False, tag=PAYMENTS):
    """What the payment provider did about the order."""

    event_type: Literal["AUTHORIZED", "DECLINED", "CAPTURED", "REFUNDED"]
    amount_minor: Amount
    currency: Currency


class ReservationStep(OrderEvent, frozen=True, kw_only=True, gc=False, tag=RESERVATIONS):
    """What became of the units that a line of the order asked for."""

    reservation_id: Id
    sku: Id
    status: Literal["RESERVED", "REJECTED", "COMMITTED", "RELEASED", "EXPIRED", "REROUTED"]
    warehouse_id: Id | None = None
    reason: str | None = None


class ShipmentEvent(OrderEvent, frozen=True, kw_only=True, gc=False, tag=SHIPMENTS):
    """Where the order's parcel is."""

    event_type: Literal["PICKED", "PACKED", "SHIPPED", "DELIVERED", "RETURN_RECEIVED"]
    tracking_number: str | None = None
    carrier: str | None = None


class OrderRequest(OrderEvent, frozen=True, kw_only=True, gc=False, tag=REQUESTS):
    """What the customer wants done with the order; `reason` in their own words."""

    request: Literal["CANCEL", "RETURN"]
    reason: str | None = None


LaterEvent = (
    FraudDecision | FraudOutcome | PaymentEvent | ReservationStep | ShipmentEvent | OrderRequest
)
"""What can happen to an order once it is there."""


class OrderLimit(msgspec.Struct, frozen=True):
    """How long an order may wait for something before that is told. Key: waiting_for.

    limit_ms: milliseconds of event time, up to ten years.
    """

    waiting_for: Waiting
    limit_ms: Annotated[int, msgspec.Meta(ge=1, le=3650 * 86_400_000)]
