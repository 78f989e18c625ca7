"""Dead letters as they stand in their topic."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import msgspec

from connectors.codec import Decoder
from connectors.reading import records
from connectors.registry import Registry
from connectors.settings import Settings
from connectors.topics import TOPICS

LETTERS = "dlq"


class Letter(msgspec.Struct, frozen=True, kw_only=True):
    """A dead letter, as the schema of `dlq` explains its fields. Times are epoch ms."""

    event_id: str
    event_time: int
    source_topic: str
    source_partition: int
    source_offset: int
    source_timestamp: int
    record_key: bytes | None
    record_value: bytes | None
    job: str
    error_class: str
    error_message: str
    attempt: int

    @property
    def record(self) -> str:
        """Where the record stands: topic/partition/offset."""
        return f"{self.source_topic}/{self.source_partition}/{self.source_offset}"

    @property
    def has_record(self) -> bool:
        """Whether there is a record to put back; a wake-up stands in no topic."""
        return self.source_partition >= 0


@dataclass(frozen=True)
class Selection:
    """Which letters are meant; what is not given leaves all in.

    reason: the error's class, or a part of its message. records: where their records stand.
    """

    job: str | None = None
    topic: str | None = None
    reason: str | None = None
    records: frozenset[str] = frozenset()

    def takes(self, letter: Letter) -> bool:
        return (
            self.job in (None, letter.job)
            and self.topic in (None, letter.source_topic)
            and (
                self.reason is None
                or self.reason == letter.error_class
                or self.reason.lower() in letter.error_message.lower()
            )
            and (not self.records or letter.record in self.records)
        )


@dataclass
class Group:
    """Letters of one job, topic and error class.

    replayed: of how many the record was put back. latest_ms: the time of the latest (epoch ms).
    records: where their records stand, oldest letter first.
    """

    job: str
    topic: str
    reason: str
    letters: int = 0
    replayed: int = 0
    latest_ms: int = 0
    records: list[str] = field(default_factory=list)

    @property
    def latest(self) -> str:
        return f"{datetime.fromtimestamp(self.latest_ms / 1000, UTC):%Y-%m-%d %H:%M:%S}"


def read(topic: str, kind: type[Any], settings: Settings) -> Iterator[Any]:
    """All records of a topic up to its end, oldest first, each typed."""
    lookup = Registry(settings.registry_url).lookup
    decode = Decoder(topic, TOPICS[topic].avro_schema, lookup).decode
    for raw in records(settings.kafka_bootstrap, topic, from_beginning=True, quiet_s=0):
        yield msgspec.convert(decode(raw.value), kind)


def letters(settings: Settings) -> Iterator[Letter]:
    """All dead letters, each once: a job writes one again when it has tried again."""
    return once(read(LETTERS, Letter, settings))


def once(written: Iterable[Letter]) -> Iterator[Letter]:
    """Without repeats."""
    seen: set[str] = set()
    for letter in written:
        if letter.event_id not in seen:
            seen.add(letter.event_id)
            yield letter


def grouped(selected: Iterable[Letter], replayed: Mapping[str, Any]) -> list[Group]:
    """Letters counted; `replayed` has the records that were put back."""
    found: dict[tuple[str, str, str], Group] = {}
    for letter in selected:
        place = (letter.job, letter.source_topic, letter.error_class)
        group = found.setdefault(place, Group(*place))
        group.letters += 1
        group.replayed += letter.record in replayed
        group.latest_ms = max(group.latest_ms, letter.event_time)
        group.records.append(letter.record)
    return [found[place] for place in sorted(found)]
