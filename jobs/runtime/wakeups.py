"""When to look at an entity again: wake-ups in event time with a processing-time backstop.

A timer belongs to a bucket of entities, so wake-ups are kept by the second: `slots` (event time,
rounded up -> number of chunks) and `chunks` of who asked, one a batch, so that asking costs the
same however many have asked. Two things decide when a slot is due:

* Event time reached it. The records that SQL still holds back in its batch were overtaken by the
  watermark, so the slot waits until they must have arrived: until a batch that was closed later
  has come, or none came for a while.
* The backstop. With every source idle event time stands still, yet a promise to a person holds:
  when a wake-up's own distance has passed on the clock and no event has come for a while, it is
  due all the same. While events come, event time is on its way and the backstop waits: a job that
  catches up after an outage must first read what happened in it. A wake-up more than a day away
  has none: it is no promise to a person but a time to forget, and no source is idle for so long.

Both look again through `checks` (processing time -> slots to look at).
"""

from collections.abc import Callable
from typing import Any, NamedTuple

from pyflink.common import Types
from pyflink.datastream.state import MapState

Table = Callable[[str, Any, Any], MapState]
_Asked = tuple[int, str, str | None]  # as in `Asked`

WAKE_UP = "wake-up/"
"""What the names of wake-ups begin with, and no topic's does."""

SLOT_MS = 1_000
BACKSTOP_GRACE_MS = 2_000
QUIET_MS = 3_000
START_UP_MS = 30_000
BACKSTOP_WITHIN_MS = 86_400_000
SETTLING_MS = 100


class Asked(NamedTuple):
    """Who asked to be woken at what time (epoch ms)."""

    wake_at: int
    entity: str
    child_id: str | None

    @property
    def name(self) -> str:
        """Tells wake-ups apart whatever characters the names in it have."""
        child = "" if self.child_id is None else f":{self.child_id}"
        return f"{WAKE_UP}{len(self.entity)}:{self.entity}{child}@{self.wake_at}"

    @classmethod
    def named(cls, name: str) -> "Asked":
        """The wake-up of that `name`."""
        length, _, rest = name.removeprefix(WAKE_UP).partition(":")
        entity, rest = rest[: int(length)], rest[int(length) :]
        child, _, wake_at = rest.rpartition("@")
        return cls(int(wake_at), entity, child[1:] if child else None)


class Arrivals:
    """What this subtask knows of the batches that reached it; in memory only.

    After a restore nothing has arrived yet, and what happened while the job was down is about to be
    read: until the first batch, silence means nothing for `START_UP_MS` from the first question.
    """

    def __init__(self, batch_ms: int):
        self._batch_ms = batch_ms
        self._first_question: int | None = None
        self._last_arrival: int | None = None
        self._last_closed = 0

    def note(self, closed_at: int, now: int) -> None:
        """A batch came that SQL closed at `closed_at`, by its clock (epoch ms)."""
        self._last_arrival = now
        self._last_closed = max(self._last_closed, closed_at)

    def caught_up(self, since: int, now: int) -> bool:
        """Whether all that had reached SQL's batches at `since` has arrived here by `now`."""
        if self._batch_ms == 0:
            return True
        enough = 2 * self._batch_ms + 100
        silent_since = max(since, self._last_arrival or since)
        return self._last_closed > since + self._batch_ms or now - silent_since >= enough

    def quiet_for(self, now: int, span: int) -> bool:
        """Whether nothing has arrived for `span` ms."""
        if self._last_arrival is not None:
            return now - self._last_arrival >= span
        if self._first_question is None:
            self._first_question = now
        return now - self._first_question >= START_UP_MS


class WakeUps:
    """The wake-ups of a bucket. `table` opens a map state of this name, key and value type.

    A chunk keeps (wake_at, entity, child_id) -> backstop, both times in epoch ms, or None without
    one: plain values, so that stored ones do not depend on where a class of ours lives.
    """

    def __init__(self, table: Table, arrivals: Arrivals):
        blob, text, number = Types.PICKLED_BYTE_ARRAY(), Types.STRING(), Types.LONG()
        self._slots = table("wake-slots", number, number)
        self._chunks = table("wake-chunks", text, blob)
        self._checks = table("wake-checks", number, blob)
        self._arrivals = arrivals
        self._new: dict[int, dict[_Asked, int]] = {}

    def ask(self, wake_at: int, entity: str, child_id: str | None, event_time: int) -> None:
        """Keep a wake-up that an event at `event_time` (epoch ms) asked for, as of `Asked`."""
        slot = _rounded_up(wake_at)
        self._new.setdefault(slot, {})[wake_at, entity, child_id] = max(0, slot - event_time)

    def flush(self, timers: Any) -> None:
        """Write what was asked and set its timers."""
        if not self._new:
            return
        now = timers.current_processing_time()
        for slot, distances in self._new.items():
            chunks = self._slots.get(slot)
            if chunks is None:
                timers.register_event_time_timer(slot)
                chunks = 0
            asked = {one: _backstop(now, distance) for one, distance in distances.items()}
            for backstop in sorted({at for at in asked.values() if at is not None}):
                self._check_at(backstop, slot, None, timers)
            self._chunks.put(f"{slot}:{chunks}", asked)
            self._slots.put(slot, chunks + 1)
        self._new.clear()

    def reached(self, slot: int, timers: Any, may_decide: bool) -> list[Asked]:
        """Event time reached `slot`: who is to be woken now; later, if batches are on the way."""
        now = timers.current_processing_time()
        return self._look(slot, now, now, timers, may_decide)

    def check(self, time: int, timers: Any, may_decide: bool) -> list[Asked]:
        """The clock reached `time`: who is to be woken of the slots that wanted to be looked at."""
        looked_for = self._checks.get(time)
        if looked_for is None:
            return []
        self._checks.remove(time)
        now = timers.current_processing_time()
        return [
            asked
            for slot, reached_at in looked_for
            for asked in self._look(slot, reached_at, now, timers, may_decide)
        ]

    def _look(
        self, slot: int, reached_at: int | None, now: int, timers: Any, may_decide: bool
    ) -> list[Asked]:
        chunks = self._slots.get(slot)
        if chunks is None:
            return []
        if timers.current_watermark() >= slot:
            reached_at = now if reached_at is None else reached_at
            settled, again_in = self._arrivals.caught_up(reached_at, now), SETTLING_MS
        else:
            settled, again_in = self._arrivals.quiet_for(now, QUIET_MS), QUIET_MS
        if not (settled and may_decide):
            self._check_at(now + again_in, slot, reached_at, timers)
            return []
        due: set[Asked] = set()  # who asked for the same time twice stands in two chunks
        for name in [f"{slot}:{number}" for number in range(chunks)]:
            asked = self._chunks.get(name) or {}
            waiting = {
                one: backstop
                for one, backstop in asked.items()
                if reached_at is None and (backstop is None or backstop > now)
            }
            due.update(Asked(*one) for one in asked.keys() - waiting.keys())
            if not waiting:
                self._chunks.remove(name)
            elif len(waiting) < len(asked):
                self._chunks.put(name, waiting)
        if reached_at is not None:
            self._slots.remove(slot)
        return sorted(due, key=_in_order)

    def _check_at(self, time: int, slot: int, reached_at: int | None, timers: Any) -> None:
        known = self._checks.get(time) or []
        if (slot, reached_at) not in known:
            self._checks.put(time, [*known, (slot, reached_at)])
        timers.register_processing_time_timer(time)


def _backstop(now: int, distance: int) -> int | None:
    if distance > BACKSTOP_WITHIN_MS:
        return None
    return _rounded_up(now + distance + BACKSTOP_GRACE_MS)


def _rounded_up(time: int) -> int:
    return -(-time // SLOT_MS) * SLOT_MS


def _in_order(asked: Asked) -> tuple[int, str, str]:
    return asked.wake_at, asked.entity, asked.child_id or ""
