"""Rows of a table as records change them, an older version never over a newer one."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from deploy.audit.log import Entry

Row = dict[str, Any]
Key = tuple[Any, ...]


@dataclass(frozen=True)
class Part:
    """Columns of a table that records of one kind write, all of them at once.

    version: the columns that say how new a row is, compared in their order; what is as new as what
        is there overwrites it. first_wins: the smaller version is the one that holds.
    """

    columns: tuple[str, ...]
    version: tuple[str, ...]
    first_wins: bool = False

    def holds(self, new: Row, old: Row) -> bool:
        """Whether `new` may be written over `old`, of the same key."""
        if old.get(self.version[0]) is None:
            return True
        news, olds = (tuple(row[name] for name in self.version) for row in (new, old))
        return news <= olds if self.first_wins else news >= olds


class Change(NamedTuple):
    """What a record makes of a row: values of the key's columns and the part's."""

    part: Part
    row: Row


Changes = Callable[[Entry], Iterable[Change]]


@dataclass(frozen=True)
class ReadModel:
    """A table of the schema `readmodel`.

    key: its primary key. fold: a new fold of the records of `topics`, in the order of the log.
    """

    name: str
    key: tuple[str, ...]
    parts: tuple[Part, ...]
    topics: tuple[str, ...]
    fold: Callable[[], Changes]

    @property
    def columns(self) -> tuple[str, ...]:
        return (*self.key, *(name for part in self.parts for name in part.columns))

    def key_of(self, row: Mapping[str, Any]) -> Key:
        return tuple(row[name] for name in self.key)


@dataclass
class Rows:
    """Rows by key, each part by what it was changed by."""

    model: ReadModel
    parts: dict[Part, dict[Key, Row]] = field(init=False)

    def __post_init__(self) -> None:
        self.parts = {part: {} for part in self.model.parts}

    def take(self, changes: Iterable[Change]) -> None:
        for part, row in changes:
            rows, key = self.parts[part], self.model.key_of(row)
            old = rows.get(key)
            if old is None or part.holds(row, old):
                rows[key] = row

    def whole(self) -> dict[Key, Row]:
        """The rows with the columns of all parts; null where no record has written."""
        found: dict[Key, Row] = {}
        for rows in self.parts.values():
            for key, row in rows.items():
                if key not in found:
                    found[key] = dict.fromkeys(self.model.columns)
                found[key].update(row)
        return found

    def __len__(self) -> int:
        return sum(len(rows) for rows in self.parts.values())

    def clear(self) -> None:
        for rows in self.parts.values():
            rows.clear()
