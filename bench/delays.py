"""How long after an event what came of it can be read."""

import threading
import time
from collections.abc import Callable, Sequence
from statistics import quantiles
from typing import Any

from connectors.clock import now_ms
from connectors.registry import Registry
from connectors.settings import settings
from deploy.audit.log import LogReader

POLL_S = 0.01
PERCENTILES = ("p50", "p95", "p99", "max")


def percentiles(delays_ms: Sequence[float]) -> dict[str, float]:
    """Those of `PERCENTILES` (ms), the last of which is the longest."""
    cuts = quantiles(delays_ms, n=100)
    return dict(zip(PERCENTILES, (cuts[49], cuts[94], cuts[98], max(delays_ms)), strict=True))


def readable_after(
    output: str,
    traffic: Callable[[], object],
    warm_s: float,
    counted: Callable[[dict[str, Any]], bool] = lambda _: True,
) -> dict[str, float]:
    """Percentiles (ms) from an event's time until its record of `output` is read_committed.

    traffic: sends events that are as of now, and returns when all are sent.
    warm_s: the seconds of it that are not counted.
    counted: whether a record is, which has its event's time.
    """
    sender = threading.Thread(target=traffic)
    delays: list[float] = []
    begun = time.monotonic()
    registry = Registry(settings().registry_url)
    with LogReader(settings().kafka_bootstrap, registry, [output], from_beginning=False) as reader:
        sender.start()
        while sender.is_alive() or not reader.at_end:
            entries = reader.read(POLL_S)
            now = now_ms()
            if time.monotonic() - begun > warm_s:
                delays += [
                    now - entry.record["event_time"]
                    for entry in entries
                    if entry.record and counted(entry.record)
                ]
    return percentiles(delays)
