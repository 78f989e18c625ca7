"""The fraud job measured from outside, on stacks of the benchmark's own.

Latency: from an order's creation until its decision can be read, on two TaskManagers with
checkpoints on, batched and unbatched. Throughput: a preloaded topic, one slot. Beside it, on the
same topics, the same rules in Bytewax (state in memory only) and Quix Streams, at least once as the
job. History: the same with a few customers who have ordered thousands of times.
"""

import multiprocessing
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from statistics import median
from typing import Any

from confluent_kafka import Consumer
from rich.console import Console

from bench import fraud_load as load
from bench.delays import percentiles
from bench.peer import PROGRAMS, Peer, demand_peers
from bench.runs import JobRuns, Rates, reader_from_now, write
from connectors.codec import Decoder
from connectors.errors import ShopstreamError
from connectors.reading import is_end
from connectors.registry import Registry
from connectors.settings import settings
from connectors.topics import topic
from deploy.stack.temporary import LocalStack, local_stack
from udfs.fraud.domain import FRAUD

DECISIONS = "fraud.decisions"
INPUTS = ("orders.initiated", "payments.events", "fraud.outcomes", "fraud.signals")
RATES = (500, 1_000)
BATCHED = "batched"
SHAPES: dict[str, dict[str, str]] = {
    BATCHED: {},
    "unbatched": {"SHOPSTREAM_JOBS": '{"fraud": {"batch_ms": 0}}'},
}
CUSTOMERS, REGULARS = 20_000, 50
PEER_SHARE, PEER_QUIET_S = 0.5, 10.0
LATENCY_S, SETTLE_S, STUCK_S = 60.0, 10.0, 60.0
READ_S, READ_AT_ONCE = 0.002, 1_000
SENDER_LINGER_MS = 5
"""As Kafka's clients have it by default; it is a part of the delay."""


@dataclass
class Delays:
    """Percentiles (ms) of several runs at one rate."""

    runs: list[dict[str, float]] = field(default_factory=list)

    def middle(self, name: str) -> float:
        return median(run[name] for run in self.runs)

    def __str__(self) -> str:
        spread = [run["p99"] for run in self.runs]
        told = ", ".join(f"{name} {self.middle(name):,.0f}" for name in self.runs[0])
        return f"{told} ms (p99 {min(spread):,.0f} to {max(spread):,.0f}, {len(self.runs)} runs)"


@dataclass
class Report:
    """Everything that was measured; delays by shape and orders/s."""

    delays: dict[tuple[str, int], Delays]
    short: Rates
    long: Rates
    peers: dict[str, Rates]
    hot_path: dict[str, float]

    @property
    def history_ratio(self) -> float:
        """Cost of an order after a long history over that after a short one."""
        return self.short.middle / self.long.middle

    def ratio(self, peer: str) -> float:
        """How many times as fast the job is as a peer."""
        return self.short.middle / self.peers[peer].middle

    def as_dict(self) -> dict[str, Any]:
        return {
            "latency_ms": {
                f"{shape} at {rate}/s": [
                    {name: round(value, 1) for name, value in run.items()} for run in delays.runs
                ]
                for (shape, rate), delays in self.delays.items()
            },
            "orders_per_s": self.short.runs,
            "orders_per_s_long_history": self.long.runs,
            "history_cost_ratio": round(self.history_ratio, 3),
            "peers_orders_per_s": {name: rates.runs for name, rates in self.peers.items()},
            "times_as_fast_as": {name: round(self.ratio(name), 2) for name in self.peers},
            "hot_path": {kind: round(share, 3) for kind, share in self.hot_path.items()},
        }


def run(orders: int, runs: int, console: Console) -> Report:
    """Measure everything, `runs` times each; once what is unbatched, for comparison."""
    demand_peers()

    def say(line: str) -> None:
        console.print(line, highlight=False)

    delays = {(shape, rate): Delays() for shape in SHAPES for rate in RATES}
    say("starting a stack of two slots in two TaskManagers")
    with local_stack(taskmanagers=2, taskmanager_slots=1, parallelism=2) as stack:
        stack.up()
        job = _job(stack)
        for shape, tuning in SHAPES.items():
            for rate in RATES:
                for _ in range(runs if shape == BATCHED else 1):
                    delays[shape, rate].runs.append(_latency(job, rate, orders, tuning))
                say(f"{shape}, {rate:,} orders/s: {delays[shape, rate]}")
    short, long = Rates(), Rates()
    peers = {name: Rates() for name in PROGRAMS}
    hot_path: dict[str, float] = {}
    say("starting a stack of one slot")
    with local_stack(
        taskmanagers=1, taskmanager_slots=1, taskmanager_compiler="full", parallelism=1
    ) as stack:
        stack.up()
        job = _job(stack)
        job.preloaded(load.orders(orders, CUSTOMERS, seed=-1))
        for number in range(runs):
            for customers, rates in ((CUSTOMERS, short), (REGULARS, long)):
                done = job.preloaded(load.orders(orders, customers, seed=number))
                rates.runs.append(done.events_per_s())
                say(f"{customers:,} customers: {rates.runs[-1]:,.0f} orders/s")
            for name, rates in peers.items():
                records = load.orders(round(orders * PEER_SHARE), CUSTOMERS, seed=number)
                engine = Peer.of(name, FRAUD, (load.ORDERS,)).running()
                done = job.preloaded_for(engine, records, quiet_s=PEER_QUIET_S)
                rates.runs.append(done.events_per_s())
                say(f"{name}: {rates.runs[-1]:,.0f} orders/s")
        say("profiling")
        job.preloaded(load.orders(orders, CUSTOMERS, seed=-2), probe=job.profiler(hot_path))
    return Report(delays, short, long, peers, hot_path)


def _job(stack: LocalStack) -> JobRuns:
    return JobRuns(stack, "fraud", load.ORDERS, INPUTS, (DECISIONS,))


def _latency(job: JobRuns, rate: int, warm_up: int, tuning: dict[str, str]) -> dict[str, float]:
    """Percentiles (ms) at `rate` orders/s, of a job that has decided `warm_up` orders before."""
    job.empty_topics()
    job.stack.demand("submit", job.job, "--fresh", "--wait", **tuning)
    reader = reader_from_now(DECISIONS)
    # minutes of a shop's traffic, for the JVMs to compile what is hot
    decisions = _decisions(reader)
    written = write(load.ORDERS, load.orders(warm_up, CUSTOMERS, seed=rate))
    for _ in range(written):
        next(decisions)
    # a process of its own: the sender must not compete with the reader for this one's interpreter
    sender = multiprocessing.get_context("spawn").Process(
        target=_send, args=(dict(os.environ), rate)
    )
    sender.start()
    lookup = Registry(settings().registry_url).lookup
    decode = Decoder(DECISIONS, topic(DECISIONS).avro_schema, lookup).decode
    count = int(rate * (SETTLE_S + LATENCY_S))
    # decoded afterwards: it is not the reader that is measured, and it shares the job's cores
    seen = [(next(decisions), time.time_ns() / 1e6) for _ in range(count)]
    sender.join()
    reader.close()
    job.stack.demand("stop", job.job)
    counted = seen[int(rate * SETTLE_S) :]
    return percentiles([at - decode(value)["event_time"] for value, at in counted])


def _decisions(reader: Consumer) -> Iterator[bytes]:
    """The decisions as they become readable; raises ShopstreamError if none does for long.

    They are fetched every `READ_S`, which is a part of the delay: to wake for each would cost the
    job a tenth of a core.
    """
    give_up = time.monotonic() + STUCK_S
    while time.monotonic() < give_up:
        messages = reader.consume(READ_AT_ONCE, READ_S)
        if messages:
            give_up = time.monotonic() + STUCK_S
        yield from [message.value() for message in messages if not is_end(message)]
    raise ShopstreamError(f"expected more decisions, came none for {STUCK_S:.0f} s")


def _send(environment: dict[str, str], rate: int) -> None:
    os.environ.update(environment)
    records = load.paced(rate, SETTLE_S + LATENCY_S, CUSTOMERS, seed=rate)
    write(load.ORDERS, records, linger_ms=SENDER_LINGER_MS)
