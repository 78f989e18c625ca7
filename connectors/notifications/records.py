"""What the notifications service reads. Times are epoch milliseconds."""

from typing import Annotated, Final

import msgspec

from udfs.engagement.events import Channel
from udfs.inventory.events import Id, Time

REQUESTS: Final = "notifications.requests"
TEMPLATES: Final = "notifications.templates"
CONTACTS: Final = "customers.contacts"
DELIVERIES: Final = "notifications.deliveries"

MOST_LATE_S: Final = 30 * 86_400


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """A message that is asked for; `event_id` names it: it is sent once."""

    event_id: Id
    event_time: Time
    customer_id: Id
    template: Id
    channel: Channel
    send_at: Time
    parameters: dict[str, str] = {}

    def __post_init__(self) -> None:
        not_after = self.parameters.get("not_after", "0")
        if not not_after.isdecimal():
            raise ValueError(f"expected parameters.not_after as epoch ms, came {not_after!r}")

    @property
    def not_after(self) -> int | None:
        """Epoch ms after which it is of no use, if it says so."""
        return int(self.parameters["not_after"]) if "not_after" in self.parameters else None


class Template(msgspec.Struct, frozen=True, kw_only=True):
    """What messages say, and how they may be sent; the schema explains the fields."""

    event_id: Id
    event_time: Time
    template: Id
    urgent: bool = False
    owed: bool = False
    latest_s: Annotated[int, msgspec.Meta(ge=0, le=MOST_LATE_S)] = 604_800
    subject: str
    body: str


class Contact(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Where a customer can be reached."""

    customer_id: Id
    email: str | None = None
    phone: str | None = None
    push_token: str | None = None

    def address(self, channel: Channel) -> str | None:
        """Where by this channel; None if not at all."""
        return {"EMAIL": self.email, "SMS": self.phone, "PUSH": self.push_token}[channel] or None
