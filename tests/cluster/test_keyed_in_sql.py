"""Keying in SQL and batching in one phase: what a Flink or PyFlink upgrade could break silently."""

import json
from collections.abc import Callable

from pyflink.common import Types
from pyflink.datastream import KeyedProcessFunction, StreamExecutionEnvironment
from pyflink.datastream.state import ValueStateDescriptor
from pyflink.table import StreamTableEnvironment

from connectors.settings import settings
from jobs.runtime.streams import batch_table, keyed_by_first_field

VALUE = Types.ROW_NAMED(["name", "number"], [Types.STRING(), Types.INT()])
SAID = Types.TUPLE([Types.INT(), Types.STRING(), Types.INT(), Types.INT()])
RECORDS = """
    CREATE TEMPORARY TABLE records (
        record_key BYTES, record_value BYTES, topic STRING, part INT, off BIGINT,
        event_time TIMESTAMP_LTZ(3), arrived_at AS PROCTIME(),
        WATERMARK FOR event_time AS event_time - INTERVAL '1' SECOND
    ) WITH ('connector' = 'datagen')
"""


def summing() -> KeyedProcessFunction:
    class Summing(KeyedProcessFunction):  # local, so that it travels to the worker by value
        """Says its key, the value's own field, how many fields came, and the sum so far."""

        def open(self, runtime_context):
            descriptor = ValueStateDescriptor("sum", Types.INT())
            self.sum = runtime_context.get_state(descriptor)

        def process_element(self, value, ctx):
            self.sum.update((self.sum.value() or 0) + value.number)
            yield ctx.get_current_key(), value.name, len(value), self.sum.value()

    return Summing()


def test_a_stream_keyed_by_its_first_field_has_state_by_key_and_hands_over_the_second(
    local_flink: Callable[..., StreamExecutionEnvironment],
):
    env = local_flink()
    t_env = StreamTableEnvironment.create(env)
    rows = t_env.sql_query("""
        SELECT k, ROW(name, number) AS v
        FROM (VALUES (1, 'a', 10), (2, 'b', 100), (1, 'c', 5), (2, 'd', 50)) AS t(k, name, number)
    """)
    stream = t_env.to_append_stream(rows, Types.ROW_NAMED(["k", "v"], [Types.INT(), VALUE]))
    summed = keyed_by_first_field(stream, Types.INT()).process(summing(), SAID)

    plan = json.loads(env.get_execution_plan())
    python = [node["type"] for node in plan["nodes"] if "key_by" in node["type"].lower()]
    assert python == [], "a Python operator computes the key again"
    with summed.execute_and_collect() as said:
        assert sorted(said) == [
            (1, "a", 2, 10),
            (1, "c", 2, 15),
            (2, "b", 2, 100),
            (2, "d", 2, 150),
        ]


def test_a_bucket_is_gathered_in_one_phase_so_that_its_order_is_kept(
    local_flink: Callable[..., StreamExecutionEnvironment],
):
    t_env = StreamTableEnvironment.create(local_flink())
    t_env.execute_sql(RECORDS)
    plan = batch_table(t_env, "records", settings()).explain()

    optimized = plan[plan.index("== Optimized Execution Plan ==") :]
    assert "LocalWindowAggregate" not in optimized
    assert "GlobalWindowAggregate" not in optimized
    assert optimized.count("WindowAggregate(") == 1
    after_exchange = optimized.index("WindowAggregate(") < optimized.index("Exchange(")
    assert after_exchange, "the plan lists what is downstream first"
    assert "Exchange(distribution=[hash[bucket]])" in optimized
