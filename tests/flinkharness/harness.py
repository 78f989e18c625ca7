"""The harness: what a test holds."""

from typing import Any

import cloudpickle
from pyflink.common import Row
from pyflink.datastream import OutputTag

from flinkharness.errors import HarnessError
from flinkharness.inputs import Inputs
from flinkharness.operator import Emitted, RunningOperator
from flinkharness.setup import Setup
from flinkharness.timers import MAX_TIME, Timer
from flinkharness.types import Carrier

_UNSET: Any = object()


class Harness:
    """Runs one PyFlink function as an operator would, without a JVM.

    `Harness(function, key_by=..., output_type=...)`: the options are the fields of `Setup`.
    Use it as a context manager, so that close() is called, or leave that to the test.
    Raises RefusedError where the platform would refuse or corrupt something.
    """

    def __init__(self, function: Any, *, snapshot: bytes | None = None, **options: Any) -> None:
        self._setup = Setup(**options)
        self._carrier = Carrier(self._setup.mode)
        self._payload = cloudpickle.dumps(function) if self._setup.pickled else None
        self.function = function if self._payload is None else cloudpickle.loads(self._payload)
        self._start(snapshot)

    @classmethod
    def restore(cls, snapshot: bytes, function: Any, **options: Any) -> "Harness":
        """A new job from a savepoint: another function, or the same one, with the old state."""
        return cls(function, snapshot=snapshot, **options)

    def snapshot(self) -> bytes:
        """What a checkpoint would hold now: keyed and broadcast state and all timers."""
        return self._operator.snapshot()

    def failover(self, snapshot: bytes | None = None) -> None:
        """Lose the process: a new function instance, made from the submitted bytes, takes over.

        What was not in state or timers is gone, watermarks included; what was emitted stays
        readable. Without a snapshot the failure strikes right after a checkpoint.
        """
        if self._payload is None:
            raise HarnessError("failover needs the submitted bytes: leave pickled=True")
        emitted = self._operator.emitted
        snapshot = self.snapshot() if snapshot is None else snapshot
        self.function = cloudpickle.loads(self._payload)
        self._start(snapshot)
        self._operator.emitted[:0] = emitted

    def _start(self, snapshot: bytes | None) -> None:
        self._operator = RunningOperator(self.function, self._setup, snapshot)
        self._inputs = Inputs(len(self._operator.calls.inputs))
        self._operator.open()

    def __enter__(self) -> "Harness":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._operator.close()

    def send(self, *values: Any, at: int | None = None, key: Any = _UNSET) -> None:
        """Elements on the only, or the non-broadcast, input. `at`: their timestamp (epoch ms)."""
        if len(self._operator.calls.inputs) == 2 and not self._operator.calls.broadcast:
            raise HarnessError(f"{type(self.function).__name__} has two inputs: use send1, send2")
        self._deliver(0, values, at, key)

    def broadcast(self, *values: Any, at: int | None = None) -> None:
        """Elements on the broadcast input."""
        if not self._operator.calls.broadcast:
            raise HarnessError(f"{type(self.function).__name__} has no broadcast input")
        self._deliver(1, values, at, _UNSET)

    def send1(self, *values: Any, at: int | None = None, key: Any = _UNSET) -> None:
        """Elements on the first of two inputs."""
        self._second_input("send1")
        self._deliver(0, values, at, key)

    def send2(self, *values: Any, at: int | None = None, key: Any = _UNSET) -> None:
        """Elements on the second of two inputs."""
        self._second_input("send2")
        self._deliver(1, values, at, key)

    def watermark(self, time: int) -> None:
        """A watermark on every input (epoch ms); one that does not advance is ignored."""
        for index in range(len(self._inputs)):
            self._inputs.watermark(index, time)
        self._advance()

    def watermark1(self, time: int) -> None:
        """A watermark on the first input only; time follows the slower of the two."""
        self._inputs.watermark(0, time)
        self._advance()

    def watermark2(self, time: int) -> None:
        """A watermark on the second, or the broadcast, input only."""
        self._second_input("watermark2", broadcast_too=True)
        self._inputs.watermark(1, time)
        self._advance()

    def idle2(self) -> None:
        """The second, or the broadcast, input goes idle: it no longer holds time back."""
        self._second_input("idle2", broadcast_too=True)
        self._inputs.idle(1)
        self._advance()

    def end_of_input(self) -> None:
        """A bounded job's last watermark: every event-time timer fires, no processing-time one."""
        self.watermark(MAX_TIME)

    def advance_clock(self, time: int) -> None:
        """Processing time reaches `time` (epoch ms), each timer on the way firing at its own."""
        if time < self._operator.clock:
            raise HarnessError(f"the clock is at {self._operator.clock}, it cannot go to {time}")
        self._operator.advance_clock(time)

    @property
    def current_watermark(self) -> int:
        return self._operator.watermark

    @property
    def clock(self) -> int:
        return self._operator.clock

    def emitted(self, **fields: Any) -> list[Any]:
        """Main output so far, in order; with `fields`, the rows that have these values in them."""
        values = [record.value for record in self.records() if record.tag is None]
        return [value for value in values if _matches(value, fields)]

    def side_output(self, tag: OutputTag | str) -> list[Any]:
        """What went to a side output so far."""
        tag_id = tag if isinstance(tag, str) else tag.tag_id
        return [record.value for record in self.records() if record.tag == tag_id]

    def records(self) -> list[Emitted]:
        """Everything emitted, with its timestamp and its tag."""
        return list(self._operator.emitted)

    def take(self) -> list[Any]:
        """Main output since the last take, then forget all output."""
        values = self.emitted()
        self._operator.emitted.clear()
        return values

    def timers(self, key: Any = _UNSET) -> list[Timer]:
        """Pending timers, of one key or all, in the order in which they would fire."""
        pending = self._operator.timers.pending()
        return [timer for timer in pending if key is _UNSET or timer.key == key]

    def keys(self) -> list[Any]:
        """The keys that have state."""
        return self._operator.states.keys()

    def state(self, name: str, key: Any) -> Any:
        """A state's content under a key: a value, a list or a dict; empty as the state has it."""
        return self._operator.state(name, key)

    def broadcast_state(self, name: str) -> dict[Any, Any]:
        """A broadcast state's content."""
        return dict(self._operator.states.opened(name).items())

    def metric(self, name: str) -> Any:
        """A metric by its dotted name: a count, a gauge's value, a distribution's values."""
        metrics = self._operator.metrics
        if name not in metrics:
            raise HarnessError(f"no metric {name!r}: registered are {sorted(metrics) or 'none'}")
        return metrics[name]()

    def assert_no_timers_left(self) -> None:
        if pending := self.timers():
            raise AssertionError(f"timers left: {pending}")

    def assert_no_state_left(self) -> None:
        """Keyed state only: broadcast state is there to stay."""
        if left := self._operator.states.left():
            raise AssertionError(f"state left: {left}")

    def _deliver(self, index: int, values: tuple[Any, ...], at: int | None, key: Any) -> None:
        declared = (self._setup.input_type, self._setup.input_type2)[index]
        for value in values:
            carried = self._carrier.carry(declared, value, f"input {index + 1}")
            self._inputs.active(index)
            if self._operator.keyed and not (index and self._operator.calls.broadcast):
                self._operator.element(index, carried, at, self._key(index, carried, key))
            else:
                self._operator.element(index, carried, at)

    def _key(self, index: int, value: Any, key: Any) -> Any:
        selector = (self._setup.key_by, self._setup.key_by2)[index]
        if key is _UNSET and selector is None:
            raise HarnessError("which key? give the harness key_by=, or send(..., key=...)")
        key = selector(value) if key is _UNSET and selector is not None else key
        return self._carrier.carry(self._setup.key_type, key, "key")

    def _advance(self) -> None:
        combined = self._inputs.combined()
        if combined > self._operator.watermark:
            self._operator.advance_watermark(combined)

    def _second_input(self, call: str, broadcast_too: bool = False) -> None:
        calls = self._operator.calls
        if len(calls.inputs) == 1 or (calls.broadcast and not broadcast_too):
            raise HarnessError(f"{type(self.function).__name__} does not take {call}")


def _matches(value: Any, fields: dict[str, Any]) -> bool:
    if not fields:
        return True
    named = value.as_dict() if isinstance(value, Row) and hasattr(value, "_fields") else {}
    return fields.items() <= named.items()
