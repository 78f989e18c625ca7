"""A metric group whose metrics a test can read by their dotted name."""

from collections.abc import Callable
from typing import Any

from pyflink.metrics import Counter, Distribution, Meter, MetricGroup

from flinkharness.errors import HarnessError

Readers = dict[str, Callable[[], Any]]


class HarnessCounter(Counter):  # type: ignore[misc]
    def __init__(self) -> None:
        self._count = 0

    def inc(self, n: int = 1) -> None:
        self._count += n

    def dec(self, n: int = 1) -> None:
        self._count -= n

    def get_count(self) -> int:
        return self._count


class HarnessMeter(Meter):  # type: ignore[misc]
    """Counts only: a rate over seconds means nothing in a test."""

    def __init__(self) -> None:
        self._count = 0

    def mark_event(self, value: int = 1) -> None:
        self._count += value

    def get_count(self) -> int:
        return self._count


class HarnessDistribution(Distribution):  # type: ignore[misc]
    """Keeps every value, where Flink keeps count, sum, minimum and maximum."""

    def __init__(self) -> None:
        self.values: list[int] = []

    def update(self, value: int) -> None:
        self.values.append(value)


class HarnessMetricGroup(MetricGroup):  # type: ignore[misc]
    def __init__(self, readers: Readers, prefix: str = "") -> None:
        self._readers = readers
        self._prefix = prefix

    def add_group(self, name: str, extra: str | None = None) -> MetricGroup:
        path = f"{self._prefix}{name}." + (f"{extra}." if extra else "")
        return HarnessMetricGroup(self._readers, path)

    def counter(self, name: str) -> Counter:
        counter = HarnessCounter()
        self._register(name, counter.get_count)
        return counter

    def gauge(self, name: str, obj: Callable[[], int]) -> None:
        self._register(name, obj)

    def meter(self, name: str, time_span_in_seconds: int = 60) -> Meter:  # noqa: ARG002
        meter = HarnessMeter()
        self._register(name, meter.get_count)
        return meter

    def distribution(self, name: str) -> Distribution:
        distribution = HarnessDistribution()
        self._register(name, lambda: list(distribution.values))
        return distribution

    def _register(self, name: str, reader: Callable[[], Any]) -> None:
        path = self._prefix + name
        if path in self._readers:
            raise HarnessError(f"metric {path!r} is registered twice: Flink would drop the second")
        self._readers[path] = reader
