"""The gateway for webhooks, measured and judged from outside, on a stack of the benchmark's own.

Webhooks of the four formats at four times what counts as normal, with duplicates, wrong signatures
and garbage, while gateway and Kafka are killed in turn and the sender tries again as platforms do.
Then every topic is read (read_committed): each valid webhook must be in it once, whatever could not
be mapped must be a dead letter once, and nothing else may be there.
"""

import asyncio
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

import httpx
from rich.console import Console

from bench.delays import percentiles
from bench.webhooks_client import Sender, Sending
from bench.webhooks_load import mixed, products
from bench.webhooks_sent import GARBAGE, IDENTITY, UNSIGNED, VALID, Webhook
from connectors.registry import Registry
from connectors.settings import settings
from connectors.webhooks.records import DEAD_LETTERS, DELIVERIES
from connectors.webhooks.serve import shops
from deploy.audit.log import LogReader
from deploy.stack import health, processes
from deploy.stack.temporary import local_stack
from deploy.waiting import until

NORMAL_RATE = 150.0
"""Webhooks a second that count as normal here: 13 million a day."""

TIMES = 4
READY_S = 60.0
CALM_S = 10.0
"""For so long after a fault, what was to be tried again comes on top: no calm yet."""


@dataclass
class Report:
    """What was sent, what came of it, and how fast it was acknowledged."""

    webhooks: int
    rate: float
    sending: Sending
    kills: list[tuple[str, float, float]]
    problems: list[str]
    counts: dict[str, int] = field(default_factory=dict)

    @property
    def offered_per_s(self) -> float:
        """At what rate the sender sent first attempts."""
        return self.webhooks / self.sending.offering_s

    @property
    def answered_per_s(self) -> float:
        """At what rate requests were answered, whatever the answer, down times included."""
        answers = self.sending.answers.total() + self.sending.duplicates.total()
        return answers / self.sending.all_s

    @property
    def all_ms(self) -> dict[str, float]:
        """From an attempt that was acknowledged until then, faults included."""
        return percentiles([took * 1000 for _, took in self.sending.acknowledged])

    @property
    def calm_ms(self) -> dict[str, float]:
        """Of the attempts that were made while everything ran."""
        faults = [(since, until + CALM_S) for _, since, until in self.kills]
        return percentiles(
            [
                took * 1000
                for began, took in self.sending.acknowledged
                if not any(since < began + took and began < until for since, until in faults)
            ]
        )

    def as_dict(self) -> dict[str, Any]:
        return {
            "webhooks": self.webhooks,
            "offered_per_s": round(self.offered_per_s),
            "answered_per_s": round(self.answered_per_s),
            "answers": dict(self.sending.answers),
            "answers_to_duplicates": dict(self.sending.duplicates),
            "broken_attempts": self.sending.broken,
            "kills": [(name, round(until - since, 1)) for name, since, until in self.kills],
            "acknowledged_ms": {name: round(ms, 1) for name, ms in self.all_ms.items()},
            "acknowledged_calm_ms": {name: round(ms, 1) for name, ms in self.calm_ms.items()},
            "counts": self.counts,
            "problems": self.problems,
        }


def run(webhooks: int, kills: int, console: Console) -> Report:
    """Send `webhooks` on a stack of its own, with `kills` kills, of gateway and Kafka in turn."""
    with local_stack(taskmanagers=1, taskmanager_slots=1) as stack:
        console.print("starting a stack")
        stack.up()
        return measure(webhooks, NORMAL_RATE * TIMES, kills, 1, console.print)


def measure(
    webhooks: int, rate: float, kills: int, seed: int, say: Callable[[str], None]
) -> Report:
    """Send to the stack that `settings()` describes, and judge what is in its topics."""
    wait_until_ready()
    first, rest = list(products()), list(mixed(webhooks, seed))
    asyncio.run(_sender(seed).run(first, rate))
    say(f"sending {webhooks:,} webhooks, {rate:,.0f} a second")
    faults = Faults(kills, webhooks / rate, say)
    faults.start()
    sending = asyncio.run(_sender(seed).run(rest, rate))
    faults.join()
    say("reading what came of them")
    report = Report(webhooks, rate, sending, faults.kills, [])
    _judge(report, [*first, *rest])
    return report


def wait_until_ready() -> None:
    """Until the gateway can write; raises ShopstreamError if it cannot in a minute."""
    until(_ready, READY_S, "the gateway to be ready", "the log of the service `webhooks`")


def _wait_until_back(name: str) -> None:
    """Until the gateway can write again, and, if it was Kafka that was killed, Kafka serves."""
    if name == "kafka":
        until(_kafka_serves, READY_S, "Kafka to serve", "the log of the service `kafka`")
    wait_until_ready()


def _kafka_serves() -> bool:
    try:
        health.kafka(settings())
    except health.NotHealthy:
        return False
    return True


def _ready() -> bool:
    try:
        return httpx.get(f"{settings().webhooks_url}/ready", trust_env=False).status_code == 200
    except httpx.TransportError:
        return False


def _sender(seed: int) -> Sender:
    return Sender(settings().host, settings().webhooks_port, shops(settings()), seed)


class Faults(threading.Thread):
    """Kills gateway and Kafka in turn, evenly over `seconds`; their supervisor starts them anew."""

    def __init__(self, count: int, seconds: float, say: Callable[[str], None]) -> None:
        super().__init__(name="faults")
        self._count = count
        self._pause_s = seconds / (count + 1)
        self._say = say
        self.kills: list[tuple[str, float, float]] = []
        """What was killed, when, and when the gateway was ready again (monotonic seconds)."""

    def run(self) -> None:
        began = time.monotonic()
        for number in range(self._count):
            time.sleep(max(0.0, began + (number + 1) * self._pause_s - time.monotonic()))
            name = ("webhooks", "kafka")[number % 2]
            victim = processes.listener(getattr(settings(), f"{name}_port"))
            assert victim is not None, f"{name} does not run"
            since = time.monotonic()
            victim.kill()
            victim.wait()
            _wait_until_back(name)
            self.kills.append((name, since, time.monotonic()))
            self._say(f"killed {name}; ready again after {time.monotonic() - since:.1f} s")


def _judge(report: Report, sent: list[Webhook]) -> None:
    """Compare what was sent with what is in the topics."""
    expected = Counter(chain.from_iterable(webhook.expected for webhook in sent))
    by_kind = {kind: [w for w in sent if w.kind == kind] for kind in (VALID, GARBAGE, UNSIGNED)}
    found, letters, deliveries = _read()
    letters_expected = Counter(webhook.delivery_id for webhook in by_kind[GARBAGE])
    kept = Counter(webhook.delivery_id for webhook in by_kind[VALID] + by_kind[GARBAGE])
    compared: tuple[tuple[str, Counter[Any], Counter[Any]], ...] = (
        ("events", expected, found),
        ("dead letters", letters_expected, letters),
        ("deliveries", kept, deliveries),
    )
    for name, one, other in compared:
        missing, too_many = one - other, other - one
        if missing:
            report.problems.append(f"{missing.total()} {name} missing, such as {_first(missing)}")
        if too_many:
            report.problems.append(f"{too_many.total()} {name} too many: {_first(too_many)}")
    if report.sending.given_up:
        report.problems.append(f"{len(report.sending.given_up)} webhooks were never acknowledged")
    if report.sending.answers[401] != len(by_kind[UNSIGNED]):
        report.problems.append(
            f"{len(by_kind[UNSIGNED])} wrong signatures, {report.sending.answers[401]} refused"
        )
    report.counts = {
        "valid": len(by_kind[VALID]),
        "events": found.total(),
        "garbage": len(by_kind[GARBAGE]),
        "dead_letters": letters.total(),
        "wrong_signatures": len(by_kind[UNSIGNED]),
        "refused": report.sending.answers[401],
        "sent_again": report.sending.duplicates.total(),
    }


def _read() -> tuple[Counter[Any], Counter[str], Counter[str]]:
    """The events by identity, the dead letters and the deliveries by delivery id."""
    found: Counter[Any] = Counter()
    letters: Counter[str] = Counter()
    deliveries: Counter[str] = Counter()
    topics = (*IDENTITY, DEAD_LETTERS, DELIVERIES)
    with LogReader(settings().kafka_bootstrap, Registry(settings().registry_url), topics) as reader:
        while not reader.at_end:
            for entry in reader.read(0.5):
                record = entry.record
                assert record is not None, f"{entry.topic}: a record that does not decode"
                if entry.topic == DEAD_LETTERS:
                    letters[record["record_key"].decode()] += 1
                elif entry.topic == DELIVERIES:
                    deliveries[record["delivery_id"]] += 1
                elif not record["event_id"].startswith("default-"):
                    found[IDENTITY[entry.topic](record)] += 1
    return found, letters, deliveries


def _first(counter: Counter[Any]) -> str:
    return f"{next(iter(counter))!r:.150}"
