"""What was decided in which order, as rows for the topic by which a replay does it so again.

A partition has an order; several of them have none, a transaction's records can be read only when
it ends, and when a wake-up comes, beside events, is a matter of the moment. So the order in which
an operator decided is written down.
"""

from collections.abc import Sequence
from time import time_ns

from connectors.codec import Encoder
from jobs.runtime.packets import OutputRow
from jobs.runtime.wakeups import Asked
from udfs.contract import Source

ARRIVALS = "jobs.arrivals"

WAKE_UPS_OF_A_ROW = 1000
"""A name may have a hundred bytes, and any number may be woken at once."""


class ArrivalLog:
    """Makes rows of what the domain `name` decided: records, and wake-ups by their names."""

    def __init__(self, name: str, encoder: Encoder):
        self._name = name
        self._encoder = encoder

    def of_wake_ups(self, asked: Sequence[Asked]) -> list[OutputRow]:
        """Rows of wake-ups in their order; they stand in no topic."""
        sources: list[Source] = [(one.name, -1, -1, one.wake_at, None, None) for one in asked]
        parts = range(0, len(sources), WAKE_UPS_OF_A_ROW)
        return [self.row(sources[start : start + WAKE_UPS_OF_A_ROW]) for start in parts]

    def row(self, sources: Sequence[Source]) -> OutputRow:
        """A row of the records of a batch, at least one, in their order."""
        topic, partition, offset, timestamp = sources[0][:4]
        names: dict[str, int] = {}
        record = {
            "event_id": f"{self._name}/{topic}/{partition}/{offset}",
            "event_time": timestamp,
            "job": self._name,
            "decided_at": time_ns() // 1_000_000,
            "topics": [names.setdefault(source[0], len(names)) for source in sources],
            "partitions": [source[1] for source in sources],
            "offsets": [source[2] for source in sources],
            "names": list(names),
        }
        return ARRIVALS, self._name.encode(), self._encoder.encode(record), timestamp
