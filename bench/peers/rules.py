"""A domain's own rules over a peer's state.

Less than a job does: no repeats are dropped, nobody is woken, reference data stands still, and what
belongs nowhere is not told.
"""

from collections.abc import Mapping
from time import time_ns
from typing import Any

import msgspec
from wire import TOPIC, Record

from jobs.runtime.typed import typing_of
from udfs.contract import Domain

Rows = list[tuple[str, Record]]
Message = dict[str, Any]

STATE = "state"


class Children:
    """An entity's children, each under a name of its own."""

    def __init__(self, state: Any, kind: Any) -> None:
        self._state = state
        self._kind = kind

    def get(self, child_id: str) -> Any:
        plain = self._state.get(f"child/{child_id}")
        return None if plain is None else msgspec.convert(plain, self._kind)

    def put(self, child_id: str, child: Any, wake_at: int | None = None) -> None:  # noqa: ARG002
        self._state.set(f"child/{child_id}", msgspec.to_builtins(child))

    add = put

    def remove(self, child_id: str) -> None:
        self._state.delete(f"child/{child_id}")


class View:
    """What the rule sees of one event."""

    def __init__(self, entity: str, children: Children, reference: Any, answers: Any) -> None:
        self.entity = entity
        self.children = children
        self.reference = reference
        self.answers = answers
        self.source: Any = None


class Rules:
    """The rules of `domain` and of its links, as steps of a peer.

    reference: topic -> its records by identity.
    """

    def __init__(self, domain: Domain, reference: Mapping[str, Mapping[str, Record]]) -> None:
        self._domain = domain
        self._typed = {topic: typing_of(kind) for topic, kind in domain.inputs.items()}
        self._reference = {
            topic: {
                identity: msgspec.convert(record, kind)
                for identity, record in reference.get(topic, {}).items()
            }
            for topic, kind in domain.reference.items()
        }
        # a job reads them as events, too: here an entity's comes before its first other event
        self._first = [topic for topic in domain.inputs if topic in domain.reference]

    def step(self, state: Any, record: Record) -> Rows:
        """Decide an event that touches no links."""
        return self._decide(state, record, ())

    def touched(self, record: Record) -> list[Message]:
        """What to ask the links that an event touches; of one without, what goes to its entity."""
        event = self._typed[record[TOPIC]](record)
        entity = record.get(self._domain.entity)
        touches = self._domain.links.touches(event)  # type: ignore[union-attr]
        of = {"entity": entity, "event_id": event.event_id, "parts": len(touches)}
        if not touches:
            return [] if entity is None else [{**of, "link": None, "number": 0, "record": record}]
        return [
            {
                **of,
                "link": name,
                "number": number,
                "touch": msgspec.to_builtins(touch),
                "record": None if number else record,
            }
            for number, (name, touch) in enumerate(touches)
        ]

    def linked(self, state: Any, asked: Message) -> Message:
        """Ask a link's rule; its answer goes to the event's entity."""
        links = self._domain.links
        assert links is not None, f"{self._domain.name} has links"
        plain = state.get(STATE)
        link = None if plain is None else msgspec.convert(plain, links.state)
        touch = msgspec.convert(asked.pop("touch"), links.touch)
        linked = links.rule(link, touch, asked["link"])
        assert not linked.outputs, "the load has nothing that a link would tell"
        _keep(state, linked.state)
        return {**asked, "answer": msgspec.to_builtins(linked.answer)}

    def gathered(self, state: Any, answer: Message) -> Rows:
        """Keep a link's answer; when all of the event's are there, decide it."""
        if answer["parts"] <= 1:
            return self._decide(state, answer["record"], self._answers([answer]))
        name = f"asked/{answer['event_id']}"
        answers = [*(state.get(name) or ()), answer]
        if len(answers) < answer["parts"]:
            state.set(name, answers)
            return []
        state.delete(name)
        answers.sort(key=lambda one: one["number"])
        return self._decide(state, answers[0]["record"], self._answers(answers))

    def _answers(self, answers: list[Message]) -> list[Any]:
        kind = self._domain.links.answer  # type: ignore[union-attr]
        told = (one.get("answer") for one in answers if one["parts"])
        return [None if one is None else msgspec.convert(one, kind) for one in told]

    def _decide(self, state: Any, record: Record, answers: Any) -> Rows:
        entity = record[self._domain.entity]
        rows: Rows = []
        if self._first and state.get(STATE) is None:
            known = (self._reference[topic].get(entity) for topic in self._first)
            for event in known:
                if event is not None:
                    rows += self._apply(state, entity, event, (), None)
        topic = record[TOPIC]
        event = self._typed[topic](record)
        source = (topic, 0, 0, event.event_time, b"", b"")
        return rows + self._apply(state, entity, event, answers, source)

    def _apply(self, state: Any, entity: str, event: Any, answers: Any, source: Any) -> Rows:
        plain = state.get(STATE)
        known = None if plain is None else msgspec.convert(plain, self._domain.state)
        children = Children(state, self._domain.child)
        view = View(entity, children, self._reference.__getitem__, answers)
        view.source = source
        outcome = self._domain.rule(known, event, view)
        _keep(state, outcome.state)
        now = time_ns() // 1_000_000
        for number, (_, row) in enumerate(outcome.outputs):
            row.setdefault("event_id", f"{event.event_id}#{number}")
            row.setdefault("event_time", event.event_time)
            row["decided_at"] = now  # of topics that have it
        return outcome.outputs


def _keep(state: Any, kept: Any) -> None:
    if kept is None:
        state.delete(STATE)
    else:
        state.set(STATE, msgspec.to_builtins(kept))
