"""The read models' tables in a real Postgres: guards, doors, rebuilds and checks, without Flink."""

import re
import threading
from collections.abc import Iterator

import psycopg
import pytest
from support.entries import GrowingLog, stock
from support.postgres import running_postgres

from connectors.errors import ShopstreamError
from connectors.migrations import migrate
from connectors.postgres import Connection, connected
from connectors.provision import READ_MODELS as MIGRATIONS
from deploy.audit.log import Entry
from deploy.readmodel.check import check
from deploy.readmodel.models import READ_MODELS
from deploy.readmodel.rebuild import rebuild
from deploy.readmodel.rows import Rows
from deploy.readmodel.show import SHOWN, tables
from deploy.readmodel.tables import merge
from jobs.sql.room import SQL

STOCK = READ_MODELS["availability"]
OLD, NEW = 0, 7
DEADLINE_S = 30.0


@pytest.fixture(scope="module")
def dsn() -> Iterator[str]:
    with running_postgres() as settings:
        migrate(settings.postgres_dsn, MIGRATIONS, "readmodel")
        yield settings.postgres_dsn


@pytest.fixture
def connection(dsn: str) -> Iterator[Connection]:
    with connected(dsn) as connection:
        for name in READ_MODELS:
            connection.execute(f"DELETE FROM readmodel.{name}")
        yield connection


def put(connection: Connection, *entries: Entry, model: str = "availability") -> None:
    """As the job writes: one insert after the other, through the door of the columns' part."""
    doors = {"decision_offset": "fraud_decisions", "status": "fraud_reviews"}
    fold = READ_MODELS[model].fold()
    for each in entries:
        for _, row in fold(each):
            door = next((doors[name] for name in row if name in doors), model)
            names, holders = ", ".join(row), ", ".join(["%s"] * len(row))
            values = [
                psycopg.types.json.Jsonb(v) if isinstance(v, list) else v for v in row.values()
            ]
            connection.execute(
                f"INSERT INTO readmodel_in.{door} ({names}) VALUES ({holders})", values
            )


def available(connection: Connection, sku: str = "mug") -> tuple[int, int] | None:
    found = connection.execute(
        "SELECT available, version FROM readmodel.availability WHERE sku = %s", [sku]
    )
    return found.fetchone()


def test_migrations_are_applied_once(dsn: str) -> None:
    assert migrate(dsn, MIGRATIONS, "readmodel") == []


def test_a_migration_that_does_not_apply_is_named(dsn: str, tmp_path) -> None:
    (tmp_path / "0001.wrong.sql").write_text("CREATE TABEL x ()")
    with pytest.raises(ShopstreamError, match=r"0001\.wrong: syntax error"):
        migrate(dsn, tmp_path, "wrong")


def test_a_stale_row_is_refused_and_an_equal_one_changes_nothing(connection: Connection) -> None:
    put(connection, stock("mug", 5, 9))
    put(connection, stock("mug", 4, 8))
    assert available(connection) == (9, 5)
    put(connection, stock("mug", 5, 9))
    assert available(connection) == (9, 5)
    put(connection, stock("mug", 6, 7))
    assert available(connection) == (7, 6)


def test_a_stale_upsert_by_anybody_is_refused_by_the_table_itself(connection: Connection) -> None:
    put(connection, stock("mug", 5, 9))
    done = connection.execute(
        "INSERT INTO readmodel.availability VALUES"
        " ('mug', 'berlin', 8, 0, 0, 8, '2026-01-01', 4) ON CONFLICT (sku, warehouse_id)"
        " DO UPDATE SET available = EXCLUDED.available, version = EXCLUDED.version"
    )
    assert done.rowcount == 0
    assert available(connection) == (9, 5)


def test_the_parts_of_a_row_are_guarded_each_by_its_own_version(connection: Connection) -> None:
    def decision(offset: int, score: int) -> Entry:
        record = {"order_id": "o1", "decision_id": "d1", "customer_id": "ann", "reasons": ["r"]}
        more = {"score": score, "band": "REVIEW", "rules_version": 1, "decided_at": 0}
        return Entry("fraud.decisions", 0, offset, None, b"", {**record, **more})

    def review(sequence: int, to_state: str) -> Entry:
        record = {"order_id": "o1", "from_state": "IN_REVIEW", "to_state": to_state, "cause": "C"}
        more = {"sequence": sequence, "event_time": 0}
        return Entry("orders.lifecycle", 0, 0, None, b"", {**record, **more})

    queue = "fraud_review_queue"
    put(connection, review(3, "IN_REVIEW"), decision(8, 70), decision(9, 80), model=queue)
    put(connection, review(4, "REJECTED"), review(3, "IN_REVIEW"), decision(9, 80), model=queue)

    found = connection.execute(f"SELECT score, status, sequence, reasons FROM readmodel.{queue}")
    assert found.fetchall() == [(70, "CLOSED", 4, ["r"])]


def test_every_flink_table_has_the_columns_of_what_it_writes_into(connection: Connection) -> None:
    for path in sorted((SQL / "catalog").glob("readmodel_*.sql")):
        text = path.read_text()
        schema, name = re.search(r"'table-name' = '(\w+)\.(\w+)'", text).groups()
        declared = re.findall(r"^    `?(\w+)`? (?:STRING|BIGINT|DOUBLE|TIMESTAMP)", text, re.M)
        found = connection.execute(
            "SELECT column_name FROM information_schema.columns"
            " WHERE table_schema = %s AND table_name = %s",
            [schema, name],
        )
        assert {row[0] for row in found} == set(declared), path.name


def test_every_read_model_has_the_columns_of_its_table(connection: Connection) -> None:
    for model in READ_MODELS.values():
        found = connection.execute(f"SELECT * FROM readmodel.{model.name}")
        assert {column.name for column in found.description or ()} == set(model.columns)


def test_merging_keeps_what_is_newer_as_the_guard_does(connection: Connection) -> None:
    put(connection, stock("mug", 5, 9), stock("jar", 5, 9))
    rows = Rows(STOCK)
    for each in (stock("mug", 4, 1), stock("jar", 6, 1), stock("cup", 1, 1)):
        rows.take(STOCK.fold()(each))
    merge(connection, "availability", rows)
    assert [available(connection, sku) for sku in ("mug", "jar", "cup")] == [(9, 5), (1, 6), (1, 1)]
    assert not len(rows)


def test_a_rebuild_is_seen_whole_or_not_at_all_and_loses_nothing_that_is_written_meanwhile(
    dsn: str, connection: Connection
) -> None:
    skus = [f"sku-{number}" for number in range(1000)]
    put(connection, *(stock(sku, OLD) for sku in skus), stock("nobody's", 1))
    log = GrowingLog(*(stock(sku, version) for version in range(1, NEW + 1) for sku in skus))
    seen: list[tuple[int, int, int]] = []
    written = 0
    done = threading.Event()

    def read() -> None:
        with connected(dsn) as reader:
            while not done.is_set():
                found = reader.execute(
                    "SELECT COUNT(*), MIN(version), MAX(version) FROM readmodel.availability"
                    " WHERE sku LIKE 'sku-%'"
                )
                seen.append(found.fetchone())

    def write() -> None:
        nonlocal written
        with connected(dsn) as writer:
            while not done.is_set():
                live = stock(f"live-{written}", 1)
                log.entries.append(live)  # first the log, then the job's row of it
                put(writer, live)
                written += 1

    threads = [threading.Thread(target=each) for each in (read, write)]
    for thread in threads:
        thread.start()
    made = rebuild(STOCK, log, connection)
    at_swap = len(seen)
    while len(seen) < at_swap + 10:
        assert threads[0].is_alive()
    done.set()
    for thread in threads:
        thread.join(DEADLINE_S)

    assert set(seen) == {(1000, OLD, OLD), (1000, NEW, NEW)}
    assert made.events >= 7000
    assert written
    counted = connection.execute(
        "SELECT COUNT(*) FROM readmodel.availability WHERE sku LIKE 'live-%'"
    )
    assert counted.fetchone() == (written,)
    assert available(connection, "nobody's") is None


def test_after_a_rebuild_the_table_still_refuses_grants_and_rebuilds(
    connection: Connection,
) -> None:
    connection.execute("CREATE ROLE analyst")
    connection.execute("GRANT SELECT ON readmodel.availability TO analyst")
    log = GrowingLog(stock("mug", 3, 9))
    rebuild(STOCK, log, connection)
    put(connection, stock("mug", 2, 1))
    assert available(connection) == (9, 3)
    granted = connection.execute(
        "SELECT has_table_privilege('analyst', 'readmodel.availability', 'SELECT')"
    )
    assert granted.fetchone() == (True,)
    assert rebuild(STOCK, GrowingLog(stock("mug", 4, 8)), connection).rows == 1
    assert available(connection) == (8, 4)


def test_only_one_rebuild_of_a_table_runs(dsn: str, connection: Connection) -> None:
    class Interrupting(GrowingLog):
        def to_end(self) -> Iterator[list[Entry]]:
            with connected(dsn) as another, pytest.raises(ShopstreamError, match="another rebuild"):
                rebuild(STOCK, GrowingLog(), another)
            yield from super().to_end()

    assert rebuild(STOCK, Interrupting(stock("mug", 1)), connection).rows == 1


def test_a_rebuild_that_fails_leaves_the_table_as_it_was(connection: Connection) -> None:
    class Broken(GrowingLog):
        def to_end(self) -> Iterator[list[Entry]]:
            yield from super().to_end()
            raise ShopstreamError("no Kafka")

    put(connection, stock("mug", 5, 9))
    with pytest.raises(ShopstreamError, match="no Kafka"):
        rebuild(STOCK, Broken(stock("mug", 6, 8)), connection)
    assert available(connection) == (9, 5)
    left = connection.execute("SELECT to_regclass('readmodel.availability_next')")
    assert left.fetchone() == (None,)


def test_a_check_names_every_row_that_is_not_what_the_log_says(connection: Connection) -> None:
    put(connection, stock("right", 2, 9), stock("behind", 1, 9), stock("unheard", 1, 9))
    log = GrowingLog(
        stock("right", 1, 8), stock("right", 2, 9), stock("behind", 2, 7), stock("missing", 1)
    )
    drift = check(STOCK, log, connection, deadline_s=0)
    assert [str(difference) for difference in drift.differences] == [
        "behind berlin: total is 9, the log says 7; available is 9, the log says 7; "
        "version is 1, the log says 2",
        "missing berlin: is not in the table",
        "unheard berlin: is in the table, and nothing in the log says so",
    ]
    assert (drift.rows, drift.events) == (3, 4)


def test_a_check_waits_for_what_is_on_its_way(dsn: str, connection: Connection) -> None:
    log = GrowingLog(stock("mug", 1, 9))

    class Slow(GrowingLog):
        rounds = 0

        def to_end(self) -> Iterator[list[Entry]]:
            self.rounds += 1
            if self.rounds == 2:
                with connected(dsn) as writer:
                    put(writer, stock("mug", 1, 9))
            yield from super().to_end()

    slow = Slow(*log.entries)
    assert check(STOCK, slow, connection, DEADLINE_S).differences == []
    assert slow.rounds == 2


def test_the_tables_are_shown_with_what_stands_in_them(dsn: str, connection: Connection) -> None:
    put(connection, stock("mug", 5, 9))
    shown = tables(dsn).renderables
    assert len(shown) == len(SHOWN) == len(READ_MODELS)
    assert list(shown[0].columns[0].cells) == ["mug"]
