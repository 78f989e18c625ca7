"""The inventory job measured from outside, on a stack of the benchmark's own.

Throughput: a preloaded topic, one slot, Kafka to Kafka exactly once, checkpoints every second.
Beside it in the same run and on the same topics: the unbatched shape (every record handed to Python
by itself), PyFlink as its tutorials have it, and the same rule in Bytewax (at least once, state in
memory only) and Quix Streams (exactly once). Then two TaskManagers of one slot each.
Crowding: one sku with 100 or with 100,000 open reservations.
Latency: from an event's creation until its decision is readable with read_committed.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

from rich.console import Console

from bench import load, naive
from bench.delays import readable_after
from bench.peer import PROGRAMS, Peer, demand_peers
from bench.runs import JobRuns, Rates, write
from connectors.settings import settings
from deploy.cluster import FlinkCluster
from deploy.stack.temporary import local_stack
from udfs.inventory.domain import INVENTORY

OUTPUTS = ("inventory.reservations", "inventory.availability", "inventory.alerts")
SKUS = 2_000
BATCHED, UNBATCHED, NAIVE, TWO_SLOTS = "batched", "unbatched", "naive PyFlink", "two slots"
# with what share of the events, so that slower shapes do not take all of the time, and the tuning
SHAPES: dict[str, tuple[float, dict[str, str]]] = {
    BATCHED: (1.0, {}),
    UNBATCHED: (0.33, {"SHOPSTREAM_JOBS": '{"inventory": {"batch_ms": 0}}'}),
    **dict.fromkeys(PROGRAMS, (0.5, {})),
    NAIVE: (0.1, {}),
}
PEER_QUIET_S = 10.0
CROWDS = (100, 100_000)
CROWD_EVENTS = 200_000
LATENCY_RATE, LATENCY_S, LATENCY_WARM_S = 500, 40, 10


@dataclass
class Report:
    """Everything that was measured. rates: by shape, peers included."""

    rates: dict[str, Rates]
    crowds: dict[int, Rates]
    hot_path: dict[str, float]
    latency_ms: dict[str, float]

    @property
    def crowd_ratio(self) -> float:
        """Cost of an event with the most open reservations over that with the fewest."""
        few, many = (self.crowds[crowd].middle for crowd in CROWDS)
        return few / many

    def ratio(self, shape: str) -> float:
        """How many times as fast the job is as `shape`."""
        return self.rates[BATCHED].middle / self.rates[shape].middle

    def as_dict(self) -> dict[str, Any]:
        return {
            "events_per_s": {shape: rates.runs for shape, rates in self.rates.items()},
            "times_as_fast_as": {shape: round(self.ratio(shape), 2) for shape in self.rates},
            "crowd_events_per_s": {str(crowd): rates.runs for crowd, rates in self.crowds.items()},
            "crowd_cost_ratio": round(self.crowd_ratio, 3),
            "hot_path": {kind: round(share, 3) for kind, share in self.hot_path.items()},
            "latency_ms": {name: round(value) for name, value in self.latency_ms.items()},
        }


def run(events: int, runs: int, console: Console) -> Report:
    """Measure everything; `runs` times what is a rate."""
    demand_peers()

    def say(line: str) -> None:
        console.print(line, highlight=False)

    rates = {shape: Rates() for shape in (*SHAPES, TWO_SLOTS)}
    crowds = {crowd: Rates() for crowd in CROWDS}
    hot_path: dict[str, float] = {}
    say("starting a stack of one slot")
    with local_stack(
        taskmanagers=1, taskmanager_slots=1, taskmanager_compiler="full", parallelism=1
    ) as stack:
        stack.up()
        job = JobRuns(stack, "inventory", load.EVENTS, (load.EVENTS,), OUTPUTS)
        say("warming up")
        job.preloaded(load.mixed(events, SKUS, seed=-1))
        for number in range(runs):
            for shape, (share, tuning) in SHAPES.items():
                count = round(events * share)
                records = load.mixed(count, min(SKUS, count // 10), seed=number)
                if shape in PROGRAMS:
                    engine = Peer.of(shape, INVENTORY, (load.EVENTS,)).running()
                    done = job.preloaded_for(engine, records, quiet_s=PEER_QUIET_S)
                elif shape == NAIVE:
                    done = job.preloaded_for(_naive(), records, quiet_s=PEER_QUIET_S)
                else:
                    done = job.preloaded(records, tuning)
                rates[shape].runs.append(done.events_per_s())
                say(f"{shape}: {rates[shape].runs[-1]:,.0f} events/s")
        for _ in range(runs):
            for crowd in CROWDS:
                crowds[crowd].runs.append(_crowded_rate(job, crowd))
                say(f"{crowd:,} open reservations: {crowds[crowd].runs[-1]:,.0f} events/s")
        say("profiling")
        job.preloaded(load.mixed(events, SKUS, seed=-2), probe=job.profiler(hot_path))
        say(f"measuring the delay at {LATENCY_RATE} events/s")
        latency_ms = _latency(job)
    say("starting a stack of two TaskManagers of one slot")
    with local_stack(
        taskmanagers=2, taskmanager_slots=1, taskmanager_compiler="full", parallelism=2
    ) as stack:
        stack.up()
        job = JobRuns(stack, "inventory", load.EVENTS, (load.EVENTS,), OUTPUTS)
        job.preloaded(load.mixed(events, SKUS, seed=-1))
        for number in range(runs):
            done = job.preloaded(load.mixed(events, SKUS, seed=number))
            rates[TWO_SLOTS].runs.append(done.events_per_s())
            say(f"{TWO_SLOTS}: {rates[TWO_SLOTS].runs[-1]:,.0f} events/s")
    return Report(rates, crowds, hot_path, latency_ms)


@contextmanager
def _naive() -> Iterator[None]:
    cluster = FlinkCluster(settings())
    cluster.submit_program(naive.NAME, ["bench.naive"], fresh=True)
    try:
        yield
    finally:
        cluster.stop(naive.NAME, savepoint=False)


def _crowded_rate(job: JobRuns, crowd: int) -> float:
    """Events/s at a sku with `crowd` open reservations, once they are there."""
    run = job.preloaded(load.crowded(CROWD_EVENTS, crowd))
    return run.events_per_s(warm=(crowd + 0.2 * CROWD_EVENTS) / (crowd + CROWD_EVENTS))


def _latency(job: JobRuns) -> dict[str, float]:
    """Percentiles (ms) at `LATENCY_RATE` events/s, of requests that were reserved."""
    job.empty_topics()
    job.stack.demand("submit", job.job, "--fresh", "--wait")
    traffic = partial(write, load.EVENTS, load.paced(LATENCY_RATE, LATENCY_S, SKUS))
    delays = readable_after(
        OUTPUTS[0], traffic, LATENCY_WARM_S, lambda record: record["status"] == "RESERVED"
    )
    job.stack.demand("stop", job.job)
    return delays
