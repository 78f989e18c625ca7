"""State on the harness: isolation, limits, snapshots and failover."""

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flinkharness import Harness, HarnessError, Mode, RefusedError
from harness.conformance.case import VALUE
from harness.conformance.keyed import Visits
from harness.conformance.two_inputs import RULES, KeyedRules
from harness.conformance.unkeyed import Shouted
from pyflink.common import Row, Time, Types
from pyflink.datastream import KeyedProcessFunction, RuntimeContext
from pyflink.datastream.functions import KeyedBroadcastProcessFunction
from pyflink.datastream.state import (
    ListStateDescriptor,
    MapStateDescriptor,
    StateTtlConfig,
    ValueStateDescriptor,
)

ARRAY = Types.PRIMITIVE_ARRAY(Types.BYTE())


class Forgetful(KeyedProcessFunction):
    """Counts in state and, wrongly, in memory."""

    def __init__(self) -> None:
        self.in_memory = 0

    def open(self, runtime_context: RuntimeContext) -> None:
        self.in_state = runtime_context.get_state(ValueStateDescriptor("count", Types.LONG()))

    def process_element(self, _: str, ctx: KeyedProcessFunction.Context) -> Iterator[Any]:
        self.in_memory += 1
        self.in_state.update((self.in_state.value() or 0) + 1)
        ctx.timer_service().register_event_time_timer(100)
        yield self.in_state.value(), self.in_memory

    def on_timer(self, *_: Any) -> Iterator[str]:
        yield "woken"


class Scripted(KeyedProcessFunction):
    """Opens one state and does one thing with it."""

    def __init__(self, opens: str, descriptor: Any, does: Callable[[Any], Any]) -> None:
        self.opens, self.descriptor, self.does = opens, descriptor, does

    def open(self, runtime_context: RuntimeContext) -> None:
        self.state = getattr(runtime_context, self.opens)(self.descriptor)

    def process_element(self, _: Any, __: KeyedProcessFunction.Context) -> Iterator[Any]:
        yield repr(self.does(self.state))


class Trespasser(KeyedBroadcastProcessFunction):
    """Reaches for what the other side owns."""

    def open(self, runtime_context: RuntimeContext) -> None:
        self.count = runtime_context.get_state(ValueStateDescriptor("count", Types.LONG()))

    def process_element(
        self, value: str, ctx: KeyedBroadcastProcessFunction.ReadOnlyContext
    ) -> None:
        rules = ctx.get_broadcast_state(RULES)
        getattr(rules, value)(*(("a", 1) if value == "put" else ()))

    def process_broadcast_element(self, _: str, __: KeyedBroadcastProcessFunction.Context) -> None:
        self.count.update(1)


def visit() -> Harness:
    return Harness(Visits(), input_type=VALUE, key_by=lambda value: value.key)


def run(opens: str, descriptor: Any, does: Callable[[Any], Any], **options: Any) -> str:
    with Harness(Scripted(opens, descriptor, does), **options) as harness:
        harness.send("go", key="k")
        return str(harness.emitted()[0])


def test_a_new_instance_has_the_state_and_the_timers_but_not_the_memory() -> None:
    with Harness(Forgetful()) as harness:
        harness.send("a", key="k")
        harness.send("a", key="k")
        harness.failover()
        harness.send("a", key="k")
        assert harness.emitted() == [(1, 1), (2, 2), (3, 1)]
        harness.watermark(100)
        assert harness.emitted()[-1] == "woken"


def test_a_failover_to_an_older_snapshot_forgets_what_came_after_it() -> None:
    with Harness(Forgetful()) as harness:
        harness.send("a", key="k")
        checkpoint = harness.snapshot()
        harness.send("a", key="k")
        harness.failover(checkpoint)
        assert harness.state("count", "k") == 1


def test_another_job_starts_from_the_snapshot_and_from_no_watermark() -> None:
    with Harness(Forgetful(), clock=50) as first:
        first.send("a", key="k")
        first.watermark(10)
        savepoint = first.snapshot()
    with Harness.restore(savepoint, Forgetful()) as second:
        assert (second.clock, second.current_watermark) == (50, -(2**63))
        assert [timer.at for timer in second.timers("k")] == [100]
        second.send("a", key="k")
        assert second.emitted() == [(2, 1)]


def test_a_state_whose_type_has_changed_cannot_be_restored() -> None:
    descriptor = ValueStateDescriptor("count", Types.STRING())
    with Harness(Forgetful()) as first:
        first.send("a", key="k")
        with pytest.raises(RefusedError, match=r"'count'.*Long.*String"):
            Harness.restore(first.snapshot(), Scripted("get_state", descriptor, repr))


def test_state_and_its_keys_can_be_looked_at() -> None:
    with visit() as harness:
        harness.send(Row(1, "a"), Row(2, "b"))
        assert harness.keys() == [1, 2]
        assert harness.state("seen", 2) == ["b"]
        assert harness.state("seen", 3) is None
        with pytest.raises(HarnessError, match=r"'count', 'seen'"):
            harness.state("sight", 1)


def test_a_function_that_cannot_be_pickled_fails_when_it_is_submitted() -> None:
    function = Forgetful()
    function.lock = threading.Lock()
    with pytest.raises(TypeError, match="pickle"):
        Harness(function)


def test_an_unpickled_function_can_be_watched_but_not_failed_over() -> None:
    function = Forgetful()
    with Harness(function, pickled=False) as harness:
        assert harness.function is function
        with pytest.raises(HarnessError, match="pickled=True"):
            harness.failover()


def test_updating_value_state_with_none_clears_it_in_thread_mode_only() -> None:
    descriptor = ValueStateDescriptor("s", Types.LONG())
    assert run("get_state", descriptor, lambda s: [s.update(1), s.update(None), s.value()]) == (
        "[None, None, None]"
    )
    with pytest.raises(RefusedError, match=r"state 's'.*clear\(\)"):
        run("get_state", descriptor, lambda s: s.update(None), mode=Mode.PROCESS)


def test_map_state_keeps_a_none_that_was_put() -> None:
    descriptor = MapStateDescriptor("s", Types.STRING(), Types.LONG())
    assert run("get_map_state", descriptor, lambda s: [s.put("a", None), s.get("a"), "a" in s]) == (
        "[None, None, True]"
    )


def test_list_state_takes_no_none() -> None:
    with pytest.raises(RefusedError, match="None into a ListState"):
        run("get_list_state", ListStateDescriptor("s", Types.LONG()), lambda s: s.add(None))


def test_changing_map_state_while_iterating_over_it_is_refused() -> None:
    def drop_all(state: Any) -> None:
        state.put_all({"a": 1, "b": 2})
        for key in state:
            state.remove(key)

    with pytest.raises(RefusedError, match="changed while being iterated"):
        run("get_map_state", MapStateDescriptor("s", Types.STRING(), Types.LONG()), drop_all)


@pytest.mark.parametrize(
    ("opens", "descriptor"),
    [
        ("get_state", ValueStateDescriptor("s", ARRAY)),
        ("get_list_state", ListStateDescriptor("s", Types.SQL_TIMESTAMP())),
        ("get_map_state", MapStateDescriptor("s", Types.STRING(), Types.INSTANT())),
        ("get_state", ValueStateDescriptor("s", Types.LIST(Types.LONG()))),
    ],
    ids=str,
)
def test_state_of_a_type_that_thread_mode_cannot_read_or_write_is_refused(
    opens: str, descriptor: Any
) -> None:
    with pytest.raises(RefusedError, match=r"state 's'.*thread mode"):
        run(opens, descriptor, repr)


def test_state_with_a_time_to_live_is_refused() -> None:
    descriptor = ValueStateDescriptor("s", Types.LONG())
    descriptor.enable_time_to_live(StateTtlConfig.new_builder(Time.seconds(1)).build())
    with pytest.raises(RefusedError, match="clear it with a timer"):
        run("get_state", descriptor, repr, mode=Mode.PROCESS)


def test_a_value_of_another_type_is_refused_before_a_checkpoint_would() -> None:
    with pytest.raises(RefusedError, match=r"state 's' value: expected Long.*got str 'x'"):
        run(
            "get_map_state",
            MapStateDescriptor("s", Types.STRING(), Types.LONG()),
            lambda s: s.put("a", "x"),
        )


@pytest.mark.parametrize(
    ("call", "message"),
    [
        ("put", "no attribute 'put'"),
        ("clear", "read-only"),
        ("keys", r"use items\(\)"),
        ("is_empty", r"use items\(\)"),
    ],
)
def test_broadcast_state_on_the_keyed_side_is_to_be_read_by_key_or_items(
    call: str, message: str
) -> None:
    with Harness(Trespasser()) as harness, pytest.raises(Exception, match=message):
        harness.send(call, key="k")


def test_keyed_state_is_out_of_reach_of_a_broadcast_element() -> None:
    with Harness(Trespasser()) as harness, pytest.raises(RefusedError, match="previous element"):
        harness.broadcast("rule")


def test_broadcast_state_outlives_a_failover_and_is_no_leftover() -> None:
    with Harness(KeyedRules(), input_type=VALUE, input_type2=VALUE) as harness:
        harness.broadcast(Row(0, "a=1"), at=1)
        harness.failover()
        harness.send(Row(1, "a"), at=1, key=1)
        harness.end_of_input()
        assert harness.emitted()[1] == (1, "a", 1, ["1"], 101, "EVENT_TIME")
        assert harness.broadcast_state("rules") == {"a": ["1"]}
        harness.assert_no_state_left()


def test_metrics_are_read_by_their_dotted_name() -> None:
    with Harness(Shouted(), input_type=VALUE) as harness:
        harness.send(Row(1, "abc"))
        names = ["shouting.loud.shouts", "shouting.loud.lengths", "shouting.loud.suffix"]
        assert [harness.metric(name) for name in names] == [2, [3], 1]
        with pytest.raises(HarnessError, match=r"registered are \['shouting.loud.lengths'"):
            harness.metric("shouts")
