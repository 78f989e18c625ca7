"""Timers, watermarks and processing time on the harness."""

from collections.abc import Iterator

import pytest
from flinkharness import MIN_TIME, Harness, HarnessError, RefusedError
from harness.conformance.case import VALUE
from harness.conformance.keyed import Alarm
from harness.conformance.two_inputs import Joined, KeyedRules
from harness.conformance.unkeyed import Clocked
from pyflink.common import Row, Types
from pyflink.datastream import KeyedProcessFunction, TimeDomain

NOON = 1_750_000_000_000
MINUTE = 60_000


class EveryMinute(KeyedProcessFunction):
    """Ticks each minute of processing time, as long as it is told to."""

    def process_element(self, value: str, ctx: KeyedProcessFunction.Context) -> Iterator[str]:
        at = ctx.timer_service().current_processing_time() + MINUTE
        ctx.timer_service().register_processing_time_timer(at)
        yield value

    def on_timer(self, timestamp: int, ctx: KeyedProcessFunction.OnTimerContext) -> Iterator[str]:
        now = ctx.timer_service().current_processing_time()
        ctx.timer_service().register_processing_time_timer(now + MINUTE)
        yield f"tick {(timestamp - NOON) // MINUTE}"


class Endless(KeyedProcessFunction):
    """Registers the timer that just fired."""

    def process_element(self, _: str, ctx: KeyedProcessFunction.Context) -> None:
        ctx.timer_service().register_event_time_timer(5)

    def on_timer(self, timestamp: int, ctx: KeyedProcessFunction.OnTimerContext) -> Iterator[str]:
        ctx.timer_service().register_event_time_timer(timestamp)
        yield "again"


class WakesAt(KeyedProcessFunction):
    """Registers a timer at whatever it is sent."""

    def process_element(self, value: object, ctx: KeyedProcessFunction.Context) -> None:
        ctx.timer_service().register_event_time_timer(value)


def test_a_timer_that_registers_the_next_one_fires_as_often_as_the_clock_allows() -> None:
    with Harness(EveryMinute(), clock=NOON) as harness:
        harness.send("go", key="k")
        harness.advance_clock(NOON + 3 * MINUTE)
        assert harness.emitted() == ["go", "tick 1", "tick 2", "tick 3"]
        assert [(t.domain, t.at) for t in harness.timers("k")] == [
            (TimeDomain.PROCESSING_TIME, NOON + 4 * MINUTE)
        ]


def test_the_clock_does_not_go_back() -> None:
    with Harness(EveryMinute(), clock=NOON) as harness, pytest.raises(HarnessError, match="clock"):
        harness.advance_clock(NOON - 1)


def test_a_timer_that_registers_itself_for_ever_is_reported_instead_of_hanging_the_test() -> None:
    with Harness(Endless()) as harness:
        harness.send("go", key="k")
        with pytest.raises(RefusedError, match="registers itself again"):
            harness.watermark(10)


@pytest.mark.parametrize("at", [1.5, None, 2**63, True], ids=repr)
def test_a_timer_at_anything_but_a_long_is_refused(at: object) -> None:
    with Harness(WakesAt()) as harness, pytest.raises(RefusedError, match="64-bit int"):
        harness.send(at, key="k") if at is not None else harness.send("noon", key="k")


def test_timers_of_an_unkeyed_function_are_refused_in_the_words_of_pyflink() -> None:
    with Harness(Clocked(), input_type=VALUE) as harness:
        harness.send(Row(1, "a"), at=1)
        assert "only supported on a keyed stream" in harness.emitted()[0][3]


def test_emitted_records_carry_the_time_that_flink_gives_them() -> None:
    with Harness(Alarm(), input_type=VALUE, key_by=lambda value: value.key) as harness:
        harness.send(Row(1, "+20"), at=10)
        harness.send(Row(1, ""))
        harness.watermark(20)
        assert [record.timestamp for record in harness.records()] == [10, None, 20]


def test_the_watermark_follows_the_slower_input_unless_that_is_idle() -> None:
    with Harness(Joined(), input_type=VALUE, input_type2=VALUE) as harness:
        harness.watermark1(100)
        assert harness.current_watermark == MIN_TIME
        harness.watermark2(30)
        assert harness.current_watermark == 30
        harness.idle2()
        assert harness.current_watermark == 100
        harness.watermark2(50)
        assert harness.current_watermark == 100


def test_an_idle_broadcast_input_does_not_hold_back_the_timers_of_the_other() -> None:
    with Harness(KeyedRules(), input_type=VALUE, input_type2=VALUE) as harness:
        harness.send(Row(1, "a"), at=0, key=1)
        harness.watermark1(500)
        assert harness.emitted() == []
        harness.idle2()
        assert harness.emitted()[0] == (1, "a", 0, None, 100, "EVENT_TIME")


def test_what_is_left_at_the_end_is_named() -> None:
    with Harness(KeyedRules(), input_type=VALUE, input_type2=VALUE) as harness:
        harness.send(Row(1, "a"), at=0, key=7)
        with pytest.raises(AssertionError, match=r"at=100, key=7"):
            harness.assert_no_timers_left()
        with pytest.raises(AssertionError, match=r"'texts': \[7\]"):
            harness.assert_no_state_left()
        harness.end_of_input()
        harness.assert_no_timers_left()
        harness.assert_no_state_left()


def test_a_key_selector_or_a_key_must_be_given() -> None:
    with (
        Harness(Alarm(), key_type=Types.INT()) as harness,
        pytest.raises(HarnessError, match="key_by"),
    ):
        harness.send("a")
