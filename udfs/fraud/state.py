"""What the fraud job remembers: of a device, a card, an order and a customer, all of bounded size.

All types are stored as arrays: a new field goes to the end and has a default, and a field is never
renamed to mean something else, moved or removed, or stored state becomes unreadable. Ids are kept
as 32-bit hashes where only their being the same matters, and as strings where they are told again.
"""

from bisect import bisect_left, bisect_right
from zlib import crc32

import msgspec

from udfs.fraud.events import Signal, Verdict


def short(id_: str) -> int:
    """A 32-bit hash of an id, the same everywhere and always: enough to tell a few dozen apart."""
    return crc32(id_.encode())


class Ring(msgspec.Struct, array_like=True, gc=False):
    """The last things of one sort, each once, in event-time order.

    times: epoch ms, ascending. ids: their hashes, in the same order.
    """

    times: list[int] = []
    ids: list[int] = []

    def add(self, time: int, id_: int, capacity: int) -> bool:
        """Put a thing in its place, pushing out the oldest beyond `capacity`; False if known."""
        times, ids = self.times, self.ids
        if id_ in ids:
            return False
        if not times or time >= times[-1]:
            times.append(time)
            ids.append(id_)
        else:
            place = bisect_right(times, time)
            times.insert(place, time)
            ids.insert(place, id_)
        if len(times) > capacity:
            del times[0], ids[0]
        return True

    def count(self, time: int, window_ms: int) -> int:
        """How many happened in the `window_ms` up to `time` (epoch ms), both ends included."""
        times = self.times
        return bisect_right(times, time) - bisect_left(times, time - window_ms)


class Seen(msgspec.Struct, array_like=True, gc=False):
    """What was seen of a device or a card.

    times, orders, customers: of its last 32 orders, in event-time order; ids as hashes.
    declines, frauds: the last 16 of each.
    """

    times: list[int] = []
    orders: list[int] = []
    customers: list[int] = []
    declines: Ring = msgspec.field(default_factory=Ring)
    frauds: Ring = msgspec.field(default_factory=Ring)


class Pending(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """A decline or fraud whose order has not come yet."""

    signal: Signal
    event_id: str
    event_time: int


class OrderLink(msgspec.Struct, array_like=True, gc=False):
    """Where an order came from; `customer_id` is empty until it has come.

    pending: what is to be told when it comes. told: hashes of the last 16 causes that were told
    or wait in `pending`; fraud: one of them was a fraud.
    """

    customer_id: str = ""
    device_id: str | None = None
    card_fingerprint: str | None = None
    pending: list[Pending] = []
    told: list[int] = []
    fraud: bool = False
    last_used: int = 0


class Link(msgspec.Struct, array_like=True, gc=False):
    """State of a link: `seen` of a device or card, `order` of an order.

    wake_at: the wake-up that is asked for (epoch ms), kept until it fires.
    """

    wake_at: int = 0
    seen: Seen | None = None
    order: OrderLink | None = None


class Customer(msgspec.Struct, array_like=True, gc=False):
    """A customer's entity state: what is usual, in about half a kilobyte however many orders.

    wake_at: the wake-up that is asked for (epoch ms), kept until it fires.
    orders, declines: the last 16 orders, whatever was decided, and the last 8 declined payments.
    learned: orders that were learnt from, which is all but the declined ones.
    currency, amounts, mean, variance: of the natural logarithm of amounts (minor units) in the
        customer's own currency; `amounts` is how many. abroad: orders in other currencies since.
    frequency: orders, each weighing exp(-age / FREQUENCY_MS), as of `frequency_at` (epoch ms).
    first_at: when the first order was (epoch ms); 0 without any.
    devices: hashes of up to 8, countries: up to 4 that were shipped to; the last used last.
    located: time (epoch ms), latitude and longitude (degrees) of the last order that had them.
    hours: 24 counts of orders by hour of day (UTC), all halved whenever they reach 64.
    early: outcomes that came before their orders.
    """

    wake_at: int = 0
    orders: Ring = msgspec.field(default_factory=Ring)
    declines: Ring = msgspec.field(default_factory=Ring)
    learned: int = 0
    currency: str = ""
    amounts: int = 0
    mean: float = 0.0
    variance: float = 0.0
    abroad: int = 0
    frequency: float = 0.0
    frequency_at: int = 0
    first_at: int = 0
    devices: list[int] = []
    countries: list[str] = []
    located: tuple[int, float, float] | None = None
    hours: bytes = bytes(24)
    early: int = 0


class Decided(msgspec.Struct, array_like=True, gc=False):
    """A child of the customer, by order_id: what was decided, to repeat and to judge it.

    event_id: of the order's event that was decided; empty while only its outcome has come.
    reasons, shadow_reasons: (rule_id, points), most first.
    outcome: the first one that came, which is the one that is judged.
    """

    event_id: str = ""
    score: int = 0
    rules_version: int = 0
    reasons: list[tuple[str, int]] = []
    shadow_reasons: list[tuple[str, int]] = []
    outcome: Verdict | None = None


class Tally(msgspec.Struct, array_like=True, gc=False):
    """How often a rule hit, and in which mode it scored."""

    mode: str
    frauds_hit: int = 0
    legitimate_hit: int = 0


class Performance(msgspec.Struct, array_like=True):
    """State of a version of the rules: orders whose outcome is known, and its rules by id."""

    frauds: int = 0
    legitimate: int = 0
    rules: dict[str, Tally] = {}
