"""The links' operator: state that events touch under keys other than their entity's."""

from collections.abc import Iterable
from typing import Any

from pyflink.common import Row, Types
from pyflink.datastream import KeyedProcessFunction, RuntimeContext, TimeDomain
from pyflink.datastream.state import MapStateDescriptor

from connectors.errors import ShopstreamError
from jobs.runtime.collector import spare_what_is_loaded
from jobs.runtime.entities import StateFormat, StateTable
from jobs.runtime.packets import Answer, OutputRow, Packet, Packing, described
from jobs.runtime.records import Outputs
from jobs.runtime.wakeups import Arrivals, WakeUps
from jobs.runtime.wire import Wire
from udfs.contract import Domain, Linked, WakeUp


class LinksFunction(KeyedProcessFunction):
    """Runs the rule of `domain`'s links; rows (bucket of the events' entities, packet).

    State is per bucket of links; the names below are a savepoint contract.
    """

    def __init__(self, domain: Domain, wire: Wire, batch_ms: int):
        self.name = domain.name
        self._domain = domain
        self._wire = wire
        self._batch_ms = batch_ms

    def open(self, runtime_context: RuntimeContext) -> None:
        spare_what_is_loaded()
        domain = self._domain
        assert domain.links is not None, f"{domain.name} has no links"
        blob, text = Types.PICKLED_BYTE_ARRAY(), Types.STRING()

        def table(name: str, key: Any, value: Any) -> Any:
            return runtime_context.get_map_state(MapStateDescriptor(name, key, value))

        self._rule = domain.links.rule
        self._states = StateTable(table("links", text, blob))
        self._form = StateFormat(domain, domain.links.state)
        self._arrivals = Arrivals(self._batch_ms)
        self._wake_ups = WakeUps(table, self._arrivals)
        self._packing = Packing(domain)
        self._outputs = Outputs(domain, self._wire)

    def process_element(self, value: bytes, ctx: Any) -> Iterable[Row]:
        timers = ctx.timer_service()
        asked = self._packing.questions(value)
        self._arrivals.note(asked.closed_at, timers.current_processing_time())
        answers, rows = [], []
        for touched in asked.touches:
            try:
                touch = self._packing.touch(touched.touch)
                answer, put_out = self._touch(touched.name, touch, touch.event_time)
                answers.append(Answer(touched.event, touched.number, self._packing.pack(answer)))
                rows += put_out
            except ShopstreamError:
                raise  # of the surroundings, not of the event: try again later
            except Exception as error:  # whatever an event makes a rule raise, the job goes on
                answers.append(Answer(touched.event, touched.number, b"", described(error)))
        self._flush(timers)
        packet = Packet(asked.batch, asked.parts, asked.closed_at, asked.events, answers, rows)
        return [Row(asked.reply_to, self._packing.pack(packet))]

    def on_timer(self, timestamp: int, ctx: Any) -> Iterable[Row]:
        timers = ctx.timer_service()
        if ctx.time_domain() == TimeDomain.EVENT_TIME:
            due = self._wake_ups.reached(timestamp, timers, True)
        else:
            due = self._wake_ups.check(timestamp, timers, True)
        rows = []
        for asked in due:
            stored = self._states.get(asked.entity)
            if stored is not None and self._form.load(stored)[1] == asked.wake_at:
                wake_up = WakeUp(asked.name, asked.wake_at)
                rows += self._touch(asked.entity, wake_up, asked.wake_at)[1]
        self._flush(timers)
        if not rows:
            return []
        # outputs are nobody's answer: any bucket may pass them on
        name = f"wake-ups/{ctx.get_current_key()}/{timestamp}"
        return [Row(ctx.get_current_key(), self._packing.pack(Packet(name, 1, 0, [], [], rows)))]

    def _touch(self, name: str, touch: Any, event_time: int) -> tuple[Any, list[OutputRow]]:
        """Ask the link's rule and take over what it returns: all of it, or nothing if it raises."""
        stored = self._states.get(name)
        state, wake_at = (None, None) if stored is None else self._form.load(stored)
        linked: Linked = self._rule(state, touch, name)
        rows = self._outputs.rows(linked.outputs, touch)
        kept = linked.state
        self._states.put(name, None if kept is None else self._form.dump(kept, linked.wake_at))
        if linked.wake_at is not None and linked.wake_at != wake_at:
            self._wake_ups.ask(linked.wake_at, name, None, event_time)
        return linked.answer, rows

    def _flush(self, timers: Any) -> None:
        self._states.flush()
        self._wake_ups.flush(timers)
