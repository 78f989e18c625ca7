"""What travels between the tasks of one job: events that were read once, as MessagePack.

The intake reads raw records, and sends each event to the bucket of its entity. Where a domain has
links, its touches go to the buckets of the links first, which send their answers on:

    intake --Questions--> links --Packet--> decide --rows--> sinks
    intake ------------Packet-------------> decide --rows--> sinks     without links

Everything is packed by batch, since a row costs as much as a decision, whatever is in it.
"""

from collections.abc import Sequence
from typing import Any, Generic, NamedTuple, TypeVar

import msgspec

from jobs.runtime.attempts import parted
from jobs.runtime.typed import reader_of
from udfs.contract import Domain, Source

_encode = msgspec.msgpack.Encoder().encode

Events = TypeVar("Events")
"""What a batch holds of its events: `list[Passed]`, or `msgspec.Raw` where they only pass."""


OutputRow = tuple[str, bytes, bytes, int]
"""What is written to Kafka: topic, key, value, epoch ms."""


class Passed(msgspec.Struct, array_like=True, gc=False):
    """A record on its way to the bucket of its entity.

    entity: None if it is for its links alone, or if `error` says why it is no event.
    event: the event in MessagePack; empty if there is an error.
    error: class and message.
    """

    source: Source
    entity: str | None
    event: bytes
    error: tuple[str, str] | None = None


class Answer(msgspec.Struct, array_like=True, gc=False):
    """What a link said to touch number `number` of event number `event` of its batch."""

    event: int
    number: int
    answer: bytes
    error: tuple[str, str] | None = None


class Packet(msgspec.Struct, Generic[Events], array_like=True, gc=False):
    """A batch for the bucket of its entities, or one of its parts.

    batch: names the batch within its bucket. parts: how many packets it comes in.
    closed_at: when SQL closed the batch (epoch ms).
    events: all events of the batch, in one of its packets; none in the others.
    rows: outputs of links.
    """

    batch: str
    parts: int
    closed_at: int
    events: Events
    answers: list[Answer]
    rows: list[OutputRow]


class _Head(msgspec.Struct, array_like=True, gc=False):
    """The first fields of a packet; decoding skips the rest."""

    batch: str
    parts: int
    closed_at: int


class Touch(msgspec.Struct, array_like=True, gc=False):
    """Touch number `number` of event number `event` of its batch, of the link `name`."""

    event: int
    number: int
    name: str
    touch: bytes


class Questions(msgspec.Struct, Generic[Events], array_like=True, gc=False):
    """The touches of a batch that go to the same bucket of links.

    reply_to: the bucket of the batch's entities; the other fields as in `Packet`.
    """

    reply_to: int
    batch: str
    parts: int
    closed_at: int
    events: Events
    touches: list[Touch]


class Received(NamedTuple):
    """A record as it came out of a packet; either an event or an error."""

    source: Source
    entity: str | None
    event: Any
    answers: Sequence[Any]
    error: tuple[str, str] | None


class Packing:
    """Packs and unpacks for one domain."""

    def __init__(self, domain: Domain):
        self._events = {topic: reader_of(kind) for topic, kind in domain.inputs.items()}
        self.packet = reader_of(Packet[list[Passed]])
        self.head = reader_of(_Head)
        self.questions = reader_of(Questions[msgspec.Raw])
        self.pack = _encode
        if domain.links is not None:
            self.touch = reader_of(domain.links.touch)
            answer: Any = domain.links.answer | None
            self._answer = reader_of(answer)

    def received(self, packets: Sequence[Packet[list[Passed]]]) -> list[Received]:
        """The records of a whole batch in order, each with its answers or with what went wrong."""
        answers: dict[int, list[Answer]] = {}
        for packet in packets:
            for answer in packet.answers:
                answers.setdefault(answer.event, []).append(answer)
        passed = [one for packet in packets for one in packet.events]
        return [self._one(one, answers.get(index, ())) for index, one in enumerate(passed)]

    def _one(self, passed: Passed, answers: Sequence[Answer]) -> Received:
        error = passed.error
        for one in answers:
            error = error or one.error
        if error is not None:
            return Received(passed.source, passed.entity, None, (), error)
        topic = passed.source[0]
        decode = self._events.get(topic) or self._events[parted(topic)[0]]
        event = decode(passed.event)
        in_order = sorted(answers, key=_number) if len(answers) > 1 else answers
        given = [self._answer(one.answer) for one in in_order]
        return Received(passed.source, passed.entity, event, given, None)


def packed_rows(rows: list[OutputRow]) -> list[bytes]:
    """The rows of a batch as one message for the sinks; nothing if there are none."""
    return [_encode(rows)] if rows else []


def described(error: Exception) -> tuple[str, str]:
    """An error as it travels."""
    return type(error).__name__, str(error)


def _number(answer: Answer) -> int:
    return answer.number
