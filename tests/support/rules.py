"""A domain's rule without Flink: what the decision operator does, in dicts and on demand."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import count
from typing import Any

import msgspec

from connectors.topics import TOPICS
from udfs.contract import Children, Domain, Links, Source, WakeUp

Record = dict[str, Any]


class StoredChildren:
    """The children of one entity, kept as bytes: what a rule does not put back is lost."""

    def __init__(self, child_type: type[msgspec.Struct] | None) -> None:
        self._decoder = msgspec.msgpack.Decoder(child_type)
        self.encoded: dict[str, bytes] = {}
        self.wake_ups: dict[str, int] = {}
        self.scans = 0

    def get(self, child_id: str) -> Any:
        stored = self.encoded.get(child_id)
        return None if stored is None else self._decoder.decode(stored)

    def put(self, child_id: str, child: msgspec.Struct, wake_at: int | None = None) -> None:
        self.encoded[child_id] = msgspec.msgpack.encode(child)
        self.wake_ups.pop(child_id, None)
        if wake_at is not None:
            self.wake_ups[child_id] = wake_at

    def add(self, child_id: str, child: msgspec.Struct, wake_at: int | None = None) -> None:
        assert child_id not in self.encoded, f"{child_id} is not new"
        self.put(child_id, child, wake_at)

    def remove(self, child_id: str) -> None:
        self.encoded.pop(child_id, None)
        self.wake_ups.pop(child_id, None)

    def scan(self) -> Iterator[tuple[str, Any]]:
        self.scans += 1
        for child_id, stored in self.encoded.items():
            yield child_id, self._decoder.decode(stored)


class EntityView:
    """The `View` of one entity; `stored` is its children with what a rule does not get to see."""

    def __init__(
        self, entity: str, domain: Domain, references: Mapping[str, Mapping[str, Any]]
    ) -> None:
        self.entity = entity
        self.stored = StoredChildren(domain.child)
        self.children: Children[Any] = self.stored
        self.source: Source | None = None
        self.answers: Sequence[Any] = ()
        self._references = references

    def reference(self, topic: str) -> Mapping[str, Any]:
        return self._references[topic]


class LinkDriver:
    """The links of a domain, kept as bytes, with their wake-ups."""

    def __init__(self, links: Links) -> None:
        self._links = links
        self._decoder = msgspec.msgpack.Decoder(links.state)
        self.states: dict[str, bytes] = {}
        self.wake_ups: dict[str, int] = {}

    def touch(self, name: str, touch: Any) -> tuple[Any, list[tuple[str, Record]]]:
        """The link's answer and outputs."""
        stored = self.states.pop(name, None)
        state = None if stored is None else self._decoder.decode(stored)
        linked = self._links.rule(state, touch, name)
        self.wake_ups.pop(name, None)
        if linked.state is not None:
            self.states[name] = msgspec.msgpack.encode(linked.state)
            if linked.wake_at is not None:
                self.wake_ups[name] = linked.wake_at
        return linked.answer, list(linked.outputs)

    def advance(self, now: int) -> list[tuple[str, Record]]:
        """Wake whoever asked for a time up to `now` (epoch ms), earliest first."""
        outputs: list[tuple[str, Record]] = []
        while due := min(((at, name) for name, at in self.wake_ups.items()), default=None):
            at, name = due
            if at > now:
                break
            outputs += self.touch(name, WakeUp(f"wake/{name}/{at}", at))[1]
            assert self.wake_ups.get(name) != at, f"{name} asks to be woken at {at} again"
        return outputs


class RuleDriver:
    """Feeds records to a domain's rule, one at a time, and fires its wake-ups in time order.

    State and children pass through msgpack at every step, so only what is persisted counts.
    An event_id that came before is dropped, as the operator does. Time moves by `advance` only,
    so events may be sent late and wake-ups may be made to wait.
    """

    def __init__(self, domain: Domain) -> None:
        self.domain = domain
        self.now = 0
        self.outputs: list[tuple[str, Record]] = []
        self._references: dict[str, dict[str, Any]] = {topic: {} for topic in domain.reference}
        self._views: dict[str, EntityView] = {}
        self._states: dict[str, bytes] = {}
        self._wake_ups: dict[str, int] = {}
        self._seen: set[str] = set()
        self._offsets = count()
        self.given_up: list[tuple[Source, str]] = []
        self.links = None if domain.links is None else LinkDriver(domain.links)
        self._state_decoder = msgspec.msgpack.Decoder(domain.state)

    def refer(self, topic: str, key: str, record: Record | None) -> None:
        """Publish a reference record under its Kafka key; None deletes it."""
        if record is None:
            self._references[topic].pop(key, None)
        else:
            self._references[topic][key] = msgspec.convert(record, self.domain.reference[topic])

    def send(self, record: Record, topic: str | None = None) -> list[tuple[str, Record]]:
        """Apply a record of `topic` (default: the domain's only input); what it made happen."""
        if topic is None:
            (topic,) = self.domain.inputs
        event = msgspec.convert(record, self.domain.inputs[topic])
        if event.event_id in self._seen:
            return []
        self._seen.add(event.event_id)
        answers, outputs = self._touch(event)
        entity = record.get(self.domain.entity)
        if entity is None:
            self.outputs += outputs
            return outputs
        view = self.view(entity)
        key = TOPICS[topic].key_of(record).encode() if topic in TOPICS else entity.encode()
        view.source = (topic, 0, next(self._offsets), event.event_time, key, b"")
        view.answers = answers
        decided = self._apply(entity, event)
        view.source, view.answers = None, ()
        self.outputs += outputs
        return outputs + decided

    def _touch(self, event: Any) -> tuple[list[Any], list[tuple[str, Record]]]:
        """Let an event touch its links; their answers in order, and what they put out."""
        answers: list[Any] = []
        outputs: list[tuple[str, Record]] = []
        if self.links is not None and self.domain.links is not None:
            for name, touch in self.domain.links.touches(event):
                answer, emitted = self.links.touch(name, touch)
                answers.append(answer)
                outputs += emitted
        return answers, outputs

    def advance(self, time: int) -> list[tuple[str, Record]]:
        """Move event time to `time` (epoch ms) and fire what is due, earliest first."""
        self.now = max(self.now, time)
        outputs: list[tuple[str, Record]] = []
        if self.links is not None:
            outputs += self.links.advance(self.now)
            self.outputs += outputs
        while due := self._next_due():
            wake_at, entity, child_id = due
            outputs += self._fire(entity, wake_at, child_id or None)
        return outputs

    def wake(self, entity: str, time: int, child_id: str | None = None) -> list[tuple[str, Record]]:
        """Deliver a wake-up that nobody is waiting for any more, as a restored timer may."""
        event_id = f"wake/{entity}/{child_id}/{time}"
        return self._apply(entity, WakeUp(event_id=event_id, event_time=time, child_id=child_id))

    def remember(self, entity: str, state: Any) -> None:
        """Put the entity's state in the place of what events made of it."""
        self._states[entity] = msgspec.msgpack.encode(state)

    def state(self, entity: str) -> Any:
        """The entity's state as stored, or None."""
        stored = self._states.get(entity)
        return None if stored is None else self._state_decoder.decode(stored)

    def children(self, entity: str) -> dict[str, Any]:
        """The entity's children as stored, by id."""
        view = self._views.get(entity)
        return {} if view is None else {id_: view.stored.get(id_) for id_ in view.stored.encoded}

    def emitted(self, topic: str, **fields: Any) -> list[Record]:
        """All records of `topic` so far whose fields have the values given."""
        return [
            record
            for output_topic, record in self.outputs
            if output_topic == topic and all(record[name] == fields[name] for name in fields)
        ]

    def view(self, entity: str) -> EntityView:
        """The view that the entity's rule is given."""
        if entity not in self._views:
            self._views[entity] = EntityView(entity, self.domain, self._references)
        return self._views[entity]

    def assert_no_wake_ups_left(self) -> None:
        """Fail if anything still waits for a time."""
        waiting = {entity: view.stored.wake_ups for entity, view in self._views.items()}
        assert not self._wake_ups, self._wake_ups
        assert not any(waiting.values()), waiting

    def _next_due(self) -> tuple[int, str, str] | None:
        due = [(at, entity, "") for entity, at in self._wake_ups.items() if at <= self.now]
        for entity, view in self._views.items():
            wake_ups = view.stored.wake_ups.items()
            due += [(at, entity, child_id) for child_id, at in wake_ups if at <= self.now]
        return min(due, default=None)

    def _fire(self, entity: str, wake_at: int, child_id: str | None) -> list[tuple[str, Record]]:
        """Deliver a wake-up once; asking for the same time again would never end."""
        wake_ups = self._wake_ups if child_id is None else self.view(entity).stored.wake_ups
        key = child_id or entity
        del wake_ups[key]
        outputs = self.wake(entity, wake_at, child_id)
        again = wake_ups.get(key) == wake_at
        assert not again, f"{entity} {child_id or ''} asks to be woken at {wake_at} again"
        return outputs

    def _apply(self, entity: str, event: Any) -> list[tuple[str, Record]]:
        outcome = self.domain.rule(self.state(entity), event, self.view(entity))
        state, outputs, wake_at, given_up = outcome
        self.given_up += given_up
        unknown = {topic for topic, _ in outputs} - set(self.domain.outputs)
        assert not unknown, f"{self.domain.name} wrote to topics it did not declare: {unknown}"
        if state is None:
            self._states.pop(entity, None)
        else:
            self._states[entity] = msgspec.msgpack.encode(state)
        self._wake_ups.pop(entity, None)
        if wake_at is not None:
            self._wake_ups[entity] = wake_at
        self.outputs += outputs
        return outputs
