"""A concurrent reader of committed records, as any consumer of the jobs' outputs would be one."""

import threading
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Final

from connectors.registry import Registry
from deploy.audit.log import Entry, LogReader

OUTPUTS: Final[Mapping[str, Sequence[str]]] = {
    "inventory": ("inventory.reservations", "inventory.availability", "inventory.alerts"),
    "fraud": ("fraud.decisions",),
    "orders": ("orders.lifecycle", "orders.commands"),
    "clickstream": ("features.session", "clickstream.late", "features.product-demand"),
}
"""What is read of each job."""

TOPICS: Final = tuple(topic for topics in OUTPUTS.values() for topic in topics)
_READ_S = 0.1

Partition = tuple[str, int]
Seen = tuple[int, str]


class Watch(AbstractContextManager["Watch"]):
    """Reads `OUTPUTS` in a thread of its own, from what is written from now on.

    `seen` has (offset, event_id) of each record in the order in which they came; read it when the
    context has ended.
    """

    def __init__(self, bootstrap: str, registry: Registry) -> None:
        self.seen: dict[Partition, list[Seen]] = {}
        self._newest = dict.fromkeys(TOPICS, 0)
        self._reader = LogReader(bootstrap, registry, TOPICS)
        self._ends = threading.Event()
        self._failure: Exception | None = None
        self._thread = threading.Thread(target=self._read, daemon=True)

    def __enter__(self) -> "Watch":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Read what is there, and stop."""
        self._ends.set()
        self._thread.join()
        self._reader.close()

    def newest(self, topics: Iterable[str]) -> int:
        """The event time (epoch ms) of the newest record that could be read of the topics.

        Raises what ended the reading.
        """
        if self._failure is not None:
            raise self._failure
        return max(self._newest[topic] for topic in topics)

    def _read(self) -> None:
        try:
            while not (self._ends.is_set() and self._reader.at_end):
                for entry in self._reader.read(_READ_S):
                    self._take(entry)
        except Exception as failure:  # told to whoever asks next
            self._failure = failure

    def _take(self, entry: Entry) -> None:
        event_id = entry.record["event_id"] if entry.record else ""
        place = (entry.topic, entry.partition)
        self.seen.setdefault(place, []).append((entry.offset, event_id))
        if entry.record:
            newest = max(self._newest[entry.topic], entry.record["event_time"])
            self._newest[entry.topic] = newest
