"""A run: a stack of its own, the shop open, faults one after the other, and the verdict."""

import json
import shutil
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from threading import Event
from typing import Any, Final

from connectors.clock import now_ms
from connectors.errors import ShopstreamError
from connectors.registry import Registry
from connectors.settings import Settings, settings
from deploy.audit.clickstream import log as clickstream_log
from deploy.audit.clickstream.fold import DEMAND, PANE_MS
from deploy.audit.fraud import log as fraud_log
from deploy.audit.inventory import log as inventory_log
from deploy.audit.log import Entry, LogReader
from deploy.audit.orders import log as orders_log
from deploy.audit.verdict import Verdict
from deploy.chaos.inflict import Havoc
from deploy.chaos.proof import prove
from deploy.chaos.recovery import LIMIT_S, Recovered, Recovery
from deploy.chaos.schedule import Fault, schedule
from deploy.chaos.watch import OUTPUTS, TOPICS, Watch
from deploy.simulate.clicks import CLICKS
from deploy.simulate.sender import publish, simulate
from deploy.simulate.sending import Kind, Sending, Tally
from deploy.stack.paths import StackPaths
from deploy.stack.services import services
from deploy.stack.temporary import LocalStack, local_stack

Say = Callable[[str], None]

FAULTS_PER_MINUTE: Final = 2
LONGEST_OUTAGE_S: Final = 120.0
# A job goes on when it has completed a checkpoint: those that are as rare as fraud's would hide it.
CHECKPOINTED_OFTEN: Final = {"fraud": {"checkpoint_interval_ms": 5_000}}
# Of each stock event there is half a click and a 20th of an order, which has some eight records;
# a little less than that, so that there are rather too many.
EVENTS_PER_STOCK_EVENT: Final = 1.8
# The shop is open for so much longer than the faults are planned to take: recoveries take their
# time, and a machine that is full without them tells of itself.
OPEN_PER_FAULTS: Final = 1.5
PATIENCE_S: Final = 600.0
REST_S: Final = 2.0
SETTLE_S: Final = 180.0
TIME_PASSES_S: Final = 60.0
READ_S: Final = 1.0


@dataclass(frozen=True)
class Plan:
    """What a run is to be: two faults a minute for `minutes` (>= 3), which hang on the seed.

    events: how many are sent at least, spread over the time that the faults are expected to take.
    limit_s: how long it may take after a fault until all goes on.
    """

    minutes: float
    seed: int
    events: int
    limit_s: float = LIMIT_S

    @property
    def faults(self) -> list[Fault]:
        return schedule(self.seed, round(self.minutes * FAULTS_PER_MINUTE), LONGEST_OUTAGE_S)

    @property
    def open_s(self) -> float:
        """How long the shop is open at least."""
        return self.minutes * 60 * OPEN_PER_FAULTS


@dataclass(frozen=True)
class Findings:
    """What a run found; `seconds` is how long it took with all that belongs to it."""

    seed: int
    sent: Tally
    faults: list[Recovered]
    verdicts: list[Verdict]
    seconds: float

    @property
    def ok(self) -> bool:
        return all(verdict.ok for verdict in self.verdicts)

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "ok": self.ok,
            "seed": self.seed,
            "seconds": round(self.seconds, 1),
            "events": self.sent.total,
            "faults": [{"ok": fault.ok, **asdict(fault)} for fault in self.faults],
            "verdicts": {verdict.domain: verdict.as_dict() for verdict in self.verdicts},
        }


def run(say: Say, plan: Plan, keep_logs: Path | None = None) -> Findings:
    """Open the shop on a stack of its own, with faults by plan.

    keep_logs: where the services' logs go if something does not hold.
    """
    started = time.monotonic()
    with local_stack(
        taskmanagers=2,
        taskmanager_slots=3,
        parallelism=1,
        jobs=json.dumps(CHECKPOINTED_OFTEN),
    ) as stack:
        say("starting a stack and the jobs")
        stack.up()
        stack.demand("submit", *OUTPUTS)
        sent, faults, verdicts = _ordeal(stack, settings(), say, plan)
        findings = Findings(plan.seed, sent, faults, verdicts, time.monotonic() - started)
        if keep_logs is not None and not findings.ok:
            shutil.copytree(StackPaths.of(settings()).logs, keep_logs, dirs_exist_ok=True)
            say(f"the services' logs are in {keep_logs}")
    return findings


def _ordeal(
    stack: LocalStack, current: Settings, say: Say, plan: Plan
) -> tuple[Tally, list[Recovered], list[Verdict]]:
    """What was sent, the faults that were inflicted meanwhile, and what came of it."""
    bootstrap, registry = current.kafka_bootstrap, Registry(current.registry_url)
    planned = plan.faults
    with Watch(bootstrap, registry) as watch:
        recovery = Recovery(current.flink_url, services(current), watch, plan.limit_s)
        with _open_shop(bootstrap, registry, plan) as shop:
            if missing := recovery.wait(now_ms()):
                raise ShopstreamError(f"expected all jobs to run before the first fault: {missing}")
            say(f"the shop is open; {len(planned)} faults are coming (seed {plan.seed})")
            pace_s = plan.minutes * 60 / len(planned)
            faults = list(_inflict(Havoc(stack, current), recovery, planned, pace_s, say))
        say("the shop is closed; folding the whole log, independently of the jobs")
        _let_time_pass(bootstrap, registry, watch)
        verdicts = [
            domain.audit_topics(bootstrap, registry, SETTLE_S)
            for domain in (orders_log, fraud_log, inventory_log, clickstream_log)
        ]
        log = _whole_log(bootstrap, registry)
    sent = shop.result()
    verdict = prove(
        plan.events,
        sent.total,
        len(planned),
        faults,
        plan.limit_s,
        current.transaction_timeout_ms / 1000,
        watch.seen,
        log,
    )
    return sent, faults, [verdict, *verdicts]


@contextmanager
def _open_shop(bootstrap: str, registry: Registry, plan: Plan) -> Iterator[Future[Tally]]:
    """The shop is open until the context ends, for its time at least; then until orders settle."""
    closes = Event()
    with ThreadPoolExecutor(1) as pool:
        shop = pool.submit(
            simulate,
            bootstrap,
            registry,
            seconds=plan.open_s,
            rate=plan.events / EVENTS_PER_STOCK_EVENT / plan.open_s,
            seed=plan.seed,
            stays_open=lambda: not closes.is_set(),
            patience_s=PATIENCE_S,
        )
        try:
            yield shop
        finally:
            closes.set()


def _inflict(
    havoc: Havoc, recovery: Recovery, planned: list[Fault], pace_s: float, say: Say
) -> Iterator[Recovered]:
    """The faults, each when all goes on after the last, but no sooner than the pace has it.

    Ends early after one from which there was no recovery: what came of the next would say nothing.
    """
    opened = time.monotonic()
    for number, fault in enumerate(planned):
        time.sleep(max(REST_S, opened + number * pace_s - time.monotonic()))
        began = time.monotonic()
        hit = havoc.inflict(fault)
        spent_s = time.monotonic() - began - fault.seconds
        missing = recovery.wait(now_ms(), spent_s)
        took_s = time.monotonic() - began - fault.seconds
        found = Recovered(
            fault=str(fault),
            hit=hit,
            at_s=round(began - opened, 1),
            outage_s=round(fault.seconds, 1),
            recovery_s=None if missing else round(took_s, 1),
            missing=missing,
        )
        say(_told(found))
        yield found
        if missing:
            return


def _told(found: Recovered) -> str:
    outcome = f"all goes on after {found.recovery_s} s" if found.ok else f"FAIL {found.missing}"
    return f"  {found.at_s:5.0f} s  {found.fault} ({found.hit}): {outcome}"


def _let_time_pass(bootstrap: str, registry: Registry, watch: Watch) -> None:
    """Somebody hovers on, which counts for nothing, until all that does is counted."""
    until, started = now_ms() + PANE_MS, time.monotonic()
    turn = 0
    while watch.newest([DEMAND]) < until and time.monotonic() < started + TIME_PASSES_S:
        turn += 1
        publish(bootstrap, registry, (_hover(f"idler-{n}", turn) for n in range(16)))
        time.sleep(READ_S)


def _hover(visitor_id: str, turn: int) -> Sending:
    now = now_ms()
    record = {
        "event_id": f"{visitor_id}-{turn}-{now}",
        "event_time": now,
        "visitor_id": visitor_id,
        "event_type": "HOVER",
    }
    return Sending(Kind.CLICK, CLICKS, visitor_id, record, now)


def _whole_log(bootstrap: str, registry: Registry) -> list[Entry]:
    entries = []
    with LogReader(bootstrap, registry, TOPICS) as reader:
        while not reader.at_end:
            entries += reader.read(READ_S)
    return entries
