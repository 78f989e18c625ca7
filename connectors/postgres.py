"""Connections to the project's Postgres."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg

from connectors.errors import ShopstreamError

Connection = psycopg.Connection[tuple[Any, ...]]


@contextmanager
def connected(dsn: str) -> Iterator[Connection]:
    """A connection that commits each statement. Raises ShopstreamError if there is no Postgres."""
    try:
        connection = psycopg.connect(dsn, autocommit=True)
    except psycopg.OperationalError as error:
        raise ShopstreamError(
            f"no Postgres answers ({str(error).splitlines()[0]}); start it with `shopstream up`"
        ) from error
    with connection:
        yield connection
