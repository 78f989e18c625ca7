"""Sales channels over real HTTP and real Kafka: limits, faults, and a service that is killed."""

import random
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from support.live_topics import LiveTopics
from support.services import ServiceProcess, has_begun
from support.waiting import until

from bench.storefront import Fault, Storefront
from connectors.clock import now_ms
from connectors.kafka import Publisher
from connectors.settings import settings
from deploy.stack.temporary import LocalStack

RATE = 20
SKUS = [f"sku-{number}" for number in range(100)]


@pytest.fixture(scope="module")
def shop(stack: LocalStack) -> Iterator[LiveTopics]:
    assert stack.state
    topics = LiveTopics(["dlq"])
    yield topics
    topics.close()


@pytest.fixture
def market() -> Iterator[Storefront]:
    with Storefront(RATE) as storefront:
        yield storefront


def service(market: Storefront, name: str, *updates: str, **more: Any) -> ServiceProcess:
    channel = {"url": market.url, "rate_per_s": RATE, "timeout_s": 1, "updates": updates, **more}
    return ServiceProcess("channels", channels={name: channel})


def stock(sku: str, version: int, available: int, warehouse: str = "berlin") -> dict[str, Any]:
    return {
        "event_id": f"{sku}/{warehouse}/{version}",
        "event_time": now_ms(),
        "sku": sku,
        "warehouse_id": warehouse,
        "total": available,
        "reserved": 0,
        "committed": 0,
        "available": available,
        "version": version,
    }


def step(order_id: str, sequence: int) -> dict[str, Any]:
    return {
        "event_id": f"{order_id}/{sequence}",
        "event_time": now_ms(),
        "order_id": order_id,
        "customer_id": "c1",
        "from_state": "CONFIRMED",
        "to_state": "PACKED",
        "cause": "PICKED",
        "sequence": sequence,
    }


def burst(shop: LiveTopics, seed: int, first: int) -> dict[str, int]:
    """1,000 changes of 100 skus; gives what is available of each at the end."""
    chance = random.Random(seed)
    records, last = [], {}
    for number in range(first, first + 1000):
        sku = chance.choice(SKUS)
        last[sku] = number
        records.append(stock(sku, version=number, available=number))
    shop.send("inventory.availability", *records)
    return last


def has(market: Storefront, expected: dict[str, int]) -> bool:
    known = {sku: body["available"] for sku, body in dict(market.stock).items()}
    return expected.items() <= known.items()


def test_bursts_end_right_within_the_limit_though_calls_fail_and_the_service_is_killed(
    shop: LiveTopics, market: Storefront
) -> None:
    expected = burst(shop, seed=1, first=1)
    with service(market, "market", "stock") as running:
        until(lambda: len(market.calls) >= 5, "the first calls")
        market.faults += [Fault.ERROR, Fault.SILENCE, Fault.HANG_UP]
        until(lambda: not market.faults, "the faults")
        expected |= burst(shop, seed=2, first=2000)
        until(lambda: len(market.calls) >= 60, "half of them")
        market.faults.append(Fault.SILENCE)
        until(lambda: not market.faults, "a call that is done and not answered")
        running.kill()
        unanswered = market.calls[-1].key
        running.start()
        until(lambda: has(market, expected), "every sku")
        until(lambda: market.done[unanswered] >= 2, "the call that was not answered")

    assert market.limited == 0
    assert market.most_within(1.0) <= RATE
    # 2,000 changes: a call for each sku and burst, and what the faults and the kill cost
    assert len(market.calls) <= 2 * len(SKUS) + 60


def test_what_was_delivered_is_not_sent_again_after_a_restart(
    shop: LiveTopics, market: Storefront
) -> None:
    with service(market, "calm", "stock") as running:
        expected = burst(shop, seed=3, first=10_000)
        until(lambda: has(market, expected), "every sku")
        running.stop()
        before = len(market.calls)
        running.start()
        shop.send("inventory.availability", stock("sku-1", 20_000, 7, "lyon"))
        until(lambda: len(market.calls) > before, "the change")

    assert [call.path for call in market.calls[before:]] == ["/stock/sku-1"]
    # what the other warehouse has is known after the restart, too
    assert market.stock["sku-1"]["available"] == expected["sku-1"] + 7


def test_order_events_come_in_order_and_what_the_channel_refuses_is_a_dead_letter(
    shop: LiveTopics, market: Storefront
) -> None:
    market.refused.add("/orders/bad/events")
    shop.send("orders.lifecycle", step("before", 1))
    with service(market, "orders", "orders", "prices") as running:
        until(lambda: has_begun("channels.orders", "orders.lifecycle"), "its place in the log")
        shop.send(
            "orders.lifecycle",
            *(step(f"o-{number % 5}", 1 + number // 5) for number in range(30)),
            step("bad", 1),
        )
        with Publisher(settings().kafka_bootstrap) as publisher:
            publisher.send("orders.lifecycle", "garbage", b"no avro")
        shop.wait_for(lambda: len(letters(shop)) >= 2, "the dead letters")
        until(lambda: sum(map(len, market.orders.values())) >= 30, "the others")
        assert "given up: status 422" in running.said
        assert 'calls_total{outcome="refused",to="orders"} 1.0' in metrics()

    for number in range(5):
        assert [one["sequence"] for one in market.orders[f"o-{number}"]] == [1, 2, 3, 4, 5, 6]
    assert "before" not in market.orders, "a new channel is not told of what is past"
    refused, undecodable = sorted(letters(shop), key=lambda one: one["error_class"], reverse=True)
    assert refused["error_message"] == "order bad: status 422, after 1 calls that failed"
    assert refused["source_topic"] == "orders.lifecycle"
    assert undecodable["record_value"] == b"no avro"


def metrics() -> str:
    return httpx.get(f"http://127.0.0.1:{settings().channels_metrics_port}/metrics").text


def letters(shop: LiveTopics) -> list[dict[str, Any]]:
    return [letter for letter in shop.seen["dlq"] if letter["job"] == "channels.orders"]
