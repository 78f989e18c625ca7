"""A domain's entities in dicts: what the operator keeps of them; answers of links are handed in."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from support.rules import StoredChildren

from udfs.contract import Domain, WakeUp

Outputs = list[tuple[str, dict[str, Any]]]


class Keyed:
    """Asks a domain's rule; states and children pass through msgpack at every step."""

    def __init__(self, domain: Domain) -> None:
        self.domain = domain
        self.states: dict[str, bytes] = {}
        self.wake_ups: dict[str, int] = {}
        self.views: dict[str, EntityView] = {}
        self.references: dict[str, dict[str, Any]] = {topic: {} for topic in domain.reference}

    def refer(self, topic: str, key: str, record: dict[str, Any] | None) -> None:
        """Publish a reference record under its key; None deletes it."""
        if record is None:
            del self.references[topic][key]
        else:
            self.references[topic][key] = msgspec.convert(record, self.domain.reference[topic])

    def apply(self, entity: str, event: Any, answers: Sequence[Any] = ()) -> Outputs:
        view = self.views.setdefault(entity, EntityView(entity, self.domain, self.references))
        view.answers = answers
        outcome = self.domain.rule(self.state(entity), event, view)
        assert not outcome.given_up
        assert {topic for topic, _ in outcome.outputs} <= set(self.domain.outputs)
        self.states.pop(entity, None)
        self.wake_ups.pop(entity, None)
        if outcome.state is not None:
            self.states[entity] = msgspec.msgpack.encode(outcome.state)
            if outcome.wake_at is not None:
                self.wake_ups[entity] = outcome.wake_at
        return outcome.outputs

    def advance(self, time: int) -> None:
        """Fire all wake-ups that are due at `time` (epoch ms), earliest first."""
        while due := [(at, name, None) for name, at in self.wake_ups.items() if at <= time] + [
            (at, entity, child_id)
            for entity, view in self.views.items()
            for child_id, at in view.children.wake_ups.items()
            if at <= time
        ]:
            at, entity, child_id = min(due, key=lambda found: (found[0], found[2] is None))
            if child_id is not None:
                del self.views[entity].children.wake_ups[child_id]
            outputs = self.apply(entity, WakeUp(f"wake/{entity}/{at}", at, child_id))
            assert outputs == []
            again = self.wake_ups.get(entity) if child_id is None else None
            assert again is None or again > at

    def state(self, entity: str) -> Any:
        stored = self.states.get(entity)
        return None if stored is None else msgspec.msgpack.decode(stored, type=self.domain.state)

    def children(self, entity: str) -> dict[str, Any]:
        children = self.views[entity].children
        return {child_id: children.get(child_id) for child_id in children.encoded}

    def assert_nothing_left(self) -> None:
        """Fail if an entity, a child or a wake-up is left."""
        assert not self.states
        assert not self.wake_ups
        assert not any(view.children.encoded for view in self.views.values())
        assert not any(view.children.wake_ups for view in self.views.values())


class EntityView:
    """The `View` of one entity."""

    def __init__(
        self, entity: str, domain: Domain, references: Mapping[str, Mapping[str, Any]]
    ) -> None:
        self.entity = entity
        self.children = StoredChildren(domain.child)
        self.source = None
        self.answers: Sequence[Any] = ()
        self._references = references

    def reference(self, topic: str) -> Mapping[str, Any]:
        return self._references[topic]
