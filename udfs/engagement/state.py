"""What the engagement job remembers: of a customer, of each promise to one, and of wishes.

All types are stored as arrays: a new field goes to the end and has a default, and a field is never
renamed to mean something else, moved or removed, or stored state becomes unreadable. Ids are kept
as 32-bit hashes where only their being the same matters, and as strings where they are told again.
"""

from typing import Literal
from zlib import crc32

import msgspec

from udfs.engagement.events import Channel, Preferences, Template

Ending = Literal["", "SENT", "SUPPRESSED", "SILENCED"]


def short(id_: str) -> int:
    """A 32-bit hash of an id, the same everywhere and always: enough to tell a few dozen apart."""
    return crc32(id_.encode())


class Cart(msgspec.Struct, array_like=True, gc=False):
    """What a customer has in the cart, as far as the events tell.

    items: sku -> units; the sku of an event that names none is "".
    last_at, last_id: the last event (epoch ms). recent: hashes of the last few.
    settled_at: what happened up to here (epoch ms) was bought, emptied or written about.
    trigger_id: the promise to write about it; empty without one.
    added_at: sku -> when it was last put in (epoch ms), of the skus in `items`.
    """

    items: dict[str, int] = {}
    last_at: int = 0
    last_id: str = ""
    recent: list[int] = []
    settled_at: int = 0
    trigger_id: str = ""
    added_at: dict[str, int] = {}


class Viewed(msgspec.Struct, array_like=True, gc=False):
    """The views of a sku that count: times (epoch ms) and hashes of their ids, oldest first.

    last_id: of the latest. settled_at, trigger_id: as of a `Cart`.
    """

    times: list[int] = []
    ids: list[int] = []
    last_id: str = ""
    settled_at: int = 0
    trigger_id: str = ""

    def settle(self, at: int) -> None:
        """Nothing seen up to `at` (epoch ms) counts any more."""
        self.settled_at = max(self.settled_at, at)
        kept = [index for index, time in enumerate(self.times) if time > self.settled_at]
        self.times = [self.times[index] for index in kept]
        self.ids = [self.ids[index] for index in kept]


class Told(msgspec.Struct, array_like=True, gc=False):
    """What the customer told of themselves: `Preferences`, kept as of `at` (epoch ms)."""

    at: int
    event_id: str
    time_zone: str | None = None
    quiet_from_min: int | None = None
    quiet_to_min: int | None = None
    opt_outs: list[str] = []
    channel: Channel | None = None
    blocked_channels: list[Channel] = []

    @classmethod
    def of(cls, preferences: Preferences) -> "Told":
        return cls(
            preferences.event_time,
            preferences.event_id,
            preferences.time_zone,
            preferences.quiet_from_min,
            preferences.quiet_to_min,
            preferences.opt_outs,
            preferences.channel,
            preferences.blocked_channels,
        )


class Customer(msgspec.Struct, array_like=True, gc=False):
    """A customer's entity state, of bounded size.

    wake_at: the wake-up that is asked for (epoch ms), kept until it fires.
    last_at: the latest event (epoch ms).
    promises: how many children there are.
    viewed: by sku, the one touched last at the end.
    unsubscribed: template -> when (epoch ms).
    sent: (epoch ms, template) of the messages of the last four weeks, in order of time.
    hours_sent, hours_opened: by local hour, messages that were sent and that were opened or
        clicked; all halved whenever one reaches its maximum.
    """

    wake_at: int = 0
    last_at: int = 0
    promises: int = 0
    cart: Cart = msgspec.field(default_factory=Cart)
    viewed: dict[str, Viewed] = {}
    told: Told | None = None
    unsubscribed: dict[str, int] = {}
    sent: list[tuple[int, Template]] = []
    hours_sent: bytes = bytes(24)
    hours_opened: bytes = bytes(24)


class Promise(msgspec.Struct, array_like=True, gc=False):
    """A child of the customer, by trigger_id: a message that may be sent, or what became of it.

    subject: the sku or the order that it is about; of a cart, empty.
    caused_at, cause_id: what it is counted from (epoch ms).
    due_at, latest_at: from when and until when it may be sent (epoch ms), by the policy.
    send_at: the moment that was chosen (epoch ms); 0 before it was due.
    hour: the local hour in which it was sent; -1 if it was not.
    forget_at: until when it is remembered (epoch ms) once it has ended.
    """

    template: Template
    subject: str
    caused_at: int
    cause_id: str
    due_at: int
    latest_at: int
    send_at: int = 0
    ending: Ending = ""
    hour: int = -1
    is_opened: bool = False
    forget_at: int = 0


class Wishes(msgspec.Struct, array_like=True, gc=False):
    """State of a link: a part of those who wished for a sku.

    wake_at: the wake-up that is asked for (epoch ms), kept until it fires.
    wishes: customer_id -> (epoch ms, event_id), the oldest first.
    back_at, back_id: when the sku came back last (epoch ms), and the alert that said so.
    """

    wake_at: int = 0
    wishes: dict[str, tuple[int, str]] = {}
    back_at: int = 0
    back_id: str = ""
