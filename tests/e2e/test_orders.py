"""2,000 simulated orders through fraud, orders and inventory, while a TaskManager is killed."""

import os
import signal
import threading
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from connectors.registry import Registry
from connectors.settings import settings
from deploy.audit.fraud.log import audit_topics as audit_fraud
from deploy.audit.inventory.log import audit_topics as audit_inventory
from deploy.audit.orders.log import audit_topics as audit_orders
from deploy.cluster import FlinkCluster
from deploy.simulate.sender import simulate
from deploy.simulate.sending import Tally
from deploy.stack.temporary import LocalStack, local_stack

ORDERS, OPEN_S, KILL_AFTER_S = 2_000, 40.0, 15.0
DEADLINE_S = 120.0
JOBS = ("fraud", "orders", "inventory")


@dataclass
class Shop:
    """A shop that has closed, and what was sent to it."""

    registry: Registry
    tally: Tally
    restarts: int


@pytest.fixture(scope="module")
def shop() -> Iterator[Shop]:
    """A stack of its own: the audits judge whole topics, so nobody else may write to them."""
    with local_stack() as stack:
        stack.up()
        stack.demand("submit", *JOBS, "--wait")
        registry, cluster = Registry(settings().registry_url), FlinkCluster(settings())
        accident = threading.Timer(KILL_AFTER_S, _kill, (stack,))
        accident.start()
        tally = simulate(
            settings().kafka_bootstrap,
            registry,
            seconds=OPEN_S,
            rate=50,
            seed=7,
            orders_total=ORDERS,
            clicks=0,
        )
        accident.join()
        restarts = sum(job.restarts for job in cluster.jobs())
        yield Shop(registry, tally, restarts)


def _kill(stack: LocalStack) -> None:
    os.kill(int(str(stack.services()["taskmanager-1"]["pid"])), signal.SIGKILL)


@pytest.mark.timeout(420)
def test_every_order_ends_or_waits_explained_and_money_and_stock_add_up(shop: Shop) -> None:
    assert shop.restarts, "the jobs felt the loss of a TaskManager"
    assert len(shop.tally.labels) == ORDERS
    verdict = audit_orders(settings().kafka_bootstrap, shop.registry, DEADLINE_S)
    assert verdict.ok, str(verdict)


@pytest.mark.timeout(240)
def test_every_order_has_one_decision_however_often_it_was_written(shop: Shop) -> None:
    verdict = audit_fraud(settings().kafka_bootstrap, shop.registry, DEADLINE_S)
    assert verdict.ok, str(verdict)


@pytest.mark.timeout(240)
def test_no_unit_was_promised_twice_meanwhile(shop: Shop) -> None:
    verdict = audit_inventory(settings().kafka_bootstrap, shop.registry, DEADLINE_S)
    assert verdict.ok, str(verdict)
