"""In which order a job's inputs came: as it was written down, or else by time."""

from collections.abc import Iterable, Mapping, Sequence
from operator import itemgetter
from typing import Any, NamedTuple

from connectors.reading import RawRecord
from jobs.replay.plan import Effective
from jobs.runtime.wakeups import WAKE_UP, Asked

Place = tuple[str, int, int]
"""Topic, partition, offset."""


class Arrival(NamedTuple):
    """When a record was taken up (epoch ms by the clock), with which batch, and its turn there."""

    at: int
    batch: int
    turn: int = 0


class Taken(NamedTuple):
    """An input, and when it was taken up (epoch ms)."""

    at: int
    record: RawRecord


class Past(NamedTuple):
    """What was written down of the order in which a domain decided.

    arrivals: of records, by their place. woken: wake-ups, as records of no topic.
    """

    arrivals: Mapping[Place, Arrival]
    woken: Sequence[tuple[Arrival, RawRecord]]

    @property
    def known_from(self) -> int | None:
        """Since when (epoch ms by the clock) it was written down; None if it never was."""
        known = [*self.arrivals.values(), *(arrival for arrival, _ in self.woken)]
        return min(known).at if known else None


def in_order(records: Iterable[RawRecord], past: Past, until: int) -> list[Taken]:
    """The inputs in the order of their arrival, up to the last that is of `until` (epoch ms).

    records: each partition in the order of its offsets. Where the arrival of one is not known, it
    came at its own time, or with the one before it in its partition if that was later.
    """
    reached: dict[tuple[str, int], Arrival] = {}
    keyed = [(arrival, *record[:3], record) for arrival, record in past.woken]
    for record in records:
        place = record.topic, record.partition
        arrival = past.arrivals.get(record[:3])
        if arrival is None:
            own = Arrival(record.timestamp, 0)
            arrival = max(reached.get(place, own), own)
        reached[place] = max(reached.get(place, arrival), arrival)
        keyed.append((arrival, *record[:3], record))
    keyed.sort(key=itemgetter(0, 1, 2, 3))
    taken = [Taken(arrival.at, record) for arrival, *_, record in keyed]
    while taken and taken[-1].record.timestamp > until:
        taken.pop()
    return taken


def past_of(records: Iterable[tuple[int, Mapping[str, Any]]]) -> Past:
    """What `jobs.arrivals` says of a domain, by (offset, record) pairs in their order.

    Of a record that was decided again, by a fresh start or after a failure, the last time counts.
    """
    arrivals: dict[Place, Arrival] = {}
    woken = []
    for batch, record in records:
        names = record["names"]
        places = zip(record["topics"], record["partitions"], record["offsets"], strict=True)
        for turn, (topic, partition, offset) in enumerate(places):
            name, arrival = names[topic], Arrival(record["decided_at"], batch, turn)
            if name.startswith(WAKE_UP):
                wake_at = Asked.named(name).wake_at
                woken.append((arrival, RawRecord(name, partition, offset, wake_at, None, b"")))
            else:
                arrivals[name, partition, offset] = arrival
    return Past(arrivals, woken)


def effective(records: Iterable[RawRecord]) -> list[Effective]:
    """Reference records by when they came into force, which is when they came."""
    reached: dict[tuple[str, int], int] = {}
    found = []
    for record in records:
        place = record.topic, record.partition
        since = reached[place] = max(reached.get(place, record.timestamp), record.timestamp)
        found.append(Effective(since, record))
    return sorted(found, key=lambda one: (one.since, *one.record[:3]))
