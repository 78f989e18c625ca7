"""What the simulator sends, and the count of what it sent."""

from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NamedTuple

Record = dict[str, Any]


class Kind(StrEnum):
    """Why a record was sent, by which the demo's verdict knows what to look for."""

    REFERENCE = "policies and shipping costs"
    RESTOCK = "restocks"
    RESERVE = "reservations"
    RESERVE_PINNED = "reservations of a pinned warehouse"
    RESERVE_FLASH = "reservations of the flash sale"
    RESERVE_AGAIN = "reservation ids used again"
    COMMIT = "commits"
    COMMIT_LATE = "commits after the timeout"
    COMMIT_UNKNOWN = "commits of unknown reservations"
    RELEASE = "releases by the shopper"
    CANCEL = "releases after the commit"
    SHIP = "shipments"
    LOSS = "losses"
    FOUND = "stock found"
    DUPLICATE = "the same event again"
    BAD_BYTES = "bytes that do not decode"
    BAD_TYPE = "events of unknown type"
    BAD_QUANTITY = "requests of nothing"
    ORDER = "orders"
    PAYMENT = "answers of the payment provider"
    OUTCOME = "words on who is honest"
    SHIPMENT = "steps of parcels"
    REQUEST = "cancellations and returns"
    PREFERENCE = "customers' preferences"
    RESPONSE = "responses to messages"
    RECOVERED = "purchases after a message"
    CLICK = "clicks"
    CLICK_TOO_LATE = "clicks whose time was over"
    PROMOTION = "promotions"
    COMPETITOR_PRICE = "prices of competitors"


class Label(StrEnum):
    """The truth about an order, which no job is told."""

    HONEST = "honest"
    HABIT_CHANGE = "honest, unlike the customer's habits"
    RING = "fraud by a ring"
    TAKEOVER = "fraud with a stolen account"

    @property
    def is_fraud(self) -> bool:
        return self in (Label.RING, Label.TAKEOVER)


BAD = frozenset({Kind.BAD_BYTES, Kind.BAD_TYPE, Kind.BAD_QUANTITY})


class Sending(NamedTuple):
    """A record on its way: `record` is bytes if it is not to go through Avro."""

    kind: Kind
    topic: str
    key: str
    record: Record | bytes
    event_time: int


@dataclass
class Tally:
    """What was sent: `late` are those among `sent` whose event_time was set back.

    abandoned: reservations that nobody will commit or release, so that they expire.
    labels: order_id -> the truth about it, of every order that was sent.
    unsettled: orders for which the world still expected a word from the jobs when it stopped.
    surging: the sku that shoppers want for a while, if there are clicks.
    """

    sent: Counter[Kind] = field(default_factory=Counter)
    late: int = 0
    abandoned: int = 0
    labels: dict[str, Label] = field(default_factory=dict)
    unsettled: int = 0
    surging: str | None = None

    @property
    def total(self) -> int:
        """All records, reference data included."""
        return self.sent.total()

    @property
    def bad(self) -> int:
        """Records that must end as dead letters, of each job that reads their topic."""
        return sum(self.sent[kind] for kind in BAD)

    def is_fraud(self, order_id: str) -> bool:
        """The truth about an order that was sent; raises KeyError for any other."""
        return self.labels[order_id].is_fraud

    def rows(self) -> list[tuple[str, int]]:
        """(what, how many) for a person."""
        counted = [(kind.value, self.sent[kind]) for kind in Kind if self.sent[kind]]
        notes = [("of these late", self.late), ("reservations abandoned", self.abandoned)]
        labels = Counter(self.labels.values())
        truth = [(f"orders: {label.value}", labels[label]) for label in Label if labels[label]]
        if self.unsettled:
            truth.append(("orders left unsettled", self.unsettled))
        return [*counted, ("all", self.total), *notes, *truth]
