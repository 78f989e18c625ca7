"""Which events were already decided: each event id once in 24 h of event time."""

from pyflink.datastream.state import MapState

HOUR_MS = 3_600_000
REMEMBERED_MS = 24 * HOUR_MS


class SeenEvents:
    """The ids of the decided events of a bucket, forgotten by the hour.

    `ids` (id -> event time, epoch ms) answers; `purges` (hour -> chunks of ids) knows what to
    forget when: a chunk a batch, so that remembering costs one write a batch and no list grows.
    """

    def __init__(self, ids: MapState, purges: MapState, chunks: MapState):
        self._ids = ids
        self._purges = purges
        self._chunks = chunks
        self._new: dict[str, int] = {}

    def __contains__(self, event: tuple[str, int]) -> bool:
        """Whether an event of this id was decided within 24 h of this time (id, epoch ms)."""
        event_id, event_time = event
        known = self._new.get(event_id)
        if known is None:
            known = self._ids.get(event_id)
        return known is not None and abs(event_time - known) <= REMEMBERED_MS

    def add(self, event_id: str, event_time: int) -> None:
        self._new[event_id] = event_time

    def flush(self, watermark: int) -> list[int]:
        """Write what was added; returns the event times (epoch ms) at which to `purge`.

        An id is kept for 24 h from now on in event time, also if its event came late.
        """
        by_hour: dict[int, list[str]] = {}
        if self._new:
            self._ids.put_all(self._new)
        for event_id, event_time in self._new.items():
            forget_at = max(event_time, watermark) + REMEMBERED_MS
            hour = -(-forget_at // HOUR_MS) * HOUR_MS
            by_hour.setdefault(hour, []).append(event_id)
        self._new.clear()
        for hour, event_ids in by_hour.items():
            count = self._purges.get(hour) or 0
            self._chunks.put(f"{hour}:{count}", event_ids)
            self._purges.put(hour, count + 1)
        return list(by_hour)

    def purge(self, hour: int) -> None:
        """Forget the ids whose time is up at `hour` (epoch ms, a full hour)."""
        for number in range(self._purges.get(hour) or 0):
            chunk = f"{hour}:{number}"
            for event_id in self._chunks.get(chunk):
                known = self._ids.get(event_id)
                if known is not None and known + REMEMBERED_MS <= hour:
                    self._ids.remove(event_id)
            self._chunks.remove(chunk)
        self._purges.remove(hour)
