"""The contexts and the RuntimeContext that a function is handed, all views of one operator."""

from typing import Any, Protocol

from pyflink.datastream import (
    CoProcessFunction,
    KeyedCoProcessFunction,
    KeyedProcessFunction,
    ProcessFunction,
    RuntimeContext,
    TimeDomain,
    TimerService,
)
from pyflink.datastream.functions import BroadcastProcessFunction, KeyedBroadcastProcessFunction
from pyflink.datastream.state import MapStateDescriptor, StateDescriptor
from pyflink.metrics import MetricGroup

from flinkharness.errors import RefusedError
from flinkharness.modes import Mode
from flinkharness.setup import Setup
from flinkharness.state_store import StateStore
from flinkharness.timers import KeyedTimerService


class Operator(Protocol):
    """What the contexts look at."""

    timer_service: KeyedTimerService
    states: StateStore
    timestamp: int | None
    time_domain: TimeDomain | None

    def current_key(self) -> Any: ...


class Context:
    def __init__(self, operator: Operator) -> None:
        self._operator = operator

    def timestamp(self) -> int | None:
        return self._operator.timestamp

    def timer_service(self) -> TimerService:
        return self._operator.timer_service


class UnkeyedContext(Context, ProcessFunction.Context, CoProcessFunction.Context):  # type: ignore[misc]
    """For ProcessFunction and CoProcessFunction."""


class KeyedContext(
    Context,
    KeyedProcessFunction.OnTimerContext,  # type: ignore[misc]
    KeyedCoProcessFunction.OnTimerContext,  # type: ignore[misc]
):
    """For KeyedProcessFunction and KeyedCoProcessFunction, elements and timers alike."""

    def get_current_key(self) -> Any:
        return self._operator.current_key()

    def time_domain(self) -> TimeDomain | None:
        return self._operator.time_domain


class BroadcastSideContext(
    BroadcastProcessFunction.Context,  # type: ignore[misc]
    KeyedBroadcastProcessFunction.Context,  # type: ignore[misc]
):
    """For process_broadcast_element: broadcast state to write, no key and no timers."""

    def __init__(self, operator: Operator) -> None:
        self._operator = operator

    def timestamp(self) -> int | None:
        return self._operator.timestamp

    def current_processing_time(self) -> int:
        return self._operator.timer_service.current_processing_time()

    def current_watermark(self) -> int:
        return self._operator.timer_service.current_watermark()

    def get_broadcast_state(self, state_descriptor: MapStateDescriptor) -> Any:
        return self._operator.states.broadcast_state(state_descriptor)


class ReadingSideContext(BroadcastSideContext, BroadcastProcessFunction.ReadOnlyContext):  # type: ignore[misc]
    """For process_element of a BroadcastProcessFunction."""

    def get_broadcast_state(self, state_descriptor: MapStateDescriptor) -> Any:
        return self._operator.states.read_only_broadcast_state(state_descriptor)


class KeyedReadingSideContext(
    ReadingSideContext,
    KeyedBroadcastProcessFunction.OnTimerContext,  # type: ignore[misc]
):
    """For process_element and on_timer of a KeyedBroadcastProcessFunction."""

    def timer_service(self) -> TimerService:
        return self._operator.timer_service

    def get_current_key(self) -> Any:
        return self._operator.current_key()

    def time_domain(self) -> TimeDomain | None:
        return self._operator.time_domain


class HarnessRuntimeContext(RuntimeContext):  # type: ignore[misc]
    """`states` is None for a function on a stream without keys."""

    def __init__(self, setup: Setup, states: StateStore | None, metrics: MetricGroup) -> None:
        self._setup = setup
        self._states = states
        self._metrics = metrics

    def get_task_name(self) -> str:
        return self._task().task_name

    def get_number_of_parallel_subtasks(self) -> int:
        return self._task().parallelism

    def get_max_number_of_parallel_subtasks(self) -> int:
        return self._task().max_parallelism

    def get_index_of_this_subtask(self) -> int:
        return self._task().subtask

    def get_attempt_number(self) -> int:
        return self._task().attempt

    def get_task_name_with_subtasks(self) -> str:
        setup = self._task()
        return f"{setup.task_name} ({setup.subtask + 1}/{setup.parallelism})"

    def get_job_parameter(self, key: str, default_value: str) -> str:
        return self._setup.job_parameters.get(key, default_value)

    def get_metrics_group(self) -> MetricGroup:
        return self._metrics

    def get_state(self, state_descriptor: StateDescriptor) -> Any:
        return self._keyed(state_descriptor).value_state(state_descriptor)

    def get_list_state(self, state_descriptor: StateDescriptor) -> Any:
        return self._keyed(state_descriptor).list_state(state_descriptor)

    def get_map_state(self, state_descriptor: StateDescriptor) -> Any:
        return self._keyed(state_descriptor).map_state(state_descriptor)

    def get_reducing_state(self, state_descriptor: StateDescriptor) -> Any:
        return self._keyed(state_descriptor).reducing_state(state_descriptor)

    def get_aggregating_state(self, state_descriptor: StateDescriptor) -> Any:
        return self._keyed(state_descriptor).aggregating_state(state_descriptor)

    def _task(self) -> Setup:
        if self._setup.mode is Mode.THREAD:
            raise RefusedError(
                "PyFlink 2.3 has no task name, subtask, parallelism or attempt in thread mode: its "
                "RuntimeContext calls Java methods that Flink 2 removed (AttributeError: "
                "'getIndexOfThisSubtask')"
            )
        return self._setup

    def _keyed(self, descriptor: StateDescriptor) -> StateStore:
        if self._states is None:
            raise RefusedError(
                f"state {descriptor.name!r}: keyed state needs a keyed stream; "
                "this function runs on one without keys"
            )
        return self._states
