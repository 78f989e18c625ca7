"""The decision operator as a replay has it: reference data as it was when an event came, and
wake-ups when they came."""

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pyflink.datastream import RuntimeContext

from connectors.codec import Decoder
from jobs.replay.plan import Effective, Plan
from jobs.runtime.batches import Batches
from jobs.runtime.decision import DecisionFunction
from jobs.runtime.packets import OutputRow, Received
from jobs.runtime.reference import ReferenceData
from jobs.runtime.wakeups import WAKE_UP, Asked
from jobs.runtime.wire import Wire
from udfs.contract import Domain


class ReferenceHistory(ReferenceData):
    """Reference records that come into force as inputs arrive; there from the beginning.

    A record that is not what its topic promises is passed over, as the job did when it came.
    """

    def __init__(
        self, domain: Domain, decoders: Mapping[str, Decoder], history: Iterable[Effective]
    ):
        super().__init__(domain, decoders, {})
        self._ahead = deque(history)

    def turn_to(self, time: int) -> None:
        """Take over what holds at `time` (epoch ms); going back changes nothing."""
        while self._ahead and self._ahead[0].since <= time:
            topic, partition, offset, _, key, value = self._ahead.popleft().record
            try:
                self.take(_Unkept(), topic, partition, offset, key, value)
            except ValueError:
                continue


class _Unkept:
    """Stands in for broadcast state: after a failure the history is read from its start again."""

    def put(self, key: str, value: Any) -> None:
        pass

    def remove(self, key: str) -> None:
        pass


class _WakeUpsApart:
    """`Batches` without the wake-ups among them, which no decoder knows."""

    def __init__(self, batches: Batches) -> None:
        self._batches = batches
        self._woken: list[Asked] = []

    def plain(self, value: Any) -> Any:
        return self._batches.plain(value)

    def closed_at(self, value: Any) -> int:
        return self._batches.closed_at(value)

    def take(self, value: Any) -> tuple[Sequence[Received], list[OutputRow]]:
        received, rows = self._batches.take(value)
        records = []
        for one in received:
            name = one.source[0]
            if name.startswith(WAKE_UP):
                self._woken.append(Asked.named(name))
            else:
                records.append(one)
        return records, rows

    def woken(self) -> list[Asked]:
        """The wake-ups that were taken since this was last asked."""
        woken, self._woken = self._woken, []
        return woken


class ReplayFunction(DecisionFunction):
    """Decides as `DecisionFunction` does, inputs that come one by one.

    Each is a batch of its own, closed when the input arrived at the job of then. Wake-ups of then
    are inputs too. By event time others come only where those of then are not known, or with other
    rules: what did not come then was settled by an event before its turn.
    """

    def __init__(self, domain: Domain, wire: Wire, plan: Plan):
        super().__init__(domain, wire, awaited={}, batch_ms=0)
        self._known = [one for one in plan.reference if one.record.topic in domain.reference]
        woken = plan.woken[domain.name]
        self._woken_then = frozenset(Asked.named(name) for name in woken.names)
        unknown = plan.is_changed or woken.known_from is None
        self._alone_from = None if unknown else woken.known_from
        self._arrived_at = 0

    def open(self, runtime_context: RuntimeContext) -> None:
        super().open(runtime_context)
        decoders = {topic: self._wire.decoder(topic) for topic in self._domain.reference}
        self._history = ReferenceHistory(self._domain, decoders, self._known)
        self._reference = self._history
        self._view.reference = self._history.records
        self._inputs = self._batches = _WakeUpsApart(self._batches)

    def _process(self, value: Any, ctx: Any) -> list[OutputRow]:
        self._arrived_at = max(self._arrived_at, self._batches.closed_at(value))
        self._history.turn_to(self._arrived_at)
        rows = super()._process(value, ctx)
        return [*rows, *super()._wake(self._inputs.woken(), ctx.timer_service())]

    def _wake(self, asked: Iterable[Asked], timers: Any) -> list[OutputRow]:
        if self._alone_from is not None and self._arrived_at >= self._alone_from:
            return []
        return super()._wake((one for one in asked if one not in self._woken_then), timers)
