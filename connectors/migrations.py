"""Migrations of the project's Postgres: folders of steps, each applied once, in order, by yoyo."""

from pathlib import Path

import psycopg
from psycopg import sql
from yoyo import get_backend, read_migrations

from connectors.errors import ShopstreamError
from connectors.postgres import connected


def migrate(dsn: str, folder: Path, schema: str) -> list[str]:
    """Apply what of `folder` was not applied yet, and give the names of it.

    What was applied is remembered in tables of `schema`, which is made if it is not there, so that
    folders know nothing of each other. Raises ShopstreamError, naming the file, for one that does
    not apply; those before it stay.
    """
    uri = dsn.replace("postgresql:", "postgresql+psycopg:", 1)
    with connected(dsn) as connection:
        # Gone with the connection, unlike yoyo's own lock, a row that outlives a kill.
        connection.execute("SELECT pg_advisory_lock(hashtextextended(%s, 0))", [schema])
        made = sql.SQL("CREATE SCHEMA IF NOT EXISTS {}").format(sql.Identifier(schema))
        connection.execute(made)
        with get_backend(f"{uri}?schema={schema}") as backend:
            missing = backend.to_apply(read_migrations(str(folder)))
            for migration in missing:
                try:
                    backend.apply_one(migration)
                except psycopg.Error as error:
                    raise ShopstreamError(
                        f"{folder.name}/{migration.id}: {str(error).splitlines()[0]}"
                    ) from error
            return [migration.id for migration in missing]
