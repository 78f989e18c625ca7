"""What the engagement job reads: what customers do and want, and the policies that rule it.

Times are epoch milliseconds of event time. Fields that no rule looks at are not declared, and are
skipped when a record is converted.
"""

from typing import Annotated, Final, Literal
from zoneinfo import ZoneInfo

import msgspec

from udfs.inventory.events import Id, Time

CLICKS: Final = "clickstream.events"
LIFECYCLE: Final = "orders.lifecycle"
ALERTS: Final = "inventory.alerts"
RESPONSES: Final = "engagement.responses"
PREFERENCES: Final = "engagement.preferences"
SIGNALS: Final = "engagement.signals"
POLICIES: Final = "engagement.policies"
TRIGGERS: Final = "engagement.triggers"
NOTIFICATIONS: Final = "notifications.requests"

CART_ABANDONMENT: Final = "CART_ABANDONMENT"
BROWSE_ABANDONMENT: Final = "BROWSE_ABANDONMENT"
BACK_IN_STOCK: Final = "BACK_IN_STOCK"
REVIEW_REQUEST: Final = "REVIEW_REQUEST"
CROSS_SELL: Final = "CROSS_SELL"
ALL: Final = "*"

Template = Literal[
    "CART_ABANDONMENT", "BROWSE_ABANDONMENT", "BACK_IN_STOCK", "REVIEW_REQUEST", "CROSS_SELL"
]
Channel = Literal["EMAIL", "SMS", "PUSH"]
MinuteOfDay = Annotated[int, msgspec.Meta(ge=0, lt=1440)]

MAX_VIEWS: Final = 10
MAX_LATEST_S: Final = 366 * 86_400
MAX_OPT_OUTS: Final = 100

Seconds = Annotated[int, msgspec.Meta(ge=0, le=MAX_LATEST_S)]


class Click(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A visitor did something; without a customer_id nobody knows who it was."""

    event_id: Id
    event_time: Time
    event_type: Literal[
        "PAGE_VIEW",
        "HOVER",
        "ADD_TO_CART",
        "REMOVE_FROM_CART",
        "WISHLIST_ADD",
        "SEARCH",
        "CHECKOUT_START",
        "PURCHASE",
    ]
    customer_id: Id | None = None
    sku: str | None = None
    quantity: int | None = None


class OrderStep(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A step in the life of an order; `sequence` counts them from 1, the placing of it."""

    event_id: Id
    event_time: Time
    order_id: Id
    customer_id: Id
    from_state: str
    to_state: str
    sequence: int = 0


class StockAlert(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Something about a sku's stock; only BACK_IN_STOCK matters here."""

    event_id: Id
    event_time: Time
    alert_type: str
    sku: Id


class Signal(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A sku is back in stock that the customer wished for; `wish_id` names the wish."""

    event_id: Id
    event_time: Time
    signal: Literal["BACK_IN_STOCK"]
    customer_id: Id
    sku: Id
    wish_id: Id


class Response(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What a customer did with a message that was sent for a trigger."""

    event_id: Id
    event_time: Time
    customer_id: Id
    trigger_id: Id
    template: Id
    response: Literal["OPENED", "CLICKED", "DISMISSED", "UNSUBSCRIBED"]


class QuietHours(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """When not to disturb, and in which zone, where a record says so; None says nothing.

    quiet_from_min, quiet_to_min: minutes of the local day; the first is quiet, the second is not
        any more. Both the same: no quiet hours. A span may reach over midnight.
    time_zone: an IANA name.
    """

    quiet_from_min: MinuteOfDay | None = None
    quiet_to_min: MinuteOfDay | None = None
    time_zone: str | None = None

    def __post_init__(self) -> None:
        if (self.quiet_from_min is None) != (self.quiet_to_min is None):
            raise ValueError("expected both quiet_from_min and quiet_to_min, or neither; came one")
        if self.time_zone is not None and not _is_zone(self.time_zone):
            raise ValueError(f"expected time_zone as an IANA name, came {self.time_zone!r}")


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # none, no path at all, or a folder of zones
        return False
    return True


class Preferences(QuietHours, frozen=True, kw_only=True, gc=False):
    """What a customer wants: the latest record by event_time holds, as a whole.

    opt_outs: templates, or "*" for all. channel: as preferred. blocked_channels: not to be used.
    """

    event_id: Id
    event_time: Time
    customer_id: Id
    opt_outs: Annotated[list[str], msgspec.Meta(max_length=MAX_OPT_OUTS)] = []
    channel: Channel | None = None
    blocked_channels: Annotated[list[Channel], msgspec.Meta(max_length=3)] = []


EngagementEvent = Click | OrderStep | Signal | Response | Preferences
"""What a customer's rule is asked about."""


class Policy(QuietHours, frozen=True, kw_only=True, gc=False):
    """When and how often a template is sent. Key: template, or "*" for what holds for all.

    delay_s, latest_s: seconds after the cause from which and until which it may be sent.
    views, window_s: BROWSE_ABANDONMENT: so many views of a sku, within so many seconds.
    weekly_cap: messages of the template ("*": of all) in any 7 days.
    """

    template: Template | Literal["*"]
    version: Annotated[int, msgspec.Meta(ge=0)] = 1
    active: bool = True
    delay_s: Seconds = 0
    latest_s: Seconds = 86_400
    views: Annotated[int, msgspec.Meta(ge=1, le=MAX_VIEWS)] = 3
    window_s: Seconds = 86_400
    weekly_cap: Annotated[int, msgspec.Meta(ge=0, le=100)] = 1
    channel: Channel | None = None

    def __post_init__(self) -> None:
        QuietHours.__post_init__(self)
        if self.latest_s < self.delay_s:
            raise ValueError(
                f"expected latest_s of at least delay_s = {self.delay_s}, came {self.latest_s}"
            )
