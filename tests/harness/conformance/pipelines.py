"""The harness's cases as one Flink job.

Each case is a pipeline of its own, so that it has its own watermarks. They are scripted: the source
is a table whose watermark is a column, and with an interval of 0 Flink emits it after every row.
"""

from collections import defaultdict
from collections.abc import Sequence
from functools import reduce
from itertools import islice

from harness.conformance.case import KEY, SHOWN, VALUE, Case, Shown
from harness.conformance.two_inputs import RULES
from pyflink.common import Row, Types
from pyflink.datastream import (
    DataStream,
    FlatMapFunction,
    MapFunction,
    StreamExecutionEnvironment,
)
from pyflink.datastream.functions import BroadcastProcessFunction, KeyedBroadcastProcessFunction
from pyflink.table import Schema, StreamTableEnvironment
from pyflink.table.expressions import col

SCRIPT = Types.ROW_NAMED(
    ["key", "text", "at", "mark"], [Types.INT(), Types.STRING(), Types.LONG(), Types.LONG()]
)
TIMED = Types.ROW_NAMED(
    ["key", "text", "moment"], [Types.INT(), Types.STRING(), Types.SQL_TIMESTAMP()]
)
Outcomes = dict[str, list[str]]
OPTIONS = {
    "pipeline.auto-watermark-interval": "0",  # a watermark after every row
    "python.fn-execution.bundle.size": "1",  # process mode holds watermarks back for a bundle
    "table.local-time-zone": "UTC",
}


def run(environment: StreamExecutionEnvironment, cases: Sequence[Case]) -> Outcomes:
    """Play all cases in one job; an endless one is cancelled when all that must come has come."""
    pipelines = Pipelines(environment)
    everything = reduce(DataStream.union, [pipelines.shown(case) for case in cases])
    wanted = None
    if not all(case.bounded for case in cases):
        wanted = sum(len(texts) for case in cases for _, texts in case.outcomes())
    outcomes: Outcomes = defaultdict(list)
    with everything.execute_and_collect() as shown:
        for channel, text in islice(shown, wanted):
            outcomes[channel].append(text)
    return outcomes


class Untimed(MapFunction):  # type: ignore[misc]
    """Drops the columns that only carried time; the record keeps its timestamp."""

    def map(self, value: Row) -> Row:
        return Row(key=value.key, text=value.text)


class Pipelines:
    """Builds the cases' pipelines in one environment."""

    def __init__(self, environment: StreamExecutionEnvironment) -> None:
        self._environment = environment
        self._tables = StreamTableEnvironment.create(environment)

    def shown(self, case: Case) -> DataStream:
        """What the case emits on any channel, as (channel, repr)."""
        emitted = self._processed(case)
        streams = {"": emitted} | {tag.tag_id: emitted.get_side_output(tag) for tag in case.tags}
        shown = [
            stream.map(Shown(f"{case.name}|{channel}"), SHOWN)
            for channel, stream in streams.items()
        ]
        return reduce(DataStream.union, shown)

    def _processed(self, case: Case) -> DataStream:
        function = case.function()
        first = self._arriving(case, second=False)
        if not case.two_inputs:
            stream = first.key_by(_key_of, KEY) if case.keyed else first
            if isinstance(function, MapFunction):
                return stream.map(function, Types.STRING())
            if isinstance(function, FlatMapFunction):
                return stream.flat_map(function, Types.STRING())
            return stream.process(function, case.output_type)
        second = self._arriving(case, second=True)
        if isinstance(function, KeyedBroadcastProcessFunction):
            return first.key_by(_key_of, KEY).connect(second.broadcast(RULES)).process(function)
        if isinstance(function, BroadcastProcessFunction):
            return first.connect(second.broadcast(RULES)).process(function)
        connected = first.connect(second)
        if case.keyed:
            connected = connected.key_by(_key_of, _key_of, KEY)
        return connected.process(function)

    def _arriving(self, case: Case, second: bool) -> DataStream:
        arrivals = [arrival for arrival in case.arrivals if arrival.second is second]
        rows = [Row(a.key, a.text, a.at, a.watermark) for a in arrivals]
        source = self._environment.from_collection(rows, SCRIPT)
        if not case.timed:
            stream = source.map(Untimed(), VALUE)
            return stream if case.bounded else stream.union(self._never_ending())
        schema = (
            Schema.new_builder()
            .column_by_expression("moment", "CAST(TO_TIMESTAMP_LTZ(`at`, 3) AS TIMESTAMP(3))")
            .watermark("moment", "CAST(TO_TIMESTAMP_LTZ(`mark`, 3) AS TIMESTAMP(3))")
            .build()
        )
        table = self._tables.from_data_stream(source, schema)
        columns = table.select(col("key"), col("text"), col("moment"))
        return self._tables.to_append_stream(columns, TIMED).map(Untimed(), VALUE)

    def _never_ending(self) -> DataStream:
        """Holds an input open, without ever sending anything, for timers of processing time."""
        self._tables.execute_sql(
            "CREATE TEMPORARY TABLE IF NOT EXISTS silence (`key` INT, `text` STRING) "
            "WITH ('connector' = 'datagen', 'rows-per-second' = '1', 'fields.key.min' = '0')"
        )
        silence = self._tables.sql_query("SELECT * FROM silence WHERE MOD(`key`, 2) = 3")
        return self._tables.to_append_stream(silence, VALUE)


def _key_of(value: Row) -> int:
    return int(value.key)
