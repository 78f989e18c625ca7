"""A shop of four jobs whose TaskManagers and Postgres are killed while it is open."""

import os
import signal
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass

from support.waiting import until

from closed_shop.others import send_what_other_jobs_write
from connectors.clock import now_ms
from connectors.registry import Registry
from connectors.settings import settings
from deploy.cluster import FlinkCluster
from deploy.simulate.sender import simulate
from deploy.simulate.sending import Tally
from deploy.stack.temporary import LocalStack, local_stack

JOBS = ("fraud", "orders", "inventory", "readmodel")
ORDERS, OPEN_S, RATE = 2_000, 40.0, 50
DIES_AFTER_S = {"taskmanager-1": 12.0, "taskmanager-2": 24.0, "postgres": 24.0}
RECOVERS_WITHIN_S, SETTLES_WITHIN_S = 600.0, 900.0


@dataclass
class Shop:
    """What was sent to it, and how often each of its jobs was restarted, by name."""

    stack: LocalStack
    registry: Registry
    tally: Tally
    restarts: dict[str, int]


@contextmanager
def closed_shop() -> Iterator[Shop]:
    """On a stack of its own: the audits judge whole topics, so nobody else may write to them."""
    with local_stack() as stack:
        stack.up()
        stack.demand("submit", *JOBS, "--wait")
        flink, registry = FlinkCluster(settings()), Registry(settings().registry_url)
        send_what_other_jobs_write(registry)
        tally = _sent(stack, flink, registry)
        restarts = {job.name: job.restarts for job in flink.jobs()}
        yield Shop(stack, registry, tally, restarts)


def _sent(stack: LocalStack, flink: FlinkCluster, registry: Registry) -> Tally:
    """What a shop sends that is there until all jobs go on after its accidents, and have settled:
    until then, their silence says nothing."""
    accidents = [
        threading.Timer(after_s, _kill, (stack, service))
        for service, after_s in DIES_AFTER_S.items()
    ]
    all_go_on = threading.Event()
    with ThreadPoolExecutor(1) as pool:
        shop = pool.submit(
            simulate,
            settings().kafka_bootstrap,
            registry,
            seconds=OPEN_S,
            rate=RATE,
            seed=7,
            orders_total=ORDERS,
            clicks=0,
            drain_s=SETTLES_WITHIN_S,
            is_awaited=lambda: not all_go_on.is_set(),
        )
        try:
            for accident in accidents:
                accident.start()
            for accident in accidents:
                accident.join()
            over = now_ms()
            until(
                lambda: not any(flink.behind(job, over) for job in JOBS),
                "all jobs to go on after the accidents",
                RECOVERS_WITHIN_S,
            )
        finally:
            all_go_on.set()
    return shop.result()


def _kill(stack: LocalStack, service: str) -> None:
    os.kill(int(str(stack.services()[service]["pid"])), signal.SIGKILL)
