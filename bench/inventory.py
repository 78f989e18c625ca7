"""The inventory job measured from outside, on a stack of the benchmark's own.

Throughput: a preloaded topic, one slot, Kafka to Kafka exactly once, checkpoints every second; the
unbatched shape (every record handed to Python by itself) beside it in the same run, on a third of
the events.
Crowding: one sku with 100 or with 100,000 open reservations.
Latency: from an event's creation until its decision is readable with read_committed.
"""

import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from statistics import median, quantiles
from typing import Any

from confluent_kafka import OFFSET_END, TopicPartition
from rich.console import Console

from bench import load
from bench.hot_path import profile
from bench.progress import Run, Watch
from connectors.kafka import admin
from connectors.registry import Registry
from connectors.settings import settings
from connectors.topics import topic
from deploy.audit.log import LogReader
from deploy.stack.temporary import LocalStack, local_stack

OUTPUTS = ("inventory.reservations", "inventory.availability", "inventory.alerts")
JOB = "inventory"
SKUS = 2_000
SLOWER = 3  # about how much slower the unbatched shape is: it gets so many fewer events
RUN_DEADLINE_S = 600.0
PROFILE_AFTER_S, PROFILE_S = 3.0, 8
CROWDS = (100, 100_000)
CROWD_EVENTS = 100_000
LATENCY_RATE, LATENCY_S, LATENCY_WARM_S = 500, 40, 10


@dataclass
class Rates:
    """Events per second of several runs."""

    runs: list[float] = field(default_factory=list)

    @property
    def middle(self) -> float:
        return median(self.runs)

    def __str__(self) -> str:
        spread = f" ({min(self.runs):,.0f} to {max(self.runs):,.0f})" if len(self.runs) > 1 else ""
        return f"{self.middle:,.0f} events/s{spread}, {len(self.runs)} runs"


@dataclass
class Report:
    """Everything that was measured."""

    batched: Rates
    unbatched: Rates
    crowds: dict[int, Rates]
    hot_path: dict[str, float]
    latency_ms: dict[str, float]

    @property
    def crowd_ratio(self) -> float:
        """Cost of an event with the most open reservations over that with the fewest."""
        few, many = (self.crowds[crowd].middle for crowd in CROWDS)
        return few / many

    def as_dict(self) -> dict[str, Any]:
        return {
            "batched_events_per_s": self.batched.runs,
            "unbatched_events_per_s": self.unbatched.runs,
            "crowd_events_per_s": {str(crowd): rates.runs for crowd, rates in self.crowds.items()},
            "crowd_cost_ratio": round(self.crowd_ratio, 3),
            "hot_path": {kind: round(share, 3) for kind, share in self.hot_path.items()},
            "latency_ms": {name: round(value) for name, value in self.latency_ms.items()},
        }


def run(events: int, runs: int, console: Console) -> Report:
    """Measure everything; `runs` times what is a rate."""
    with local_stack(taskmanagers=1, parallelism=1) as stack:
        console.print("starting a stack of one slot")
        stack.up()

        def say(line: str) -> None:
            console.print(line, highlight=False)

        say("warming up")
        _preloaded(stack, load.mixed(events, SKUS, seed=-1), {})
        batched, unbatched = Rates(), Rates()
        for number in range(runs):
            run = _preloaded(stack, load.mixed(events, SKUS, seed=number), {})
            batched.runs.append(run.events_per_s())
            say(f"batched: {batched.runs[-1]:,.0f} events/s")
            fewer = load.mixed(events // SLOWER, SKUS, seed=number)
            run = _preloaded(stack, fewer, {"batch_ms": "0"})
            unbatched.runs.append(run.events_per_s())
            say(f"unbatched: {unbatched.runs[-1]:,.0f} events/s")
        crowds = {crowd: Rates() for crowd in CROWDS}
        for _ in range(runs):
            for crowd, rates in crowds.items():
                rates.runs.append(_crowded_rate(stack, crowd))
                say(f"{crowd:,} open reservations: {rates.runs[-1]:,.0f} events/s")
        say("profiling")
        hot_path: dict[str, float] = {}
        _preloaded(stack, load.mixed(events, SKUS, seed=-2), {}, _profiler(stack, hot_path))
        say(f"measuring the delay at {LATENCY_RATE} events/s")
        return Report(batched, unbatched, crowds, hot_path, _latency(stack))


def _preloaded(
    stack: LocalStack,
    records: Iterable[load.Record],
    tuning: dict[str, str],
    probe: Callable[[], None] | None = None,
) -> Run:
    """Write the records, then let a fresh job decide them, and watch."""
    _empty_topics(stack)
    events = load.write(settings(), records)
    watch = Watch(settings().kafka_bootstrap, OUTPUTS)
    overrides = {f"SHOPSTREAM_{name.upper()}": value for name, value in tuning.items()}
    stack.demand("submit", JOB, "--fresh", **overrides)
    run = watch.follow(events, RUN_DEADLINE_S, probe or (lambda: None))
    stack.demand("stop", JOB)
    return run


def _crowded_rate(stack: LocalStack, crowd: int) -> float:
    """Events/s at a sku with `crowd` open reservations, once they are there."""
    run = _preloaded(stack, load.crowded(CROWD_EVENTS, crowd), {})
    return run.events_per_s(warm=(crowd + 0.2 * CROWD_EVENTS) / (crowd + CROWD_EVENTS))


def _empty_topics(stack: LocalStack) -> None:
    """Let `inventory.events` begin at its end, so that a fresh job reads only what comes now."""
    assert stack.state == settings().state_path, "only ever on the benchmark's own stack"
    client = admin(settings().kafka_bootstrap)
    ends = [
        TopicPartition(load.EVENTS, p, OFFSET_END) for p in range(topic(load.EVENTS).partitions)
    ]
    for future in client.delete_records(ends).values():
        future.result()


def _profiler(stack: LocalStack, hot_path: dict[str, float]) -> Callable[[], None]:
    """Starts a profile of the TaskManager that fills `hot_path` when the job is warm."""
    pid = int(str(stack.services()["taskmanager-1"]["pid"]))

    def take() -> None:
        hot_path.update(profile(pid, PROFILE_S))

    return threading.Timer(PROFILE_AFTER_S, take).start


def _latency(stack: LocalStack) -> dict[str, float]:
    """Percentiles (ms) at `LATENCY_RATE` events/s, of requests that were reserved."""
    _empty_topics(stack)
    stack.demand("submit", JOB, "--fresh", "--wait")
    registry = Registry(settings().registry_url)
    traffic = threading.Thread(
        target=load.write, args=(settings(), load.paced(LATENCY_RATE, LATENCY_S, SKUS))
    )
    latencies: list[int] = []
    begun = time.monotonic()
    with LogReader(
        settings().kafka_bootstrap, registry, OUTPUTS[:1], from_beginning=False
    ) as reader:
        traffic.start()
        while traffic.is_alive() or not reader.at_end:
            entries = reader.read(0.01)
            now = time.time_ns() // 1_000_000
            if time.monotonic() - begun > LATENCY_WARM_S:
                latencies += [
                    now - entry.record["event_time"]
                    for entry in entries
                    if entry.record and entry.record["status"] == "RESERVED"
                ]
    stack.demand("stop", JOB)
    cuts = quantiles(latencies, n=100)
    return {"p50": cuts[49], "p95": cuts[94], "p99": cuts[98], "max": max(latencies)}
