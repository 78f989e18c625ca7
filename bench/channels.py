"""Sales channels: bursts of stock changes under a limit, on a stack of the benchmark's own.

Beside it, in virtual time on the same policies: what the same burst costs if every change is sent.
"""

import json
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from random import Random
from typing import Any, Final

from rich.console import Console

from bench.runs import write
from bench.storefront import Storefront
from connectors.channels.updates import STOCK
from connectors.clock import now_ms
from connectors.delivery.answer import Answer, Outcome
from connectors.delivery.making import outbox_for
from connectors.delivery.outbox import Update
from connectors.delivery.progress import Place, Progress
from connectors.destinations import Destination
from connectors.reading import RawRecord
from deploy.stack.temporary import local_stack
from deploy.waiting import until

CHANGES, SKUS, RATE = 1_000, 100, 2.0
DEADLINE_S: Final = 300.0
_TAKEN: Final = Answer(Outcome.DELIVERED, "status 200")


@dataclass(frozen=True)
class Burst:
    """What a burst took until the channel had the right stock of every sku."""

    skus: int
    calls: int
    seconds: float
    wrong: int


@dataclass
class Report:
    """Everything that was measured; `latest` and `every` in virtual time."""

    bursts: list[Burst]
    limited: int
    most_within_a_second: int
    latest: Burst
    every: Burst

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def run(bursts: int, console: Console) -> Report:
    """Measure `bursts` bursts, each once the one before it has arrived."""
    with Storefront(RATE) as market:
        channel = {"url": market.url, "rate_per_s": RATE, "updates": ["stock"]}
        with local_stack(taskmanagers=1, channels=json.dumps({"market": channel})) as stack:
            console.print("starting a stack with a sales channel")
            stack.up()
            measured = []
            for number in range(bursts):
                measured.append(_burst(market, number))
                console.print(f"{measured[-1]}", highlight=False)
        limited, most = market.limited, market.most_within(1.0)
    return Report(measured, limited, most, _virtual(latest_only=True), _virtual(latest_only=False))


def _burst(market: Storefront, number: int) -> Burst:
    changes = list(_changes(number))
    last = {change["sku"]: change["available"] for change in changes}
    before, started = len(market.calls), time.monotonic()
    write(STOCK, changes)
    until(
        lambda: not _wrong(market, last),
        DEADLINE_S,
        "the channel to have every sku's stock",
        "the log of the service `channels`",
    )
    seconds = time.monotonic() - started
    return Burst(len(last), len(market.calls) - before, seconds, _wrong(market, last))


def _wrong(market: Storefront, expected: dict[str, int]) -> int:
    known = dict(market.stock)
    return sum(known.get(sku, {}).get("available") != there for sku, there in expected.items())


def _changes(burst: int) -> Iterator[dict[str, Any]]:
    random = Random(burst)
    for number in range(burst * CHANGES + 1, (burst + 1) * CHANGES + 1):
        sku = f"sku-{random.randrange(SKUS)}"
        yield {
            "event_id": f"{sku}/{number}",
            "event_time": now_ms(),
            "sku": sku,
            "warehouse_id": "berlin",
            "total": number,
            "reserved": 0,
            "committed": 0,
            "available": number,
            "version": number,
        }


def _virtual(*, latest_only: bool) -> Burst:
    """A burst at once, to a channel that takes everything at once, within the same limit."""
    progress = Progress()
    outbox = outbox_for(Destination(rate_per_s=RATE), progress.release)
    last: dict[str, int] = {}
    for change in _changes(0):
        sku, available = change["sku"], change["available"]
        last[sku] = available
        progress.hold(Place(STOCK, 0, available))
        record = RawRecord(STOCK, 0, available, 0, None, None)
        state = available if latest_only else None
        outbox.put(Update(sku, available, change["event_id"], record, state))
    now, known = 0.0, dict[str, int]()
    while not outbox.is_empty:
        turn = outbox.next(now)
        if isinstance(turn, Update):
            known[turn.lane] = turn.content
            outbox.answered(turn, _TAKEN, now)
            outbox.settle(turn)
        else:
            now = turn
    wrong = sum(known[sku] != available for sku, available in last.items())
    return Burst(len(last), outbox.counts.calls, now, wrong)
