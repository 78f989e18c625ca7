"""The rows to start with: those that `up` sows into the empty topics, too."""

from typing import Any

from yoyo import step

from connectors.cdc.tables import default_rows

__depends__ = {"shop_0001_tables"}


def sow(connection: Any) -> None:
    cursor = connection.cursor()
    for statement, row in default_rows():
        cursor.execute(statement, [row])


steps = [step(sow)]
