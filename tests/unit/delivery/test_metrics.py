"""What outboxes do, as Prometheus reads it; and that a service runs once only."""

import socket

import httpx
import pytest
from support.virtual_destination import World, update

from connectors.delivery.answer import Answer, Outcome
from connectors.delivery.metrics import metrics_served
from connectors.errors import ShopstreamError


@pytest.fixture
def port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_updates_calls_and_what_was_spared_are_told_by_destination(port: int) -> None:
    world = World(answer=lambda _: Answer(Outcome.REFUSED, "status 422"))
    world.put(update("mug", 1), update("mug", 2))
    world.run()
    with metrics_served("127.0.0.1", port, {"market": world.outbox}):
        told = httpx.get(f"http://127.0.0.1:{port}/metrics", trust_env=False).text
        with (
            pytest.raises(ShopstreamError, match="runs once only"),
            metrics_served("127.0.0.1", port, {}),
        ):
            pass
    for line in (
        'shopstream_delivery_updates_total{to="market"} 2.0',
        'shopstream_delivery_spared_total{to="market",why="replaced"} 1.0',
        'shopstream_delivery_calls_total{outcome="refused",to="market"} 1.0',
        'shopstream_delivery_given_up_total{to="market"} 1.0',
        'shopstream_delivery_waiting{to="market"} 0.0',
        'shopstream_delivery_breaker_open{to="market"} 0.0',
    ):
        assert line in told
