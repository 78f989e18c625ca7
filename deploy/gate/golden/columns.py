"""The columns of tables and views as Flink resolved them, and their values as JSON and as text."""

import math
import re
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from pyflink.java_gateway import get_gateway
from pyflink.table import TableEnvironment

from jobs.sql.guard import ADDED, DATABASE, Guard

_TIME = re.compile(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(\.\d{1,9})?Z?")


@dataclass(frozen=True)
class Column:
    """kind: given (a row has it), virtual (a source's metadata, which a sink does not have) or
    computed (by `expression`)."""

    name: str
    sql_type: str
    kind: str
    expression: str = ""
    is_rowtime: bool = False

    @property
    def is_time(self) -> bool:
        return self.sql_type.startswith("TIMESTAMP")

    @property
    def is_local(self) -> bool:
        return "LOCAL TIME ZONE" in self.sql_type

    @property
    def nullable(self) -> bool:
        return not self.sql_type.endswith("NOT NULL")

    def to_json(self, value: Any) -> Any:
        """A value of a test as Flink's JSON reads it. Raises ValueError with what is expected."""
        if value is None or not self.is_time:
            return value
        if not isinstance(value, str) or not _TIME.fullmatch(value):
            raise ValueError(f"{self.name}: expected a time YYYY-MM-DD HH:MM:SS.mmm, came {value}")
        return value.replace("T", " ").removesuffix("Z") + ("Z" if self.is_local else "")

    def same(self, expected: Any, came: Any) -> bool:
        return self._comparable(expected) == self._comparable(came)

    def _comparable(self, value: Any) -> Any:
        if value is None:
            return None
        if self.is_time and isinstance(value, str) and _TIME.fullmatch(value):
            return datetime.fromisoformat(value.removesuffix("Z"))
        if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
            return _plain(value)
        return _Number(float(value)) if isinstance(value, float) else _Number(value)


class _Number:
    """Equal to 9 digits: the last ones of a double are nobody's expectation."""

    def __init__(self, value: Any):
        self.value = value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Number) and math.isclose(
            self.value, other.value, rel_tol=1e-9, abs_tol=1e-12
        )

    __hash__ = None  # type: ignore[assignment]


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_plain(each) for each in value]
    return (
        _Number(value) if isinstance(value, int | float) and not isinstance(value, bool) else value
    )


@dataclass(frozen=True)
class Shape:
    """A table's or view's columns, primary key, and options if it is a table."""

    columns: tuple[Column, ...]
    key: tuple[str, ...]
    options: dict[str, str]

    @property
    def rowtime(self) -> Column | None:
        return next((column for column in self.columns if column.is_rowtime), None)

    @property
    def changes(self) -> bool:
        """Whether later rows replace earlier ones of the same key."""
        return self.options.get("connector") == "upsert-kafka"

    def column(self, name: str) -> Column | None:
        return next((column for column in self.columns if column.name == name), None)


def shape_of(t_env: TableEnvironment, name: str, guard: Guard | None = None) -> Shape:
    """Of a table or view of the environment's current database; of a guarded table as its file
    declares it."""
    in_guard = guard is not None and not guard.deletes
    database = DATABASE if in_guard else t_env.get_current_database()
    hidden = set(ADDED) if in_guard else set()
    j_env = t_env._j_tenv
    identifier = get_gateway().jvm.org.apache.flink.table.catalog.ObjectIdentifier.of(
        t_env.get_current_catalog(), database, name
    )
    table = j_env.getCatalogManager().getTable(identifier).get().getResolvedTable()
    schema = t_env.from_path(f"`{database}`.`{name}`")._j_table.getResolvedSchema()
    key = schema.getPrimaryKey()
    columns = [_as_declared(_column(column), hidden) for column in schema.getColumns()]
    return Shape(
        tuple(column for column in columns if column.name not in hidden),
        tuple(key.get().getColumns()) if key.isPresent() else (),
        dict(table.getOptions()),
    )


def _as_declared(column: Column, hidden: set[str]) -> Column:
    """The file's own metadata columns are other names of the guard's: a row may have them."""
    if column.expression.strip("`") not in hidden:
        return column
    return replace(
        column, kind="virtual", expression="", sql_type=column.sql_type.removesuffix(" NOT NULL")
    )


def _column(column: Any) -> Column:
    logical = column.getDataType().getLogicalType()
    computed = column.explainExtras().orElse("").removeprefix("AS ")
    if "*PROCTIME*" in logical.asSummaryString():
        kind, computed = "computed", "PROCTIME()"
    elif not column.isPersisted():
        kind = "virtual" if computed.startswith("METADATA") else "computed"
    else:
        kind = "given"
    return Column(
        column.getName(),
        logical.asSerializableString(),
        kind,
        computed if kind == "computed" else "",
        is_rowtime="*ROWTIME*" in logical.asSummaryString(),
    )
