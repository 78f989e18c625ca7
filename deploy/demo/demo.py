"""The demo: the whole suite on live simulated traffic, watched, then judged from the log alone."""

import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from rich.console import Console
from rich.live import Live

import jobs
from connectors.registry import Registry
from connectors.settings import Settings
from deploy.audit.inventory.log import audit_topics
from deploy.audit.log import LogReader
from deploy.audit.verdict import Verdict
from deploy.cluster import FlinkCluster
from deploy.demo.live import TOPICS, LiveView
from deploy.simulate.sender import simulate
from deploy.simulate.sending import Tally
from deploy.stack import stack

RATE = 200.0
SETTLE_DEADLINE_S = 90.0
LINE_EVERY_S = 5.0
READ_S = 0.05


@dataclass(frozen=True)
class Findings:
    """What a demo found."""

    sent: Tally
    view: LiveView
    verdict: Verdict
    seconds: float

    def as_dict(self) -> dict[str, Any]:
        return {
            "ok": self.verdict.ok,
            "seconds": round(self.seconds, 1),
            "sent": dict(self.sent.rows()),
            "decisions": dict(self.view.decisions),
            "dead_letters": dict(self.view.dead_letters),
            "readable_after_ms": {k: round(v) for k, v in self.view.latency_ms().items()},
            "verdict": self.verdict.as_dict(),
        }


def run(settings: Settings, console: Console, seconds: float, seed: int) -> Findings:
    """Bring all up, open the shop for `seconds`, and judge what the jobs made of it."""
    started = time.monotonic()
    stack.up(lambda line: console.print(line, highlight=False, markup=False))
    _submit(FlinkCluster(settings), console)
    registry = Registry(settings.registry_url)
    console.print(f"the shop is open for {seconds:.0f} s at {RATE:.0f} events/s")
    with (
        LogReader(settings.kafka_bootstrap, registry, TOPICS, from_beginning=False) as reader,
        ThreadPoolExecutor(1) as shop,
    ):
        sending = shop.submit(
            simulate, settings.kafka_bootstrap, registry, seconds=seconds, rate=RATE, seed=seed
        )
        view = _watch(reader, sending, console)
    console.print("the shop is closed; folding the whole log, independently of the jobs")
    verdict = audit_topics(settings.kafka_bootstrap, registry, SETTLE_DEADLINE_S)
    return Findings(sending.result(), view, verdict, time.monotonic() - started)


def _submit(cluster: FlinkCluster, console: Console) -> None:
    """Submit the jobs that do not run yet."""
    running = {job.name for job in cluster.jobs()}
    for name in jobs.names():
        if name not in running:
            console.print(f"submitting {name}")
            cluster.submit(name)
    for name in jobs.names():
        cluster.wait_until_deciding(name)
        console.print(f"{name} is running")


def _watch(reader: LogReader, sending: Future[Tally], console: Console) -> LiveView:
    """Show the log until the shop has closed and its last events have been answered."""
    view = LiveView()
    started = time.monotonic()
    with _display(view, console) as show:
        while not sending.done() or not reader.at_end:
            for entry in reader.read(READ_S):
                view.take(entry)
            show(time.monotonic() - started)
    return view


@contextmanager
def _display(view: LiveView, console: Console) -> Iterator[Any]:
    """A function that shows the view: redrawn in a terminal, a line now and then elsewhere."""
    if console.is_terminal:
        with Live(console=console, refresh_per_second=4) as live:
            yield lambda elapsed: live.update(view.render(elapsed))
        return
    next_line = 0.0

    def print_line(elapsed: float) -> None:
        nonlocal next_line
        if elapsed >= next_line:
            console.print(view.line(elapsed), highlight=False, soft_wrap=True)
            next_line = elapsed + LINE_EVERY_S

    yield print_line
