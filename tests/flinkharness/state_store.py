"""All named state of an operator, keyed and broadcast, opened by descriptor."""

from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from pyflink.common.typeinfo import TypeInformation
from pyflink.datastream.state import (
    AggregatingStateDescriptor,
    BroadcastState,
    ListStateDescriptor,
    MapStateDescriptor,
    ReadOnlyBroadcastState,
    ReducingStateDescriptor,
    StateDescriptor,
    ValueStateDescriptor,
)

from flinkharness.errors import HarnessError, RefusedError
from flinkharness.keyed_state import (
    Cell,
    Codec,
    Entries,
    EntriesState,
    HarnessAggregatingState,
    HarnessListState,
    HarnessMapState,
    HarnessReducingState,
    HarnessValueState,
    Slot,
)
from flinkharness.modes import Mode
from flinkharness.type_limits import check_state_type
from flinkharness.types import Carrier

Slots = dict[str, Slot]
Opened = TypeVar("Opened")


class StateStore:
    """The state backend: with the timers, all that outlives a function instance."""

    def __init__(self, mode: Mode, current_key: Callable[[], Any], slots: Slots) -> None:
        self._mode = mode
        self._carrier = Carrier(mode)
        self._current_key = current_key
        self._opened: dict[str, Any] = {}
        self.slots = slots

    def value_state(self, descriptor: ValueStateDescriptor) -> HarnessValueState:
        cell, codec, _ = self._scalar(descriptor)
        return self._open(descriptor, HarnessValueState(cell, codec))

    def list_state(self, descriptor: ListStateDescriptor) -> HarnessListState:
        where = self._admit(descriptor, descriptor.type_info.elem_type)
        codec = Codec(self._carrier, descriptor.type_info.elem_type, where)
        return self._open(descriptor, HarnessListState(self._cell(descriptor), codec, where))

    def map_state(self, descriptor: MapStateDescriptor) -> HarnessMapState:
        keys, values, where = self._map_codecs(descriptor)
        return self._open(descriptor, HarnessMapState(self._cell(descriptor), keys, values, where))

    def reducing_state(self, descriptor: ReducingStateDescriptor) -> HarnessReducingState:
        cell, codec, _ = self._scalar(descriptor)
        reduce = descriptor.get_reduce_function().reduce
        return self._open(descriptor, HarnessReducingState(cell, codec, reduce))

    def aggregating_state(self, descriptor: AggregatingStateDescriptor) -> HarnessAggregatingState:
        cell, codec, _ = self._scalar(descriptor)
        aggregate = descriptor.get_agg_function()
        return self._open(descriptor, HarnessAggregatingState(cell, codec, aggregate))

    def broadcast_state(self, descriptor: MapStateDescriptor) -> "HarnessBroadcastState":
        keys, values, where = self._map_codecs(descriptor)
        slot = self._slot("broadcast", descriptor)
        state = HarnessBroadcastState(slot.contents, self._mode, keys, values, where)
        return self._open(descriptor, state)

    def read_only_broadcast_state(self, descriptor: MapStateDescriptor) -> "HarnessReadOnlyState":
        keys, values, where = self._map_codecs(descriptor)
        slot = self._slot("broadcast", descriptor)
        view = HarnessReadOnlyState(slot.contents, self._mode, keys, values, where)
        self._opened.setdefault(descriptor.name, view)
        return view

    def opened(self, name: str) -> Any:
        """The state object behind a name, to look into it from a test."""
        if name not in self._opened:
            raise HarnessError(
                f"no state {name!r}: the function has opened {sorted(self._opened) or 'none'}"
            )
        return self._opened[name]

    def keys(self) -> list[Any]:
        """Every key that has keyed state, each once."""
        found = {frozen: key for slot in self.slots.values() for frozen, key in slot.keys.items()}
        return list(found.values())

    def left(self) -> dict[str, list[Any]]:
        """Keyed state by name: the keys that still have some."""
        return {name: list(slot.keys.values()) for name, slot in self.slots.items() if slot.keys}

    def _open(self, descriptor: StateDescriptor, state: Opened) -> Opened:
        self._opened[descriptor.name] = state
        return state

    def _scalar(self, descriptor: StateDescriptor) -> tuple[Cell, Codec, str]:
        where = self._admit(descriptor, descriptor.type_info)
        return self._cell(descriptor), Codec(self._carrier, descriptor.type_info, where), where

    def _map_codecs(self, descriptor: MapStateDescriptor) -> tuple[Codec, Codec, str]:
        key_type = descriptor.type_info._key_type_info
        value_type = descriptor.type_info._value_type_info
        where = self._admit(descriptor, key_type, value_type)
        keys = Codec(self._carrier, key_type, f"{where} key")
        values = Codec(self._carrier, value_type, f"{where} value")
        return keys, values, where

    def _admit(self, descriptor: StateDescriptor, *declared: TypeInformation) -> str:
        where = f"state {descriptor.name!r}"
        if descriptor._ttl_config is not None:
            raise RefusedError(
                f"{where}: the harness does not run StateTtlConfig: in thread mode opening such a "
                "state fails (it starts a second JVM gateway), and time-to-live runs on the wall "
                "clock, which a test cannot move; keep an expiry time in the state and clear it "
                "with a timer"
            )
        for type_info in declared:
            check_state_type(type_info, self._mode, where)
        return where

    def _cell(self, descriptor: StateDescriptor) -> Cell:
        return Cell(self._slot(type(descriptor).__name__, descriptor), self._current_key)

    def _slot(self, kind: str, descriptor: StateDescriptor) -> Slot:
        declared = str(descriptor.type_info)
        slot = self.slots.setdefault(descriptor.name, Slot(kind, declared))
        if (slot.kind, slot.declared) != (kind, declared):
            raise RefusedError(
                f"state {descriptor.name!r}: written as {slot.kind} of {slot.declared}, now "
                f"declared as {kind} of {declared}: Flink cannot restore it; choose another name"
            )
        return slot


class HarnessReadOnlyState(EntriesState, ReadOnlyBroadcastState):  # type: ignore[misc]
    """Broadcast state as the keyed side sees it."""

    def __init__(
        self, contents: Entries, mode: Mode, keys: Codec, values: Codec, where: str
    ) -> None:
        super().__init__(keys, values, where)
        self._contents = contents
        self._mode = mode

    def _entries(self) -> Entries:
        return self._contents

    def keys(self) -> Iterator[Any]:
        self._check_available("keys()")
        return super().keys()

    def values(self) -> Iterator[Any]:
        self._check_available("values()")
        return super().values()

    def is_empty(self) -> bool:
        self._check_available("is_empty()")
        return super().is_empty()

    def _check_available(self, method: str) -> None:
        if self._mode is Mode.THREAD:
            raise RefusedError(
                f"{self._where}: broadcast state has no {method} in thread mode (PyFlink calls a "
                "Java method that does not exist); use items()"
            )

    def clear(self) -> None:
        """PyFlink's thread mode does clear it, on this subtask only: never what was meant."""
        raise RefusedError(f"{self._where}: read-only here; write in process_broadcast_element")


class HarnessBroadcastState(HarnessReadOnlyState, BroadcastState):  # type: ignore[misc]
    """Broadcast state as the broadcast side sees it."""

    def put(self, key: Any, value: Any) -> None:
        self._with(self._contents, [(key, value)])

    def put_all(self, dict_value: dict[Any, Any]) -> None:
        self._with(self._contents, dict_value.items())

    def remove(self, key: Any) -> None:
        self._contents.pop(self._key_codec.frozen(key), None)

    def clear(self) -> None:
        self._contents.clear()
