"""Entities and their children as versioned bytes in keyed state."""

from collections.abc import Iterator
from typing import Any

import msgspec
from pyflink.datastream.state import MapState

from connectors.errors import ShopstreamError
from jobs.runtime.typed import reader_of
from udfs.contract import Domain

RECENT = 20_000
"""Half of the entries that a table keeps in memory, of less than a kilobyte each as a rule."""


class StateVersionError(ShopstreamError):
    """State was written by a version of the domain that this code does not read."""


class StateFormat:
    """Turns a state object into bytes and back: (version, wake-up, state) in MessagePack.

    Bytes, not objects, are what the rules' results are kept as: what a rule is handed is always a
    copy, so a rule that fails half way has changed nothing. State of an older version is migrated
    whenever it is read, and is stored as today's the next time that it changes.
    """

    def __init__(self, domain: Domain, kind: type[msgspec.Struct]):
        self._version = domain.state_version
        self._migrations = domain.migrations
        self._kind = kind
        self._name = f"{domain.name}.{kind.__name__}"
        self._encode = msgspec.msgpack.Encoder().encode
        stored: Any = tuple[int, int | None, kind]  # type: ignore[valid-type]
        self._decode = reader_of(stored)
        self._decode_head = reader_of(tuple[int, int | None, msgspec.Raw])
        layouts = {kind, *(m[kind].written_as for m in self._migrations.values() if kind in m)}
        self._layouts = {layout: reader_of(layout) for layout in layouts}

    def dump(self, state: Any, wake_at: int | None) -> bytes:
        return self._encode((self._version, wake_at, state))

    def load(self, stored: bytes) -> tuple[Any, int | None]:
        """The state and its wake-up (epoch ms). Raises StateVersionError."""
        try:
            version, wake_at, state = self._decode(stored)
        except msgspec.ValidationError as error:
            return self._migrated(stored, error)
        if version != self._version:
            return self._migrated(stored, None)
        return state, wake_at

    def wake_at(self, stored: bytes) -> int | None:
        """The wake-up alone (epoch ms)."""
        return self._decode_head(stored)[1]

    def _migrated(self, stored: bytes, error: Exception | None) -> tuple[Any, int | None]:
        version, wake_at, written = self._decode_head(stored)
        steps = range(version, self._version)
        if not steps or any(step not in self._migrations for step in steps):
            raise self._refusal(version, None if version != self._version else error) from error
        found = (self._migrations[step].get(self._kind) for step in steps)
        migrations = [migration for migration in found if migration is not None]
        try:
            kind = migrations[0].written_as if migrations else self._kind
            state = self._layouts[kind](written)
        except msgspec.ValidationError as layout:
            raise self._refusal(version, layout) from layout
        for migration in migrations:
            state = migration.to_next(state)
        return state, wake_at

    def _refusal(self, version: int, error: Exception | None) -> StateVersionError:
        layout = f" ({error})" if error else ""
        return StateVersionError(
            f"{self._name}: expected state of version {self._version}, found {version}{layout}; "
            "start this version of the job from a savepoint of its own, or give it a migration"
        )


class StateTable:
    """A `MapState` of bytes with the changes of the current batch in front of it.

    A hot entity is decided many times in a batch and written once, by `flush`, which must be
    called before the key changes. What was used lately is kept in memory as well: a key belongs to
    one bucket, this table is its only writer, and a restore makes a new one.
    """

    def __init__(self, state: MapState):
        self._state = state
        self._changes: dict[str, bytes | None] = {}
        self._recent: dict[str, bytes] = {}
        self._older: dict[str, bytes] = {}

    def get(self, key: str) -> bytes | None:
        changes = self._changes
        if key in changes:
            return changes[key]
        stored = self._recent.get(key) or self._older.get(key)
        return self._state.get(key) if stored is None else stored

    def put(self, key: str, stored: bytes | None) -> None:
        """Store an entry; None removes it."""
        self._changes[key] = stored

    def update(self, changes: dict[str, bytes | None]) -> None:
        """`put` each of them."""
        self._changes.update(changes)

    def items(self, prefix: str) -> Iterator[tuple[str, bytes]]:
        """The entries of this bucket whose key starts with `prefix`; reads the whole bucket."""
        for key in [k for k in self._state.keys() if k.startswith(prefix)]:  # noqa: SIM118
            if key not in self._changes:
                yield key, self._state.get(key)
        for key, stored in list(self._changes.items()):
            if stored is not None and key.startswith(prefix):
                yield key, stored

    def flush(self) -> None:
        written = {key: stored for key, stored in self._changes.items() if stored is not None}
        if written:
            self._state.put_all(written)
        for key in self._changes.keys() - written.keys():
            self._state.remove(key)
            self._recent.pop(key, None)
            self._older.pop(key, None)
        self._changes.clear()
        self._recent.update(written)
        if len(self._recent) > RECENT:  # dropping half at once costs nothing an entry
            self._recent, self._older = {}, self._recent


class ChildrenView:
    """One entity's children as its rule sees them, for the time of one event."""

    def __init__(self, table: StateTable, form: StateFormat):
        self._table = table
        self._form = form
        self.changes: dict[str, bytes | None] = {}
        self.wake_ups: list[tuple[str, int]] = []
        self._read: dict[str, bytes | None] = {}

    def turn_to(self, entity: str) -> None:
        """Look at the children of `entity`, forgetting changes that were not taken over."""
        # the length in front keeps two entities apart whatever characters their names have
        self._prefix = f"{len(entity)}:{entity}:"
        self.changes = {}
        self.wake_ups = []
        self._read = {}

    def get(self, child_id: str) -> Any | None:
        stored = self._stored(child_id)
        return None if stored is None else self._form.load(stored)[0]

    def wake_at(self, child_id: str) -> int | None:
        """When the child asked to be woken (epoch ms); None if it did not, or is gone."""
        stored = self._stored(child_id)
        return None if stored is None else self._form.wake_at(stored)

    def put(self, child_id: str, child: Any, wake_at: int | None = None) -> None:
        if wake_at is not None and wake_at == self.wake_at(child_id):
            self.changes[self._prefix + child_id] = self._form.dump(child, wake_at)
        else:
            self.add(child_id, child, wake_at)

    def add(self, child_id: str, child: Any, wake_at: int | None = None) -> None:
        if wake_at is not None:
            self.wake_ups.append((child_id, wake_at))
        self.changes[self._prefix + child_id] = self._form.dump(child, wake_at)

    def remove(self, child_id: str) -> None:
        self.changes[self._prefix + child_id] = None

    def scan(self) -> Iterator[tuple[str, Any]]:
        start = len(self._prefix)
        changes = dict(self.changes)  # what the rule changes meanwhile is not met again
        for key, stored in self._table.items(self._prefix):
            if key not in changes:
                yield key[start:], self._form.load(stored)[0]
        for key, changed in changes.items():
            if changed is not None:
                yield key[start:], self._form.load(changed)[0]

    def _stored(self, child_id: str) -> bytes | None:
        key = self._prefix + child_id
        if key in self.changes:
            return self.changes[key]
        if key not in self._read:
            self._read[key] = self._table.get(key)
        return self._read[key]
