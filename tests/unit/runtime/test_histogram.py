"""The histogram of counters: which bucket an observation falls into."""

from collections import Counter

import pytest

from jobs.runtime.metrics import Histogram


class Counted:
    """A metric group that only counts."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()

    def counter(self, name: str) -> "Counted.One":
        return Counted.One(self.counts, name)

    class One:
        def __init__(self, counts: Counter[str], name: str) -> None:
            self._counts, self._name = counts, name

        def inc(self, by: int) -> None:
            self._counts[self._name] += by


@pytest.mark.parametrize(
    ("value", "bucket"),
    [(0, "le_10"), (10, "le_10"), (10.1, "le_20"), (20, "le_20"), (20.5, "le_inf")],
)
def test_an_observation_counts_in_the_smallest_bucket_that_holds_it(value, bucket):
    group = Counted()
    Histogram(group, "size", (10, 20)).observe(value, times=3)

    assert group.counts == {f"size_{bucket}": 3}
