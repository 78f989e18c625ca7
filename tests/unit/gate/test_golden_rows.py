"""Expected rows against those that came."""

from typing import Any

import pytest

from deploy.gate.golden.columns import Column
from deploy.gate.golden.rows import difference, left_over
from deploy.gate.golden.spec import GoldenTest

COLUMNS = {
    "sku": Column("sku", "VARCHAR(10)", "given"),
    "n": Column("n", "BIGINT", "given"),
    "share": Column("share", "DOUBLE", "given"),
    "at": Column("at", "TIMESTAMP(3) WITH LOCAL TIME ZONE", "given"),
}


def compared(expect: list[dict[str, Any]], *changes: tuple[str, dict[str, Any]], **options: bool):
    test = GoldenTest(name="a test", given={}, expect=expect, line=1, **options)
    return difference(test, COLUMNS, changes)


MUG, CUP = {"sku": "mug", "n": 1}, {"sku": "cup", "n": 2}


def test_equal_rows_in_any_order_differ_in_nothing():
    assert compared([CUP, MUG], ("+", MUG), ("+", CUP)) == []


def test_a_row_too_few_and_one_too_many_are_shown_among_the_equal_ones():
    lines = compared([MUG, CUP], ("+", MUG), ("+", {"sku": "cup", "n": 3}))
    assert lines == ["  sku=mug  n=1", "- sku=cup  n=2", "+ sku=cup  n=3"]


def test_a_row_that_came_twice_is_one_too_many():
    assert compared([MUG], ("+", MUG), ("+", MUG)) == ["  sku=mug  n=1", "+ sku=mug  n=1"]


def test_no_rows_expected_means_none():
    assert compared([]) == []
    assert compared([], ("+", MUG)) == ["+ sku=mug  n=1  share=null  at=null"]


def test_the_order_counts_where_it_is_asked_for():
    assert compared([CUP, MUG], ("+", MUG), ("+", CUP), ordered=True) != []


def test_only_named_columns_are_compared():
    assert compared([{"sku": "mug"}], ("+", MUG)) == []


def test_a_column_that_is_not_there_is_named():
    with pytest.raises(ValueError, match="no column price"):
        compared([{"price": 1}], ("+", MUG))


def test_numbers_are_equal_to_nine_digits_and_times_however_they_are_written():
    row = {"share": 0.1 + 0.2, "at": "2026-01-01 10:00:00.5Z"}
    assert compared([{"share": 0.3, "at": "2026-01-01 10:00:00.500"}], ("+", row)) == []
    assert compared([{"share": 0.3001}], ("+", row)) != []


def test_only_the_rows_left_at_the_end_are_compared():
    changes = [("+", MUG), ("-", MUG), ("+", CUP)]
    assert left_over(changes) == [CUP]
    assert compared([CUP], *changes) == []


def test_every_change_counts_where_it_is_asked_for():
    changes = [("+", MUG), ("-", MUG)]
    expected = [{"op": "+", "sku": "mug"}, {"op": "-", "sku": "mug"}]
    assert compared(expected, *changes, changelog=True) == []
    assert compared(expected[:1], *changes, changelog=True) != []
