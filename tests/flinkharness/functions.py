"""Which calls a kind of function answers, and with which contexts."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from pyflink.datastream import (
    CoFlatMapFunction,
    CoMapFunction,
    CoProcessFunction,
    FilterFunction,
    FlatMapFunction,
    KeyedCoProcessFunction,
    KeyedProcessFunction,
    MapFunction,
    ProcessFunction,
)
from pyflink.datastream.functions import BroadcastProcessFunction, KeyedBroadcastProcessFunction

from flinkharness.contexts import (
    BroadcastSideContext,
    KeyedContext,
    KeyedReadingSideContext,
    Operator,
    ReadingSideContext,
    UnkeyedContext,
)
from flinkharness.errors import HarnessError

Call = Callable[[Any], Iterable[Any] | None]
KEYED = (KeyedProcessFunction, KeyedCoProcessFunction, KeyedBroadcastProcessFunction)
UNKEYED = (ProcessFunction, CoProcessFunction, BroadcastProcessFunction)


@dataclass(frozen=True)
class Calls:
    """inputs: one call an input. on_timer: None for a function without timers."""

    inputs: tuple[Call, ...]
    on_timer: Call | None = None
    broadcast: bool = False


def calls_of(function: Any, operator: Operator) -> Calls:
    """The calls of a function of any kind that PyFlink can chain into a DataStream job."""
    for kind, binder in _BINDERS.items():
        if isinstance(function, kind):
            return binder(function, operator)
    raise HarnessError(
        f"{type(function).__name__} is not a kind that the harness drives: "
        f"{', '.join(kind.__name__ for kind in _BINDERS)}"
    )


def _keyed_broadcast(function: Any, operator: Operator) -> Calls:
    reading, writing = KeyedReadingSideContext(operator), BroadcastSideContext(operator)
    return Calls(
        (
            lambda value: function.process_element(value, reading),
            lambda value: function.process_broadcast_element(value, writing),
        ),
        lambda at: function.on_timer(at, reading),
        broadcast=True,
    )


def _broadcast(function: Any, operator: Operator) -> Calls:
    reading, writing = ReadingSideContext(operator), BroadcastSideContext(operator)
    return Calls(
        (
            lambda value: function.process_element(value, reading),
            lambda value: function.process_broadcast_element(value, writing),
        ),
        broadcast=True,
    )


def _keyed_co(function: Any, operator: Operator) -> Calls:
    context = KeyedContext(operator)
    return Calls(
        (
            lambda value: function.process_element1(value, context),
            lambda value: function.process_element2(value, context),
        ),
        lambda at: function.on_timer(at, context),
    )


def _co(function: Any, operator: Operator) -> Calls:
    context = UnkeyedContext(operator)
    return Calls(
        (
            lambda value: function.process_element1(value, context),
            lambda value: function.process_element2(value, context),
        )
    )


def _keyed(function: Any, operator: Operator) -> Calls:
    context = KeyedContext(operator)
    return Calls(
        (lambda value: function.process_element(value, context),),
        lambda at: function.on_timer(at, context),
    )


def _unkeyed(function: Any, operator: Operator) -> Calls:
    context = UnkeyedContext(operator)
    return Calls((lambda value: function.process_element(value, context),))


def _some(result: Any) -> list[Any]:
    """A CoMapFunction, unlike a MapFunction, drops None."""
    return [] if result is None else [result]


_BINDERS: dict[type, Callable[[Any, Operator], Calls]] = {
    KeyedBroadcastProcessFunction: _keyed_broadcast,
    BroadcastProcessFunction: _broadcast,
    KeyedCoProcessFunction: _keyed_co,
    CoProcessFunction: _co,
    KeyedProcessFunction: _keyed,
    ProcessFunction: _unkeyed,
    MapFunction: lambda f, _: Calls((lambda value: [f.map(value)],)),
    FlatMapFunction: lambda f, _: Calls((f.flat_map,)),
    FilterFunction: lambda f, _: Calls((lambda value: [value] if f.filter(value) else [],)),
    CoMapFunction: lambda f, _: Calls((lambda v: _some(f.map1(v)), lambda v: _some(f.map2(v)))),
    CoFlatMapFunction: lambda f, _: Calls((f.flat_map1, f.flat_map2)),
}
