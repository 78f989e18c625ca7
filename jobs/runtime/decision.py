"""The decision operator: the one stateful Python function, around every domain's rule.

It gets batches of records by bucket of entities, raw ones from SQL or read ones from the intake,
and for each record: drops it if its event was decided before, loads the entity's state, asks the
rule, stores the new state and encodes the outputs, which leave as one message a batch.
What cannot be processed becomes a row for the dead-letter topic, and the job goes on.

State is per bucket, so entities are entries of map states; `uid`s and the state names below are a
savepoint contract, and so is the number of buckets.
"""

from collections.abc import Callable, Iterable, Sequence
from time import perf_counter
from typing import Any

from pyflink.common import Row, Types
from pyflink.datastream import KeyedBroadcastProcessFunction, RuntimeContext, TimeDomain
from pyflink.datastream.state import ListStateDescriptor, MapStateDescriptor

from connectors.errors import ShopstreamError
from connectors.reading import RawRecord
from connectors.topics import TOPICS
from jobs.runtime.arrivals import ARRIVALS, ArrivalLog
from jobs.runtime.attempts import MARK, parted
from jobs.runtime.batches import Batches, PacketBatches, RawBatches
from jobs.runtime.collector import spare_what_is_loaded
from jobs.runtime.dead_letters import DEAD_LETTERS, DeadLetters, wake_up_record
from jobs.runtime.duplicates import HOUR_MS, SeenEvents
from jobs.runtime.entities import ChildrenView, StateFormat, StateTable
from jobs.runtime.metrics import DecisionMetrics
from jobs.runtime.packets import OutputRow, Packing, described, packed_rows
from jobs.runtime.records import Inputs, Outputs
from jobs.runtime.reference import ReferenceData, reference_descriptor
from jobs.runtime.wakeups import Arrivals, Asked, WakeUps
from jobs.runtime.wire import Wire
from udfs.contract import Children, Domain, Source, WakeUp

HELD_RETRY_MS = 200


class EntityView:
    """A rule's `View`."""

    def __init__(self, children: ChildrenView, reference: ReferenceData):
        self.entity = ""
        self.children: Children[Any] = children
        self.reference = reference.records
        self.source: Source | None = None
        self.answers: Sequence[Any] = ()


class DecisionFunction(KeyedBroadcastProcessFunction):
    """Runs `domain`'s rule.

    wire: how records are decoded and encoded. If it can write arrivals, the order in which things
        are decided is written down.
    awaited: (topic, partition) -> offset of the last reference record that there was when the job
        was submitted; nothing is decided before all of them are read.
    batch_ms: for how long SQL gathers a batch.
    """

    def __init__(
        self,
        domain: Domain,
        wire: Wire,
        awaited: dict[tuple[str, int], int],
        batch_ms: int,
        before_start: Callable[[], None] = lambda: None,
    ):
        self.name = domain.name
        self._domain = domain
        self._wire = wire
        self._awaited = awaited
        self._batch_ms = batch_ms
        self._before_start = before_start

    def open(self, runtime_context: RuntimeContext) -> None:
        self._before_start()
        spare_what_is_loaded()
        domain, wire = self._domain, self._wire
        blob, text, number = Types.PICKLED_BYTE_ARRAY(), Types.STRING(), Types.LONG()

        def table(name: str, key: Any, value: Any) -> Any:
            return runtime_context.get_map_state(MapStateDescriptor(name, key, value))

        self._held = runtime_context.get_list_state(ListStateDescriptor("held-batches", blob))
        self._drained: set[int] = set()
        self._entities = StateTable(table("entities", text, blob))
        self._children_table = StateTable(table("children", text, blob))
        self._state_format = StateFormat(domain, domain.state)
        self._children = ChildrenView(
            self._children_table, StateFormat(domain, domain.child or domain.state)
        )
        self._seen = SeenEvents(
            table("seen-events", text, number),
            table("seen-purges", number, number),
            table("seen-chunks", text, blob),
        )
        self._arrivals = Arrivals(self._batch_ms)
        self._wake_ups = WakeUps(table, self._arrivals)

        self._batches: Batches = (
            PacketBatches(Packing(domain), table("batch-parts", text, blob))
            if needs_intake(domain)
            else RawBatches(Inputs(domain, wire))
        )
        self._outputs = Outputs(domain, wire)
        self._reference_state = reference_descriptor()
        self._reference = ReferenceData(
            domain, {topic: wire.decoder(topic) for topic in domain.reference}, self._awaited
        )
        self._view = EntityView(self._children, self._reference)
        self._dead_letters = DeadLetters(domain.name, wire.encoder(DEAD_LETTERS))
        self._arrival_log = (
            ArrivalLog(domain.name, wire.encoder(ARRIVALS)) if ARRIVALS in wire.output_ids else None
        )
        self._metrics = DecisionMetrics(runtime_context.get_metrics_group())
        self._is_first_subtask = _subtask_index(runtime_context) == 0

    # -- what Flink calls ---------------------------------------------------------------------

    def process_element(self, value: Row, ctx: Any) -> Iterable[bytes]:
        return packed_rows(self._process(value, ctx))

    def _process(self, value: Row, ctx: Any) -> list[OutputRow]:
        timers = ctx.timer_service()
        self._arrivals.note(self._batches.closed_at(value), timers.current_processing_time())
        if not self._may_decide(ctx):
            self._held.add(self._batches.plain(value))
            self._try_again(timers)
            return []
        return self._decide(value, timers)

    def process_broadcast_element(self, value: Row, ctx: Any) -> Iterable[bytes]:
        raw_value, raw_key, topic, partition, offset, timestamp = value
        state = ctx.get_broadcast_state(self._reference_state)
        self._reference.load(state)
        try:
            self._reference.take(state, parted(topic)[0], partition, offset, raw_key, raw_value)
        except ShopstreamError:
            raise  # of the surroundings, not of the record: try again later
        except Exception as error:  # garbage raises whatever a decoder stumbles over
            if self._is_first_subtask:  # every subtask reads all reference data
                at = RawRecord(topic, partition, offset, timestamp, raw_key, raw_value)
                return packed_rows([self._dead_letters.row(at, *described(error))])
        return []

    def on_timer(self, timestamp: int, ctx: Any) -> Iterable[bytes]:
        return packed_rows(self._at(timestamp, ctx))

    def _at(self, timestamp: int, ctx: Any) -> list[OutputRow]:
        timers = ctx.timer_service()
        if ctx.time_domain() == TimeDomain.EVENT_TIME:
            if timestamp % HOUR_MS == 0:
                self._seen.purge(timestamp)
            due = self._wake_ups.reached(timestamp, timers, self._may_decide(ctx))
            return self._wake(due, timers)
        rows = self._drain(ctx, timers)
        due = self._wake_ups.check(timestamp, timers, self._may_decide(ctx))
        return rows + self._wake(due, timers)

    # -- batches ------------------------------------------------------------------------------

    def _may_decide(self, ctx: Any) -> bool:
        """Whether reference data is complete and no older batch of this bucket is held back."""
        bucket = ctx.get_current_key()
        if bucket in self._drained:
            return True
        if not self._knows_enough(ctx) or any(True for _ in self._held.get()):
            return False
        self._drained.add(bucket)
        return True

    def _knows_enough(self, ctx: Any) -> bool:
        """Whether the reference data that a decision needs has been read; so it stays."""
        self._reference.load(ctx.get_broadcast_state(self._reference_state))
        return self._reference.complete

    def _drain(self, ctx: Any, timers: Any) -> list[OutputRow]:
        """Decide the batches that were held back, if that may be done now."""
        if ctx.get_current_key() in self._drained:
            return []
        if not self._knows_enough(ctx):
            self._try_again(timers)
            return []
        held = list(self._held.get())
        self._held.clear()
        return [row for batch in held for row in self._decide(batch, timers)]

    def _try_again(self, timers: Any) -> None:
        """Look after held batches again soon: at one time for all that ask meanwhile."""
        now = timers.current_processing_time()
        timers.register_processing_time_timer((now // HELD_RETRY_MS + 1) * HELD_RETRY_MS)

    def _decide(self, batch: Any, timers: Any) -> list[OutputRow]:
        started = perf_counter()
        watermark = timers.current_watermark()
        received, rows = self._batches.take(batch)
        sources: list[Source] = []
        duplicates = late = dead = 0
        remembers = not self._domain.bears_repeats
        for source, entity, event, answers, error in received:
            sources.append(source)
            if error is None and entity is not None:
                event_time = event.event_time
                if remembers:
                    topic = parted(source[0])[0] if MARK in source[0] else source[0]
                    event_id = f"{topic}/{event.event_id}"
                    if (event_id, event_time) in self._seen:
                        duplicates += 1
                        continue
                self._view.source, self._view.answers = source, answers
                try:
                    rows += self._apply(entity, event)
                    if remembers:
                        self._seen.add(event_id, event_time)
                    late += event_time < watermark
                except ShopstreamError:
                    raise  # of the surroundings, not of the record: try again later
                except Exception as raised:  # whatever a record makes a rule raise, the job goes on
                    error = described(raised)
            if error is not None:
                dead += 1
                rows.append(self._dead_letters.row(RawRecord(*source), *error))
        self._flush(timers)
        if sources:
            self._metrics.batch(len(sources), duplicates, late, dead, perf_counter() - started)
            if self._arrival_log is not None:
                rows.append(self._arrival_log.row(sources))
        return rows

    def _apply(self, entity: str, event: Any) -> list[OutputRow]:
        """Ask the rule and take over what it returns: all of it, or nothing if it raises."""
        self._children.turn_to(entity)
        stored = self._entities.get(entity)
        state, wake_at = (None, None) if stored is None else self._state_format.load(stored)
        self._view.entity = entity
        outcome = self._domain.rule(state, event, self._view)
        rows = self._outputs.rows(outcome.outputs, event)
        rows += [
            self._dead_letters.row(RawRecord(*source), "GivenUp", reason)
            for source, reason in outcome.given_up
        ]

        kept = outcome.state
        self._entities.put(
            entity, None if kept is None else self._state_format.dump(kept, outcome.wake_at)
        )
        self._children_table.update(self._children.changes)
        if outcome.wake_at is not None and outcome.wake_at != wake_at:
            self._wake_ups.ask(outcome.wake_at, entity, None, event.event_time)
        for child_id, child_wake_at in self._children.wake_ups:
            self._wake_ups.ask(child_wake_at, entity, child_id, event.event_time)
        return rows

    # -- wake-ups -----------------------------------------------------------------------------

    def _wake(self, asked: Iterable[Asked], timers: Any) -> list[OutputRow]:
        rows: list[OutputRow] = []
        woken: list[Asked] = []
        dead = 0
        self._view.source, self._view.answers = None, ()
        for one in asked:
            wake_at, entity, child_id = one
            if not self._still_wanted(wake_at, entity, child_id):
                continue
            woken.append(one)
            try:
                rows += self._apply(entity, WakeUp(one.name, wake_at, child_id))
            except ShopstreamError:
                raise
            except Exception as error:  # as for a batch
                dead += 1
                at = wake_up_record(one.name, entity, wake_at)
                rows.append(self._dead_letters.row(at, *described(error)))
        self._flush(timers)
        self._metrics.woken(len(woken), dead)
        if self._arrival_log is not None:
            rows += self._arrival_log.of_wake_ups(woken)
        return rows

    def _still_wanted(self, wake_at: int, entity: str, child_id: str | None) -> bool:
        """Whether the entity, or its child, has not asked for another time since."""
        if child_id is not None:
            self._children.turn_to(entity)
            return self._children.wake_at(child_id) == wake_at
        stored = self._entities.get(entity)
        return stored is not None and self._state_format.load(stored)[1] == wake_at

    def _flush(self, timers: Any) -> None:
        self._entities.flush()
        self._children_table.flush()
        self._wake_ups.flush(timers)
        for hour in self._seen.flush(timers.current_watermark()):
            timers.register_event_time_timer(hour)


def needs_intake(domain: Domain) -> bool:
    """Whether `domain`'s records must be read before they can be brought to who decides them."""
    return domain.links is not None or any(
        TOPICS[topic].key != (domain.entity,) for topic in domain.inputs
    )


def _subtask_index(runtime_context: RuntimeContext) -> int:
    """Which subtask this is, counted from 0.

    In thread mode PyFlink 2.3 asks Java for it by a method that Flink 2.0 moved to the task info.
    """
    try:
        return runtime_context.get_index_of_this_subtask()
    except AttributeError:
        return runtime_context._runtime_context.getTaskInfo().getIndexOfThisSubtask()
