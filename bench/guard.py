"""What it costs that no record stops a SQL job: the clickstream inserts with the guard and without.

Each insert is a job of its own on one slot, which reads the same preloaded topic both times.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from rich.console import Console

from bench.clickstream import JOBS, SQL_QUIET_S, Job, folder_of, rate, rewritten, sql
from bench.runs import Rates
from connectors.settings import settings
from deploy.cluster import FlinkCluster
from deploy.stack.temporary import LocalStack, local_stack


@dataclass
class Report:
    """Events per second by job, guarded and as Flink's own format reads them."""

    guarded: dict[str, Rates] = field(default_factory=dict)
    plain: dict[str, Rates] = field(default_factory=dict)

    def ratio(self, job: str) -> float:
        """The guarded rate over the plain one: below 0.9 it costs more than a tenth."""
        return self.guarded[job].middle / self.plain[job].middle

    def as_dict(self) -> dict[str, Any]:
        return {
            "guarded_events_per_s": {job: rates.runs for job, rates in self.guarded.items()},
            "plain_events_per_s": {job: rates.runs for job, rates in self.plain.items()},
            "guarded_over_plain": {job: round(self.ratio(job), 3) for job in self.guarded},
        }


def run(events: int, runs: int, console: Console) -> Report:
    """Measure each insert `runs` times, the two beside each other, the first of them in turn."""
    report = Report()
    console.print("starting a stack of one slot")
    with local_stack(
        taskmanagers=1, taskmanager_slots=1, taskmanager_compiler="full", parallelism=1
    ) as stack:
        stack.up()
        for job in JOBS:
            guarded = report.guarded[job.name] = Rates()
            plain = report.plain[job.name] = Rates()
            for number in range(runs):
                written = rewritten(job, events, number)
                for rates in (guarded, plain) if number % 2 else (plain, guarded):
                    engine = (_plain if rates is plain else sql)(stack, job)
                    rates.runs.append(rate(job, written, engine, SQL_QUIET_S))
                    name = "plain" if rates is plain else "guarded"
                    console.print(f"{job.name}, {name}: {rates.runs[-1]:,.0f} events/s")
    return report


@contextmanager
def _plain(stack: LocalStack, job: Job) -> Iterator[None]:
    program = ["bench.unguarded", str(folder_of(stack, job))]
    FlinkCluster(settings()).submit_program("clickstream", program, fresh=True)
    try:
        yield
    finally:
        stack.demand("stop", "clickstream")
