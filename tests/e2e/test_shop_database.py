"""The shop's tables in a Postgres by itself: what they refuse and count, what a slot holds."""

from collections.abc import Iterator

import psycopg
import pytest
from support.postgres import running_postgres

from connectors.cdc.replication import drop_lost_slot, replication
from connectors.cdc.tables import migrate
from connectors.settings import Settings


@pytest.fixture(scope="module")
def settings() -> Iterator[Settings]:
    """A Postgres that has the tables."""
    with running_postgres() as settings:
        migrate(settings)
        yield settings


@pytest.fixture
def database(settings: Settings) -> Iterator[psycopg.Connection]:
    with psycopg.connect(settings.postgres_dsn, autocommit=True) as connection:
        yield connection


def test_a_second_migration_changes_nothing(settings: Settings, database) -> None:
    database.execute("UPDATE shop.products SET price_minor = 1 WHERE sku = 'mug-blue'")

    assert migrate(settings) == []
    assert price(database, "mug-blue") == 1


def price(database: psycopg.Connection, sku: str) -> int:
    row = database.execute("SELECT price_minor FROM shop.products WHERE sku = %s", [sku])
    return row.fetchone()[0]


@pytest.mark.parametrize(
    ("statement", "reason"),
    [
        ("DELETE FROM shop.price_policies", "a sku that has a price keeps one"),
        ("UPDATE shop.price_policies SET sku = 'b' WHERE sku = 'mug-blue'", "insert the other sku"),
        ("TRUNCATE shop.products", "use DELETE"),
        ("UPDATE shop.price_policies SET base_minor = 1", "base_is_between_floor_and_ceiling"),
        ("UPDATE shop.price_policies SET cost_minor = NULL", "a_sku_has_its_own_price"),
        ("""UPDATE shop.fraud_rules SET parameters = '{"low": "much"}'""", "parameters_check"),
        ("""UPDATE shop.fraud_rules SET parameters = '{"low": -1}'""", "parameters_check"),
        ("""UPDATE shop.fraud_rules SET parameters = '{"a,b": 1}'""", "parameters_check"),
        ("UPDATE shop.fraud_rules SET parameters = '[1]'", "parameters_check"),
        ("UPDATE shop.fraud_rules SET kind = 'HUNCH'", "kind_check"),
    ],
)
def test_what_no_job_could_go_by_is_refused_where_it_is_edited(database, statement, reason) -> None:
    with pytest.raises(psycopg.Error, match=reason):
        database.execute(statement)


def test_every_change_of_a_rule_makes_a_new_version_of_the_whole_set(database) -> None:
    def version(statement: str) -> int:
        return database.execute(f"{statement} RETURNING version").fetchone()[0]

    first = version("UPDATE shop.fraud_rules SET weight = 21 WHERE rule_id = 'new-device'")
    second = version("UPDATE shop.fraud_rules SET weight = 41 WHERE rule_id = 'shared-card'")
    third = version(
        "INSERT INTO shop.fraud_rules (rule_id, kind, weight, mode) "
        "VALUES ('hasty', 'VELOCITY', 3, 'SHADOW')"
    )
    assert [second - first, third - second] == [1, 1]


def test_a_rule_that_is_deleted_is_gone_and_has_been_turned_off(database) -> None:
    before = set_version(database)
    database.execute("DELETE FROM shop.fraud_rules WHERE rule_id = 'odd-hours'")

    assert set_version(database) == before + 1
    left = database.execute("SELECT 1 FROM shop.fraud_rules WHERE rule_id = 'odd-hours'")
    assert left.fetchone() is None


def set_version(database: psycopg.Connection) -> int:
    return database.execute("SELECT version FROM shop.rule_set").fetchone()[0]


def test_an_edit_cannot_set_back_the_time_from_which_it_holds(database) -> None:
    database.execute("UPDATE shop.products SET updated_at = '2020-01-01Z' WHERE sku = 'pan-blue'")
    fresh = database.execute(
        "SELECT updated_at > now() - interval '1 minute' FROM shop.products WHERE sku = 'pan-blue'"
    )
    assert fresh.fetchone()[0]


def test_a_slot_that_nobody_reads_is_in_danger_then_lost_and_can_be_dropped(
    settings: Settings, database
) -> None:
    assert replication(settings) is None
    database.execute("SELECT pg_create_logical_replication_slot('shop', 'pgoutput')")
    database.execute("ALTER SYSTEM SET max_slot_wal_keep_size = '64MB'")
    database.execute("SELECT pg_reload_conf()")
    calm = replication(settings)
    fill(database, segments=3)
    endangered = replication(settings)
    assert not drop_lost_slot(settings)
    fill(database, segments=4)
    database.execute("CHECKPOINT")
    lost = replication(settings)

    assert (calm.active, calm.endangered, endangered.endangered) == (False, False, True)
    assert endangered.behind_bytes > 2 * 2**24
    assert "of at most 64.0 MB" in str(endangered)
    assert (lost.state, lost.endangered) == ("lost", True)
    assert drop_lost_slot(settings)
    assert replication(settings) is None


def fill(database: psycopg.Connection, segments: int) -> None:
    """Let the log grow by so many segments of 16 MB."""
    for _ in range(segments):
        database.execute("SELECT pg_logical_emit_message(false, 'filling', 'x')")
        database.execute("SELECT pg_switch_wal()")
