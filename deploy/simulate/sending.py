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
    """

    sent: Counter[Kind] = field(default_factory=Counter)
    late: int = 0
    abandoned: int = 0

    @property
    def total(self) -> int:
        """All records, reference data included."""
        return self.sent.total()

    @property
    def bad(self) -> int:
        """Records that must end as dead letters."""
        return sum(self.sent[kind] for kind in BAD)

    def rows(self) -> list[tuple[str, int]]:
        """(what, how many) for a person."""
        counted = [(kind.value, self.sent[kind]) for kind in Kind if self.sent[kind]]
        notes = [("of these late", self.late), ("reservations abandoned", self.abandoned)]
        return [*counted, ("all", self.total), *notes]
