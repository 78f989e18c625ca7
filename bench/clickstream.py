"""The clickstream SQL measured from outside, on a stack of the benchmark's own.

Throughput: each of three inserts as a job of its own on one slot, from a preloaded topic, beside
the same computation in Bytewax and Quix Streams on the same topics. Latency: from an event's
creation until its features.session can be read, at 1,000 events/s.
"""

import multiprocessing
import os
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rich.console import Console

from bench.clickstream_load import CLICKS, clicks, paced
from bench.delays import percentiles
from bench.peer import PROGRAMS, Peer, demand_peers
from bench.progress import Watch
from bench.room import copied
from bench.runs import RUN_DEADLINE_S, Rates, empty, reader_from_now, write
from connectors.codec import Decoder
from connectors.errors import ShopstreamError
from connectors.reading import is_end
from connectors.registry import Registry
from connectors.settings import settings
from connectors.topics import topic
from deploy.stack.temporary import LocalStack, local_stack

SQL_SHAPES: dict[str, dict[str, str]] = {
    "SQL": {},
    "SQL, RocksDB": {"SHOPSTREAM_JOBS": '{"clickstream": {"state_backend": "rocksdb"}}'},
}
JOB = "clickstream"
ENGINES = (*SQL_SHAPES, *PROGRAMS)
# a pane may take long to be told by a slow engine
SQL_QUIET_S, PEER_QUIET_S = 10.0, 25.0
LATENCY_RATE, LATENCY_S, WARM_S, STUCK_S = 1_000, 40.0, 15.0, 60.0


@dataclass(frozen=True)
class Job:
    """An insert as a job. events: of a run, as a share of what is asked for.

    per_ms: of event time: many for demand, whose panes of 10 s then come quickly one after the
    other; few for the others, so that their windows of 90 s are full for most of a run, of some
    nine clicks a visitor.
    """

    name: str
    table: str
    target: str
    guarantee: str
    events: float
    per_ms: int


JOBS = (
    Job("demand", "features_product_demand", "features.product-demand", "exactly-once", 1.0, 10),
    Job("session", "features_session", "features.session", "at-least-once", 0.25, 2),
    Job("customer", "features_customer", "features.customer", "at-least-once", 0.25, 2),
)


@dataclass
class Report:
    """Events per second by job and engine, and percentiles (ms) of features.session."""

    rates: dict[str, dict[str, Rates]] = field(default_factory=dict)
    latency_ms: list[dict[str, float]] = field(default_factory=list)

    def ratio(self, job: str) -> float:
        """The SQL's rate over that of the better peer, as the job is set."""
        rates = self.rates[job]
        return rates["SQL"].middle / max(rates[name].middle for name in PROGRAMS)

    def as_dict(self) -> dict[str, Any]:
        return {
            "events_per_s": {
                job: {engine: rates.runs for engine, rates in engines.items()}
                for job, engines in self.rates.items()
            },
            "ratio_to_the_better_peer": {job: round(self.ratio(job), 2) for job in self.rates},
            "session_latency_ms": [
                {name: round(value) for name, value in run.items()} for run in self.latency_ms
            ],
        }


def run(events: int, runs: int, console: Console) -> Report:
    """Measure everything, `runs` times each."""
    demand_peers()

    def say(line: str) -> None:
        console.print(line, highlight=False)

    report = Report()
    say("starting a stack of one slot")
    with local_stack(
        taskmanagers=1, taskmanager_slots=1, taskmanager_compiler="full", parallelism=1
    ) as stack:
        stack.up()
        for job in JOBS:
            rates = report.rates[job.name] = {engine: Rates() for engine in ENGINES}
            for number in range(runs):
                for engine, measured in _rates(stack, job, events, number):
                    rates[engine].runs.append(measured)
                    say(f"{job.name}, {engine}: {measured:,.0f} events/s")
        for number in range(runs):
            report.latency_ms.append(_latency(stack, number))
            told = ", ".join(f"{k} {v:,.0f} ms" for k, v in report.latency_ms[-1].items())
            say(f"features.session at {LATENCY_RATE:,} events/s: {told}")
    return report


def _rates(stack: LocalStack, job: Job, events: int, number: int) -> Iterator[tuple[str, float]]:
    """Run `number` of a job: the events per second of each engine."""
    written = rewritten(job, events, number)
    for name, tuning in SQL_SHAPES.items():
        yield name, rate(job, written, sql(stack, job, **tuning), SQL_QUIET_S)
    for name in PROGRAMS:
        engine = Peer(name, job.name, (CLICKS,), (job.target,), job.guarantee)
        yield name, rate(job, written, engine.running(), PEER_QUIET_S)


def rewritten(job: Job, events: int, seed: int) -> int:
    """Put the job's share of `events` in the place of those that there are; how many it is."""
    empty([CLICKS])
    return write(CLICKS, clicks(round(events * job.events), job.per_ms, seed))


def rate(job: Job, events: int, engine: AbstractContextManager[None], quiet_s: float) -> float:
    """Events per second of what runs while the context `engine` is open."""
    watch = Watch(settings().kafka_bootstrap, (job.target,))
    with engine:
        return watch.follow(events, RUN_DEADLINE_S, lambda: None, quiet_s).events_per_s()


def folder_of(stack: LocalStack, job: Job) -> Path:
    """The insert with the views that it uses, as a folder of its own."""
    room = stack.state / f"room-{job.name}"
    return room / JOB if room.exists() else copied(JOB, [job.table], room)


@contextmanager
def sql(stack: LocalStack, job: Job, **tuning: str) -> Iterator[None]:
    """The insert as a job, for as long as the context is open.

    tuning: environment variables that it is submitted with.
    """
    stack.demand("sql", "run", str(folder_of(stack, job)), "--fresh", **tuning)
    try:
        yield
    finally:
        stack.demand("stop", JOB)


def _latency(stack: LocalStack, number: int) -> dict[str, float]:
    """Percentiles (ms) from an event's creation until its features can be read, after `WARM_S`."""
    empty([CLICKS])
    job = JOBS[1]
    reader = reader_from_now(job.target)
    lookup = Registry(settings().registry_url).lookup
    decode = Decoder(job.target, topic(job.target).avro_schema, lookup).decode
    delays: list[float] = []
    with sql(stack, job):
        # a process of its own: it must not compete with the reader for this one's interpreter
        sender = multiprocessing.get_context("spawn").Process(
            target=_send, args=(dict(os.environ), number)
        )
        sender.start()
        first = last = None
        give_up = time.monotonic() + WARM_S + LATENCY_S + STUCK_S
        while last is None or sender.is_alive() or time.monotonic() - last < 3:
            if time.monotonic() > give_up:
                raise ShopstreamError(f"no end of {job.target} after {STUCK_S:.0f} s of waiting")
            message = reader.poll(0.1)
            if message is None or is_end(message):
                continue
            now, last = time.time_ns() / 1e6, time.monotonic()
            first = first or last
            if last - first > WARM_S and sender.is_alive():
                delays.append(now - decode(message.value())["event_time"])
        sender.join()
    reader.close()
    return percentiles(delays)


def _send(environment: dict[str, str], seed: int) -> None:
    os.environ.update(environment)
    write(CLICKS, paced(LATENCY_RATE, WARM_S + LATENCY_S, seed), linger_ms=0)
