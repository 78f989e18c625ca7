"""Entities and their children as versioned bytes in keyed state."""

from collections.abc import Iterator
from typing import Any

import msgspec
from pyflink.datastream.state import MapState

from connectors.errors import ShopstreamError
from udfs.contract import Domain


class StateVersionError(ShopstreamError):
    """State was written by a version of the domain that this code does not read."""


class StateFormat:
    """Turns a state object into bytes and back: (version, wake-up, state) in MessagePack.

    Bytes, not objects, are what the rules' results are kept as: what a rule is handed is always a
    copy, so a rule that fails half way has changed nothing.
    """

    def __init__(self, domain: Domain, kind: type[msgspec.Struct]):
        self._version = domain.state_version
        self._name = f"{domain.name}.{kind.__name__}"
        self._encode = msgspec.msgpack.Encoder().encode
        stored: Any = tuple[int, int | None, kind]  # type: ignore[valid-type]
        self._decode = msgspec.msgpack.Decoder(stored).decode

    def dump(self, state: Any, wake_at: int | None) -> bytes:
        return self._encode((self._version, wake_at, state))

    def load(self, stored: bytes) -> tuple[Any, int | None]:
        """The state and its wake-up (epoch ms)."""
        try:
            version, wake_at, state = self._decode(stored)
        except msgspec.ValidationError as error:
            raise self._refusal(msgspec.msgpack.decode(stored)[0], error) from error
        if version != self._version:
            raise self._refusal(version)
        return state, wake_at

    def _refusal(self, version: int, error: Exception | None = None) -> StateVersionError:
        layout = f" ({error})" if error and version == self._version else ""
        return StateVersionError(
            f"{self._name}: expected state of version {self._version}, found {version}{layout}; "
            "start this version of the job from a savepoint of its own"
        )


class StateTable:
    """A `MapState` of bytes with the changes of the current batch in front of it.

    A hot entity is decided many times in a batch and written once, by `flush`, which must be
    called before the key changes.
    """

    def __init__(self, state: MapState):
        self._state = state
        self._changes: dict[str, bytes | None] = {}

    def get(self, key: str) -> bytes | None:
        changes = self._changes
        return changes[key] if key in changes else self._state.get(key)

    def update(self, changes: dict[str, bytes | None]) -> None:
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
        self._changes.clear()


class ChildrenView:
    """One entity's children as its rule sees them, for the time of one event."""

    def __init__(self, table: StateTable, form: StateFormat):
        self._table = table
        self._form = form
        self.changes: dict[str, bytes | None] = {}
        self.wake_ups: list[tuple[str, int]] = []

    def turn_to(self, entity: str) -> None:
        """Look at the children of `entity`, forgetting changes that were not taken over."""
        # the length in front keeps two entities apart whatever characters their names have
        self._prefix = f"{len(entity)}:{entity}:"
        self.changes = {}
        self.wake_ups = []

    def get(self, child_id: str) -> Any | None:
        stored = self._stored(child_id)
        return None if stored is None else self._form.load(stored)[0]

    def wake_at(self, child_id: str) -> int | None:
        """When the child asked to be woken (epoch ms); None if it did not, or is gone."""
        stored = self._stored(child_id)
        return None if stored is None else self._form.load(stored)[1]

    def put(self, child_id: str, child: Any, wake_at: int | None = None) -> None:
        self.changes[self._prefix + child_id] = self._form.dump(child, wake_at)
        if wake_at is not None:
            self.wake_ups.append((child_id, wake_at))

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
        return self.changes[key] if key in self.changes else self._table.get(key)
