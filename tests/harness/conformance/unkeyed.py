"""Functions of one unkeyed input, as users write them."""

import datetime
import decimal
from collections.abc import Iterator
from typing import Any, ClassVar

from pyflink.common import Row, Types
from pyflink.datastream import (
    FlatMapFunction,
    MapFunction,
    ProcessFunction,
    RuntimeContext,
)


class Clocked(ProcessFunction):
    """Times as an unkeyed function sees them; timers are refused to it."""

    def process_element(self, value: Row, ctx: ProcessFunction.Context) -> Iterator[Any]:
        timers = ctx.timer_service()
        try:
            timers.register_event_time_timer(1)
            refused = ""
        except Exception as error:
            refused = str(error)
        yield (value.text, ctx.timestamp(), timers.current_watermark(), refused)


class Listed(ProcessFunction):
    """Results as a list, and as nothing at all."""

    def process_element(self, value: Row, _: ProcessFunction.Context) -> list[str] | None:
        return [value.text, value.text.upper()] if value.text != "nothing" else None


class Shouted(MapFunction):
    """A map with an open()."""

    def open(self, runtime_context: RuntimeContext) -> None:
        self.suffix = runtime_context.get_job_parameter("not set", "!")
        group = runtime_context.get_metrics_group().add_group("shouting", "loud")
        self.shouts = group.counter("shouts")
        self.lengths = group.distribution("lengths")
        group.gauge("suffix", lambda: len(self.suffix))
        group.meter("rate").mark_event()

    def map(self, value: Row) -> str:
        self.shouts.inc(2)
        self.lengths.update(len(value.text))
        return f"{value.text.upper()}{self.suffix} {self.shouts.get_count()}"


class Words(FlatMapFunction):
    def flat_map(self, value: Row) -> Iterator[str]:
        yield from value.text.split()


class Typed(ProcessFunction):
    """One row of every type that passes between Python and the JVM."""

    FIELDS: ClassVar = {
        "string": (Types.STRING(), "ünï\U0001f600"),
        "nothing": (Types.STRING(), None),
        "byte": (Types.BYTE(), -128),
        "short": (Types.SHORT(), 32767),
        "int": (Types.INT(), -(2**31)),
        "long": (Types.LONG(), 2**63 - 1),
        "float": (Types.FLOAT(), 1.1),
        "double": (Types.DOUBLE(), 1.1),
        "boolean": (Types.BOOLEAN(), True),
        "decimal": (Types.BIG_DEC(), decimal.Decimal("12.340")),
        "bytes": (Types.PRIMITIVE_ARRAY(Types.BYTE()), b"\x00\xff"),
        "no_bytes": (Types.PRIMITIVE_ARRAY(Types.BYTE()), None),
        "longs": (Types.BASIC_ARRAY(Types.LONG()), [1, None]),
        "payloads": (Types.OBJECT_ARRAY(Types.PRIMITIVE_ARRAY(Types.BYTE())), [b"a", b""]),
        "list": (Types.LIST(Types.INT()), [1, 2]),
        "map": (Types.MAP(Types.STRING(), Types.LONG()), {"a": 1}),
        "tuple": (Types.TUPLE([Types.INT(), Types.STRING()]), (1, "x")),
        "row": (Types.ROW_NAMED(["a"], [Types.INT()]), Row(7)),
        "date": (Types.SQL_DATE(), datetime.date(2026, 2, 28)),
        "time": (Types.SQL_TIME(), datetime.time(1, 2, 3, 4567)),
        "timestamp": (Types.SQL_TIMESTAMP(), datetime.datetime(2026, 2, 28, 1, 2, 3, 456000)),
        "pickled": (Types.PICKLED_BYTE_ARRAY(), {"a": {1}}),
    }
    TYPE = Types.ROW_NAMED(list(FIELDS), [declared for declared, _ in FIELDS.values()])

    def process_element(self, _: Row, __: ProcessFunction.Context) -> Iterator[Row]:
        yield Row(*(value for _, value in self.FIELDS.values()))
