"""The read models measured: rebuilds from the log, and the job that writes row by row.

Three tables stand for all: availability (each row overwritten over and over), order_timeline (a row
an event) and kpis (every event counted). The job is measured on the first of them, by the sum of
the versions in the table, which is how many records have come in.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from rich.console import Console

from bench.progress import Run
from bench.readmodel_load import Record, clicks, steps, stock
from bench.runs import RUN_DEADLINE_S, Rates, write
from connectors.errors import ShopstreamError
from connectors.postgres import Connection, connected
from connectors.registry import Registry
from connectors.settings import settings
from deploy.audit.log import LogReader
from deploy.readmodel.check import check
from deploy.readmodel.models import READ_MODELS
from deploy.readmodel.rebuild import rebuild
from deploy.stack.temporary import LocalStack, local_stack

LOADS: dict[str, tuple[str, Callable[[int], Iterator[Record]]]] = {
    "availability": ("inventory.availability", stock),
    "order_timeline": ("orders.lifecycle", steps),
    "kpis": ("clickstream.events", clicks),
}
WRITTEN_BY_JOB = "availability"
SAMPLE_S = 0.5


@dataclass
class Report:
    """Events per second: of rebuilds by table, of the job; and how long writers waited (s)."""

    rebuilds: dict[str, Rates] = field(default_factory=dict)
    job: Rates = field(default_factory=Rates)
    swaps_s: list[float] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        return {
            "rebuild_events_per_s": {name: rates.runs for name, rates in self.rebuilds.items()},
            "job_events_per_s": self.job.runs,
            "swap_s": [round(seconds, 3) for seconds in self.swaps_s],
        }


def run(events: int, runs: int, console: Console) -> Report:
    """Measure everything, `runs` times each."""
    report = Report()

    def say(line: str) -> None:
        console.print(line, highlight=False)

    say("starting a stack of one slot")
    with local_stack(
        taskmanagers=1, taskmanager_slots=1, taskmanager_compiler="full", parallelism=1
    ) as stack:
        stack.up()
        with connected(settings().postgres_dsn) as connection:
            topic, load = LOADS[WRITTEN_BY_JOB]
            write(topic, load(events))
            for _ in range(runs):
                report.job.runs.append(_job(stack, connection, events))
                say(f"the job: {report.job.runs[-1]:,.0f} events/s")
            for name, (topic, load) in LOADS.items():
                if name != WRITTEN_BY_JOB:
                    write(topic, load(events))
                report.rebuilds[name] = Rates()
                for _ in range(runs):
                    say(_rebuild(name, connection, report))
    return report


def _rebuild(name: str, connection: Connection, report: Report) -> str:
    model, registry = READ_MODELS[name], Registry(settings().registry_url)
    with LogReader(settings().kafka_bootstrap, registry, model.topics) as log:
        made = rebuild(model, log, connection)
    with LogReader(settings().kafka_bootstrap, registry, model.topics) as log:
        if drift := check(model, log, connection, deadline_s=0).differences:
            raise ShopstreamError(f"{name} is not what the log says after a rebuild: {drift[0]}")
    report.rebuilds[name].runs.append(made.events_per_s)
    report.swaps_s.append(made.swap_s)
    return (
        f"{name}: {made.rows:,} rows of {made.events:,} events, {made.events_per_s:,.0f} events/s"
    )


def _job(stack: LocalStack, connection: Connection, events: int) -> float:
    """From the first record to the last, into an empty table."""
    connection.execute("DELETE FROM readmodel.availability")
    stack.demand("submit", "readmodel", "--fresh")
    samples: list[tuple[float, int]] = []
    give_up = time.monotonic() + RUN_DEADLINE_S
    while not samples or samples[-1][1] < events:
        if time.monotonic() > give_up:
            raise ShopstreamError(f"not all of {events} events came into the table")
        cursor = connection.execute("SELECT COALESCE(SUM(version), 0) FROM readmodel.availability")
        (written,) = cursor.fetchone() or (0,)
        if written:
            samples.append((time.monotonic(), int(written)))
        time.sleep(SAMPLE_S)
    stack.demand("stop", "readmodel")
    return Run(events, tuple(samples)).events_per_s()
