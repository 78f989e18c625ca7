"""Which offsets are done with, however out of order that happens."""

from typing import NamedTuple


class Place(NamedTuple):
    """Where a record stands in the log."""

    topic: str
    partition: int
    offset: int


class Progress:
    """Offsets to commit: all before them are delivered, dead-lettered or mean nothing here.

    Every record that is read is held until it is released.
    """

    def __init__(self) -> None:
        # In the order of reading, which within a partition is that of offsets.
        self._held: dict[tuple[str, int], dict[int, None]] = {}
        self._next: dict[tuple[str, int], int] = {}

    @property
    def held(self) -> int:
        """How many records are not done with."""
        return sum(map(len, self._held.values()))

    def start(self, place: Place) -> None:
        """Nothing was read of the partition yet, which begins at this offset."""
        self._next[place.topic, place.partition] = place.offset

    def hold(self, place: Place) -> None:
        """A record was read; those of a partition come in order."""
        partition = (place.topic, place.partition)
        self._held.setdefault(partition, {})[place.offset] = None
        self._next[partition] = place.offset + 1

    def release(self, place: Place) -> None:
        """The record is done with."""
        del self._held[place.topic, place.partition][place.offset]

    def committable(self) -> list[Place]:
        """For each partition the offset from which to go on after a restart."""
        return [
            Place(*partition, next(iter(self._held.get(partition, ())), following))
            for partition, following in self._next.items()
        ]
