"""The shop's tables: which there are, and how a database comes to have them."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from confluent_kafka.admin import NewTopic
from psycopg.sql import SQL, Composed, Identifier

from connectors import migrations
from connectors.kafka import TIMEOUT_S, admin, existing_partitions
from connectors.provision import SEEDS
from connectors.settings import Settings

SCHEMA: Final = "shop"
"""Also the name of the publication, of the replication slot and of the connector."""

TABLES: Final = {
    "products": "catalog.products",
    "customers": "customers.profiles",
    "stock_policies": "inventory.policies",
    "price_policies": "pricing.policies",
    "promotions": "pricing.promotions",
    "fraud_rules": "fraud.rules",
}
"""Each table, and the reference topic that its rows are for."""

MIGRATIONS: Final = Path(__file__).resolve().parent / "migrations"


def change_topic(table: str) -> str:
    """The topic to which the changes of a table are written."""
    return f"cdc.{SCHEMA}.{table}"


def migrate(settings: Settings) -> list[str]:
    """Bring the schema up to date; gives the migrations that were missing.

    Raises ShopstreamError if Postgres does not answer or refuses one.
    """
    return migrations.migrate(settings.postgres_dsn, MIGRATIONS, SCHEMA)


def default_rows() -> Iterator[tuple[Composed, str]]:
    """Statements with their parameter, a row as JSON, for the defaults of connectors/seeds."""
    for table, topic in TABLES.items():
        seed = SEEDS / f"{topic}.ndjson"
        for line in seed.read_text(encoding="utf-8").splitlines() if seed.exists() else ():
            yield _insert(table, json.loads(line))


def _insert(table: str, record: dict[str, Any]) -> tuple[Composed, str]:
    """Columns are named as the contract's fields; what is left out is the table's default."""
    holds_from = datetime.fromtimestamp(record.pop("event_time") / 1000, UTC)
    del record["event_id"]
    row = {**record, "updated_at": holds_from.isoformat()}
    statement = SQL(
        "INSERT INTO {table} ({columns}) "
        "SELECT {columns} FROM jsonb_populate_record(NULL::{table}, %s::jsonb)"
    ).format(
        table=Identifier(SCHEMA, table),
        columns=SQL(", ").join(Identifier(column) for column in row),
    )
    return statement, json.dumps(row)


def ensure_change_topics(settings: Settings) -> None:
    """Make the topics of changes that are missing: Connect makes one with a table's first row, and
    the job needs them all. Compacted: of every row its latest change is kept.
    """
    client = admin(settings.kafka_bootstrap)
    present = existing_partitions(client, settings.kafka_bootstrap)
    absent = [topic for topic in map(change_topic, TABLES) if topic not in present]
    if absent:
        config = {"cleanup.policy": "compact"}
        created = client.create_topics([NewTopic(name, 1, -1, config=config) for name in absent])
        for future in created.values():
            future.result(TIMEOUT_S)
