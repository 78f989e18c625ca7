"""What an order may do, written down a second time: from the contract, not from the job's table."""

from typing import Final

ORDERS: Final = "orders.initiated"
PAYMENTS: Final = "payments.events"
DECISIONS: Final = "fraud.decisions"
OUTCOMES: Final = "fraud.outcomes"
STOCK: Final = "inventory.events"
RESERVATIONS: Final = "inventory.reservations"
SHIPMENTS: Final = "shipments.events"
REQUESTS: Final = "orders.requests"
LIFECYCLE: Final = "orders.lifecycle"
COMMANDS: Final = "orders.commands"
DELAYS: Final = "orders.delays"
LOYALTY: Final = "orders.loyalty"
MESSAGES: Final = "notifications.requests"
LIMITS: Final = "orders.limits"
DEAD_LETTERS: Final = "dlq"

INPUTS: Final = (
    ORDERS, PAYMENTS, DECISIONS, OUTCOMES, RESERVATIONS, SHIPMENTS, REQUESTS,
)  # fmt: skip
OUTPUTS: Final = (LIFECYCLE, COMMANDS, DELAYS, LOYALTY, MESSAGES, DEAD_LETTERS)
"""What no one but jobs writes; inventory.events is others' to write as well."""

TOPICS: Final = (*INPUTS, *OUTPUTS, STOCK, LIMITS)

INITIATED: Final = "INITIATED"
MOVES: Final = frozenset(
    {
        ("INITIATED", "STEP_UP"),
        ("INITIATED", "IN_REVIEW"),
        ("INITIATED", "RESERVING"),
        ("INITIATED", "CANCELLED"),
        ("INITIATED", "REJECTED"),
        ("STEP_UP", "RESERVING"),
        ("STEP_UP", "CANCELLED"),
        ("STEP_UP", "REJECTED"),
        ("IN_REVIEW", "RESERVING"),
        ("IN_REVIEW", "CANCELLED"),
        ("IN_REVIEW", "REJECTED"),
        ("RESERVING", "CONFIRMED"),
        ("RESERVING", "CANCELLED"),
        ("RESERVING", "REJECTED"),
        ("CONFIRMED", "PACKED"),
        ("CONFIRMED", "SHIPPED"),
        ("CONFIRMED", "DELIVERED"),
        ("CONFIRMED", "CANCELLED"),
        ("PACKED", "SHIPPED"),
        ("PACKED", "DELIVERED"),
        ("PACKED", "CANCELLED"),
        ("SHIPPED", "DELIVERED"),
        ("SHIPPED", "RETURNED"),
        ("DELIVERED", "RETURNED"),
    }
)
"""The moves from one state to another. Staying is always allowed: the cause says why. A parcel may
be delivered of which nobody told that it was packed or shipped."""

STATES: Final = (
    "INITIATED", "STEP_UP", "IN_REVIEW", "RESERVING", "CONFIRMED", "PACKED", "SHIPPED",
    "DELIVERED", "RETURNED", "CANCELLED", "REJECTED",
)  # fmt: skip
TERMINAL: Final = frozenset({"CANCELLED", "RETURNED", "REJECTED", "DELIVERED"})
UNPAID: Final = frozenset({"CANCELLED", "RETURNED", "REJECTED"})
"""Where an order ends whose customer owes nothing: what was authorized is given back."""

CLEARED: Final = frozenset({"RESERVING", "CONFIRMED", "PACKED", "SHIPPED", "DELIVERED", "RETURNED"})
"""Where an order can only be once nothing speaks against its honesty."""

SENT: Final = frozenset({"SHIPPED", "DELIVERED"})
"""An order that was in one of these has left the warehouse."""

WAITS: Final = {
    "INITIATED": ("FRAUD", "PAYMENT"),
    "STEP_UP": ("STEP_UP", "PAYMENT"),
    "IN_REVIEW": ("REVIEW", "PAYMENT"),
    "RESERVING": ("RESERVATION",),
    "CONFIRMED": ("PACKING",),
    "PACKED": ("SHIPPING",),
    "SHIPPED": ("DELIVERY",),
}
"""What an order may wait for in a state that is not its last, as orders.limits names it."""

MINUTE_MS: Final = 60_000
DAY_MS: Final = 24 * 60 * MINUTE_MS
DEFAULT_LIMITS_MS: Final = {
    "FRAUD": 5_000,
    "PAYMENT": 15 * MINUTE_MS,
    "STEP_UP": 15 * MINUTE_MS,
    "REVIEW": 240 * MINUTE_MS,
    "RESERVATION": MINUTE_MS,
    "PACKING": DAY_MS,
    "SHIPPING": 2 * DAY_MS,
    "DELIVERY": 7 * DAY_MS,
}
"""Of what orders.limits has no record of."""


def reservation_id(order_id: str, line: int) -> str:
    """Names the reservation of an order's line, counted from 0."""
    return f"{order_id}/{line}"
