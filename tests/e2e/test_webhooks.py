"""The gateway for webhooks on real Kafka: each delivery once, whatever is killed. About 70 s."""

import json
import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest
from confluent_kafka import Producer
from support.webhooks import facts_of, signed_headers

from bench.webhooks import measure, wait_until_ready
from connectors.clock import now_ms
from connectors.registry import Registry
from connectors.settings import settings
from connectors.webhooks.records import Delivery, Records
from connectors.webhooks.writer import TRANSACTIONAL_ID
from deploy.audit.log import LogReader
from deploy.stack import processes
from deploy.stack.temporary import SHOPSTREAM, LocalStack, free_ports

DEADLINE_S = 60.0
STACK = {"taskmanagers": 1, "taskmanager_slots": 1}  # no job runs on it


@pytest.fixture(autouse=True)
def _ready(stack: LocalStack) -> None:  # noqa: ARG001 - it has to be up first
    wait_until_ready()


def order(number: int) -> bytes:
    line = {"id": 1, "sku": "mug", "quantity": 1, "price": "10.00"}
    body = {"id": number, "created_at": "2025-11-20T12:00:00Z", "currency": "EUR"}
    return json.dumps(body | {"total_price": "10.00", "line_items": [line]}).encode()


def post(body: bytes, delivery_id: str, url: str | None = None) -> str:
    """Send as Shopify does, again and again until it is acknowledged; gives the outcome."""
    headers = signed_headers("shopify", "orders/create", delivery_id, body)
    give_up = time.monotonic() + DEADLINE_S
    while True:
        try:
            answer = httpx.post(
                f"{url or settings().webhooks_url}/webhooks/shopify",
                content=body,
                headers=headers,
                timeout=5,
                trust_env=False,
            )
            if answer.status_code == 200:
                return str(answer.json()["outcome"])
        except httpx.TransportError:
            pass
        assert time.monotonic() < give_up, "it was not acknowledged"


def orders_written(*numbers: int) -> dict[int, int]:
    """How often each order can be read (read_committed)."""
    found = dict.fromkeys(numbers, 0)
    bootstrap, registry = settings().kafka_bootstrap, Registry(settings().registry_url)
    with LogReader(bootstrap, registry, ["orders.initiated"]) as reader:
        while not reader.at_end:
            for entry in reader.read(0.2):
                assert entry.record is not None
                number = int(entry.record["order_id"].rpartition(":")[2].rpartition("-")[2])
                if number in found:
                    found[number] += 1
    return found


def test_every_delivery_is_written_once_through_a_kill_of_the_gateway_and_one_of_kafka():
    report = measure(webhooks=3_000, rate=300, kills=2, seed=7, say=print)

    assert report.problems == []
    assert [name for name, *_ in report.kills] == ["webhooks", "kafka"]
    assert report.counts["dead_letters"] == report.counts["garbage"] > 0
    assert report.counts["refused"] == report.counts["wrong_signatures"] > 0
    assert report.sending.duplicates[200] > 0


def test_a_delivery_is_remembered_over_a_restart():
    assert post(order(9_000_001), "restart") == "accepted"

    victim = processes.listener(settings().webhooks_port)
    assert victim is not None
    victim.kill()
    victim.wait()

    assert post(order(9_000_001), "restart") == "duplicate"
    assert orders_written(9_000_001) == {9_000_001: 1}


def test_what_a_gateway_produced_and_did_not_commit_when_it_died_is_written_once_in_the_end():
    body = order(9_000_002)
    delivery = Delivery("shopify", "died", "orders/create", body, now_ms())
    facts = facts_of("shopify", "orders/create", body)
    records = Records.registered(Registry(settings().registry_url))
    dead = Producer(
        {"bootstrap.servers": settings().kafka_bootstrap, "transactional.id": TRANSACTIONAL_ID}
    )
    dead.init_transactions(10)
    dead.begin_transaction()
    for record in records.of(delivery, facts, lambda _: None).records:
        dead.produce(record.topic, record.value, key=record.key, timestamp=record.timestamp)
    assert dead.flush(10) == 0

    assert post(body, "died") == "accepted"
    assert post(body, "died") == "duplicate"
    assert orders_written(9_000_002) == {9_000_002: 1}


def test_two_gateways_take_turns_and_write_nothing_twice():
    numbers = range(9_000_010, 9_000_020)
    with second_gateway() as url:
        for number in numbers:
            outcomes = [
                post(order(number), f"turn-{number}"),
                post(order(number), f"turn-{number}", url),
            ]
            assert set(outcomes) <= {"accepted", "duplicate", "written"}
    assert orders_written(*numbers) == dict.fromkeys(numbers, 1)


@contextmanager
def second_gateway(**changed: object) -> Iterator[str]:
    """Another gateway on a port of its own, and where it is."""
    port = free_ports()["webhooks_port"]
    chosen = {f"SHOPSTREAM_{name.upper()}": str(value) for name, value in changed.items()}
    process = subprocess.Popen(
        [str(SHOPSTREAM), "webhooks"],
        env={**os.environ, "SHOPSTREAM_WEBHOOKS_PORT": str(port), **chosen},
    )
    try:
        url = f"http://127.0.0.1:{port}"
        until_it_answers(f"{url}/health", 200)
        yield url
    finally:
        process.terminate()
        process.wait(DEADLINE_S)


def until_it_answers(url: str, status: int) -> None:
    give_up = time.monotonic() + DEADLINE_S
    while True:
        try:
            if httpx.get(url, trust_env=False).status_code == status:
                return
        except httpx.TransportError:
            pass
        assert time.monotonic() < give_up, f"{url} did not answer {status}"
        time.sleep(0.1)


def test_without_kafka_a_gateway_serves_and_says_that_it_is_not_ready():
    nobody = free_ports()
    with second_gateway(
        kafka_port=nobody["kafka_port"], registry_port=nobody["registry_port"]
    ) as url:
        until_it_answers(f"{url}/ready", 503)
        body = order(9_000_030)
        headers = signed_headers("shopify", "orders/create", "alone", body)
        answer = httpx.post(
            f"{url}/webhooks/shopify", content=body, headers=headers, trust_env=False
        )
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
