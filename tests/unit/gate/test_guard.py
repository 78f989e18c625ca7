"""How a table of the catalog is read so that no record stops the job."""

from pathlib import Path

import pytest
from support.sql_room import room

from connectors.errors import ShopstreamError
from connectors.settings import settings
from jobs.sql import parameters
from jobs.sql.guard import Guard
from jobs.sql.room import FileError, Folder

CLICKS = """CREATE TABLE clicks (
    sku STRING NOT NULL,
    lines ARRAY<ROW<sku STRING, quantity INT>>,
    event_time TIMESTAMP(3) NOT NULL,
    arrived_at AS PROCTIME(),
    WATERMARK FOR event_time AS event_time - INTERVAL '1' SECOND
) WITH (
    'connector' = 'kafka',
    'topic' = 'clickstream.events',
    'value.format' = 'avro-confluent',
    'value.avro-confluent.url' = 'http://r'
)"""
PRODUCTS = """CREATE TABLE products (
    sku STRING NOT NULL,
    event_time TIMESTAMP(3) NOT NULL,
    WATERMARK FOR event_time AS event_time,
    PRIMARY KEY (sku) NOT ENFORCED
) WITH (
    'connector' = 'upsert-kafka',
    'topic' = 'catalog.products',
    'key.format' = 'raw',
    'sink.parallelism' = '1',
    'value.format' = 'avro-confluent',
    'value.avro-confluent.url' = 'http://r'
)"""
READS = "CREATE TEMPORARY VIEW seen AS SELECT a.sku FROM {0} AS a"


def reading(tmp_path: Path, table: str, sql: str, **more: str) -> Folder:
    """A room whose folder `shop` reads the table."""
    folder = room(tmp_path, **{f"catalog__{table}": sql, "shop__seen": READS.format(table)}, **more)
    folder.environment = parameters.of_environment(settings())
    return folder


def guard_of(folder: Folder, table: str) -> Guard | None:
    maker = folder.maker(table)
    assert maker is not None
    return folder.guard(folder.ready(maker, maker.statement))


def guarded(tmp_path: Path, table: str, sql: str) -> Guard:
    guard = guard_of(reading(tmp_path, table, sql), table)
    assert guard is not None
    return guard


def test_what_sql_names_is_a_view_of_the_good_rows_with_the_tables_own_columns(tmp_path: Path):
    *_, view = guarded(tmp_path, "clicks", CLICKS).making
    assert view.startswith(
        "CREATE TEMPORARY VIEW `clicks` AS SELECT `sku`, `lines`, `event_time`, `arrived_at` "
        "FROM `guard`.`clicks` WHERE decoding_error IS NULL AND "
    )


def test_the_table_is_read_by_the_guarded_format_with_the_records_key_and_coordinates(
    tmp_path: Path,
):
    _, table, _ = guarded(tmp_path, "clicks", CLICKS).making
    assert "CREATE TABLE `guard`.`clicks` (" in table
    assert "'value.format' = 'avro-confluent-guarded'" in table
    assert "'value.avro-confluent-guarded.url' = 'http://r'" in table
    assert "source_offset BIGINT NOT NULL METADATA FROM 'offset' VIRTUAL" in table
    assert "'key.fields' = 'record_key'" in table


def test_no_line_of_the_table_moves_so_that_flinks_positions_are_the_files(tmp_path: Path):
    folder = reading(tmp_path, "clicks", CLICKS)
    maker = folder.maker("clicks")
    assert maker is not None
    ready = folder.ready(maker, maker.statement)
    _, table, _ = folder.making(ready)
    lines = list(zip(ready.sql.splitlines(), table.splitlines(), strict=True))
    assert "guard" in lines[2][1]
    assert [written for written, _ in lines[3:7]] == [made for _, made in lines[3:7]]


def test_a_row_that_cannot_be_moves_no_watermark_and_none_moves_it_past_its_record(tmp_path: Path):
    _, table, _ = guarded(tmp_path, "clicks", CLICKS).making
    watermark = next(line for line in table.splitlines() if "WATERMARK" in line)
    assert "WATERMARK FOR event_time AS CASE WHEN " in watermark
    assert watermark.endswith(
        " THEN LEAST(event_time - INTERVAL '1' SECOND, CAST(source_timestamp AS TIMESTAMP(3))) END"
    )


def test_what_the_header_calls_valid_is_asked_of_rows_and_told_of_those_that_are_not(
    tmp_path: Path,
):
    header = "-- valid: sku <> ''\n-- valid: sku IN ('mug',\n--   'it''s')\n-- More.\n"
    guard = guarded(tmp_path, "clicks", header + CLICKS)
    _, table, view = guard.making
    for condition in ("(sku <> '')", "(sku IN ('mug', 'it''s'))"):
        assert f"{condition} IS NOT FALSE" in view
        assert f"{condition} IS NOT FALSE" in table
        assert f"{condition} IS FALSE" in guard.letters("shop")
    assert "THEN 'expected sku IN (''mug'', ''it''''s'')'" in guard.letters("shop")


def test_the_latest_rows_of_a_key_are_read_as_they_are_and_looked_at_once_more(tmp_path: Path):
    guard = guarded(tmp_path, "products", PRODUCTS)
    _, letters, table = guard.making
    assert table == letters_free(PRODUCTS)
    assert "CREATE TABLE `guard`.`products`" in letters
    assert "'connector' = 'kafka'" in letters
    for gone in ("PRIMARY KEY", "WATERMARK", "sink.parallelism"):
        assert gone not in letters
    assert "record_value IS NOT NULL" in guard.letters("shop"), "no value deletes"


def letters_free(sql: str) -> str:
    padding = "\n\n"  # the header's lines
    return padding + sql.replace("avro-confluent", "avro-confluent-guarded")


def test_rows_of_a_key_cannot_be_left_out(tmp_path: Path):
    folder = reading(tmp_path, "products", "-- valid: sku <> ''\n" + PRODUCTS)
    with pytest.raises(FileError, match="would take the row before it away"):
        guard_of(folder, "products")


@pytest.mark.parametrize(
    "change",
    [
        ("'kafka'", "'filesystem'"),
        ("'avro-confluent'", "'json'"),
        ("'connector'", "'value.fields-include' = 'EXCEPT_KEY', 'connector'"),
    ],
    ids=["no Kafka", "no Avro", "a key of its own"],
)
def test_what_needs_no_guard_or_bears_none_is_made_as_it_is(tmp_path: Path, change):
    folder = reading(tmp_path, "clicks", CLICKS.replace(*change))
    assert guard_of(folder, "clicks") is None


def test_a_table_that_the_folder_also_writes_is_made_as_it_is(tmp_path: Path):
    insert = "INSERT INTO clicks SELECT * FROM seen"
    assert guard_of(reading(tmp_path, "clicks", CLICKS, shop__clicks=insert), "clicks") is None


def test_a_topic_that_two_tables_read_has_its_letters_written_once(tmp_path: Path):
    live = CLICKS.replace("TABLE clicks", "TABLE live")
    more = "CREATE TEMPORARY VIEW again AS SELECT sku FROM live"
    folder = reading(tmp_path, "clicks", CLICKS, catalog__live=live, shop__again=more)
    letters = folder.dead_letters(folder.needs(file.statement for file in folder.files))
    assert letters is not None
    _, insert = letters
    assert insert.count("SELECT") == 1
    assert "FROM `guard`.`clicks`" in insert
    assert "'shop/' || source_topic" in insert


def test_two_tables_of_a_topic_must_agree_on_what_is_valid(tmp_path: Path):
    live = "-- valid: sku <> ''\n" + CLICKS.replace("TABLE clicks", "TABLE live")
    more = "CREATE TEMPORARY VIEW again AS SELECT sku FROM live"
    folder = reading(tmp_path, "clicks", CLICKS, catalog__live=live, shop__again=more)
    with pytest.raises(ShopstreamError, match=r"clicks and live read clickstream\.events"):
        folder.dead_letters(folder.needs(file.statement for file in folder.files))


def test_a_broken_file_of_the_room_does_not_hide_what_the_others_read(tmp_path: Path):
    broken = "SELECT 'a quote that is not closed"
    folder = reading(tmp_path, "clicks", CLICKS, shop__broken=broken)
    assert guard_of(folder, "clicks") is not None
