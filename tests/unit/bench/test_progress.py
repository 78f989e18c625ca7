"""The rate of a run, of what was readable at which moment."""

import pytest

from bench.progress import Run
from connectors.errors import ShopstreamError


def test_the_rate_is_that_of_the_steady_part():
    # slow before a fifth of the outputs, as long as compilers have not done their work
    slow = [(float(second), 20 * second) for second in range(11)]
    steady = [(10.0 + second, 200 + 100 * second) for second in range(1, 9)]
    run = Run(events=2_000, samples=(*slow, *steady))  # an output for every other event
    assert run.events_per_s() == pytest.approx(200)


def test_a_step_of_two_checkpoints_is_no_rate():
    run = Run(events=1_000, samples=((0.0, 100), (1.0, 400), (2.0, 900), (3.0, 1_000)))
    with pytest.raises(ShopstreamError, match=r"came 1\.0 s: too short to measure"):
        run.events_per_s()
