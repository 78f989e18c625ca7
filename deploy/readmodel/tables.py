"""The tables in Postgres: what stands in them, and rows on their way into them."""

from typing import Any

from psycopg import sql
from psycopg.types.json import Jsonb

from connectors.postgres import Connection
from deploy.readmodel.rows import Key, Part, ReadModel, Row, Rows

SCHEMA = "readmodel"


def table(name: str) -> sql.Identifier:
    return sql.Identifier(SCHEMA, name)


def rows_of(connection: Connection, model: ReadModel) -> dict[Key, Row]:
    """All rows of a table, as one statement sees them."""
    with connection.cursor() as cursor:
        cursor.execute(
            sql.SQL("SELECT {} FROM {}").format(_names(model.columns), table(model.name))
        )
        rows = (dict(zip(model.columns, values, strict=True)) for values in cursor)
        return {model.key_of(row): row for row in rows}


def merge(connection: Connection, into: str, rows: Rows) -> None:
    """Upsert rows into the table `into`, where none is newer, and forget them."""
    for part, changed in rows.parts.items():
        if changed:
            _merge(connection, into, rows.model, part, changed)
    rows.clear()


def _merge(
    connection: Connection, into: str, model: ReadModel, part: Part, changed: dict[Key, Row]
) -> None:
    columns = (*model.key, *part.columns)
    target, names = table(into), _names(columns)
    with connection.transaction(), connection.cursor() as cursor:
        cursor.execute(
            sql.SQL("CREATE TEMPORARY TABLE incoming AS SELECT {} FROM {} WITH NO DATA").format(
                names, target
            )
        )
        with cursor.copy(sql.SQL("COPY incoming ({}) FROM STDIN").format(names)) as copy:
            for row in changed.values():
                copy.write_row([_adapted(row[name]) for name in columns])
        cursor.execute(
            sql.SQL(
                "INSERT INTO {target} AS there ({names}) SELECT {names} FROM incoming "
                "ON CONFLICT ({key}) DO UPDATE SET {sets} WHERE {guard}"
            ).format(
                target=target,
                names=names,
                key=_names(model.key),
                sets=sql.SQL(", ").join(
                    sql.SQL("{0} = EXCLUDED.{0}").format(sql.Identifier(name))
                    for name in part.columns
                ),
                guard=_guard(part),
            )
        )
        cursor.execute("DROP TABLE incoming")


def _guard(part: Part) -> sql.Composed:
    news, olds = (
        sql.SQL(", ").join(sql.Identifier(of, name) for name in part.version)
        for of in ("excluded", "there")
    )
    compared = sql.SQL("<=" if part.first_wins else ">=")
    empty = sql.Identifier("there", part.version[0])
    return sql.SQL("{} IS NULL OR ({}) {} ({})").format(empty, news, compared, olds)


def _names(columns: tuple[str, ...]) -> sql.Composed:
    return sql.SQL(", ").join(map(sql.Identifier, columns))


def _adapted(value: Any) -> Any:
    return Jsonb(value) if isinstance(value, (list, dict)) else value
