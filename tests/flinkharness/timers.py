"""Timers as Flink keeps them: one per (key, time, domain), fired in the order of their times."""

import heapq
import itertools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pyflink.datastream import TimeDomain, TimerService

from flinkharness.errors import RefusedError
from flinkharness.types import freeze

MIN_TIME = -(2**63)
MAX_TIME = 2**63 - 1
Identity = tuple[TimeDomain, int, Any]


@dataclass(frozen=True)
class Timer:
    """A pending timer. `at`: epoch ms in its domain."""

    domain: TimeDomain
    at: int
    key: Any


class Timers:
    """All pending timers of an operator.

    Flink orders timers by time only; among equals its order is an accident of the state backend.
    Here it is the order of registration, which a test should not rely upon.
    """

    def __init__(self) -> None:
        self._pending: dict[Identity, tuple[int, Timer]] = {}
        self._queues: dict[TimeDomain, list[tuple[int, int, Identity]]] = {
            d: [] for d in TimeDomain
        }
        self._sequence = itertools.count()

    def register(self, timer: Timer) -> None:
        identity = self._identity(timer)
        if identity not in self._pending:
            order = next(self._sequence)
            self._pending[identity] = (order, timer)
            heapq.heappush(self._queues[timer.domain], (timer.at, order, identity))

    def delete(self, timer: Timer) -> None:
        """Forget the timer; its place in the queue is skipped when its time comes."""
        self._pending.pop(self._identity(timer), None)

    def pop_due(self, domain: TimeDomain, until: int) -> Timer | None:
        """Remove and return the earliest timer of the domain at or before `until`."""
        queue = self._queues[domain]
        while queue and queue[0][0] <= until:
            _, order, identity = heapq.heappop(queue)
            if self._pending.get(identity, (None,))[0] == order:
                return self._pending.pop(identity)[1]
        return None

    def pending(self) -> list[Timer]:
        """In the order in which they would fire, event time first."""
        entries = sorted(self._pending.values(), key=lambda e: (e[1].domain.value, e[1].at, e[0]))
        return [timer for _, timer in entries]

    @staticmethod
    def _identity(timer: Timer) -> Identity:
        return timer.domain, timer.at, freeze(timer.key)


class KeyedTimerService(TimerService):  # type: ignore[misc]
    """What `ctx.timer_service()` returns under a key."""

    def __init__(
        self,
        timers: Timers,
        current_key: Callable[[], Any],
        clock: Callable[[], int],
        watermark: Callable[[], int],
    ) -> None:
        self._timers = timers
        self._current_key = current_key
        self._clock = clock
        self._watermark = watermark

    def current_processing_time(self) -> int:
        return self._clock()

    def current_watermark(self) -> int:
        return self._watermark()

    def register_processing_time_timer(self, timestamp: int) -> None:
        self._timers.register(self._timer(TimeDomain.PROCESSING_TIME, timestamp))

    def register_event_time_timer(self, timestamp: int) -> None:
        self._timers.register(self._timer(TimeDomain.EVENT_TIME, timestamp))

    def delete_processing_time_timer(self, timestamp: int) -> None:
        self._timers.delete(self._timer(TimeDomain.PROCESSING_TIME, timestamp))

    def delete_event_time_timer(self, timestamp: int) -> None:
        self._timers.delete(self._timer(TimeDomain.EVENT_TIME, timestamp))

    def _timer(self, domain: TimeDomain, at: Any) -> Timer:
        if type(at) is not int or not MIN_TIME <= at <= MAX_TIME:
            raise RefusedError(
                f"timer: expected epoch milliseconds (a 64-bit int), got {type(at).__name__} {at!r}"
            )
        return Timer(domain, at, self._current_key())


class UnkeyedTimerService(KeyedTimerService):
    """Without a key there is time but there are no timers; the message is PyFlink's own."""

    def _timer(self, domain: TimeDomain, at: Any) -> Timer:  # noqa: ARG002
        raise RefusedError("Register timers is only supported on a keyed stream.")
