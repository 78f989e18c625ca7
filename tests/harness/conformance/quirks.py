"""What PyFlink's thread mode gets wrong, as functions that show it: why the harness refuses it."""

from collections.abc import Callable, Iterator
from typing import Any

from harness.conformance.two_inputs import RULES
from pyflink.common import Row, Types
from pyflink.datastream import ProcessFunction, RuntimeContext
from pyflink.datastream.functions import KeyedBroadcastProcessFunction
from pyflink.datastream.state import ValueStateDescriptor

_PAIR = Types.ROW_NAMED(["a", "b"], [Types.STRING(), Types.STRING()])

CORRUPTED = {
    "an INT out of range wraps": (Types.INT(), [2**31], ["-2147483648"]),
    "a short row keeps the fields of the one before": (
        _PAIR,
        [Row("1", "2"), Row("3")],
        ["Row(a='1', b='2')", "Row(a='3', b='2')"],
    ),
    "a row's names do not count": (_PAIR, [Row(b="b", a="a")], ["Row(a='b', b='a')"]),
    "every row of an array becomes the last": (
        Types.OBJECT_ARRAY(_PAIR),
        [[Row("1", "2"), Row("3", "4")]],
        ["(Row(a='3', b='4'), Row(a='3', b='4'))"],
    ),
    "every row of a map becomes the last": (
        Types.MAP(Types.STRING(), _PAIR),
        [{"x": Row("1", "2"), "y": Row("3", "4")}],
        ["{'x': Row(a='3', b='4'), 'y': Row(a='3', b='4')}"],
    ),
}


class Emits(ProcessFunction):
    """Emits what it was made with."""

    def __init__(self, values: list[Any]) -> None:
        self.values = values

    def process_element(self, *_: Any) -> Iterator[Any]:
        yield from self.values


class Missing(KeyedBroadcastProcessFunction):
    """Tries what is documented, and names what fails."""

    FAILS = ("subtask", "parallelism", "task", "array state", "broadcast keys")

    def open(self, runtime_context: RuntimeContext) -> None:
        self.context = runtime_context
        self.array = runtime_context.get_state(
            ValueStateDescriptor("array", Types.PRIMITIVE_ARRAY(Types.BYTE()))
        )

    def process_element(
        self, _: Row, ctx: KeyedBroadcastProcessFunction.ReadOnlyContext
    ) -> Iterator[str]:
        rules = ctx.get_broadcast_state(RULES)
        attempts: dict[str, Callable[[], Any]] = {
            "broadcast items": lambda: list(rules.items()),
            "subtask": self.context.get_index_of_this_subtask,
            "parallelism": self.context.get_number_of_parallel_subtasks,
            "task": self.context.get_task_name,
            "array state": self.array.value,
            "broadcast keys": lambda: list(rules.keys()),
        }
        for name, attempt in attempts.items():
            try:
                attempt()
            except Exception:
                yield name

    def process_broadcast_element(self, *_: Any) -> None:
        pass
