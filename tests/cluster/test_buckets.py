"""Buckets beside Flink itself: its SQL, and how it spreads keys over subtasks."""

from collections import Counter
from collections.abc import Callable
from random import Random
from typing import Any

import pytest
from pyflink.datastream import StreamExecutionEnvironment
from pyflink.java_gateway import get_gateway
from pyflink.table import StreamTableEnvironment

from jobs.runtime.buckets import MAX_PARALLELISM, bucket_in_sql, bucket_numbers, bucket_of

LocalFlink = Callable[..., StreamExecutionEnvironment]


def test_python_puts_a_name_into_the_bucket_that_sql_puts_it_into(local_flink: LocalFlink):
    random = Random(1)
    letters = "abcXYZ0189-/|_ äß€😀"
    names = ["".join(random.choices(letters, k=random.randint(0, 30))) for _ in range(300)]
    names += ["polygenelubricants", "customer-1", ""]  # the first hashes to Java's smallest int
    env = local_flink()
    t_env = StreamTableEnvironment.create(env)
    table = t_env.from_elements([(name,) for name in names], ["name"])
    t_env.create_temporary_view("names", table)

    found = t_env.execute_sql(f"SELECT name, {bucket_in_sql('name', 6)} FROM names").collect()

    placed = dict(found)
    assert placed == {name: bucket_of(name, 6) for name in names}
    assert set(placed.values()) == set(bucket_numbers(6))


def row(number: int) -> Any:
    """The key of a DataStream."""
    key = get_gateway().jvm.org.apache.flink.types.Row(1)
    key.setField(0, number)
    return key


def binary_row(number: int) -> Any:
    """The key of SQL."""
    data = get_gateway().jvm.org.apache.flink.table.data
    key = data.binary.BinaryRowData(1)
    writer = data.writer.BinaryRowWriter(key)
    writer.writeInt(0, number)
    writer.complete()
    return key


@pytest.mark.parametrize("key", [row, binary_row])
@pytest.mark.parametrize(("buckets", "subtasks"), [(2, 2), (4, 2), (4, 4), (32, 8)])
def test_flink_gives_every_subtask_as_many_buckets(
    local_flink: LocalFlink, key: Callable[[int], Any], buckets: int, subtasks: int
):
    local_flink()
    assign = get_gateway().jvm.org.apache.flink.runtime.state.KeyGroupRangeAssignment
    owners = Counter(
        assign.assignKeyToParallelOperator(key(number), MAX_PARALLELISM, subtasks)
        for number in bucket_numbers(buckets)
    )
    assert owners == dict.fromkeys(range(subtasks), buckets // subtasks)
