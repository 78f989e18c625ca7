"""One running operator: the function, its state, its timers and its two clocks."""

import pickle
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from pyflink.datastream import OutputTag, TimeDomain
from pyflink.datastream.functions import KeyedBroadcastProcessFunction

from flinkharness.contexts import HarnessRuntimeContext
from flinkharness.errors import RefusedError
from flinkharness.functions import KEYED, UNKEYED, calls_of
from flinkharness.metrics import HarnessMetricGroup, Readers
from flinkharness.modes import Mode
from flinkharness.setup import Setup
from flinkharness.state_store import StateStore
from flinkharness.timers import (
    MIN_TIME,
    KeyedTimerService,
    Timer,
    Timers,
    UnkeyedTimerService,
)
from flinkharness.type_limits import check_stream_type
from flinkharness.types import Carrier, freeze

_NO_KEY = object()
_ENDLESS = 1000


@dataclass(frozen=True)
class Emitted:
    """One record on its way downstream. `timestamp`: epoch ms, None where Flink erases it."""

    value: Any
    timestamp: int | None
    tag: str | None = None


class RunningOperator:
    """Flink's side of the contract, for one function instance from open() to close()."""

    def __init__(self, function: Any, setup: Setup, snapshot: bytes | None = None) -> None:
        restored = pickle.loads(snapshot or _EMPTY)
        self._setup = setup
        self._key: Any = _NO_KEY
        self._function = function
        self._carrier = Carrier(setup.mode)
        self._check_types()
        self.keyed = is_keyed(function, setup)
        self.clock: int = max(setup.clock, restored["clock"])
        self.watermark = MIN_TIME
        self.timestamp: int | None = None
        self.time_domain: TimeDomain | None = None
        self.emitted: list[Emitted] = []
        self.metrics: Readers = {}
        self.states = StateStore(setup.mode, self.current_key, restored["slots"])
        self.timers = Timers()
        for timer in restored["timers"]:
            self.timers.register(timer)
        services = KeyedTimerService if self.keyed else UnkeyedTimerService
        self.timer_service = services(
            self.timers, self.current_key, lambda: self.clock, lambda: self.watermark
        )
        self.calls = calls_of(function, self)

    def _check_types(self) -> None:
        setup = self._setup
        declared = {
            "input 1": setup.input_type,
            "input 2": setup.input_type2,
            "key": setup.key_type,
            "output": setup.output_type,
        }
        for where, type_info in declared.items():
            check_stream_type(type_info, setup.mode, where)

    def open(self) -> None:
        states = self.states if self.keyed else None
        group = HarnessMetricGroup(self.metrics)
        self._function.open(HarnessRuntimeContext(self._setup, states, group))
        self.advance_clock(self.clock)

    def close(self) -> None:
        self._function.close()

    def snapshot(self) -> bytes:
        """State and timers as a checkpoint has them; watermarks are not part of one."""
        return pickle.dumps(
            {"slots": self.states.slots, "timers": self.timers.pending(), "clock": self.clock}
        )

    def current_key(self) -> Any:
        if self._key is _NO_KEY:
            raise RefusedError(
                "no key is set here, so keyed state and timers are out of reach: in open() Flink "
                "fails, and in process_broadcast_element it uses the previous element's key"
            )
        return self._key

    def state(self, name: str, key: Any) -> Any:
        """The content of a state under a key, for a test to look at between elements."""
        self._key = key
        try:
            return self.states.opened(name).inspect()
        finally:
            self._key = _NO_KEY

    def element(self, index: int, value: Any, timestamp: int | None, key: Any = _NO_KEY) -> None:
        """One element of input `index`, then the processing-time timers that it made due.

        A missing timestamp reads as the smallest long: PyFlink documents None, but that is what
        both modes hand out.
        """
        seen = MIN_TIME if timestamp is None else timestamp
        self._invoke(self.calls.inputs[index], value, seen, timestamp, None, key)
        self.advance_clock(self.clock)

    def advance_watermark(self, watermark: int) -> None:
        """Fire the event-time timers up to the watermark, which they all see as the current one."""
        self.watermark = watermark
        for timer in self._due(TimeDomain.EVENT_TIME, watermark):
            self._fire(timer, timer.at)

    def advance_clock(self, until: int) -> None:
        """Let processing time pass: each timer fires at its own time, the last at `until`."""
        for timer in self._due(TimeDomain.PROCESSING_TIME, until):
            self.clock = max(self.clock, timer.at)
            self._fire(timer, None)
        self.clock = max(self.clock, until)

    def _due(self, domain: TimeDomain, until: int) -> Iterator[Timer]:
        """The due timers, those included that are registered while these fire."""
        fired: Counter[Any] = Counter()
        while timer := self.timers.pop_due(domain, until):
            yield timer
            identity = timer.at, freeze(timer.key)
            fired[identity] += 1
            if fired[identity] == _ENDLESS:
                raise RefusedError(f"{timer} registers itself again each time that it fires")

    def _fire(self, timer: Timer, output_timestamp: int | None) -> None:
        call = self.calls.on_timer
        assert call is not None, "timers exist on keyed functions only"
        self._invoke(call, timer.at, timer.at, output_timestamp, timer.domain, timer.key)

    def _invoke(
        self,
        call: Any,
        argument: Any,
        timestamp: int | None,
        output_timestamp: int | None,
        domain: TimeDomain | None,
        key: Any,
    ) -> None:
        self.timestamp, self.time_domain, self._key = timestamp, domain, key
        try:
            for result in self._results(call(argument), domain):
                self.emitted.append(self._carried(result, output_timestamp, domain))
        finally:
            self.timestamp, self.time_domain, self._key = None, None, _NO_KEY

    def _results(self, results: Iterable[Any] | None, domain: TimeDomain | None) -> Iterable[Any]:
        if results is not None:
            return results
        broadcast = isinstance(self._function, KeyedBroadcastProcessFunction)
        if domain is not None and (broadcast or self._setup.mode is Mode.PROCESS):
            raise RefusedError(
                "on_timer returned None: in process mode, and in a KeyedBroadcastProcessFunction "
                "in either, PyFlink iterates over the result and the job fails; return ()"
            )
        return ()

    def _carried(self, result: Any, timestamp: int | None, domain: TimeDomain | None) -> Emitted:
        if not (isinstance(result, tuple) and result and isinstance(result[0], OutputTag)):
            return Emitted(
                self._carrier.carry(self._setup.output_type, result, "output"), timestamp
            )
        tag = result[0]
        self._admit(tag, domain)
        value = self._carrier.carry(tag.type_info, result[1], f"side output {tag.tag_id!r}")
        return Emitted(value, timestamp, tag.tag_id)

    def _admit(self, tag: OutputTag, domain: TimeDomain | None) -> None:
        known = self._setup.side_outputs
        if known is not None and tag.tag_id not in {known_tag.tag_id for known_tag in known}:
            raise RefusedError(
                f"side output {tag.tag_id!r}: the job reads {sorted(t.tag_id for t in known)} only"
            )
        broadcast = isinstance(self._function, KeyedBroadcastProcessFunction)
        if domain is not None and broadcast and self._setup.mode is Mode.THREAD:
            raise RefusedError(
                f"side output {tag.tag_id!r}: in thread mode on_timer of a "
                "KeyedBroadcastProcessFunction does not route side outputs; emit to the main output"
            )


_EMPTY = pickle.dumps({"slots": {}, "timers": [], "clock": MIN_TIME})


def is_keyed(function: Any, setup: Setup) -> bool:
    """Map and its siblings run on either kind of stream: a key makes the difference."""
    if isinstance(function, UNKEYED):
        return False
    return isinstance(function, KEYED) or setup.key_by is not None or setup.key_type is not None
