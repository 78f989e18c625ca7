"""What a decision operator tells of itself."""

from bisect import bisect_left

from pyflink.metrics import MetricGroup

BOUNDS_US = (20, 50, 100, 200, 500, 1_000, 5_000, 20_000, 100_000)
BATCH_BOUNDS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000)


class Histogram:
    """Cumulative-bucket counts as Prometheus wants them: they add up over subtasks.

    Counter `<name>_le_<bound>` holds the observations up to its own bound and above the next
    smaller one; `<name>_le_inf` the rest.
    """

    def __init__(self, group: MetricGroup, name: str, bounds: tuple[int, ...]):
        self._bounds = bounds
        self._counters = [group.counter(f"{name}_le_{b}") for b in (*bounds, "inf")]

    def observe(self, value: float, times: int = 1) -> None:
        self._counters[bisect_left(self._bounds, value)].inc(times)


class DecisionMetrics:
    """Counters are raised once a batch: a call into the JVM costs as much as a decision."""

    def __init__(self, group: MetricGroup):
        self._events = group.counter("events")
        self._decisions = group.counter("decisions")
        self._duplicates = group.counter("duplicates")
        self._late = group.counter("late_events")
        self._dead_letters = group.counter("dead_letters")
        self._wake_ups = group.counter("wake_ups")
        self._batch_size = Histogram(group, "batch_size", BATCH_BOUNDS)
        self._decision_time = Histogram(group, "decision_time_us", BOUNDS_US)

    def batch(
        self,
        events: int,
        duplicates: int,
        late: int,
        dead_letters: int,
        seconds: float,
    ) -> None:
        """Account for one batch; `seconds` is what the whole of it took."""
        self._events.inc(events)
        self._decisions.inc(events - duplicates - dead_letters)
        if duplicates:
            self._duplicates.inc(duplicates)
        if late:
            self._late.inc(late)
        if dead_letters:
            self._dead_letters.inc(dead_letters)
        self._batch_size.observe(events)
        self._decision_time.observe(seconds / events * 1e6, events)

    def woken(self, wake_ups: int, dead_letters: int) -> None:
        if wake_ups:
            self._wake_ups.inc(wake_ups)
        if dead_letters:
            self._dead_letters.inc(dead_letters)
