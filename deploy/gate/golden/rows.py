"""Expected rows against those that came."""

from collections.abc import Mapping, Sequence
from typing import Any

from deploy.gate.golden.columns import Column
from deploy.gate.golden.spec import GoldenTest, Row

OP = "op"
Change = tuple[str, dict[str, Any]]


def difference(
    test: GoldenTest, columns: Mapping[str, Column], changes: Sequence[Change]
) -> list[str]:
    """Lines `- expected` and `+ came`, with equal rows between; none if all is as expected.

    Only columns that some expected row names are compared. Raises ValueError for a column that the
    result does not have.
    """
    named = list(dict.fromkeys(name for row in test.expect for name in row if name != OP))
    for name in named:
        if name not in columns:
            raise ValueError(f"expect: no column {name}; there are {', '.join(columns)}")
    if test.changelog:
        came: list[Row] = [{OP: op, **row} for op, row in changes]
        shown = [OP, *named]
    else:
        came = left_over(changes)
        shown = named or list(columns)
    if test.ordered or test.changelog:
        pairs = _in_order(test.expect, came, named, columns, test.changelog)
    else:
        pairs = _in_any_order(test.expect, came, named, columns)
    if all(expected is not None and came is not None for expected, came in pairs):
        return []
    lines = []
    for expected, row in pairs:
        if expected is not None and row is not None:
            lines.append(f"  {_text(row, shown)}")
        else:
            lines.append(
                f"- {_text(expected, shown)}" if expected is not None else f"+ {_text(row, shown)}"
            )
    return lines


def left_over(changes: Sequence[Change]) -> list[Row]:
    """The rows that are there in the end: a `-` takes back an equal one, the latest first."""
    rows: list[Row] = []
    for op, row in changes:
        if op == "+":
            rows.append(row)
        else:
            last = max((i for i, each in enumerate(rows) if each == row), default=None)
            if last is not None:
                del rows[last]
    return rows


Pair = tuple[Row | None, Row | None]


def _in_any_order(
    expected: Sequence[Row], came: Sequence[Row], named: list[str], columns: Mapping[str, Column]
) -> list[Pair]:
    left = list(came)
    pairs: list[Pair] = []
    for row in expected:
        match = next((each for each in left if _same(row, each, named, columns)), None)
        if match is not None:
            left.remove(match)
        pairs.append((row, match))
    return [*pairs, *((None, row) for row in left)]


def _in_order(
    expected: Sequence[Row],
    came: Sequence[Row],
    named: list[str],
    columns: Mapping[str, Column],
    changelog: bool,
) -> list[Pair]:
    pairs: list[Pair] = []
    for index in range(max(len(expected), len(came))):
        wanted = expected[index] if index < len(expected) else None
        row = came[index] if index < len(came) else None
        if wanted is not None and row is not None:
            same_op = not changelog or wanted.get(OP, "+") == row[OP]
            if same_op and _same(wanted, row, named, columns):
                pairs.append((wanted, row))
                continue
        pairs += [(wanted, None)] if wanted is not None else []
        pairs += [(None, row)] if row is not None else []
    return pairs


def _same(expected: Row, came: Row, named: list[str], columns: Mapping[str, Column]) -> bool:
    return all(columns[name].same(expected.get(name), came.get(name)) for name in named)


def _text(row: Row | None, names: Sequence[str]) -> str:
    assert row is not None
    return "  ".join(f"{name}={_value(row.get(name))}" for name in names)


def _value(value: Any) -> str:
    return "null" if value is None else str(value)
