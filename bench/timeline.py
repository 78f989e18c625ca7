"""Timelines of an order, a customer and a sku among a million events: how long a person waits."""

import json
import time
from dataclasses import dataclass, field
from statistics import median
from typing import Any, Final

from rich.console import Console

from bench import clickstream_load, fraud_load, load
from bench.runs import Record, write
from deploy.stack.temporary import LocalStack, local_stack

SHARES: Final = {"clicks": 0.5, "stock": 0.3, "orders": 0.1, "steps": 0.1}
"""Of all events; a step is the first one of an order's life."""

CUSTOMERS, SKUS, SEED = 20_000, 2_000, 1


@dataclass
class Waits:
    """From the command to its answer (s), of each run, and how many events it told."""

    told: int = 0
    seconds: list[float] = field(default_factory=list)

    @property
    def middle(self) -> float:
        return median(self.seconds)

    def __str__(self) -> str:
        spread = f"{min(self.seconds):.1f} to {max(self.seconds):.1f}"
        return f"{self.middle:.1f} s ({spread}), {len(self.seconds)} runs, {self.told:,} events"


@dataclass
class Report:
    """events: in the log. waits: by what was asked for."""

    events: int
    waits: dict[str, Waits]

    def as_dict(self) -> dict[str, Any]:
        return {
            "events": self.events,
            "waits": {
                name: {"told": of.told, "median_s": of.middle, "seconds": of.seconds}
                for name, of in self.waits.items()
            },
        }


def run(events: int, runs: int, console: Console) -> Report:
    """Write about so many events to a stack of its own, and ask for timelines `runs` times."""
    with local_stack() as stack:
        console.print("starting a stack")
        stack.up()
        console.print(f"writing {events:,} events")
        order_id, written = _write(events)
        asked = {"order": order_id, "customer": "customer-7", "sku": "sku-7"}
        waits = {kind: Waits() for kind in asked}
        for _ in range(runs):
            for kind, name in asked.items():
                seconds, waits[kind].told = _asked(stack, kind, name)
                waits[kind].seconds.append(seconds)
        return Report(written, waits)


def _asked(stack: LocalStack, kind: str, name: str) -> tuple[float, int]:
    """How long the command took (s), and how many events it told."""
    started = time.monotonic()
    answer = stack.demand("timeline", kind, name, "--json")
    return time.monotonic() - started, len(json.loads(answer.stdout)["events"])


def _write(events: int) -> tuple[str, int]:
    """Write the events; returns the id of an order among them, and how many there are."""
    count = {name: round(events * share) for name, share in SHARES.items()}
    orders = list(fraud_load.orders(count["orders"], CUSTOMERS, SEED))
    written = write(clickstream_load.CLICKS, clickstream_load.clicks(count["clicks"], 5, SEED))
    written += write(load.EVENTS, load.mixed(count["stock"], SKUS, SEED))
    written += write(fraud_load.ORDERS, orders)
    written += write("orders.lifecycle", map(_step, orders[: count["steps"]]))
    return str(orders[len(orders) // 2]["order_id"]), written


def _step(order: Record) -> Record:
    return {
        "event_id": f"{order['event_id']}#0",
        "event_time": order["event_time"],
        "order_id": order["order_id"],
        "customer_id": order["customer_id"],
        "from_state": "INITIATED",
        "to_state": "INITIATED",
        "cause": "PLACED",
        "explanation": "placed",
        "sequence": 1,
        "cause_id": order["event_id"],
    }
