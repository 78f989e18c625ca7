"""Sends the shop's records to Kafka, evenly paced, and answers the jobs as the world would."""

import time
from collections.abc import Callable, Iterable, Iterator

from connectors.clock import now_ms
from connectors.codec import Encoder
from connectors.errors import ShopstreamError
from connectors.kafka import DELIVERY_TIMEOUT_S, Publisher
from connectors.registry import Registry
from connectors.topics import topic
from deploy.audit.log import LogReader
from deploy.simulate.sending import Sending, Tally
from deploy.simulate.town import READS, WRITES, Town

TOPICS = ("inventory.events", "inventory.policies", "inventory.shipping-costs", *WRITES)
SLOT_S = 0.005
ANSWER_EVERY_S = 0.02
READ_S = 0.1
FIND_END_S = 30.0
HEAD_START_S = 3.0  # for reference data to reach the jobs; the audit allows 2 s
EVENTS_PER_ORDER = 20
EVENTS_PER_CLICK = 2
DRAIN_S = 300.0

Clock = Callable[[], float]
Sleep = Callable[[float], None]


def simulate(
    bootstrap: str,
    registry: Registry,
    *,
    seconds: float,
    rate: float,
    seed: int,
    orders: float | None = None,
    orders_total: int | None = None,
    clicks: float | None = None,
    drain_s: float = DRAIN_S,
    stays_open: Callable[[], bool] = lambda: False,
    is_awaited: Callable[[], bool] = lambda: False,
    patience_s: float = DELIVERY_TIMEOUT_S,
) -> Tally:
    """Run a shop for `seconds` at `rate` stock events/s, after its opening; returns what was sent.

    orders: how many orders a second are placed besides, a 20th of `rate` if not given; 0 for none.
    orders_total: exactly so many, evenly over the `seconds`, instead.
    clicks: how many clicks a second besides, half of `rate` if not given; 0 for none.
    drain_s: when the shop has closed, the world goes on answering what the jobs decide until all
        orders are settled or nothing comes any more, at most for so many seconds.
    stays_open: whether the shop goes on, as busy as before, when the `seconds` are over.
    is_awaited: whether more of the jobs is to come, however long they have been silent: one of them
        is down, say. Asked when the shop has closed.
    patience_s: for how long Kafka may be away before the run fails.

    Raises ValueError if both `orders` and `orders_total` are given, and ShopstreamError if Kafka
    or the registry is not there, or refuses a record. An interrupt (Ctrl-C) ends the run early,
    with all that was sent acknowledged.
    """
    if orders is not None and orders_total is not None:
        raise ValueError("expected orders (a second) or orders_total, came both; leave one out")
    if orders_total is None:
        per_second = rate / EVENTS_PER_ORDER if orders is None else orders
        orders_total = round(per_second * seconds)
    clicks_total = round((rate / EVENTS_PER_CLICK if clicks is None else clicks) * seconds)
    town = Town(
        seed, now_ms(), rate=rate, seconds=seconds, orders=orders_total, clicks=clicks_total
    )
    with (
        Publisher(bootstrap, patience_s=patience_s) as publisher,
        LogReader(bootstrap, registry, READS, from_beginning=False) as reader,
    ):
        wire = _Wire(Post(publisher, registry, TOPICS), reader, town)
        try:
            wire.post.send(town.reference(now_ms()))
            publisher.finish()
            wire.find_end(HEAD_START_S)
            wire.post.send(town.opening(now_ms()))
            for due in paced(rate, seconds, sleep=wire.answer, goes_on=stays_open):
                for _ in range(due):
                    wire.post.send(town.next(now_ms()))
            deadline = time.monotonic() + drain_s
            while time.monotonic() < deadline and (is_awaited() or not town.has_ended(now_ms())):
                wire.answer(ANSWER_EVERY_S)
        except KeyboardInterrupt:
            pass
    town.close()
    return town.tally


def publish(bootstrap: str, registry: Registry, sendings: Iterable[Sending]) -> None:
    """Send these, and wait until Kafka has them all. Raises ShopstreamError as `simulate` does."""
    sendings = list(sendings)
    with Publisher(bootstrap) as publisher:
        Post(publisher, registry, {sending.topic for sending in sendings}).send(sendings)


class Post:
    """Sends what the simulated say to `topics`, which must exist."""

    def __init__(self, publisher: Publisher, registry: Registry, topics: Iterable[str]) -> None:
        self._publisher = publisher
        self._encoders = {}
        for name in topics:
            publisher.require(name)
            declared = topic(name)
            self._encoders[name] = Encoder(name, declared.avro_schema, registry.schema_id(declared))

    def send(self, sendings: Iterable[Sending]) -> None:
        for _, name, key, record, event_time in sendings:
            value = record if isinstance(record, bytes) else self._encoders[name].encode(record)
            self._publisher.send(name, key, value, event_time)


class _Wire:
    """Between Kafka and the town: sends what the town says, tells it what the jobs say."""

    def __init__(self, post: Post, reader: LogReader, town: Town) -> None:
        self.post = post
        self._reader = reader
        self._town = town

    def find_end(self, seconds: float) -> None:
        """Read for at least `seconds`, until what comes next is what is written from now on."""
        start = time.monotonic()
        while (waited_s := time.monotonic() - start) < seconds or not self._reader.at_end:
            if waited_s > FIND_END_S:
                raise ShopstreamError(
                    f"{' and '.join(READS)} did not come to their end within {FIND_END_S:.0f} s; "
                    "see `shopstream status`"
                )
            self._reader.read(READ_S)

    def answer(self, seconds: float) -> None:
        """Let the town read and answer for `seconds`."""
        until = time.monotonic() + seconds
        while (left_s := until - time.monotonic()) > 0:
            for entry in self._reader.read(min(left_s, ANSWER_EVERY_S)):
                if entry.record is not None:
                    self._town.hear(entry.topic, entry.record, now_ms())
            self.post.send(self._town.due(now_ms()))


def paced(
    rate: float,
    seconds: float,
    clock: Clock = time.monotonic,
    sleep: Sleep = time.sleep,
    goes_on: Callable[[], bool] = lambda: False,
) -> Iterator[int]:
    """How many events are due, each time that some are: `rate * seconds` of them in all.

    While it `goes_on` there are more, at the same pace.
    Sleeps between, for at least `SLOT_S`; whoever was held up finds the missed ones due at once.
    """
    whole = round(rate * seconds)
    start, sent = clock(), 0
    while sent < whole or goes_on():
        due = 1 + int((clock() - start) * rate)
        if sent < whole:
            due = min(whole, due)
        if due > sent:
            yield due - sent
            sent = due
        sleep(max(SLOT_S, start + sent / rate - clock()))
