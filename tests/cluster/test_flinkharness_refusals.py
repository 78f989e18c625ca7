"""What the harness refuses does go wrong on Flink: a PyFlink that mends it fails here."""

from collections import defaultdict
from collections.abc import Callable
from functools import reduce

import pytest
from harness.conformance.case import SHOWN, Shown
from harness.conformance.pipelines import OPTIONS
from harness.conformance.quirks import CORRUPTED, Emits, Missing
from harness.conformance.two_inputs import RULES
from pyflink.common import Types
from pyflink.datastream import DataStream, StreamExecutionEnvironment

Shows = dict[str, list[str]]


@pytest.fixture(scope="module")
def shows(local_flink: Callable[..., StreamExecutionEnvironment]) -> Shows:
    """What thread mode makes of each of the cases, from one job."""
    unfused = {"python.operator-chaining.enabled": "false"}
    environment = local_flink("thread", **OPTIONS, **unfused)
    once = environment.from_collection(["once"], Types.STRING())
    keyed = once.key_by(lambda _: 1, Types.INT())
    silence = once.filter(lambda _: False)
    streams = {
        name: once.process(Emits(values), declared)
        for name, (declared, values, _) in CORRUPTED.items()
    }
    streams["missing"] = keyed.connect(silence.broadcast(RULES)).process(Missing(), Types.STRING())
    everything = [stream.map(Shown(name), SHOWN) for name, stream in streams.items()]
    found: Shows = defaultdict(list)
    with reduce(DataStream.union, everything).execute_and_collect() as results:
        for name, text in results:
            found[name].append(text)
    return found


@pytest.mark.parametrize("name", CORRUPTED)
def test_a_value_that_the_harness_refuses_is_corrupted_by_flink(name: str, shows: Shows) -> None:
    assert shows[name] == CORRUPTED[name][2]


def test_calls_that_the_harness_refuses_fail_on_flink(shows: Shows) -> None:
    assert shows["missing"] == [repr(name) for name in Missing.FAILS]
