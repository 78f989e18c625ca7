"""Sends the shop's records to Kafka, evenly paced."""

import time
from collections.abc import Callable, Iterable, Iterator

from connectors.codec import Encoder
from connectors.kafka import Publisher
from connectors.registry import Registry
from connectors.topics import topic
from deploy.simulate.sending import Sending, Tally
from deploy.simulate.shop import Shop

TOPICS = ("inventory.events", "inventory.policies", "inventory.shipping-costs")
SLOT_S = 0.005
HEAD_START_S = 3.0  # for reference data to reach the jobs; the audit allows 2 s

Clock = Callable[[], float]
Sleep = Callable[[float], None]


def simulate(
    bootstrap: str, registry: Registry, *, seconds: float, rate: float, seed: int
) -> Tally:
    """Run a shop for `seconds` at `rate` events/s, after its opening; returns what was sent.

    Raises ShopstreamError if Kafka or the registry is not there, or refuses a record. An interrupt
    (Ctrl-C) ends the run early, with all that was sent acknowledged.
    """
    encoders = {
        name: Encoder(name, topic(name).avro_schema, registry.schema_id(topic(name)))
        for name in TOPICS
    }
    shop = Shop(seed, run=f"s{seed}-{_now():x}", rate=rate)
    with Publisher(bootstrap) as publisher:
        for name in TOPICS:
            publisher.require(name)

        def send(sendings: Iterable[Sending]) -> None:
            for _, name, key, record, event_time in sendings:
                value = record if isinstance(record, bytes) else encoders[name].encode(record)
                publisher.send(name, key, value, event_time)

        try:
            send(shop.reference(_now()))
            publisher.finish()
            time.sleep(HEAD_START_S)
            send(shop.opening(_now()))
            for due in paced(rate, seconds):
                send(shop.next(_now()) for _ in range(due))
        except KeyboardInterrupt:
            pass
    return shop.tally


def paced(
    rate: float, seconds: float, clock: Clock = time.monotonic, sleep: Sleep = time.sleep
) -> Iterator[int]:
    """How many events are due, each time that some are: `rate * seconds` of them in all.

    Sleeps between, for at least `SLOT_S`; whoever was held up finds the missed ones due at once.
    """
    whole = round(rate * seconds)
    start, sent = clock(), 0
    while sent < whole:
        due = min(whole, 1 + int((clock() - start) * rate))
        if due > sent:
            yield due - sent
            sent = due
        sleep(max(SLOT_S, start + sent / rate - clock()))


def _now() -> int:
    return time.time_ns() // 1_000_000
