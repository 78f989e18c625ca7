"""The inventory job by how many keys it has state of, on the heap and in RocksDB.

Each sku is stocked once; then a job that goes on from that state, and has the same number of events
over those skus before it, shows what an event costs, what a checkpoint holds and how long it takes.
One slot, Kafka to Kafka exactly once, a checkpoint every second.
"""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass
from typing import Any

from rich.console import Console

from bench import load
from bench.runs import JobRuns, Rates
from connectors.settings import settings
from deploy.overview import JobOverview
from deploy.stack.temporary import local_stack

BACKENDS = ("hashmap", "rocksdb")
KEYS = (1_000, 100_000, 1_000_000)
WARM_KEYS = 1_000
JOB, OUTPUTS = "inventory", ("inventory.reservations", "inventory.availability")
MEMORY_MB = 4_000
"""Of the TaskManager: a million skus on the heap do not fit into what a local run gives it."""


@dataclass(frozen=True)
class Checkpoints:
    """Those of a run: the largest size (bytes), and how long they took (ms)."""

    size: int
    p50_ms: float
    max_ms: float


@dataclass
class Report:
    """By backend and number of keys."""

    rates: dict[tuple[str, int], Rates]
    checkpoints: dict[tuple[str, int], list[Checkpoints]]

    def cost(self, backend: str, keys: int) -> float:
        """Of an event, over that with the fewest keys."""
        fewest = min(of for name, of in self.rates if name == backend)
        return self.rates[backend, fewest].middle / self.rates[backend, keys].middle

    def checkpoint(self, backend: str, keys: int) -> Checkpoints:
        """The one of the run in the middle, by the time that it took."""
        of_runs = sorted(self.checkpoints[backend, keys], key=lambda one: one.p50_ms)
        return of_runs[len(of_runs) // 2]

    def as_dict(self) -> dict[str, Any]:
        return {
            f"{backend}, {keys} keys": {
                "events_per_s": rates.runs,
                "cost_over_fewest_keys": round(self.cost(backend, keys), 2),
                "checkpoints": [asdict(one) for one in self.checkpoints[backend, keys]],
            }
            for (backend, keys), rates in self.rates.items()
        }


def run(keys: Sequence[int], events: int, runs: int, console: Console) -> Report:
    """Measure `events` events on each number of keys, `runs` times."""
    cases = [(backend, count) for count in keys for backend in BACKENDS]
    report = Report({case: Rates() for case in cases}, {case: [] for case in cases})
    console.print("starting a stack of one slot")
    with local_stack(
        taskmanagers=1,
        taskmanager_slots=1,
        taskmanager_compiler="full",
        taskmanager_memory_mb=MEMORY_MB,
        parallelism=1,
    ) as stack:
        stack.up()
        job = JobRuns(stack, JOB, load.EVENTS, (load.EVENTS,), OUTPUTS)
        console.print("warming up")
        job.preloaded(load.mixed(events, WARM_KEYS, seed=-1))
        for _ in range(runs):
            for backend, count in cases:
                tuning = {"SHOPSTREAM_STATE_BACKEND": backend}
                job.preloaded(load.stocked(count), tuning)
                going_on = GoingOn(job, tuning)
                done = job.preloaded_for(going_on, load.spread(events, count, seed=1))
                rate, took = done.events_per_s(), going_on.checkpoints()
                report.rates[backend, count].runs.append(rate)
                report.checkpoints[backend, count].append(took)
                console.print(
                    f"{backend}, {count:,} keys: {rate:,.0f} events/s, {took}", highlight=False
                )
    return report


class GoingOn(AbstractContextManager[None]):
    """The job goes on from its newest checkpoint, for as long as the context is open."""

    def __init__(self, job: JobRuns, tuning: dict[str, str]):
        self._job = job
        self._tuning = tuning
        self._summary: dict[str, Any] = {}

    def __enter__(self) -> None:
        self._job.stack.demand("submit", self._job.job, **self._tuning)

    def __exit__(self, *failure: object) -> None:
        # before the job is stopped, whose savepoint would be one of them
        flink = JobOverview(settings().flink_url)
        if running := flink.job(self._job.job):
            self._summary = flink.get(f"/jobs/{running.job_id}/checkpoints")["summary"]
        self._job.stack.demand("stop", self._job.job)

    def checkpoints(self) -> Checkpoints:
        """Those that it took, once the context is closed."""
        took = self._summary["end_to_end_duration"]
        return Checkpoints(self._summary["state_size"]["max"], took["p50"], took["max"])
