"""What a rule is given, what it returns, and how a domain declares itself.

A rule is a pure function `rule(state, event, view) -> Outcome`: plain data in, plain data out, no
clock and no I/O. The decision operator in `jobs.runtime` does everything else (Flink, batches,
timers, duplicates, dead letters, encoding), so a rule can be tested in microseconds and replayed.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol, TypeVar

import msgspec

Child = TypeVar("Child", bound=msgspec.Struct)


class WakeUp(msgspec.Struct, frozen=True):
    """The moment that the entity, or one of its children, asked to be looked at again.

    `event_time` is the time asked for (epoch ms), not the time at which the operator came to it.
    `event_id` is a function of entity, child and time, so that a replay repeats it.
    """

    event_id: str
    event_time: int
    child_id: str | None = None


class Children(Protocol[Child]):
    """The entity's children (a sku's reservations), each its own entry in state.

    Reaching one by id costs the same however many there are. What is handed out is a copy: change
    it, then `put` it back.
    """

    def get(self, child_id: str) -> Child | None:
        """The child, or None if there is none of that id."""

    def put(self, child_id: str, child: Child, wake_at: int | None = None) -> None:
        """Store the child and set its wake-up (epoch ms); None cancels the one it had."""

    def remove(self, child_id: str) -> None:
        """Forget the child and its wake-up; nothing happens if there is none."""

    def scan(self) -> Iterator[tuple[str, Child]]:
        """All children, in no order; the cost grows with their number: for rare cases only."""


class View(Protocol):
    """What a rule may look at besides the entity's own state."""

    entity: str
    children: Children[Any]

    def reference(self, topic: str) -> Mapping[str, Any]:
        """The latest reference records of `topic` by their identity, typed as declared.

        The identity is the Kafka key, or the `|`-joined fields that the topic declares as such.
        """


class Outcome(NamedTuple):
    """What a rule returns.

    state: the entity's new state, or None to forget it.
    outputs: (topic, record) pairs in order; a record is a dict of the topic's fields. `event_id`
        and `event_time` may be left out: the operator derives them from the event, so that a
        replay repeats them.
    wake_at: when to look at the entity again (epoch ms of event time), replacing the previous
        request, or None.
    """

    state: Any
    outputs: list[tuple[str, dict[str, Any]]]
    wake_at: int | None = None


class InvalidEventError(ValueError):
    """A record that decodes but cannot be what its topic promises; it becomes a dead letter."""


Rule = Callable[[Any, Any, View], Outcome]


@dataclass(frozen=True)
class Domain:
    """All that the runtime needs to run a domain's rule.

    name: the domain's name in every room, and the job's.
    entity: the field of every input event that names the entity; equals the input's Kafka key.
    inputs: topic -> the type of its events: a msgspec Struct, or a tagged union of Structs.
    reference: topic -> the type of its records; broadcast, latest record per identity. At least
        one: thresholds are data.
    outputs: the topics that the rule may write.
    rule: the decision.
    state, child: the types of the entity's state and of its children; msgspec Structs whose
        fields are appended with defaults, never removed, so that old state still decodes.
    state_version: stored with every state; raised when a change is more than an added field.
    """

    name: str
    entity: str
    inputs: Mapping[str, Any]
    reference: Mapping[str, Any]
    outputs: tuple[str, ...]
    rule: Rule
    state: type[msgspec.Struct]
    child: type[msgspec.Struct] | None = None
    state_version: int = 1
