"""Orders, pricing and engagement measured from outside, one slot and two, on stacks of their own.

Throughput when catching up: preloaded topics, Kafka to Kafka exactly once, as the jobs are set. Few
of their events have an output, so what counts is what has been read and checkpointed. Beside one
slot, on the same topics, the same rules in Bytewax (at least once, state in memory only) and Quix
Streams (exactly once).
Latency: from an event until what came of it is readable: an order's step, a new policy's first
price, and the signal to somebody who wished for a sku that is back.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from rich.console import Console

from bench import other_jobs_load as load
from bench.delays import readable_after
from bench.peer import PROGRAMS, Peer, demand_peers
from bench.progress import Read
from bench.runs import RUN_DEADLINE_S, Rates, empty, write_each
from connectors.settings import settings
from deploy.stack.temporary import LocalStack, local_stack
from udfs.contract import Domain
from udfs.engagement.domain import ENGAGEMENT
from udfs.engagement.events import CLICKS, SIGNALS
from udfs.orders.domain import ORDERS
from udfs.orders.events import LIFECYCLE
from udfs.pricing.domain import PRICING
from udfs.pricing.events import CHANGES, COMPETITOR_PRICES, DEMAND

SLOTS = (1, 2)
QUIET_S, PEER_QUIET_S = 8.0, 10.0
PACE_PER_S, LATENCY_S, WARM_S = 100, 40, 10


@dataclass(frozen=True)
class Job:
    """A job by the domain that reads what is written.

    times: how many times the events that are asked for: a fast job needs more to show a rate.
    events: so many at once, of a seed; sources: the topics that they go to. output: what `paced`,
    at a rate for so many seconds and of a seed, is answered in.
    """

    domain: Domain
    times: int
    events: Callable[[int, int], load.Records]
    sources: tuple[str, ...]
    output: str
    paced: Callable[[int, float, int], load.Records]

    @property
    def name(self) -> str:
        return self.domain.name

    @property
    def group(self) -> str:
        """The consumer group of the domain's events."""
        return f"shopstream-{self.name}_events"


JOBS = (
    Job(ORDERS, 1, load.orders, load.ORDER_TOPICS, LIFECYCLE, load.paced_orders),
    Job(PRICING, 4, load.pricing, (DEMAND, COMPETITOR_PRICES), CHANGES, load.paced_policies),
    Job(ENGAGEMENT, 4, load.engagement, (CLICKS,), SIGNALS, load.paced_wishes),
)


@dataclass
class Report:
    """Events per second, and percentiles of the delay (ms), by job and number of slots; and the
    rates of the peers, by job and peer."""

    rates: dict[tuple[str, int], Rates] = field(default_factory=dict)
    peers: dict[tuple[str, str], Rates] = field(default_factory=dict)
    latency_ms: dict[tuple[str, int], dict[str, float]] = field(default_factory=dict)

    def gain(self, job: str) -> float:
        """How many times as fast two slots are as one."""
        one, two = (self.rates[job, slots].middle for slots in SLOTS)
        return two / one

    def ratio(self, job: str, peer: str) -> float:
        """How many times as fast one slot is as a peer."""
        return self.rates[job, 1].middle / self.peers[job, peer].middle

    def as_dict(self) -> dict[str, Any]:
        return {
            "events_per_s": {
                f"{job}, slots: {slots}": rates.runs for (job, slots), rates in self.rates.items()
            },
            "peers_events_per_s": {
                f"{job}, {peer}": rates.runs for (job, peer), rates in self.peers.items()
            },
            "times_as_fast_as": {
                f"{job}, {peer}": round(self.ratio(job, peer), 2) for job, peer in self.peers
            },
            "two_slots_over_one": {job.name: round(self.gain(job.name), 2) for job in JOBS},
            "latency_ms": {
                f"{job}, slots: {slots}": {name: round(value) for name, value in of.items()}
                for (job, slots), of in self.latency_ms.items()
            },
        }


def run(events: int, runs: int, console: Console) -> Report:
    """Measure each job `runs` times with each number of slots, after a run that is not counted."""
    demand_peers()
    report = Report()

    def say(line: str) -> None:
        console.print(line, highlight=False)

    for slots in SLOTS:
        say(f"starting a stack, slots: {slots}")
        with local_stack(taskmanagers=slots, taskmanager_slots=1) as stack:
            stack.up()
            for job in JOBS:
                _rate(stack, job, slots, events, seed=-1)
                rates = report.rates[job.name, slots] = Rates()
                for number in range(runs):
                    rates.runs.append(_rate(stack, job, slots, events, number))
                    say(f"{job.name}, slots: {slots}: {rates.runs[-1]:,.0f} events/s")
                    for name in PROGRAMS if slots == 1 else ():
                        peers = report.peers.setdefault((job.name, name), Rates())
                        peers.runs.append(_peer_rate(name, job, events, number))
                        say(f"{job.name}, {name}: {peers.runs[-1]:,.0f} events/s")
                delays = report.latency_ms[job.name, slots] = _latency(stack, job, slots)
                told = ", ".join(f"{name} {value:,.0f} ms" for name, value in delays.items())
                say(f"{job.output}, slots: {slots}: {told}")
    return report


def _rate(stack: LocalStack, job: Job, slots: int, events: int, seed: int) -> float:
    """Events/s of a fresh job that reads only what is written now."""
    written = _rewritten(job, events, seed)
    watch = Read(settings().kafka_bootstrap, job.group)
    stack.demand("submit", job.name, "--fresh", **_on(slots, job.domain))
    done = watch.follow(written, RUN_DEADLINE_S, lambda: None, QUIET_S)
    stack.demand("stop", job.name)
    return done.events_per_s()


def _peer_rate(name: str, job: Job, events: int, seed: int) -> float:
    """The same of a peer that goes by the same rules."""
    written = _rewritten(job, events, seed)
    peer = Peer.of(name, job.domain, job.sources)
    watch = Read(settings().kafka_bootstrap, peer.group)
    with peer.running():
        return watch.follow(written, RUN_DEADLINE_S, lambda: None, PEER_QUIET_S).events_per_s()


def _rewritten(job: Job, events: int, seed: int) -> int:
    """Put the job's share of `events` in the place of those that there are; how many it is."""
    empty(job.domain.inputs)
    return write_each(job.events(events * job.times, seed))


def _latency(stack: LocalStack, job: Job, slots: int) -> dict[str, float]:
    """Percentiles (ms) of the job's answers at `PACE_PER_S`."""
    empty(job.domain.inputs)
    stack.demand("submit", job.name, "--fresh", "--wait", **_on(slots, job.domain))
    traffic = partial(write_each, job.paced(PACE_PER_S, LATENCY_S, slots))
    delays = readable_after(job.output, traffic, WARM_S)
    stack.demand("stop", job.name)
    return delays


def _on(slots: int, domain: Domain) -> dict[str, str]:
    return {"SHOPSTREAM_JOBS": json.dumps({domain.name: {"parallelism": slots}})}
