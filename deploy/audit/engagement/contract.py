"""What engagement may do, written down a second time: from its contract, not from its rules."""

from collections.abc import Mapping
from typing import Any, Final

CLICKS: Final = "clickstream.events"
LIFECYCLE: Final = "orders.lifecycle"
ALERTS: Final = "inventory.alerts"
RESPONSES: Final = "engagement.responses"
PREFERENCES: Final = "engagement.preferences"
POLICIES: Final = "engagement.policies"
SIGNALS: Final = "engagement.signals"
TRIGGERS: Final = "engagement.triggers"
MESSAGES: Final = "notifications.requests"
DEAD_LETTERS: Final = "dlq"

INPUTS: Final = (CLICKS, LIFECYCLE, ALERTS, SIGNALS, RESPONSES, PREFERENCES)
OUTPUTS: Final = (TRIGGERS, MESSAGES, DEAD_LETTERS)
TOPICS: Final = (*INPUTS, POLICIES, TRIGGERS, MESSAGES, DEAD_LETTERS)

CART: Final = "CART_ABANDONMENT"
BROWSE: Final = "BROWSE_ABANDONMENT"
BACK: Final = "BACK_IN_STOCK"
AFTER_DELIVERY: Final = ("REVIEW_REQUEST", "CROSS_SELL")
TEMPLATES: Final = (CART, BROWSE, BACK, *AFTER_DELIVERY)
ALL: Final = "*"

CART_EVENTS: Final = ("ADD_TO_CART", "REMOVE_FROM_CART", "CHECKOUT_START")
CLICK_TYPES: Final = (*CART_EVENTS, "PAGE_VIEW", "HOVER", "WISHLIST_ADD", "SEARCH", "PURCHASE")

MOST_AHEAD_MS: Final = 3_600_000
"""Of its record's time an event may be."""

WEEK_MS: Final = 7 * 24 * 3_600_000
DEFAULT_LIMITS: Final[Mapping[str, Any]] = {
    "template": ALL,
    "version": 0,
    "active": True,
    "weekly_cap": 3,
    "quiet_from_min": 1260,
    "quiet_to_min": 480,
    "time_zone": "UTC",
}
"""What holds for all while engagement.policies has no record of "*"."""
