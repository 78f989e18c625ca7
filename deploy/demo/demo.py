"""The demo: the whole suite on live simulated traffic, watched, then judged from the log alone."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Any, Final

from rich.console import Console
from rich.live import Live

import jobs
from connectors.clock import now_ms
from connectors.registry import Registry
from connectors.settings import Settings
from deploy.audit.engagement import log as engagement_log
from deploy.audit.fraud import Quality, quality
from deploy.audit.fraud import log as fraud_log
from deploy.audit.inventory import log as inventory_log
from deploy.audit.log import LogReader
from deploy.audit.orders import log as orders_log
from deploy.audit.pricing import log as pricing_log
from deploy.audit.verdict import Verdict
from deploy.cluster import FlinkCluster
from deploy.demo.live import TOPICS, LiveView
from deploy.demo.story import Story
from deploy.readmodel.check import drifts, verdict
from deploy.readmodel.models import READ_MODELS
from deploy.simulate.engagement import hasty_policies
from deploy.simulate.pricing import hasty_prices
from deploy.simulate.sender import publish, simulate
from deploy.simulate.sending import Sending, Tally
from deploy.stack import stack

RATE = 200.0
SETTLE_DEADLINE_S = 180.0
# messages go on for minutes after the shop has closed; those that are not due yet are not judged
MESSAGES_DEADLINE_S = 20.0
TABLES_DEADLINE_S = 30.0
LINE_EVERY_S = 5.0
READ_S = 0.05

HASTY: Final[Mapping[str, Callable[[int], Iterator[Sending]]]] = {
    "engagement": hasty_policies,
    "pricing": hasty_prices,
}
"""What is published before a job starts, so that a minute shows what otherwise takes hours."""

SUBMITTED: Final = tuple(name for name in jobs.names() if name != "cdc")
"""All but the job that would overwrite what is published here with what the shop's tables say."""


@dataclass(frozen=True)
class Findings:
    """What a demo found: `verdicts` are those of all domains."""

    sent: Tally
    view: LiveView
    verdicts: Sequence[Verdict]
    quality: Quality
    seconds: float

    @property
    def story(self) -> Story:
        return Story(self.view.prices, self.view.messages, self.sent.surging)

    @property
    def ok(self) -> bool:
        """Whether all of it holds."""
        return all(verdict.ok for verdict in self.judged)

    @property
    def judged(self) -> list[Verdict]:
        """All verdicts, that on what the demo had to show last."""
        return [*self.verdicts, self.story.verdict()]

    def as_dict(self) -> dict[str, Any]:
        """For JSON; `verdict` is of the whole shop, `verdicts` by domain."""
        verdicts = {verdict.domain: verdict.as_dict() for verdict in self.judged}
        return {
            "ok": self.ok,
            "seconds": round(self.seconds, 1),
            "sent": dict(self.sent.rows()),
            "decisions": dict(self.view.decisions),
            "dead_letters": dict(self.view.dead_letters),
            "readable_after_ms": {k: round(v) for k, v in self.view.latency_ms().items()},
            "funnel": self.view.funnel.counts(),
            "bands": self.view.bands.counts(),
            "prices": self.view.prices.as_dict(),
            "promotions": [asdict(held) for held in self.view.prices.promotions()],
            "engagement": self.view.messages.as_dict(),
            "quality": self.quality.as_dict(),
            "verdict": {"ok": self.ok, "domains": list(verdicts)},
            "verdicts": verdicts,
        }


def run(settings: Settings, console: Console, seconds: float, seed: int) -> Findings:
    """Bring all up, open the shop for `seconds`, and judge what the jobs made of it."""
    started = time.monotonic()
    stack.up(lambda line: console.print(line, highlight=False, markup=False))
    registry = Registry(settings.registry_url)
    _submit(FlinkCluster(settings), settings.kafka_bootstrap, registry, console)
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
    verdicts = _audit(settings.kafka_bootstrap, registry)
    verdicts.append(verdict(drifts(READ_MODELS.values(), settings, TABLES_DEADLINE_S)))
    sent = sending.result()
    labels = {order_id: label.name for order_id, label in sent.labels.items()}
    told = quality(view.bands.decisions.values(), labels)
    return Findings(sent, view, verdicts, told, time.monotonic() - started)


def _audit(bootstrap: str, registry: Registry) -> list[Verdict]:
    """The verdict on each job; the orders first, since they still move stock while they settle."""
    orders, fraud, inventory = (
        domain.audit_topics(bootstrap, registry, SETTLE_DEADLINE_S)
        for domain in (orders_log, fraud_log, inventory_log)
    )
    pricing = pricing_log.audit_topics(bootstrap, registry, SETTLE_DEADLINE_S)
    engagement = engagement_log.audit_topics(bootstrap, registry, MESSAGES_DEADLINE_S)
    return [inventory, orders, fraud, pricing, engagement]


def _submit(cluster: FlinkCluster, bootstrap: str, registry: Registry, console: Console) -> None:
    """Submit the jobs that do not run yet, each with the hasty policies that it has."""
    running = {job.name for job in cluster.jobs()}
    absent = [name for name in SUBMITTED if name not in running]
    for name, policies in HASTY.items():
        if name in absent:
            publish(bootstrap, registry, policies(now_ms()))
    if absent:
        console.print(f"submitting {', '.join(absent)}")
        cluster.submit(absent)
    for name in SUBMITTED:
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
