"""Per-key state behind `RuntimeContext.get_state` and its four siblings.

Every value is kept pickled, after its declared type was checked: what is read is a copy, and what
the function does to an object after storing it does not reach the state, as on a cluster.
"""

import pickle
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from pyflink.common.typeinfo import TypeInformation
from pyflink.datastream.state import (
    AggregatingState,
    ListState,
    MapState,
    ReducingState,
    ValueState,
)

from flinkharness.errors import RefusedError
from flinkharness.modes import Mode
from flinkharness.types import Carrier, freeze

_NULL = pickle.dumps(None)
Entries = dict[Any, tuple[bytes, bytes]]  # frozen map key -> pickled key, pickled value


@dataclass
class Slot:
    """All keys' content of one named state, in the form in which a snapshot carries it."""

    kind: str
    declared: str
    contents: dict[Any, Any] = field(default_factory=dict)
    keys: dict[Any, Any] = field(default_factory=dict)


class Codec:
    """To and from the stored form of one declared type."""

    def __init__(self, carrier: Carrier, declared: TypeInformation, where: str) -> None:
        self.mode = carrier.mode
        self._carrier = carrier
        self._declared = declared
        self._where = where

    def encode(self, value: Any) -> bytes:
        return pickle.dumps(self._carrier.carry(self._declared, value, self._where))

    def encode_nullable(self, value: Any) -> bytes | None:
        """None for None, where the mode takes it."""
        if value is not None:
            return self.encode(value)
        if self.mode is Mode.PROCESS:
            raise RefusedError(
                f"{self._where}: storing None fails in process mode for most types (PyFlink "
                "encodes it like a value); use clear() or remove()"
            )
        return None

    def frozen(self, value: Any) -> Any:
        return freeze(self._carrier.carry(self._declared, value, self._where))

    @staticmethod
    def decode(stored: bytes) -> Any:
        return pickle.loads(stored)


class Cell:
    """One state's content under the current key."""

    def __init__(self, slot: Slot, current_key: Callable[[], Any]) -> None:
        self._slot = slot
        self._current_key = current_key

    def read(self) -> Any:
        return self._slot.contents.get(freeze(self._current_key()))

    def write(self, content: Any) -> None:
        """Empty content is no content, so that `assert_no_state_left` means what it says."""
        key = self._current_key()
        frozen = freeze(key)
        if content is None or content in ([], {}):
            self._slot.contents.pop(frozen, None)
            self._slot.keys.pop(frozen, None)
        else:
            self._slot.contents[frozen] = content
            self._slot.keys[frozen] = key


class HarnessValueState(ValueState):  # type: ignore[misc]
    def __init__(self, cell: Cell, codec: Codec) -> None:
        self._cell = cell
        self._codec = codec

    def value(self) -> Any:
        stored = self._cell.read()
        return None if stored is None else self._codec.decode(stored)

    def update(self, value: Any) -> None:
        """Updating with None clears, as in Flink."""
        self._cell.write(self._codec.encode_nullable(value))

    def clear(self) -> None:
        self._cell.write(None)

    def inspect(self) -> Any:
        return self.value()


class HarnessListState(ListState):  # type: ignore[misc]
    def __init__(self, cell: Cell, codec: Codec, where: str) -> None:
        self._cell = cell
        self._codec = codec
        self._where = where

    def get(self) -> Iterator[Any]:
        """An iterator, as in thread mode: `len()` and indexing do not work on a cluster either."""
        yield from map(self._codec.decode, self._stored())

    def add(self, value: Any) -> None:
        self.add_all([value])

    def add_all(self, values: list[Any]) -> None:
        self._cell.write([*self._stored(), *self._encoded(values)])

    def update(self, values: list[Any]) -> None:
        self._cell.write(self._encoded(values))

    def clear(self) -> None:
        self._cell.write(None)

    def inspect(self) -> list[Any]:
        return list(self.get())

    def _stored(self) -> list[bytes]:
        return self._cell.read() or []

    def _encoded(self, values: list[Any]) -> list[bytes]:
        if any(value is None for value in values):
            raise RefusedError(f"{self._where}: Flink does not take None into a ListState")
        return [self._codec.encode(value) for value in values]


class EntriesState:
    """What keyed map state and broadcast state share."""

    def __init__(self, keys: Codec, values: Codec, where: str) -> None:
        self._key_codec = keys
        self._value_codec = values
        self._where = where

    def _entries(self) -> Entries:
        raise NotImplementedError

    def get(self, key: Any) -> Any:
        entry = self._entries().get(self._key_codec.frozen(key))
        return None if entry is None else self._value_codec.decode(entry[1])

    def contains(self, key: Any) -> bool:
        return self._key_codec.frozen(key) in self._entries()

    def is_empty(self) -> bool:
        return not self._entries()

    def items(self) -> Iterator[tuple[Any, Any]]:
        """Live, as in Flink, where adding or removing entries meanwhile is an error too."""
        try:
            for key, value in self._entries().values():
                yield self._key_codec.decode(key), self._value_codec.decode(value)
        except RuntimeError as error:
            raise RefusedError(
                f"{self._where}: changed while being iterated, which the heap backend answers "
                "with a ConcurrentModificationException; iterate over list(state.items())"
            ) from error

    def keys(self) -> Iterator[Any]:
        return (key for key, _ in self.items())

    def values(self) -> Iterator[Any]:
        return (value for _, value in self.items())

    def inspect(self) -> dict[Any, Any]:
        return dict(self.items())

    def _with(self, entries: Entries, additions: Iterable[tuple[Any, Any]]) -> Entries:
        for key, value in additions:
            stored = self._value_codec.encode_nullable(value) or _NULL
            entries[self._key_codec.frozen(key)] = (self._key_codec.encode(key), stored)
        return entries


class HarnessMapState(EntriesState, MapState):  # type: ignore[misc]
    def __init__(self, cell: Cell, keys: Codec, values: Codec, where: str) -> None:
        super().__init__(keys, values, where)
        self._cell = cell

    def _entries(self) -> Entries:
        return self._cell.read() or {}

    def put(self, key: Any, value: Any) -> None:
        self._cell.write(self._with(self._entries(), [(key, value)]))

    def put_all(self, dict_value: dict[Any, Any]) -> None:
        if self._key_codec.mode is Mode.PROCESS:
            raise RefusedError(f"{self._where}: put_all is broken in process mode; use put")
        self._cell.write(self._with(self._entries(), dict_value.items()))

    def remove(self, key: Any) -> None:
        entries = self._entries()
        entries.pop(self._key_codec.frozen(key), None)
        self._cell.write(entries)

    def clear(self) -> None:
        self._cell.write(None)


class HarnessReducingState(HarnessValueState, ReducingState):  # type: ignore[misc]
    def __init__(self, cell: Cell, codec: Codec, reduce: Callable[[Any, Any], Any]) -> None:
        super().__init__(cell, codec)
        self._reduce = reduce

    def get(self) -> Any:
        return self.value()

    def add(self, value: Any) -> None:
        """Adding None clears, as in PyFlink."""
        if value is None:
            self.clear()
            return
        current = self.value()
        self.update(value if current is None else self._reduce(current, value))


class HarnessAggregatingState(HarnessValueState, AggregatingState):  # type: ignore[misc]
    def __init__(self, cell: Cell, codec: Codec, aggregate: Any) -> None:
        super().__init__(cell, codec)
        self._aggregate = aggregate

    def get(self) -> Any:
        accumulator = self.value()
        return None if accumulator is None else self._aggregate.get_result(accumulator)

    def add(self, value: Any) -> None:
        """Adding None clears, as in PyFlink."""
        if value is None:
            self.clear()
            return
        accumulator = self.value()
        if accumulator is None:
            accumulator = self._aggregate.create_accumulator()
        self.update(self._aggregate.add(value, accumulator))

    def inspect(self) -> Any:
        return self.get()
