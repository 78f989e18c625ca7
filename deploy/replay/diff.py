"""What was decided then beside what is decided now: records of the same id, field by field."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Final

Record = Mapping[str, Any]

BY_THE_CLOCK: Final = frozenset({"decided_at"})
"""Fields that say when something was computed: they are other each time."""

LONGEST_CHANGE: Final = 40
"""Characters of a text that counts as a name of something, such as a band or a state."""


@dataclass(frozen=True)
class Difference:
    """A record that is other than it was; `fields` has what it was and what it is, by name."""

    event_id: str
    fields: dict[str, tuple[Any, Any]]
    then: Record
    now: Record


@dataclass
class TopicDiff:
    """The outputs for one topic.

    then, now: how many records there were, each id once. repeats: how many came again then.
    missing: what was put out then and is not now. added: the other way round.
    others: of a topic to which others write as well, the records that have no counterpart now and
        so may be theirs; they count neither as `then` nor as missing.
    """

    topic: str
    then: int = 0
    now: int = 0
    repeats: int = 0
    others: int = 0
    different: list[Difference] = field(default_factory=list)
    missing: list[Record] = field(default_factory=list)
    added: list[Record] = field(default_factory=list)

    @property
    def equal(self) -> int:
        return self.then - len(self.different) - len(self.missing)

    @property
    def differences(self) -> int:
        return len(self.different) + len(self.missing) + len(self.added)

    def changes(self) -> dict[str, Counter[tuple[str, str]]]:
        """Of each field that names something: how often it turned from one name to another."""
        found: dict[str, Counter[tuple[str, str]]] = {}
        for one in self.different:
            for name, (then, now) in one.fields.items():
                if _is_name(then) and _is_name(now):
                    found.setdefault(name, Counter())[then, now] += 1
        return found

    def as_dict(self) -> dict[str, Any]:
        """For JSON: counts, changes, and every difference."""
        return {
            "then": self.then,
            "now": self.now,
            "repeats": self.repeats,
            "others": self.others,
            "equal": self.equal,
            "changes": {
                name: [{"then": then, "now": now, "count": count} for (then, now), count in of]
                for name, of in ((name, c.most_common()) for name, c in self.changes().items())
            },
            "different": [asdict(one) for one in self.different],
            "missing": list(self.missing),
            "added": list(self.added),
        }


def compare(
    topic: str,
    then: Iterable[Record],
    now: Iterable[Record],
    *,
    latest_of: Callable[[Record], str] | None = None,
    is_shared: bool = False,
) -> TopicDiff:
    """Compare what a topic got, records in the order of their partitions.

    latest_of: gives the key of a record, for a compacted topic: only the latest of a key counts.
    is_shared: others write to the topic as well, and what is theirs is not said.
    """
    identity = latest_of or _event_id
    before, repeats = _by_identity(then, identity)
    after, _ = _by_identity(now, identity)
    diff = TopicDiff(topic, len(before), len(after), 0 if latest_of else repeats)
    for name, record in before.items():
        other = after.get(name)
        if other is None:
            if is_shared:
                diff.others += 1
            else:
                diff.missing.append(record)
        elif fields := _fields(record, other):
            diff.different.append(Difference(record["event_id"], fields, record, other))
    diff.then -= diff.others
    diff.added = [record for name, record in after.items() if name not in before]
    return diff


def _by_identity(
    records: Iterable[Record], identity: Callable[[Record], str]
) -> tuple[dict[str, Record], int]:
    """The last record of each identity, and how many there were before it."""
    found: dict[str, Record] = {}
    count = 0
    for record in records:
        found[identity(record)] = record
        count += 1
    return found, count - len(found)


def _event_id(record: Record) -> str:
    return str(record["event_id"])


def _fields(then: Record, now: Record) -> dict[str, tuple[Any, Any]]:
    return {
        name: (then[name], now[name])
        for name in then
        if name not in BY_THE_CLOCK and then[name] != now[name]
    }


def _is_name(value: Any) -> bool:
    return isinstance(value, str) and len(value) <= LONGEST_CHANGE
