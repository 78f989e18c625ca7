"""Writing deliveries exactly once: their events and their ids, in one Kafka transaction.

What happens to a transaction is never guessed. After any trouble the writer begins anew: a new
producer of the same transactional id, which makes Kafka finish or abort what the old one left, and
then the deliveries' topic is read to its end. What is there has been written, the rest has not.
So a second gateway cannot write a delivery twice either: the two would take turns.
"""

import logging
import queue
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from confluent_kafka import Consumer, KafkaException, Message, Producer, TopicPartition

from connectors.clock import now_ms
from connectors.codec import Decoder
from connectors.errors import ShopstreamError
from connectors.kafka import TIMEOUT_S, consumer, existing_partitions, require_topic
from connectors.reading import is_end
from connectors.registry import Registry
from connectors.topics import topic
from connectors.webhooks.contract import Fact
from connectors.webhooks.memory import HOUR_MS, Deliveries, Snapshots
from connectors.webhooks.metrics import Metrics
from connectors.webhooks.records import DELIVERIES, SNAPSHOTS, TOPICS, Delivery, Records
from connectors.webhooks.snapshots import Known

TRANSACTIONAL_ID = "shopstream-webhooks"
BATCH = 500
"""Deliveries of a transaction, at most; as many as have come while the last one was committed."""

COMMIT_S = 20.0
"""For how long a commit is waited for; a broker is back within that, or the writer begins anew."""

PAUSE_S = 0.5
READ_AT_ONCE = 1_000
OVERDUE_S = 2.0
"""A transaction that takes so long means that Kafka does not answer."""

log = logging.getLogger("shopstream.webhooks")


@dataclass(frozen=True)
class Pending:
    """A delivery to write. `done` is told its outcome, or None if it was not written."""

    delivery: Delivery
    facts: list[Fact] | Exception
    done: Callable[[str | None], None]


class Writer:
    """Writes what is put to it, in a thread of its own, and remembers what it wrote."""

    def __init__(
        self,
        bootstrap: str,
        registry_url: str,
        hours: int,
        metrics: Metrics,
        ended: Callable[[], None],
    ) -> None:
        """hours: for how long deliveries are remembered. ended: called when nothing more will be
        written."""
        self._bootstrap = bootstrap
        self._registry = Registry(registry_url)
        self._metrics = metrics
        self._ended = ended
        self.failed = False
        self.deliveries = Deliveries(hours)
        self.snapshots = Snapshots()
        self._pending: queue.SimpleQueue[Pending | None] = queue.SimpleQueue()
        self._uncertain: list[Pending] = []
        self._records: Records | None = None
        self._read: dict[str, int] = {}
        self._tidied_ms = 0
        self._ready = False
        self._since: float | None = None
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="writer", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Write what was put before, unless Kafka does not answer, and end."""
        self._stopping.set()
        self._pending.put(None)
        self._thread.join(COMMIT_S + TIMEOUT_S)

    def put(self, pending: Pending) -> None:
        self._pending.put(pending)

    @property
    def ready(self) -> bool:
        """Whether what is put now can be expected to be written soon."""
        since = self._since
        return self._ready and (since is None or time.monotonic() - since < OVERDUE_S)

    def _run(self) -> None:
        try:
            self._keep_writing()
        except (
            Exception
        ):  # a defect of ours; the process ends with it, and what ended is started anew
            log.exception("the writer ends")
            self.failed = True
        finally:
            self._ready = False
            self._ended()

    def _keep_writing(self) -> None:
        trouble = ""
        while not self._stopping.is_set():
            try:
                producer = self._begin_anew()
                self._ready = True
                trouble = ""
                log.info("ready: %d deliveries remembered", len(self.deliveries))
                while (batch := self._next_batch()) is not None:
                    self._write(producer, batch)
                break
            except (KafkaException, ShopstreamError) as error:
                self._ready = False
                if str(error) != trouble:  # an outage is told once, not at every attempt
                    trouble = str(error)
                    log.warning("not ready: %s", trouble)
                self._stopping.wait(PAUSE_S)
            finally:
                self._since = None
        self._give_back(self._uncertain)

    def _next_batch(self) -> list[Pending] | None:
        """Whatever waits, at least one; None at the end."""
        batch = []
        first = self._pending.get()
        while first is not None:
            batch.append(first)
            if len(batch) == BATCH or self._pending.empty():
                return batch
            first = self._pending.get()
        if batch:
            self._pending.put(None)
        return batch or None

    def _write(self, producer: Producer, batch: list[Pending]) -> None:
        """One transaction; raises KafkaException, and then it is not known whether it was."""
        assert self._records is not None
        self._uncertain, self._since = batch, time.monotonic()
        remember: dict[str, Known] = {}
        outcomes, events = [], 0

        def lookup(subject: str) -> Known | None:
            return remember.get(subject) or self.snapshots.get(subject)

        producer.begin_transaction()
        for pending in batch:
            written = self._records.of(pending.delivery, pending.facts, lookup)
            remember |= written.remember
            outcomes.append(written.outcome)
            events += len(written.records)
            for record in written.records:
                producer.produce(
                    record.topic, record.value, key=record.key, timestamp=record.timestamp
                )
        producer.commit_transaction(COMMIT_S)
        self._metrics.transaction(len(batch), events, time.monotonic() - self._since)
        self._since, self._uncertain = None, []
        self.snapshots.update(remember)
        for pending, outcome in zip(batch, outcomes, strict=True):
            self.deliveries.add(pending.delivery.key, pending.delivery.received_ms)
            pending.done(outcome)
        self._tidy(batch[-1].delivery.received_ms)

    def _tidy(self, now_ms: int) -> None:
        self._metrics.remembered(len(self.deliveries), len(self.snapshots))
        if now_ms > self._tidied_ms + HOUR_MS:
            self._tidied_ms = now_ms
            self.snapshots.forget_carts(now_ms)

    def _begin_anew(self) -> Producer:
        if self._records is None:
            self._records = Records.registered(self._registry)
        producer = Producer(
            {
                "bootstrap.servers": self._bootstrap,
                "transactional.id": TRANSACTIONAL_ID,
                "acks": "all",
                "enable.idempotence": True,
                "partitioner": "murmur2_random",
                "linger.ms": 0,
                "compression.type": "lz4",
                "message.max.bytes": 8 << 20,  # the topics have their own limits
                "transaction.timeout.ms": 60_000,
                "delivery.timeout.ms": 30_000,
                "reconnect.backoff.max.ms": 1_000,
                "log_level": 2,
            }
        )
        partitions = existing_partitions(producer, self._bootstrap)
        for name in TOPICS:
            require_topic(partitions, name)
        producer.init_transactions(COMMIT_S)
        self._catch_up()
        uncertain, self._uncertain = self._uncertain, []
        written = [pending for pending in uncertain if pending.delivery.key in self.deliveries]
        for pending in written:
            pending.done("WRITTEN")
        self._give_back([pending for pending in uncertain if pending not in written])
        return producer

    def _give_back(self, batch: list[Pending]) -> None:
        for pending in batch:
            pending.done(None)

    def _catch_up(self) -> None:
        """Read what was written since the last time, or at first what there is to remember."""
        snapshots = Decoder(SNAPSHOTS, topic(SNAPSHOTS).avro_schema, self._registry.lookup)
        reader = consumer(self._bootstrap)
        try:
            behind, heard = {DELIVERIES, SNAPSHOTS}, time.monotonic()
            reader.assign([TopicPartition(n, 0, self._start(reader, n)) for n in behind])
            while behind:
                for message in reader.consume(READ_AT_ONCE, timeout=0.1):
                    heard, name = time.monotonic(), message.topic() or ""
                    if is_end(message):
                        behind.discard(name)
                    elif message.error() is not None:
                        raise ShopstreamError(f"cannot read {name}: {message.error()}")
                    else:
                        self._remember(message, snapshots)
                        self._read[name] = (message.offset() or 0) + 1
                if time.monotonic() - heard > TIMEOUT_S:
                    raise ShopstreamError(f"{', '.join(behind)}: Kafka gives no records")
        finally:
            reader.close()

    def _start(self, reader: Consumer, name: str) -> int:
        if name in self._read:
            return self._read[name]
        if name == DELIVERIES:
            since = self.deliveries.oldest_ms(now_ms())
            found = reader.offsets_for_times([TopicPartition(name, 0, since)], timeout=TIMEOUT_S)
            if found[0].offset >= 0:
                return found[0].offset
        first, end = reader.get_watermark_offsets(TopicPartition(name, 0), timeout=TIMEOUT_S)
        return end if name == DELIVERIES else first

    def _remember(self, message: Message, snapshots: Decoder) -> None:
        """Of a delivery the key is enough."""
        if message.topic() == DELIVERIES:
            self.deliveries.add((message.key() or b"").decode(), message.timestamp()[1])
        else:
            record = snapshots.decode(message.value())
            known = Known(record["event_time"], record["sku"], record["quantities"])
            self.snapshots.update({record["subject"]: known})
