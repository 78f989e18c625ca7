"""One decision operator on the harness, fed with records and read as records."""

from itertools import count
from typing import Any, NamedTuple

import msgspec
from flinkharness import Harness
from pyflink.common import Row, Types

from connectors.codec import Decoder, Encoder
from connectors.topics import TOPICS
from jobs.runtime.arrivals import ARRIVALS
from jobs.runtime.decision import DecisionFunction
from jobs.runtime.packets import OutputRow
from jobs.runtime.streams import BATCH_TYPE, PACKED_ROWS_TYPE, REFERENCE_TYPE
from jobs.runtime.wire import Wire
from udfs.contract import Domain

Record = dict[str, Any]

SCHEMA_IDS = {topic: number for number, topic in enumerate(TOPICS, start=1)}
WIRE = Wire(
    {number: TOPICS[topic].schema_text for topic, number in SCHEMA_IDS.items()},
    {topic: number for topic, number in SCHEMA_IDS.items() if topic != ARRIVALS},
    "http://127.0.0.1:1",  # nobody answers: all schemas are known
)
BATCH_MS = 20
BUCKET = 7
SETTLED_MS = 500  # for wake-ups that wait for batches on the way


class Raw(NamedTuple):
    """A record as Kafka has it, for what a dict cannot say; its attempt is 1 unless put back."""

    value: bytes | None
    key: bytes | None
    timestamp: int
    attempt: int = 1

    def topic(self, name: str) -> str:
        """The topic's name as the job reads it."""
        return name if self.attempt == 1 else f"{name}#{self.attempt}"


class Output(NamedTuple):
    topic: str
    key: str
    record: Record


def raw(topic: str, record: Record, **changes: Any) -> Raw:
    """The record as a producer writes it; `changes` replace its other fields."""
    key = TOPICS[topic].key_of(record).encode()
    return Raw(encoded(topic, record), key, record["event_time"])._replace(**changes)


def encoded(topic: str, record: Record) -> bytes:
    return Encoder(topic, TOPICS[topic].avro_schema, SCHEMA_IDS[topic]).encode(record)


def decoded(topic: str, value: bytes) -> Record:
    return Decoder(topic, TOPICS[topic].avro_schema, WIRE.schemas.get).decode(value)


def put_out(operator: Harness) -> list[OutputRow]:
    """The rows that a decision operator has emitted so far, in order."""
    unpack = msgspec.msgpack.Decoder(list[OutputRow]).decode
    return [row for packed in operator.emitted() for row in unpack(packed)]


def outputs_of(rows: list[OutputRow]) -> list[Output]:
    """The rows as records."""
    return [Output(topic, key.decode(), decoded(topic, value)) for topic, key, value, _ in rows]


class ThreadModeContext:
    """The runtime context as thread mode has it: which subtask this is, only Java knows."""

    def __init__(self, inner: Any, subtask: int) -> None:
        self._inner = inner
        self._subtask = subtask

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def get_index_of_this_subtask(self) -> int:
        raise AttributeError("getIndexOfThisSubtask")

    @property
    def _runtime_context(self) -> "ThreadModeContext":
        return self

    def getTaskInfo(self) -> "ThreadModeContext":
        return self

    def getIndexOfThisSubtask(self) -> int:
        return self._subtask


class _Submitted(DecisionFunction):
    """The function as it is; the harness refuses to say which subtask it runs in thread mode."""

    def __init__(self, subtask: int, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._subtask = subtask

    def open(self, runtime_context: Any) -> None:
        super().open(ThreadModeContext(runtime_context, self._subtask))


class DecisionHarness:
    """Runs `domain` in the operator that its job runs it in, without a JVM.

    clock: processing time at the start (epoch ms).
    awaited: (topic, partition) -> offset of the last reference record to wait for.
    batch_ms: for how long SQL gathers a batch.
    subtask: which of several it is.
    wire: what it can write.
    """

    def __init__(
        self,
        domain: Domain,
        clock: int,
        *,
        awaited: dict[tuple[str, int], int] | None = None,
        batch_ms: int = BATCH_MS,
        subtask: int = 0,
        wire: Wire = WIRE,
    ) -> None:
        (self.input,) = domain.inputs
        self._domain = domain
        self._awaited = awaited or {}
        self._batch_ms = batch_ms
        self._subtask = subtask
        self._wire = wire
        self._offsets = count()
        self._reference_offsets = {topic: count() for topic in domain.reference}
        self._earlier: list[OutputRow] = []
        self._start(clock, None)

    def _start(self, clock: int, snapshot: bytes | None) -> None:
        self.flink = Harness(
            _Submitted(self._subtask, self._domain, self._wire, self._awaited, self._batch_ms),
            key_type=Types.INT(),
            input_type=BATCH_TYPE,
            input_type2=REFERENCE_TYPE,
            output_type=PACKED_ROWS_TYPE,
            clock=clock,
            snapshot=snapshot,
        )

    def restore(
        self,
        snapshot: bytes | None = None,
        *,
        down_ms: int = 0,
        domain: Domain | None = None,
        awaited: dict[tuple[str, int], int] | None = None,
    ) -> None:
        """Lose the process and start again from `snapshot`, or from where it stood.

        down_ms: how long nothing ran. domain, awaited: what was submitted meanwhile, if anything.
        Event time starts anew, as in Flink.
        """
        self._earlier += put_out(self.flink)
        self._domain = domain or self._domain
        self._awaited = awaited or self._awaited
        self._start(self.flink.clock + down_ms, snapshot or self.flink.snapshot())

    def send(
        self, *records: Record | Raw, bucket: int = BUCKET, closed_at: int | None = None
    ) -> None:
        """One batch, closed now unless `closed_at` (epoch ms) says otherwise."""
        arrived = [r if isinstance(r, Raw) else raw(self.input, r) for r in records]
        batch = Row(
            [r.value for r in arrived],
            [r.key for r in arrived],
            [r.topic(self.input) for r in arrived],
            [bucket % 4 for _ in arrived],
            [next(self._offsets) for _ in arrived],
            [r.timestamp for r in arrived],
            self.flink.clock if closed_at is None else closed_at,
        )
        self.flink.send(batch, key=bucket)

    def refer(self, topic: str, record: Record | Raw) -> None:
        """Broadcast one reference record; offsets of a topic count from 0."""
        came = record if isinstance(record, Raw) else raw(topic, record)
        offset = next(self._reference_offsets[topic])
        row = Row(came.value, came.key, came.topic(topic), 0, offset, came.timestamp)
        self.flink.broadcast(row)

    def watermark(self, time: int) -> None:
        """Event time reaches `time` (epoch ms), and no batches are on the way."""
        self.flink.watermark(time)
        self.wait(SETTLED_MS)

    def wait(self, ms: int) -> None:
        """Let processing time pass."""
        self.flink.advance_clock(self.flink.clock + ms)

    @property
    def outputs(self) -> list[Output]:
        """Everything emitted so far, in order."""
        return outputs_of([*self._earlier, *put_out(self.flink)])

    def emitted(self, topic: str, **fields: Any) -> list[Record]:
        """The records of `topic` so far whose fields have the values given."""
        return [
            output.record
            for output in self.outputs
            if output.topic == topic and fields.items() <= output.record.items()
        ]

    @property
    def dead_letters(self) -> list[Record]:
        return self.emitted("dlq")

    def forget_outputs(self) -> None:
        self._earlier = []
        self.flink.take()

    def counters(self, *names: str) -> tuple[int, ...]:
        return tuple(self.flink.metric(name) for name in names)
