"""Putting records back to their topics, each exactly once, whatever interrupts it."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from confluent_kafka import KafkaException, Message, Producer

from connectors.clock import now_ms
from connectors.codec import Encoder
from connectors.errors import ShopstreamError
from connectors.kafka import existing_partitions, require_topic
from connectors.registry import Registry
from connectors.settings import Settings
from connectors.topics import TOPICS
from deploy.letters.ledger import LEDGER, replays
from deploy.letters.letters import Letter
from deploy.letters.overtaken import Overtaken
from jobs.runtime.attempts import ATTEMPT_HEADER

TRANSACTIONAL_ID = "shopstream-dlq-replay"
TRANSACTION_S = 60.0
MOST_RECORDS, MOST_BYTES = 500, 4 << 20  # of a transaction
ORIGIN_HEADER = "shopstream-replayed-from"


@dataclass
class Outcome:
    """What came of a replay: how many records were put back now, were put back before, are none (a
    wake-up stands in no topic), or were left because a later one has taken their place."""

    replayed: int = 0
    before: int = 0
    without_record: int = 0
    overtaken: int = 0
    topics: set[str] = field(default_factory=set)


class Replayer:
    """Puts records back in transactions, each with its entry in the ledger.

    What was interrupted is taken back when the next one begins: it has the same transactional id,
    and reads the ledger only then. So a second one stops the first.

    A record goes to its old partition with its bytes, key and timestamp, and says in headers which
    attempt it now makes and where it stood.
    """

    def __init__(self, settings: Settings):
        self._settings = settings
        self._encoder = Encoder(
            LEDGER,
            TOPICS[LEDGER].avro_schema,
            Registry(settings.registry_url).schema_id(TOPICS[LEDGER]),
        )
        self._producer = Producer(
            {
                "bootstrap.servers": settings.kafka_bootstrap,
                "transactional.id": TRANSACTIONAL_ID,
                "transaction.timeout.ms": int(TRANSACTION_S * 1000),
                "compression.type": "lz4",
                "message.max.bytes": 8 << 20,  # the topics have their own limits
                "log_level": 2,
            }
        )

    def put_back(self, selected: Iterable[Letter]) -> Outcome:
        """Put back the letters' records, those excepted that were put back before or are overtaken.

        Raises ShopstreamError if Kafka does not take them; what was committed until then stays.
        """
        self._partitions = existing_partitions(self._producer, self._settings.kafka_bootstrap)
        with _reported():
            self._producer.init_transactions(TRANSACTION_S)
        done = set(replays(self._settings))
        outcome = Outcome()
        overtaken = Overtaken(self._settings)
        for part in transactions(to_put_back(selected, done, overtaken, outcome)):
            with _reported():
                self._commit(part)
            outcome.replayed += len(part)
            outcome.topics |= {letter.source_topic for letter in part}
        return outcome

    def _commit(self, part: list[Letter]) -> None:
        for letter in part:
            require_topic(self._partitions, letter.source_topic)
        self._producer.begin_transaction()
        try:
            offsets = self._sent(part)
            for letter, offset in zip(part, offsets, strict=True):
                self._producer.produce(
                    LEDGER, key=letter.record, value=self._encoder.encode(_entry(letter, offset))
                )
            self._producer.commit_transaction(TRANSACTION_S)
        except BaseException:
            self._producer.abort_transaction(TRANSACTION_S)
            raise

    def _sent(self, part: list[Letter]) -> list[int]:
        """Send the records; their new offsets."""
        delivered: dict[int, Message] = {}
        errors: list[Any] = []

        def note(number: int) -> Any:
            def delivery(error: Any, message: Message) -> None:
                if error is None:
                    delivered[number] = message
                else:
                    errors.append(error)

            return delivery

        for number, letter in enumerate(part):
            self._producer.produce(
                letter.source_topic,
                key=letter.record_key,
                value=letter.record_value,
                partition=letter.source_partition,
                timestamp=letter.source_timestamp,
                headers=[
                    (ATTEMPT_HEADER, str(letter.attempt + 1).encode()),
                    (ORIGIN_HEADER, letter.record.encode()),
                ],
                on_delivery=note(number),
            )
        self._producer.flush(TRANSACTION_S)
        if errors:
            raise KafkaException(errors[0])
        if len(delivered) < len(part):
            raise ShopstreamError(
                f"{len(part) - len(delivered)} records were not acknowledged by Kafka within "
                f"{TRANSACTION_S:.0f} s; see `shopstream status`, then replay again"
            )
        return [delivered[number].offset() or 0 for number in range(len(part))]


def to_put_back(
    selected: Iterable[Letter],
    done: set[str],
    overtaken: Callable[[Letter], bool],
    outcome: Outcome,
) -> Iterator[Letter]:
    """Those to put back: two jobs may have a letter each on one record."""
    begun: set[str] = set()
    for letter in selected:
        if not letter.has_record:
            outcome.without_record += 1
        elif letter.record in done:
            outcome.before += 1
        elif letter.record not in begun:
            begun.add(letter.record)
            if overtaken(letter):
                outcome.overtaken += 1
            else:
                yield letter


def transactions(to_send: Iterable[Letter]) -> Iterator[list[Letter]]:
    part: list[Letter] = []
    size = 0
    for letter in to_send:
        part.append(letter)
        size += len(letter.record_value or b"") + len(letter.record_key or b"")
        if len(part) == MOST_RECORDS or size >= MOST_BYTES:
            yield part
            part, size = [], 0
    if part:
        yield part


def _entry(letter: Letter, offset: int) -> dict[str, Any]:
    return {
        "event_id": f"{letter.record}#{letter.attempt + 1}",
        "event_time": now_ms(),
        "record": letter.record,
        "source_topic": letter.source_topic,
        "source_partition": letter.source_partition,
        "source_offset": letter.source_offset,
        "replayed_offset": offset,
        "attempt": letter.attempt + 1,
    }


@contextmanager
def _reported() -> Iterator[None]:
    try:
        yield
    except KafkaException as error:
        reason = error.args[0]
        if reason.fatal():
            raise ShopstreamError(
                "another replay has begun and stopped this one; run it again when that is over"
            ) from error
        raise ShopstreamError(f"Kafka did not take the records: {reason.str()}") from error
