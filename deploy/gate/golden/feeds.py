"""A test's given rows as tables, and its results as files.

A row and the watermark that follows it are one line of a file: the table's watermark is a column of
its own, so that event time moves exactly where the test says, at parallelism 1 and without a clock.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pyflink.table import TableEnvironment

from deploy.gate.golden.columns import Column, Shape
from deploy.gate.golden.spec import DELETE, WATERMARK, Row

_WATERMARK = "gate watermark"
_IS_ROW = "gate is row"
_EPOCH = "1970-01-01 00:00:00.000"


@dataclass
class Line:
    """A row of a feed and the watermark after it, as their columns have them in JSON."""

    values: dict[str, Any]
    is_row: bool = True
    watermark: str | None = None
    deletes: bool = False


@dataclass
class Feed:
    """The rows of one table or view. Raises ValueError for rows that do not fit it."""

    name: str
    shape: Shape
    rows: Sequence[Row]
    lines: list[Line] = field(default_factory=list)

    def __post_init__(self) -> None:
        for number, row in enumerate(self.rows, 1):
            try:
                self._add(row)
            except ValueError as error:
                raise ValueError(f"row {number} of {self.name}: {error}") from error

    def _add(self, row: Row) -> None:
        if set(row) == {WATERMARK}:
            self._follow(row[WATERMARK])
        elif set(row) == {DELETE}:
            if not self.shape.changes:
                raise ValueError("only a table of the latest row per key has rows to delete")
            self.lines.append(Line(self._values(row[DELETE], self.shape.key), deletes=True))
        else:
            self.lines.append(Line(self._values(row, self._never_null())))

    def _follow(self, watermark: Any) -> None:
        rowtime = self.shape.rowtime
        if rowtime is None:
            raise ValueError("a table without event time has no watermark")
        at = str(rowtime.to_json(watermark))
        if not self.lines:
            if self.shape.changes:
                raise ValueError("a watermark of a table with a key must follow a row")
            epoch = {rowtime.name: rowtime.to_json(_EPOCH)}
            self.lines.append(Line(epoch, is_row=False))
        self.lines[-1].watermark = max(at, self.lines[-1].watermark or at)

    def _values(self, row: Row, needed: Sequence[str]) -> dict[str, Any]:
        given = [column.name for column in self.shape.columns if column.kind != "computed"]
        for name in row:
            if name not in given:
                raise ValueError(f"{self.name} has no column {name}; it has {', '.join(given)}")
        for name in needed:
            if row.get(name) is None:
                raise ValueError(f"{name} is missing, and it is never null")
        return {
            column.name: column.to_json(row.get(column.name))
            for column in self.shape.columns
            if column.kind != "computed"
        }

    def _never_null(self) -> list[str]:
        columns = [column for column in self.shape.columns if column.kind != "computed"]
        return [column.name for column in columns if not column.nullable or column.is_rowtime]

    def register(self, t_env: TableEnvironment, folder: Path) -> None:
        """Make the table: a file, a table that reads it, and a view of the table's name."""
        path = folder / self.name
        path.mkdir(parents=True)
        (path / "rows.json").write_text("\n".join(self._json()) + "\n", encoding="utf-8")
        shape, source = self.shape, f"{self.name} feed"
        columns = [_declared(column) for column in shape.columns]
        # Marker rows are only needed where a watermark comes first, and a versioned table bears no
        # filter.
        marked = any(not line.is_row for line in self.lines)
        if marked:
            columns.append(f"`{_IS_ROW}` BOOLEAN")
        if shape.rowtime:
            columns.append(f"`{_WATERMARK}` {shape.rowtime.sql_type.removesuffix(' NOT NULL')}")
            columns.append(f"WATERMARK FOR `{shape.rowtime.name}` AS `{_WATERMARK}`")
        if shape.key:
            keys = ", ".join(f"`{name}`" for name in shape.key)
            columns.append(f"PRIMARY KEY ({keys}) NOT ENFORCED")
        text = "debezium-json" if shape.changes else "json"
        t_env.execute_sql(
            f"CREATE TEMPORARY TABLE `{source}` ({', '.join(columns)}) WITH ("
            f"'connector' = 'filesystem', 'path' = '{path.as_uri()}', 'format' = '{text}', "
            f"'{text}.timestamp-format.standard' = 'SQL')"
        )
        names = ", ".join(f"`{column.name}`" for column in shape.columns)
        where = f" WHERE `{_IS_ROW}`" if marked else ""
        t_env.execute_sql(
            f"CREATE TEMPORARY VIEW `{self.name}` AS SELECT {names} FROM `{source}`{where}"
        )

    def _json(self) -> list[str]:
        marked = any(not line.is_row for line in self.lines)
        latest: dict[tuple[Any, ...], dict[str, Any]] = {}
        written = []
        for line in self.lines:
            values = dict(line.values)
            if self.shape.rowtime:
                values[_WATERMARK] = line.watermark
            if marked:
                values[_IS_ROW] = line.is_row
            if self.shape.changes:
                key = tuple(values[name] for name in self.shape.key)
                values = _change(latest.pop(key, None), values, line.deletes)
                if not line.deletes:
                    latest[key] = {**values["after"], _WATERMARK: None}
            written.append(json.dumps(values))
        return written


def _change(before: dict[str, Any] | None, after: dict[str, Any], deletes: bool) -> dict[str, Any]:
    if deletes:  # at the time that the test gives, of the row that was there
        given = {name: value for name, value in after.items() if value is not None}
        return {"op": "d", "before": {**(before or {}), **given}, "after": None}
    return {"op": "c" if before is None else "u", "before": before, "after": after}


def _declared(column: Column) -> str:
    if column.kind == "computed":
        return f"`{column.name}` AS {column.expression}"
    return f"`{column.name}` {column.sql_type}"


@dataclass(frozen=True)
class Result:
    """Where a test's rows go: a file of changes."""

    name: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    path: Path

    def register(self, t_env: TableEnvironment) -> None:
        columns = [f"`{column.name}` {column.sql_type}" for column in self.columns]
        if self.key:
            names = ", ".join(f"`{name}`" for name in self.key)
            columns.append(f"PRIMARY KEY ({names}) NOT ENFORCED")
        t_env.execute_sql(
            f"CREATE TEMPORARY TABLE `{self.name}` ({', '.join(columns)}) WITH ("
            f"'connector' = 'filesystem', 'path' = '{self.path.as_uri()}', "
            "'format' = 'debezium-json', 'debezium-json.timestamp-format.standard' = 'SQL')"
        )

    def changes(self) -> list[tuple[str, dict[str, Any]]]:
        """What came: `+` or `-`, and the row."""
        found = []
        for part in sorted(self.path.rglob("*part-*")):
            for text in part.read_text(encoding="utf-8").splitlines():
                change = json.loads(text)
                row = change["before"] if change["op"] == "d" else change["after"]
                found.append(("-" if change["op"] == "d" else "+", row))
        return found
