"""Stage 1, as far as the corpus does not show it."""

from pathlib import Path

import pytest
from support.sql_room import HEADER, room

from deploy.gate import style


def sentences(folder, name: str) -> list[str]:
    file = folder.file(folder.path / f"{name}.sql")
    return [f"{found.line}: {found.sentence}" for found in style.check(folder, file)]


SESSION = """CREATE TEMPORARY VIEW v AS
SELECT
    sku,
    COUNT(*) AS clicks
FROM TABLE(
    SESSION(TABLE clicks PARTITION BY sku, DESCRIPTOR(event_time), INTERVAL '10' SECOND)
)
GROUP BY sku, window_start, window_end
"""
NAMED = """CREATE TEMPORARY VIEW v AS
SELECT sku
FROM TABLE(
    TUMBLE(
        DATA => TABLE clicks,
        TIMECOL => DESCRIPTOR(event_time),
        SIZE => INTERVAL '10' SECOND
    )
)
"""
CONFLICT = """INSERT INTO v
SELECT sku
FROM clicks
ON CONFLICT DO DEDUPLICATE
"""
UNIT = """CREATE TEMPORARY VIEW v AS
SELECT
    sku,
    FLOOR(event_time TO SECOND) AS event_second
FROM clicks
"""
NEVER_NULL = """CREATE TEMPORARY VIEW v AS
SELECT
    sku,
    CAST(parameters AS MAP<STRING NOT NULL, DOUBLE NOT NULL>) AS parameters
FROM clicks
"""
DOCUMENT = """CREATE TEMPORARY VIEW v AS
SELECT
    sku,
    JSON_OBJECT('clicks' VALUE clicks) AS document
FROM clicks
"""


@pytest.mark.parametrize("sql", [SESSION, NAMED, CONFLICT, UNIT, NEVER_NULL, DOCUMENT])
def test_what_sqlfluff_cannot_parse_passes_by_its_stand_in(tmp_path: Path, sql: str):
    assert sentences(room(tmp_path, shop__v=sql), "v") == []


@pytest.mark.parametrize("sql", [SESSION, NAMED, CONFLICT, UNIT, NEVER_NULL, DOCUMENT])
def test_the_rest_of_such_a_file_is_linted_all_the_same(tmp_path: Path, sql: str):
    found = sentences(room(tmp_path, shop__v=sql.replace("SELECT", "select")), "v")
    assert found == ["4: Keywords must be upper case. (CP01)"]


def test_a_long_value_makes_no_long_line(tmp_path: Path):
    folder = room(tmp_path, shop__v="CREATE TEMPORARY VIEW v AS\nSELECT ${long} AS x\nFROM t\n")
    value = "x" * 200
    (folder.path / "parameters.yaml").write_text(
        f"long: {{type: string, value: {value}, doc: A long one.}}\n"
    )
    assert sentences(folder, "v") == []


def test_a_parameter_that_nothing_uses_is_found_where_it_is_declared(tmp_path: Path):
    folder = room(tmp_path, shop__v="CREATE TEMPORARY VIEW v AS\nSELECT 1 AS x\n")
    (folder.path / "parameters.yaml").write_text("\nidle: {type: integer, value: 1, doc: d}\n")
    (found,) = style.check_parameters(folder)
    assert (found.line, found.path.name) == (2, "parameters.yaml")
    assert "idle is used by no file" in found.sentence


def test_a_header_may_be_wrapped_and_give_a_reason(tmp_path: Path):
    header = "-- owner: tests   grain: one row   freshness: s\n-- state: few rows\n-- A sentence.\n"
    folder = room(tmp_path, shop__v="CREATE TEMPORARY VIEW v AS\nSELECT 1 AS x\n")
    path = folder.path / "v.sql"
    path.write_text(path.read_text().replace(HEADER, header))
    assert sentences(folder, "v") == []
