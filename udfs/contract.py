"""What a rule is given, what it returns, and how a domain declares itself.

A rule is a pure function `rule(state, event, view) -> Outcome`: plain data in, plain data out, no
clock and no I/O. The decision operator in `jobs.runtime` does everything else (Flink, batches,
timers, duplicates, dead letters, encoding), so a rule can be tested in microseconds and replayed.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol, TypeVar

import msgspec

Child = TypeVar("Child", bound=msgspec.Struct)

Source = tuple[str, int, int, int, bytes | None, bytes | None]
"""A record as Kafka has it: topic, partition, offset, timestamp (epoch ms), key, value.

The topic's name has a mark with the attempt if the record was put back from the dead letters.
"""


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

    def add(self, child_id: str, child: Child, wake_at: int | None = None) -> None:
        """Store a child that is known to be new, as `put` does but without a look for an old one.

        A look for what is not there is the dearest one.
        """

    def remove(self, child_id: str) -> None:
        """Forget the child and its wake-up; nothing happens if there is none."""

    def scan(self) -> Iterator[tuple[str, Child]]:
        """All children, in no order; the cost grows with their number: for rare cases only."""


class View(Protocol):
    """What a rule may look at besides the entity's own state."""

    entity: str
    children: Children[Any]
    source: Source | None
    """The record that the event came in; None for a wake-up."""
    answers: Sequence[Any]
    """What the links that the event touched answered, in the order of `Links.touches`."""

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
    given_up: records that were kept (`View.source`) and turned out to belong nowhere, each with the
        reason: they become dead letters.
    """

    state: Any
    outputs: list[tuple[str, dict[str, Any]]]
    wake_at: int | None = None
    given_up: Sequence[tuple[Source, str]] = ()


class InvalidEventError(ValueError):
    """A record that decodes but cannot be what its topic promises; it becomes a dead letter."""


Rule = Callable[[Any, Any, View], Outcome]


class Linked(NamedTuple):
    """What a link's rule returns.

    state: the link's new state, or None to forget it.
    answer: what the event's rule finds in `View.answers`; a msgspec type, or None.
    outputs: (topic, record) pairs, as of an `Outcome`.
    wake_at: when to look at the link again, as of an `Outcome`; its rule then gets a `WakeUp`.
    """

    state: Any
    answer: Any = None
    outputs: Sequence[tuple[str, dict[str, Any]]] = ()
    wake_at: int | None = None


class Migration(NamedTuple):
    """How a kind of state that changed by more than appended fields comes to the next version.

    written_as: the type that it was written as, kept for this.
    to_next: pure function: what was written -> the same in the next version.
    """

    written_as: type[msgspec.Struct]
    to_next: Callable[[Any], msgspec.Struct]


Migrations = Mapping[int, Mapping[type[msgspec.Struct], Migration]]
"""Version -> today's type of each kind that the next version changed -> how.

A version that is not here cannot be read any more.
"""


@dataclass(frozen=True)
class Links:
    """State that an event touches under keys other than its entity's, before its rule is asked.

    An order is decided by its customer, but also touches the device that it came from, which other
    customers may share. Every link is an entity of its own, with a rule of its own.

    touches: event -> (name of the link, touch) pairs; a touch is one of the Structs of `touch`.
    touch: the type of the touches: a msgspec Struct, or a tagged union of Structs. Each has
        `event_id` and `event_time`.
    answer: the type of the answers; None is one whatever the type.
    rule: rule(state or None, touch or WakeUp, name) -> Linked. A touch may come again, when its
        event does: the rule must bear that.
    state: the type of a link's state; as for `Domain.state`.
    """

    touches: Callable[[Any], Sequence[tuple[str, Any]]]
    touch: Any
    answer: Any
    rule: Callable[[Any, Any, str], Linked]
    state: type[msgspec.Struct]


@dataclass(frozen=True)
class Domain:
    """All that the runtime needs to run a domain's rule.

    name: the domain's name in every room, and the job's.
    entity: the field of an input record that names the entity. Where it is not the input's Kafka
        key, the runtime finds the entity's bucket itself. A record that lacks the field, or has
        null in it, touches its links and is decided by no rule.
    inputs: topic -> the type of its events: a msgspec Struct, or a tagged union of Structs.
    reference: topic -> the type of its records; broadcast, latest record per identity. At least
        one: thresholds are data.
    outputs: the topics that the rule may write.
    rule: the decision.
    state, child: the types of the entity's state and of its children; msgspec Structs whose
        fields are appended with defaults, never removed, so that old state still decodes.
    state_version: stored with every state; raised when a change is more than an added field.
    migrations: how state of the versions before becomes today's, when it is read.
    links: what its events touch under other keys, if anything.
    bears_repeats: whether the rule itself tells an event that comes again; the runtime then keeps
        no event ids for it.
    at_least_once: whether what it decides is written as it is decided, without waiting for a
        checkpoint, and once more after a failure, with the same ids.
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
    migrations: Migrations = field(default_factory=dict)
    links: Links | None = None
    bears_repeats: bool = False
    at_least_once: bool = False
