"""What the gateway counts, for Prometheus. Counters start at zero with the process."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)


class Metrics:
    """A set of its own for every gateway, so that two in one process do not add up."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "shopstream_webhooks",
            "Requests by how they were answered.",
            ["platform", "outcome"],
            registry=self._registry,
        )
        self._seconds = Histogram(
            "shopstream_webhook_answer_seconds",
            "From a request's first byte until its answer.",
            ["platform"],
            buckets=_SECONDS,
            registry=self._registry,
        )
        self._in_flight = Gauge(
            "shopstream_webhooks_in_flight",
            "Deliveries that are received or written now.",
            registry=self._registry,
        )
        self._batch = Histogram(
            "shopstream_webhook_transaction_deliveries",
            "Deliveries of a transaction.",
            buckets=(1, 2, 5, 10, 20, 50, 100, 200, 500),
            registry=self._registry,
        )
        self._commit = Histogram(
            "shopstream_webhook_transaction_seconds",
            "How long a transaction took.",
            buckets=_SECONDS,
            registry=self._registry,
        )
        self._records = Counter(
            "shopstream_webhook_records", "Records written to Kafka.", registry=self._registry
        )
        self._deliveries = Gauge(
            "shopstream_webhook_deliveries_remembered",
            "Delivery ids that are not written again.",
            registry=self._registry,
        )
        self._snapshots = Gauge(
            "shopstream_webhook_snapshots_remembered",
            "Items, levels and carts that the next snapshot is compared with.",
            registry=self._registry,
        )

    def answered(self, platform: str, outcome: str, seconds: float) -> None:
        self._requests.labels(platform, outcome).inc()
        self._seconds.labels(platform).observe(seconds)

    def in_flight(self, count: int) -> None:
        self._in_flight.set(count)

    def transaction(self, deliveries: int, records: int, seconds: float) -> None:
        self._batch.observe(deliveries)
        self._records.inc(records)
        self._commit.observe(seconds)

    def remembered(self, deliveries: int, snapshots: int) -> None:
        self._deliveries.set(deliveries)
        self._snapshots.set(snapshots)

    def text(self) -> bytes:
        """All of it, in Prometheus' text format."""
        return generate_latest(self._registry)
