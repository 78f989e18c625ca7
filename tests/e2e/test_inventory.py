"""The inventory job on a real cluster: real Kafka, read_committed, TaskManagers that die."""

import os
import signal
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from support.live_topics import DEADLINE_S, LiveTopics, Record, Sender

from connectors.clock import now_ms
from connectors.kafka import Publisher
from connectors.settings import settings
from deploy.audit.inventory.log import audit_topics
from deploy.cluster import FlinkCluster
from deploy.stack.temporary import LocalStack

OUTPUTS = ("inventory.reservations", "inventory.availability", "inventory.alerts", "dlq")
SHOPPERS, UNITS = 200, 50


class Shop(LiveTopics):
    """Writes events and reads what the job made of them."""

    def of(self, name: str, sku: str) -> list[Record]:
        """The outputs for a sku in the order of its steps."""
        found = [record for record in self.seen[f"inventory.{name}"] if record["sku"] == sku]
        return sorted(found, key=lambda record: record["sequence"])

    def dead_letters(self) -> list[Record]:
        return [letter for letter in self.seen["dlq"] if letter["job"] == "inventory"]


@pytest.fixture(scope="module")
def cluster(stack: LocalStack) -> Iterator[FlinkCluster]:
    """The cluster with the inventory job deciding on two subtasks."""
    assert stack.run("submit", "inventory", "--wait").returncode == 0
    yield FlinkCluster(settings())
    stack.run("stop", "inventory")


@pytest.fixture(scope="module")
def shop(cluster: FlinkCluster) -> Iterator[Shop]:
    assert cluster.job("inventory") is not None
    shop = Shop(OUTPUTS)
    yield shop
    shop.close()


def event(event_id: str, event_type: str, sku: str, **fields: Any) -> Record:
    now = now_ms()
    return {"event_id": event_id, "event_time": now, "event_type": event_type, "sku": sku, **fields}


def race(shop: Shop, sku: str, rush: Callable[[], None] = lambda: None) -> None:
    """200 shoppers in 8 lines want one unit each of 50, while other skus keep all partitions busy.

    `rush` is called when half of them have asked.
    """
    for warehouse, quantity in (("berlin", 30), ("lyon", 20)):
        restock_id = f"{sku}-{warehouse}"
        shop.send(
            "inventory.events",
            event(restock_id, "RESTOCKED", sku, warehouse_id=warehouse, quantity=quantity),
        )
    halfway = threading.Barrier(9, timeout=DEADLINE_S)

    def stand_in_line(number: int) -> None:
        with Sender(shop.registry) as sender:
            for turn in range(SHOPPERS // 8):
                if turn == SHOPPERS // 16:
                    halfway.wait()
                shopper = f"{sku}-{number}-{turn}"
                ask = event(shopper, "RESERVE_REQUESTED", sku, reservation_id=shopper, quantity=1)
                noise = [
                    event(f"{shopper}-{n}", "RESTOCKED", f"noise-{n}", warehouse_id="x", quantity=1)
                    for n in range(4)
                ]
                sender.send("inventory.events", ask, *noise)

    lines = [threading.Thread(target=stand_in_line, args=(number,)) for number in range(8)]
    for line in lines:
        line.start()
    halfway.wait()
    rush()
    for line in lines:
        line.join(DEADLINE_S)


def assert_sold_exactly_once(shop: Shop, sku: str) -> None:
    shop.wait_for(lambda: len(shop.of("reservations", sku)) >= SHOPPERS, f"{SHOPPERS} answers")
    shop.wait_for(lambda: len(shop.of("alerts", sku)) >= 1, "the alert")
    answers = shop.of("reservations", sku)
    assert Counter(answer["status"] for answer in answers) == {
        "RESERVED": UNITS,
        "REJECTED": SHOPPERS - UNITS,
    }
    assert len({answer["reservation_id"] for answer in answers}) == SHOPPERS
    assert [alert["alert_type"] for alert in shop.of("alerts", sku)] == ["OUT_OF_STOCK"]


def test_two_hundred_shoppers_race_for_fifty_units(shop: Shop) -> None:
    race(shop, "race")
    assert_sold_exactly_once(shop, "race")


def test_they_race_while_a_taskmanager_is_killed(
    shop: Shop, stack: LocalStack, cluster: FlinkCluster
) -> None:
    def restarts() -> int:
        job = cluster.job("inventory")
        return 0 if job is None else job.restarts

    def kill_a_taskmanager() -> None:
        for name, service in stack.services().items():  # in either of them the job may run
            if name.startswith("taskmanager"):
                os.kill(int(str(service["pid"])), signal.SIGKILL)

    before = restarts()
    race(shop, "race-killed", rush=kill_a_taskmanager)

    assert_sold_exactly_once(shop, "race-killed")
    shop.wait_for(lambda: restarts() > before, "the job to say that it felt the loss")


def test_a_skus_order_is_kept_through_batches_and_a_restore(shop: Shop, stack: LocalStack) -> None:
    skus = [f"ordered-{number}" for number in range(24)]

    def wave(number: int) -> None:
        shop.send(
            "inventory.events",
            *(
                event(
                    f"{sku}-{number:02d}-{turn:03d}",
                    "ADJUSTED",
                    sku,
                    warehouse_id="berlin",
                    quantity=1 + turn % 3,
                )
                for turn in range(50)
                for sku in skus
            ),
        )

    wave(1)
    stopped = stack.run("stop", "inventory", "--savepoint")
    assert stopped.returncode == 0, stopped.stderr
    wave(2)
    resumed = stack.run("submit", "inventory", "--wait")
    assert "resumed from" in resumed.stdout, resumed.stderr
    wave(3)

    shop.wait_for(
        lambda: all(len(shop.of("availability", sku)) >= 150 for sku in skus), "every event"
    )
    for sku in skus:
        causes = [record["cause"] for record in shop.of("availability", sku)]
        assert causes == sorted(causes)
        assert len(causes) == 150
        totals = [record["total"] for record in shop.of("availability", sku)]
        assert totals == sorted(totals)


def test_a_policy_changes_at_run_time_and_a_quiet_topic_still_releases(shop: Shop) -> None:
    sku = "patient"
    policy = {
        "event_id": "p-patient",
        "event_time": now_ms(),
        "sku": sku,
        "reservation_timeout_s": 2,
    }
    shop.send("inventory.policies", policy)
    shop.send(
        "inventory.events", event("patient-1", "RESTOCKED", sku, warehouse_id="berlin", quantity=1)
    )
    shop.wait_for(lambda: bool(shop.of("availability", sku)), "the delivery")

    shop.send(
        "inventory.events",
        event("patient-2", "RESERVE_REQUESTED", sku, reservation_id="patient-r", quantity=1),
    )
    shop.wait_for(lambda: len(shop.of("reservations", sku)) >= 2, "the release")

    assert [answer["status"] for answer in shop.of("reservations", sku)] == ["RESERVED", "EXPIRED"]
    assert shop.of("availability", sku)[-1]["available"] == 1


def test_what_cannot_be_processed_is_a_dead_letter_and_the_job_goes_on(shop: Shop) -> None:
    sku = "mug"
    with Publisher(settings().kafka_bootstrap) as publisher:
        publisher.send("inventory.events", sku, b"no avro at all")
    shop.send("inventory.events", event("mug-1", "EXPLODED", sku))
    shop.send("inventory.events", event("mug-2", "RESTOCKED", sku, warehouse_id="berlin"))
    shop.send(
        "inventory.events", event("mug-3", "RESTOCKED", sku, warehouse_id="berlin", quantity=7)
    )

    shop.wait_for(lambda: bool(shop.of("availability", sku)), "the good one")
    shop.wait_for(lambda: len(shop.dead_letters()) >= 3, "the bad ones")

    letters = shop.dead_letters()
    assert letters[0]["record_value"] == b"no avro at all"
    assert letters[0]["source_topic"] == "inventory.events"
    assert {letter["error_class"] for letter in letters} == {"UndecodableError", "ValidationError"}
    assert shop.of("availability", sku)[-1]["total"] == 7


def test_after_all_that_an_independent_fold_of_the_log_finds_nothing_wrong(shop: Shop) -> None:
    verdict = audit_topics(settings().kafka_bootstrap, shop.registry, DEADLINE_S)
    assert verdict.ok, str(verdict)
