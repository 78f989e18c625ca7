"""The border between Python and the JVM: what passes, what comes out, what is refused and why."""

import datetime
import enum
from collections.abc import Iterator
from typing import Any

import pytest
from flinkharness import Harness, HarnessError, Mode, RefusedError
from harness.conformance.case import VALUE
from harness.conformance.keyed import LATE, Sorter
from harness.conformance.quirks import CORRUPTED, Emits, Missing
from pyflink.common import Row, Types
from pyflink.common.typeinfo import ExternalTypeInfo, TypeInformation
from pyflink.datastream import MapFunction, ProcessFunction, RuntimeContext
from pyflink.datastream.functions import KeyedBroadcastProcessFunction

PAIR = Types.ROW_NAMED(["id", "name"], [Types.INT(), Types.STRING()])
BYTES = Types.PRIMITIVE_ARRAY(Types.BYTE())


class Colour(enum.StrEnum):
    RED = "red"


class Level(enum.IntEnum):
    HIGH = 1


class Echo(ProcessFunction):
    def process_element(self, value: Any, _: ProcessFunction.Context) -> Iterator[Any]:
        yield value


class Told(ProcessFunction):
    """Says how a value looks from inside."""

    def process_element(self, value: Any, _: ProcessFunction.Context) -> Iterator[str]:
        yield repr(value)


class SilentTimer(KeyedBroadcastProcessFunction):
    """A timer that has nothing to say, or that speaks to the side."""

    def __init__(self, aside: bool) -> None:
        self.aside = aside

    def process_element(self, _: Any, ctx: KeyedBroadcastProcessFunction.ReadOnlyContext) -> None:
        ctx.timer_service().register_event_time_timer(1)

    def process_broadcast_element(self, *_: Any) -> None:
        pass

    def on_timer(self, *_: Any) -> list[Any] | None:
        return [(LATE, "aside")] if self.aside else None


class AsksForItsSubtask(MapFunction):
    def open(self, runtime_context: RuntimeContext) -> None:
        self.name = runtime_context.get_task_name_with_subtasks()

    def map(self, _: Any) -> str:
        return self.name


def through(declared: TypeInformation, value: Any, mode: Mode = Mode.THREAD) -> Any:
    """What is behind `declared` when a function emits `value`."""
    with Harness(Echo(), output_type=declared, mode=mode) as harness:
        harness.send(value)
        return harness.emitted()[0]


@pytest.mark.parametrize(
    ("declared", "sent", "received"),
    [
        (Types.STRING(), Colour.RED, "red"),
        (Types.FLOAT(), 0.1, 0.10000000149011612),
        (Types.BASIC_ARRAY(Types.LONG()), [1, None], (1, None)),
        (Types.OBJECT_ARRAY(BYTES), [b"a"], (b"a",)),
        (Types.TUPLE([Types.INT()]), [1], (1,)),
        (Types.SQL_TIME(), datetime.time(1, 2, 3, 4567), datetime.time(1, 2, 3, 4000)),
        (PAIR, Row(1, None), Row(id=1, name=None)),
        (Types.ROW([Types.INT()]), Row(1), Row(1)),
    ],
    ids=str,
)
def test_a_value_comes_out_as_the_jvm_would_hand_it_on(
    declared: TypeInformation, sent: Any, received: Any
) -> None:
    came = through(declared, sent)
    assert (type(came), came) == (type(received), received)


@pytest.mark.parametrize(
    ("declared", "value", "message"),
    [
        (Types.INT(), 2**31, r"output: expected Integer in \[-2147483648.*it wraps"),
        (Types.INT(), True, "expected Integer .int., got bool True"),
        (Types.LONG(), Level.HIGH, "got Level"),
        (Types.LONG(), 2**63, "expected Long in"),
        (Types.LONG(), None, "got NoneType"),
        (Types.DOUBLE(), 1, "expected Double .float., got int 1"),
        (Types.FLOAT(), 1e300, "infinite"),
        (Types.BOOLEAN(), 1, "expected Boolean"),
        (Types.STRING(), b"x", "expected String .str., got bytes"),
        (PAIR, Row(1), "a Row of 2 fields.*previous row's values"),
        (PAIR, Row(name="x", id=1), "in this order.*swapped"),
        (PAIR, (1, "x"), "expected Row .Row., got tuple"),
        (PAIR, Row(1, 2), "output.name: expected String"),
        (Types.TUPLE([Types.INT(), Types.INT()]), (1,), "a tuple of 2 fields"),
        (BYTES, bytearray(b"x"), "a byte array .bytes., got bytearray"),
        (Types.OBJECT_ARRAY(BYTES), [b"a", "b"], r"output\[1\]: expected a byte array"),
        (Types.LIST(Types.LONG()), (1,), "expected ListTypeInfo<Long> .list., got tuple"),
        (Types.MAP(Types.STRING(), Types.LONG()), {"a": "b"}, r"output\['a'\]: expected Long"),
        (Types.SQL_DATE(), datetime.datetime(2026, 1, 1), "expected DateTypeInfo"),
        (
            Types.SQL_TIMESTAMP(),
            datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC),
            "without a time zone",
        ),
        (Types.ROW([Types.BASIC_ARRAY(Types.LONG())]), Row(None), "output.f0.*array that is null"),
        (Types.PICKLED_BYTE_ARRAY(), None, "None passes only while"),
    ],
    ids=str,
)
def test_a_value_that_the_platform_refuses_or_corrupts_is_refused_with_its_place(
    declared: TypeInformation, value: Any, message: str
) -> None:
    class Sends(ProcessFunction):  # type: ignore[misc]
        def process_element(self, *_: Any) -> Iterator[Any]:
            yield value

    with (
        Harness(Sends(), output_type=declared) as harness,
        pytest.raises(RefusedError, match=message),
    ):
        harness.send("go")


@pytest.mark.parametrize(
    ("declared", "message"),
    [
        (Types.OBJECT_ARRAY(PAIR), "all elements.*become the last one"),
        (Types.MAP(Types.STRING(), PAIR), "all elements.*become the last one"),
        (Types.ROW([Types.LIST(PAIR)]), "does not convert the elements"),
        (Types.ROW([Types.INSTANT()]), "does not convert Instant"),
        (Types.PRIMITIVE_ARRAY(Types.LONG()), "use BASIC_ARRAY"),
        (Types.CHAR(), "does not convert Char"),
    ],
    ids=str,
)
def test_a_type_that_thread_mode_cannot_carry_is_refused_before_any_value_comes(
    declared: TypeInformation, message: str
) -> None:
    with pytest.raises(RefusedError, match=message):
        Harness(Echo(), output_type=declared)


def test_an_external_type_is_refused_with_the_way_round_it() -> None:
    with (
        Harness(Echo(), input_type=ExternalTypeInfo(PAIR)) as harness,
        pytest.raises(RefusedError, match="to_append_stream"),
    ):
        harness.send(Row(1, "a"))


def test_process_mode_hands_over_lists_milliseconds_and_rows_by_name() -> None:
    moment = datetime.datetime(2026, 1, 1, 0, 0, 0, 123456)
    assert through(Types.BASIC_ARRAY(Types.LONG()), (1,), Mode.PROCESS) == [1]
    assert through(Types.SQL_TIMESTAMP(), moment, Mode.PROCESS).microsecond == 123000
    assert through(PAIR, Row(name="x", id=1), Mode.PROCESS) == Row(id=1, name="x")


def test_an_input_row_has_the_field_names_of_its_type() -> None:
    with Harness(Told(), input_type=PAIR, output_type=Types.STRING()) as harness:
        harness.send(Row(1, "x"))
        assert harness.emitted() == ["Row(id=1, name='x')"]


def test_emitted_rows_can_be_chosen_by_their_fields() -> None:
    with Harness(Echo(), output_type=PAIR) as harness:
        harness.send(Row(1, "a"), Row(2, "b"), Row(3, "a"))
        assert [row.id for row in harness.emitted(name="a")] == [1, 3]
        assert len(harness.take()) == 3
        assert harness.take() == []


def test_a_side_output_that_the_job_does_not_read_is_refused() -> None:
    with Harness(
        Sorter(), input_type=VALUE, key_by=lambda value: value.key, side_outputs=()
    ) as harness:
        harness.watermark(10)
        with pytest.raises(RefusedError, match="side output 'late'"):
            harness.send(Row(1, "a"), at=5)


@pytest.mark.parametrize(("aside", "message"), [(True, "does not route"), (False, "return ()")])
def test_a_timer_of_a_keyed_broadcast_function_has_the_limits_of_thread_mode(
    aside: bool, message: str
) -> None:
    with Harness(SilentTimer(aside)) as harness:
        harness.send("go", key="k", at=0)
        with pytest.raises(RefusedError, match=message):
            harness.watermark(5)


def test_the_subtask_is_known_in_process_mode_only() -> None:
    where = {"parallelism": 4, "subtask": 2, "task_name": "shop"}
    with Harness(AsksForItsSubtask(), mode=Mode.PROCESS, **where) as harness:
        harness.send("x")
        assert harness.emitted() == ["shop (3/4)"]
    with pytest.raises(RefusedError, match="no task name, subtask"):
        Harness(AsksForItsSubtask(), **where)


def test_the_wrong_way_in_is_named() -> None:
    with Harness(Echo()) as harness:
        for call in (harness.send1, harness.send2, harness.broadcast):
            with pytest.raises(HarnessError, match="Echo"):
                call("x")
    with pytest.raises(HarnessError, match="not a kind that the harness drives"):
        Harness(object())


@pytest.mark.parametrize("name", CORRUPTED)
def test_what_flink_corrupts_is_refused(name: str) -> None:
    declared, values, _ = CORRUPTED[name]
    with pytest.raises(RefusedError), Harness(Emits(values), output_type=declared) as harness:
        harness.send("go")


def test_state_that_flink_cannot_read_is_refused_when_it_is_opened() -> None:
    with pytest.raises(RefusedError, match="array"):
        Harness(Missing())
