"""What outboxes do, for Prometheus."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager

from prometheus_client import CollectorRegistry, Metric, start_http_server
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

from connectors.delivery.outbox import Outbox
from connectors.errors import ShopstreamError


class OutboxMetrics(Collector):
    """Counters and gauges of outboxes, by the names of their destinations, as they are now."""

    def __init__(self, outboxes: Mapping[str, Outbox]) -> None:
        self._outboxes = outboxes

    def collect(self) -> Iterable[Metric]:
        taken = CounterMetricFamily(
            "shopstream_delivery_updates", "Updates to deliver.", labels=["to"]
        )
        spared = CounterMetricFamily(
            "shopstream_delivery_spared", "Updates that needed no call.", labels=["to", "why"]
        )
        calls = CounterMetricFamily(
            "shopstream_delivery_calls", "Calls by outcome.", labels=["to", "outcome"]
        )
        given_up = CounterMetricFamily(
            "shopstream_delivery_given_up", "Updates that became dead letters.", labels=["to"]
        )
        waiting = GaugeMetricFamily(
            "shopstream_delivery_waiting", "Updates not under way.", labels=["to"]
        )
        is_open = GaugeMetricFamily(
            "shopstream_delivery_breaker_open", "1 while left alone.", labels=["to"]
        )
        for name, outbox in self._outboxes.items():
            counts = outbox.counts
            taken.add_metric([name], counts.taken)
            spared.add_metric([name, "replaced"], counts.replaced)
            spared.add_metric([name, "unchanged"], counts.unchanged)
            for outcome, number in counts.answers.items():
                calls.add_metric([name, outcome], number)
            given_up.add_metric([name], counts.given_up)
            waiting.add_metric([name], outbox.waiting)
            is_open.add_metric([name], outbox.is_open)
        return taken, spared, calls, given_up, waiting, is_open


@contextmanager
def metrics_served(host: str, port: int, outboxes: Mapping[str, Outbox]) -> Iterator[None]:
    """Answer at http://host:port/metrics, from a thread of its own, while the context lasts.

    Raises ShopstreamError if the port is taken: most likely by the same service.
    """
    registry = CollectorRegistry()
    registry.register(OutboxMetrics(outboxes))
    try:
        server, thread = start_http_server(port, host, registry)
    except OSError as error:
        raise ShopstreamError(
            f"cannot listen on {host}:{port} ({error.strerror}): this service runs once only; "
            "stop the other one, or choose another port in settings.toml"
        ) from error
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
