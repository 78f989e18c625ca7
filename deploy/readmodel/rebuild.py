"""A read model made anew from the log, beside the one that is read, and put in its place at once.

Readers see the old table until the new one is complete, because what is swapped is the part of the
table that has its rows, in one transaction. Only that moment locks them out. The job that writes
the table may go on: it waits while the last records are caught up with, and what it wrote to the
old table until then has come from records that the new one has been made of.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol

import psycopg
from psycopg import sql

from connectors.errors import ShopstreamError
from connectors.postgres import Connection
from deploy.audit.log import Entry
from deploy.readmodel.rows import ReadModel, Rows
from deploy.readmodel.tables import SCHEMA, merge, table

CHUNK = 100_000
LOCK_S = 30


class Log(Protocol):
    """A `LogReader` of the model's topics from their beginning, or what a test has instead."""

    def to_end(self) -> Iterator[list[Entry]]:
        """What was not read yet, up to where the topics end at the time of this call."""


@dataclass(frozen=True)
class Rebuilt:
    """What a rebuild read, made, and took (s); swap_s: for how long writers had to wait."""

    events: int
    rows: int
    seconds: float
    swap_s: float

    @property
    def events_per_s(self) -> float:
        return self.events / self.seconds


def rebuild(model: ReadModel, log: Log, connection: Connection) -> Rebuilt:
    """Fold `log` into a new table and swap it for the one of that name.

    Raises ShopstreamError if another rebuild of it runs, or if a transaction that has read the
    table does not end within `LOCK_S`; then the table stays as it was.
    """
    started = time.monotonic()
    fold, rows, events = model.fold(), Rows(model), 0

    def catch_up() -> None:
        nonlocal events
        for entries in log.to_end():
            events += len(entries)
            for entry in entries:
                if entry.record is not None:
                    rows.take(fold(entry))
            if len(rows) >= CHUNK:
                merge(connection, fresh, rows)
        merge(connection, fresh, rows)

    with _beside(model, connection) as fresh:
        catch_up()
        connection.execute(sql.SQL("ANALYZE {}").format(table(fresh)))
        try:
            with connection.transaction():
                connection.execute(sql.SQL("SET LOCAL lock_timeout = {}").format(f"{LOCK_S}s"))
                locked = time.monotonic()
                connection.execute(
                    sql.SQL("LOCK TABLE {} IN SHARE ROW EXCLUSIVE MODE").format(table(model.name))
                )
                catch_up()
                _swap(model.name, fresh, connection)
        except psycopg.errors.LockNotAvailable as error:
            raise ShopstreamError(
                f"{model.name} was not swapped: a transaction has kept it for {LOCK_S} s; "
                "end it (pg_stat_activity shows it) and rebuild again"
            ) from error
    ended = time.monotonic()
    counted = connection.execute(sql.SQL("SELECT COUNT(*) FROM {}").format(table(model.name)))
    (count,) = counted.fetchone() or (0,)
    return Rebuilt(events, count, ended - started, ended - locked)


@contextmanager
def _beside(model: ReadModel, connection: Connection) -> Iterator[str]:
    """The name of a new, empty table; gone in the end unless it was swapped in."""
    fresh = f"{model.name}_next"
    lock = f"{SCHEMA}.{model.name}"
    answer = connection.execute("SELECT pg_try_advisory_lock(hashtext(%s))", [lock]).fetchone()
    if answer != (True,):
        raise ShopstreamError(f"another rebuild of {model.name} runs; wait until it has ended")
    drop = sql.SQL("DROP TABLE IF EXISTS {}").format(table(fresh))
    try:
        connection.execute(drop)
        connection.execute(
            sql.SQL("CREATE TABLE {} (LIKE {} INCLUDING ALL)").format(
                table(fresh), table(model.name)
            )
        )
        yield fresh
    finally:
        connection.execute(drop)
        connection.execute("SELECT pg_advisory_unlock(hashtext(%s))", [lock])


def _swap(name: str, fresh: str, connection: Connection) -> None:
    rows = f"{name}_rows"
    swap = sql.SQL(
        "ALTER TABLE {name} DETACH PARTITION {rows};"
        "DROP TABLE {rows};"
        "ALTER TABLE {fresh} RENAME TO {rows_alone};"
        "ALTER TABLE {name} ATTACH PARTITION {rows} FOR VALUES WITH (MODULUS 1, REMAINDER 0)"
    )
    connection.execute(
        swap.format(
            name=table(name),
            rows=table(rows),
            fresh=table(fresh),
            rows_alone=sql.Identifier(rows),
        )
    )
