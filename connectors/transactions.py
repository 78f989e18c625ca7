"""Kafka's transactions: which are open, and what became of those that a checkpoint counts on.

A job's outputs become readable when the transaction that they were written in is committed, which
Flink does when the checkpoint is complete, or, after a failure, when it is restored. If Kafka has
aborted the transaction meanwhile, because it was open for longer than its timeout, Flink logs that
and goes on: what was written in it is lost. Hence these questions are asked before.
"""

import re
import struct
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final, NamedTuple

from confluent_kafka import IsolationLevel, KafkaException, TopicPartition
from confluent_kafka.admin import AdminClient, OffsetSpec
from kafka import KafkaAdminClient
from kafka.admin import TransactionDescription, TransactionState
from kafka.errors import KafkaError

from connectors.clock import now_ms
from connectors.errors import ShopstreamError
from connectors.kafka import TIMEOUT_S, admin

PREFIX: Final = "shopstream-"
"""Of the transactional ids of all our jobs."""
METADATA: Final = "_metadata"
"""The file that makes a folder a complete checkpoint or savepoint."""

_ID: Final = re.compile(rb"%s[\x21-\x7e]{1,200}" % PREFIX.encode())
# As Flink writes what the connector prepared: the length of it all, the producer's epoch and id,
# the length of the name.
_HEAD: Final = struct.Struct(">ihqH")
_WITHOUT_NAME: Final = _HEAD.size - 4
_COMMITTED: Final = frozenset({TransactionState.PREPARE_COMMIT, TransactionState.COMPLETE_COMMIT})
_ABORTED: Final = frozenset({TransactionState.PREPARE_ABORT, TransactionState.COMPLETE_ABORT})


@dataclass(frozen=True)
class OpenTransaction:
    """A transaction that is neither committed nor aborted.

    open_s: for how long it has been open. timeout_s: for how long it may be. held: the partitions
    of which readers of committed records see no more than was there before, each with how many
    records they do not see.
    """

    transactional_id: str
    open_s: float
    timeout_s: float
    held: Mapping[str, int]

    def __str__(self) -> str:
        held = ", ".join(f"{place} ({count:,} records)" for place, count in self.held.items())
        return (
            f"{self.transactional_id} has been open for {self.open_s:.0f} s and keeps readers from "
            f"{held}, until {self.timeout_s:.0f} s are over"
        )


class Prepared(NamedTuple):
    """A transaction that waits for its checkpoint to be complete."""

    transactional_id: str
    producer_id: int


class Fate(StrEnum):
    """What became of a prepared transaction."""

    OPEN = "open"
    COMMITTED = "committed"
    ABORTED = "aborted"


def open_transactions(bootstrap: str, longer_than_s: float) -> list[OpenTransaction]:
    """Those that have been open for longer, the oldest first.

    Raises ShopstreamError if no broker answers.
    """
    with _client(bootstrap) as client:
        found = client.list_transactions(state_filters=[TransactionState.ONGOING.value])
        names = [listing.transactional_id for of_broker in found.values() for listing in of_broker]
        described = client.describe_transactions(names)
    now = now_ms()
    old = [
        (name, (now - transaction.transaction_start_time_ms) / 1000, transaction)
        for name, transaction in described.items()
        if transaction.state is TransactionState.ONGOING
        and now - transaction.transaction_start_time_ms > longer_than_s * 1000
    ]
    kafka = admin(bootstrap)
    return [
        OpenTransaction(name, open_s, t.transaction_timeout_ms / 1000, _held(kafka, t))
        for name, open_s, t in sorted(old, key=lambda item: -item[1])
    ]


def _held(kafka: AdminClient, transaction: TransactionDescription) -> dict[str, int]:
    places = sorted(transaction.topic_partitions)
    ends, stable = (
        _last_offsets(kafka, [(place.topic, place.partition) for place in places], isolation)
        for isolation in (IsolationLevel.READ_UNCOMMITTED, IsolationLevel.READ_COMMITTED)
    )
    return {
        f"{place.topic}[{place.partition}]": ends[place.topic, place.partition]
        - stable[place.topic, place.partition]
        for place in places
    }


def _last_offsets(
    kafka: AdminClient, places: Collection[tuple[str, int]], isolation: IsolationLevel
) -> dict[tuple[str, int], int]:
    asked = {TopicPartition(*place): OffsetSpec.latest() for place in places}
    if not asked:
        return {}
    try:
        told = kafka.list_offsets(asked, isolation_level=isolation, request_timeout=TIMEOUT_S)
        return {(p.topic, p.partition): f.result(TIMEOUT_S).offset for p, f in told.items()}
    except KafkaException as error:
        raise ShopstreamError(f"Kafka does not tell its offsets: {error.args[0].str()}") from error


def prepared_in(checkpoint: Path) -> set[Prepared]:
    """The transactions that a checkpoint's folder counts on, found by their form in its files."""
    return {
        prepared
        for file in checkpoint.iterdir()
        if file.is_file()
        for prepared in _scan(file.read_bytes())
    }


def _scan(content: bytes) -> Iterator[Prepared]:
    for match in _ID.finditer(content):
        at = match.start() - _HEAD.size
        if at < 0:
            continue
        whole, _, producer_id, length = _HEAD.unpack_from(content, at)
        # names of transactions stand elsewhere in the state too, but without their producer
        if whole == _WITHOUT_NAME + length and length <= len(match[0]):
            yield Prepared(match[0][:length].decode(), producer_id)


def fates(bootstrap: str, checkpoint: Path) -> dict[Prepared, Fate]:
    """What became of the transactions that a checkpoint counts on, as far as Kafka knows them.

    Raises ShopstreamError if no broker answers.
    """
    made_at = round((checkpoint / METADATA).stat().st_mtime * 1000)
    prepared = prepared_in(checkpoint)
    names = {transaction.transactional_id for transaction in prepared}
    with _client(bootstrap) as client:
        found = client.list_transactions()
        known = {item.transactional_id for of_broker in found.values() for item in of_broker}
        described = client.describe_transactions(sorted(names & known))
    return {
        transaction: fate_of(described[transaction.transactional_id], made_at)
        for transaction in prepared
        if transaction.transactional_id in described
        and described[transaction.transactional_id].producer_id == transaction.producer_id
    }


def fate_of(now: TransactionDescription, made_at: int) -> Fate:
    """What became of a transaction of the checkpoint of `made_at` (epoch ms), by what Kafka says
    now of its name.

    What began after that is a later transaction of the name, and Flink begins one only when it has
    committed the one before. (The producer's epoch would not tell: a transaction that timed out
    raises it by two, and one that was committed and another by as much.)
    """
    if now.transaction_start_time_ms > made_at:
        return Fate.COMMITTED
    if now.state in _ABORTED:
        return Fate.ABORTED
    return Fate.COMMITTED if now.state in _COMMITTED else Fate.OPEN


@contextmanager
def _client(bootstrap: str) -> Iterator[KafkaAdminClient]:
    """A client that knows transactions, which librdkafka's does not yet."""
    try:
        client = KafkaAdminClient(
            bootstrap_servers=bootstrap, request_timeout_ms=int(TIMEOUT_S * 1000)
        )
    except KafkaError as error:
        raise ShopstreamError(
            f"no Kafka broker answers at {bootstrap}; start it with `shopstream up`"
        ) from error
    try:
        yield client
    except KafkaError as error:
        raise ShopstreamError(f"Kafka does not tell its transactions: {error}") from error
    finally:
        client.close()
