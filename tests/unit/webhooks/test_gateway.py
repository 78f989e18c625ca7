"""How the gateway answers, with what it would write kept in memory."""

import asyncio
import json
import time

import httpx
import pytest
from support.webhooks import Shelf, gateway, signed_headers

from connectors.webhooks import receiver
from connectors.webhooks.metrics import Metrics

AT = "2025-11-20T12:00:00Z"
ORDER = {
    "id": 8,
    "created_at": AT,
    "currency": "EUR",
    "total_price": "10.00",
    "line_items": [{"id": 1, "sku": "mug", "quantity": 1, "price": "10.00"}],
}
CANCELLED = {"id": 8, "cancelled_at": AT}


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


def client(shelf, **limits) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(gateway(shelf, **limits))
    return httpx.AsyncClient(transport=transport, base_url="http://gateway")


def shopify(body, delivery_id="d-1", topic="orders/create"):
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return {
        "url": "/webhooks/shopify",
        "content": raw,
        "headers": signed_headers("shopify", topic, delivery_id, raw),
    }


def answers(shelf, *requests, **limits):
    """The answers to requests that come one after the other."""

    async def ask():
        async with client(shelf, **limits) as asking:
            return [await asking.post(**request) for request in requests]

    return asyncio.run(ask())


def outcomes(found):
    return [(answer.status_code, answer.json()["outcome"]) for answer in found]


def test_a_delivery_is_written_to_its_topic_and_to_the_deliveries(shelf):
    (answer,) = answers(shelf, shopify(ORDER))

    assert (answer.status_code, answer.json()["outcome"]) == (200, "accepted")
    (placed,) = shelf.written["orders.initiated"]
    assert (placed["order_id"], placed["amount_minor"]) == ("shopify:8", 1000)
    (delivery,) = shelf.written["webhooks.deliveries"]
    assert delivery["delivery_id"] == "d-1"
    assert (delivery["outcome"], delivery["events"]) == ("ACCEPTED", 1)


def test_a_delivery_that_was_seen_is_acknowledged_and_not_written_again(shelf):
    found = answers(shelf, shopify(ORDER), shopify(ORDER), shopify(ORDER, "d-2"))

    assert outcomes(found) == [(200, "accepted"), (200, "duplicate"), (200, "accepted")]
    first, second = shelf.written["orders.initiated"]
    assert first["event_id"] == second["event_id"]


def test_the_same_id_of_another_platform_is_another_delivery(shelf):
    headers = signed_headers("woocommerce", "order.deleted", "d-1", b'{"id": 8}')
    woo = {"url": "/webhooks/woocommerce", "content": b'{"id": 8}', "headers": headers}
    found = answers(shelf, shopify(ORDER), woo)
    assert outcomes(found) == [(200, "accepted"), (200, "accepted")]


def test_without_a_delivery_id_equal_bodies_are_one_delivery(shelf):
    request = shopify(ORDER)
    del request["headers"]["x-shopify-webhook-id"]
    found = answers(shelf, request, request)
    assert outcomes(found) == [(200, "accepted"), (200, "duplicate")]


def test_a_wrong_signature_is_refused_counted_and_never_stored(shelf):
    metrics = Metrics()
    request = shopify(ORDER)
    request["content"] += b" "

    (answer,) = answers(shelf, request, metrics=metrics)

    assert (answer.status_code, answer.json()["outcome"]) == (401, "unsigned")
    assert not any(shelf.written.values())
    counted = 'shopstream_webhooks_total{outcome="unsigned",platform="shopify"} 1.0'
    assert counted in metrics.text().decode()


@pytest.mark.parametrize(
    ("body", "topic", "error_class"),
    [
        (b"not json", "orders/create", "Unmappable"),
        (b"\xff\xfe", "orders/create", "Unmappable"),
        (b'{"id": 1}', "orders/create", "Unmappable"),
        (b"[" * 10_000, "orders/create", "Unmappable"),
        (b"{}", "themes/publish", "UnknownTopic"),
        (b"{}", "", "UnknownTopic"),
    ],
)
def test_what_does_not_map_is_acknowledged_and_kept_with_source_and_reason(
    shelf, body, topic, error_class
):
    found = answers(shelf, shopify(body, topic=topic), shopify(body, topic=topic))

    assert outcomes(found) == [(200, "dead_letter"), (200, "duplicate")]
    (letter,) = shelf.written["dlq"]
    assert (letter["source_topic"], letter["job"]) == ("webhooks.shopify", "webhooks")
    assert (letter["record_key"], letter["record_value"]) == (b"d-1", body)
    assert letter["error_class"] == error_class
    assert letter["error_message"].startswith(f"{topic}: ")
    (delivery,) = shelf.written["webhooks.deliveries"]
    assert (delivery["outcome"], delivery["events"]) == ("DEAD_LETTER", 0)


def test_a_time_that_kafka_would_refuse_is_a_dead_letter(shelf):
    (answer,) = answers(shelf, shopify(ORDER | {"created_at": "2999-01-01T00:00:00Z"}))
    assert answer.json()["outcome"] == "dead_letter"
    assert "until an hour from now" in shelf.written["dlq"][0]["error_message"]


def test_a_defect_of_a_mapping_keeps_the_delivery(shelf, monkeypatch):
    def broken(*_):
        raise ZeroDivisionError("ours")

    monkeypatch.setattr(receiver.Platform, "facts", broken)
    (answer,) = answers(shelf, shopify(ORDER))
    assert (answer.status_code, answer.json()["outcome"]) == (200, "dead_letter")
    assert shelf.written["dlq"][0]["error_class"] == "ZeroDivisionError"


def test_what_concerns_nobody_is_acknowledged_and_remembered(shelf):
    (answer,) = answers(shelf, shopify(ORDER, topic="orders/updated"))
    assert answer.json()["outcome"] == "ignored"
    assert shelf.written["webhooks.deliveries"][0]["outcome"] == "IGNORED"
    assert not shelf.written["dlq"]


def test_levels_are_compared_with_what_was_written_before(shelf):
    def level(n, available):
        body = {"sku": "mug", "warehouse_id": "berlin", "available": available}
        raw = json.dumps({"type": "inventory.levels", "data": body}).encode()
        headers = signed_headers("custom", "", f"d-{n}", raw)
        return {"url": "/webhooks/custom", "content": raw, "headers": headers}

    answers(shelf, level(1, 10), level(2, 4))
    assert [event["quantity"] for event in shelf.written["inventory.events"]] == [10, -6]


@pytest.mark.parametrize("announced", [True, False])
def test_a_body_beyond_the_limit_is_refused(shelf, announced):
    request = shopify(b"x" * 101)
    if not announced:

        async def chunks():
            yield b"x" * 60
            yield b"x" * 41

        request["content"] = chunks()
    (answer,) = answers(shelf, request, max_bytes=100)
    assert (answer.status_code, answer.json()["outcome"]) == (413, "too_large")
    assert not any(shelf.written.values())


def test_a_body_that_does_not_come_is_not_waited_for(shelf, monkeypatch):
    monkeypatch.setattr(receiver, "ANSWER_S", 0.05)

    async def nothing():
        yield b"{"
        await asyncio.Event().wait()

    (answer,) = answers(shelf, shopify(ORDER) | {"content": nothing()})
    assert answer.status_code == 408


def test_without_kafka_it_says_when_to_come_again(shelf):
    shelf.ready = False
    (answer,) = answers(shelf, shopify(ORDER))
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")


def test_a_delivery_that_kafka_does_not_acknowledge_in_time_may_come_again(shelf, monkeypatch):
    monkeypatch.setattr(receiver, "ANSWER_S", 0.05)
    shelf.waiting = []

    async def ask():
        async with client(shelf) as asking:
            first = await asking.post(**shopify(ORDER))
            shelf.write(shelf.waiting.pop())
            return first, await asking.post(**shopify(ORDER))

    first, again = asyncio.run(ask())
    assert (first.status_code, first.headers["retry-after"]) == (503, "5")
    assert (again.status_code, again.json()["outcome"]) == (200, "duplicate")
    assert len(shelf.written["orders.initiated"]) == 1


def test_a_retry_while_the_first_is_being_written_waits_for_it(shelf):
    shelf.waiting = []

    async def ask():
        async with client(shelf) as asking:
            both = [asyncio.create_task(asking.post(**shopify(ORDER))) for _ in range(2)]
            await _until(lambda: shelf.waiting)
            await asyncio.sleep(0)
            (pending,) = shelf.waiting
            shelf.write(pending)
            return await asyncio.gather(*both)

    assert {answer.json()["outcome"] for answer in asyncio.run(ask())} == {"accepted", "duplicate"}
    assert len(shelf.written["orders.initiated"]) == 1


def test_what_was_not_written_after_all_may_come_again(shelf):
    shelf.waiting = []

    async def ask():
        async with client(shelf) as asking:
            first = asyncio.create_task(asking.post(**shopify(ORDER)))
            await _until(lambda: shelf.waiting)
            shelf.waiting.pop().done(None)
            answer = await first
            shelf.waiting = None
            return answer, await asking.post(**shopify(ORDER))

    first, again = asyncio.run(ask())
    assert first.status_code == 503
    assert again.json()["outcome"] == "accepted"


def test_more_than_may_be_in_flight_is_told_to_come_again_and_later_taken(shelf):
    shelf.waiting = []

    async def ask():
        async with client(shelf, most=2) as asking:
            first = asyncio.create_task(asking.post(**shopify(ORDER)))
            await _until(lambda: shelf.waiting)
            refused = await asking.post(**shopify(CANCELLED, "d-2", "orders/cancelled"))
            shelf.write(shelf.waiting.pop())
            shelf.waiting = None
            await first
            return refused, await asking.post(**shopify(CANCELLED, "d-2", "orders/cancelled"))

    refused, later = asyncio.run(ask())
    assert (refused.status_code, refused.headers["retry-after"]) == (429, "1")
    assert later.json()["outcome"] == "accepted"


def test_woocommerces_unsigned_ping_is_answered_and_nothing_kept(shelf):
    ping = {"url": "/webhooks/woocommerce", "data": {"webhook_id": "12"}}
    assert outcomes(answers(shelf, ping)) == [(200, "ping")]
    assert not any(shelf.written.values())


def test_a_signed_time_is_compared_with_the_clock(shelf):
    raw = json.dumps({"type": "carts", "data": {}}).encode()
    headers = signed_headers("custom", "", "d-1", raw, now_s=1_000)
    request = {"url": "/webhooks/custom", "content": raw, "headers": headers}
    assert outcomes(answers(shelf, request, clock=lambda: 1_300.0)) == [(200, "dead_letter")]
    assert outcomes(answers(shelf, request, clock=lambda: 1_302.0)) == [(401, "unsigned")]


def test_health_readiness_metrics_and_the_description_are_there(shelf):
    async def ask():
        async with client(shelf) as asking:
            up = await asking.get("/health"), await asking.get("/ready")
            shelf.ready = False
            down = await asking.get("/health"), await asking.get("/ready")
            return up, down, await asking.get("/metrics"), await asking.get("/openapi.json")

    up, down, metrics, described = asyncio.run(ask())
    assert [answer.status_code for answer in (*up, *down)] == [200, 200, 200, 503]
    assert "shopstream_webhooks_in_flight 0.0" in metrics.text
    paths = described.json()["paths"]
    assert {path for path in paths if path.startswith("/webhooks/")} == {
        f"/webhooks/{name}" for name in ("shopify", "woocommerce", "magento", "custom")
    }
    headers = [parameter["name"] for parameter in paths["/webhooks/shopify"]["post"]["parameters"]]
    assert "x-shopify-hmac-sha256" in headers


async def _until(condition):
    deadline = time.monotonic() + 5
    while not condition():
        assert time.monotonic() < deadline
        await asyncio.sleep(0)
