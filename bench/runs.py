"""Runs of one job on a stack of the benchmark's own, from topics that were written before."""

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from statistics import median
from typing import Any

from confluent_kafka import OFFSET_END, Consumer, TopicPartition

from bench.hot_path import profile
from bench.progress import QUIET_S, Run, Watch
from connectors.codec import Encoder
from connectors.kafka import Publisher, admin, consumer
from connectors.registry import Registry
from connectors.settings import settings
from connectors.topics import topic
from deploy.stack.temporary import LocalStack

Record = dict[str, Any]
RUN_DEADLINE_S = 600.0
PROFILE_AFTER_S, PROFILE_S = 3.0, 8


@dataclass
class Rates:
    """Events per second of several runs."""

    runs: list[float] = field(default_factory=list)

    @property
    def middle(self) -> float:
        return median(self.runs)

    def __str__(self) -> str:
        spread = f" ({min(self.runs):,.0f} to {max(self.runs):,.0f})" if len(self.runs) > 1 else ""
        return f"{self.middle:,.0f} events/s{spread}, {len(self.runs)} runs"


@dataclass(frozen=True)
class JobRuns:
    """Runs of `job`, each from the beginning of what `source` then holds.

    inputs: all topics that the job reads events from. outputs: what is watched.
    """

    stack: LocalStack
    job: str
    source: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]

    def preloaded(
        self,
        records: Iterable[Record],
        tuning: dict[str, str] | None = None,
        probe: Callable[[], None] = lambda: None,
    ) -> Run:
        """Write the records, then let a fresh job decide them, and watch.

        tuning: environment variables that the job is submitted with.
        """

        @contextmanager
        def submitted() -> Iterator[None]:
            self.stack.demand("submit", self.job, "--fresh", **(tuning or {}))
            yield
            self.stack.demand("stop", self.job)

        return self.preloaded_for(submitted(), records, probe)

    def preloaded_for(
        self,
        engine: AbstractContextManager[None],
        records: Iterable[Record],
        probe: Callable[[], None] = lambda: None,
        quiet_s: float = QUIET_S,
    ) -> Run:
        """The same for another engine, which runs as long as its context is open."""
        self.empty_topics()
        events = write(self.source, records)
        watch = Watch(settings().kafka_bootstrap, self.outputs)
        with engine:
            return watch.follow(events, RUN_DEADLINE_S, probe, quiet_s)

    def empty_topics(self) -> None:
        """Let the inputs begin at their ends, so that a fresh job reads only what comes now."""
        assert self.stack.state == settings().state_path, "only ever on the benchmark's own stack"
        empty(self.inputs)

    def profiler(self, hot_path: dict[str, float]) -> Callable[[], None]:
        """Starts a profile of the TaskManager that fills `hot_path` when the job is warm."""
        pid = int(str(self.stack.services()["taskmanager-1"]["pid"]))

        def take() -> None:
            hot_path.update(profile(pid, PROFILE_S))

        return threading.Timer(PROFILE_AFTER_S, take).start


def empty(names: Iterable[str]) -> None:
    """Let the topics begin at their ends; but for the compacted, which Kafka empties for nobody."""
    ends = [
        TopicPartition(name, partition, OFFSET_END)
        for name in names
        if topic(name).cleanup == "delete"
        for partition in range(topic(name).partitions)
    ]
    client = admin(settings().kafka_bootstrap)  # its futures never end once it is gone
    for future in client.delete_records(ends).values():
        future.result()


def reader_from_now(name: str) -> Consumer:
    """Reads what comes to the topic from now on, committed or not, and misses none of it."""
    reader = consumer(settings().kafka_bootstrap, "read_uncommitted")
    partitions = [TopicPartition(name, number) for number in range(topic(name).partitions)]
    for partition in partitions:  # OFFSET_END would be looked up only when the first poll comes
        _, partition.offset = reader.get_watermark_offsets(partition)
    reader.assign(partitions)
    return reader


def write(name: str, records: Iterable[Record], linger_ms: int = 20) -> int:
    """Send the records to the topic `name`; returns how many there were."""
    return write_each(((name, record) for record in records), linger_ms)


def write_each(records: Iterable[tuple[str, Record]], linger_ms: int = 20) -> int:
    """Send each record to its topic; returns how many there were."""
    registry = Registry(settings().registry_url)
    encoders: dict[str, Encoder] = {}
    count = 0
    with Publisher(settings().kafka_bootstrap, linger_ms) as publisher:
        for name, record in records:
            declared = topic(name)
            if name not in encoders:
                schema_id = registry.schema_id(declared)
                encoders[name] = Encoder(name, declared.avro_schema, schema_id)
            value = encoders[name].encode(record)
            publisher.send(name, declared.key_of(record), value, record["event_time"])
            count += 1
    return count
