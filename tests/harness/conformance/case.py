"""A conformance case: a function, a script of what arrives, and what must come out."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from flinkharness import Harness, Mode
from pyflink.common import Row, Types
from pyflink.common.typeinfo import TypeInformation
from pyflink.datastream import MapFunction, OutputTag

VALUE = Types.ROW_NAMED(["key", "text"], [Types.INT(), Types.STRING()])
KEY = Types.INT()
SHOWN = Types.TUPLE([Types.STRING(), Types.STRING()])


@dataclass(frozen=True)
class Arrival:
    """One element: on input 1 or 2, with a timestamp, and the watermark that follows it."""

    text: str
    at: int | None = None
    key: int = 0
    watermark: int | None = None
    second: bool = False

    @property
    def value(self) -> Row:
        return Row(key=self.key, text=self.text)


@dataclass(frozen=True)
class Case:
    """`expected`: the emitted values' repr, in order; `side`: the same by OutputTag id.

    ordered: False where Flink promises no order, such as between two inputs; the outputs are then
        compared sorted.
    not_in_process_mode: why PyFlink's process mode does not conform, if it does not.
    bounded: False where timers of processing time must fire, which the end of input would drop.
    """

    name: str
    function: Callable[[], Any]
    arrivals: tuple[Arrival, ...]
    expected: tuple[str, ...]
    side: dict[str, tuple[str, ...]] = field(default_factory=dict)
    keyed: bool = True
    output_type: TypeInformation | None = None
    ordered: bool = True
    timed: bool = True
    bounded: bool = True
    not_in_process_mode: str = ""

    @property
    def tags(self) -> tuple[OutputTag, ...]:
        return tuple(OutputTag(tag, Types.STRING()) for tag in self.side)

    @property
    def two_inputs(self) -> bool:
        return any(arrival.second for arrival in self.arrivals)

    def outcome(self, channel: str, texts: list[str]) -> tuple[str, list[str]]:
        """What came out of a channel ("" is the main output), in comparable order."""
        return channel, texts if self.ordered else sorted(texts)

    def outcomes(self) -> list[tuple[str, list[str]]]:
        """What must come out."""
        return [
            self.outcome(channel, list(texts))
            for channel, texts in {"": self.expected, **self.side}.items()
        ]


def run_on_harness(case: Case, mode: Mode) -> list[tuple[str, list[str]]]:
    """Play the case's script on the harness."""
    function = case.function()
    options: dict[str, Any] = {"key_by": _key_of, "key_by2": _key_of, "key_type": KEY}
    with Harness(
        function,
        input_type=VALUE,
        input_type2=VALUE,
        output_type=case.output_type,
        side_outputs=case.tags,
        mode=mode,
        clock=1_750_000_000_000,
        **(options if case.keyed else {}),
    ) as harness:
        for arrival in case.arrivals:
            _send(harness, case, arrival)
        if case.bounded:
            harness.end_of_input()
        emitted = [case.outcome("", [repr(value) for value in harness.emitted()])]
        return emitted + [
            case.outcome(tag.tag_id, [repr(value) for value in harness.side_output(tag)])
            for tag in case.tags
        ]


def _send(harness: Harness, case: Case, arrival: Arrival) -> None:
    broadcast = hasattr(harness.function, "process_broadcast_element")
    if arrival.second:
        send = harness.broadcast if broadcast else harness.send2
        advance = harness.watermark2
    else:
        send = harness.send1 if case.two_inputs and not broadcast else harness.send
        advance = harness.watermark1
    send(arrival.value, at=arrival.at)
    if arrival.watermark is not None:
        advance(arrival.watermark)


def _key_of(value: Row) -> int:
    return int(value.key)


class Shown(MapFunction):  # type: ignore[misc]
    """The representation of a value on the other side of the JVM."""

    def __init__(self, channel: str) -> None:
        self._channel = channel

    def map(self, value: Any) -> tuple[str, str]:
        return self._channel, repr(value)
