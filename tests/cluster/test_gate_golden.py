"""Golden tests on a real Flink: what rows, watermarks and keys mean in them."""

from pathlib import Path

import pytest
from support.sql_room import room

from deploy.gate.golden import run
from deploy.gate.golden.run import Outcome
from deploy.gate.session import Session

CLICKS = """CREATE TABLE clicks (
    sku STRING NOT NULL,
    visitor_id STRING,
    event_time TIMESTAMP_LTZ(3) METADATA FROM 'timestamp',
    arrived_at AS PROCTIME(),
    upper_sku AS UPPER(sku),
    WATERMARK FOR event_time AS event_time - INTERVAL '1' SECOND
) WITH (
    'connector' = 'kafka', 'topic' = 'clicks', 'properties.bootstrap.servers' = ${host},
    'format' = 'json'
)"""
PRODUCTS = """CREATE TABLE products (
    sku STRING NOT NULL,
    price_minor BIGINT,
    event_time TIMESTAMP(3),
    WATERMARK FOR event_time AS event_time,
    PRIMARY KEY (sku) NOT ENFORCED
) WITH (
    'connector' = 'upsert-kafka', 'topic' = 'products', 'properties.bootstrap.servers' = ${host},
    'key.format' = 'json', 'value.format' = 'json'
)"""
SINK = """CREATE TABLE demand (
    sku STRING,
    clicks BIGINT,
    record_time TIMESTAMP_LTZ(3) METADATA FROM 'timestamp'
) WITH (
    'connector' = 'kafka', 'topic' = 'demand', 'properties.bootstrap.servers' = ${host},
    'format' = 'json'
)"""
WINDOWED = """SELECT sku, COUNT(*) AS clicks, window_time AS seen_at
FROM TABLE(TUMBLE(TABLE clicks, DESCRIPTOR(event_time), INTERVAL '10' SECOND))
GROUP BY sku, window_start, window_end, window_time"""


def outcome(tmp_path: Path, name: str, tests: str, **files: str) -> Outcome:
    folder = room(tmp_path, catalog__clicks=CLICKS, catalog__products=PRODUCTS, **files)
    (folder.path / "tests").mkdir(exist_ok=True)
    (folder.path / "tests" / f"{name}.yaml").write_text(tests)
    return run.check(Session(folder), [folder.file(folder.path / f"{name}.sql")])


def passes(found: Outcome, tests: int) -> None:
    assert [str(each) + "\n" + each.detail for each in found.findings] == []
    assert found.tests == tests


def test_rows_are_late_exactly_where_the_test_says(tmp_path: Path):
    tests = """
- name: a watermark ends the window
  given:
    clicks:
      - {sku: mug, event_time: "2026-01-01 10:00:01"}
      - {watermark: "2026-01-01 10:00:09.998"}
      - {sku: mug, event_time: "2026-01-01 10:00:02"}
      - {watermark: "2026-01-01 10:00:09.999"}
      - {sku: mug, event_time: "2026-01-01 10:00:03"}
  expect:
    - {sku: mug, clicks: 2, seen_at: "2026-01-01 10:00:09.999"}
- name: a watermark may come before all rows
  given:
    clicks:
      - {watermark: "2026-01-01 10:00:30"}
      - {sku: mug, event_time: "2026-01-01 10:00:01"}
      - {sku: cup, event_time: "2026-01-01 10:00:31"}
  expect:
    - {sku: cup, clicks: 1}
- name: no rows give no rows
  given: {}
  expect: []
"""
    view = f"CREATE TEMPORARY VIEW windowed AS {WINDOWED}"
    passes(outcome(tmp_path, "windowed", tests, shop__windowed=view), 3)


def test_an_insert_is_tested_with_what_it_would_write(tmp_path: Path):
    tests = """
- name: an insert writes its records' time
  given:
    clicks:
      - {sku: mug, event_time: "2026-01-01 10:00:01"}
  expect:
    - {sku: mug, clicks: 1, record_time: "2026-01-01 10:00:09.999"}
"""
    found = outcome(
        tmp_path,
        "demand",
        tests,
        catalog__demand=SINK,
        shop__demand=f"INSERT INTO demand {WINDOWED}",
    )
    passes(found, 1)


def test_a_table_with_a_key_is_versioned_and_forgets_what_is_deleted(tmp_path: Path):
    tests = """
- name: each click has the price of its time
  given:
    products:
      - {sku: mug, price_minor: 5, event_time: "2026-01-01 09:00:00"}
      - {sku: cup, price_minor: 9, event_time: "2026-01-01 09:00:00"}
      - {sku: mug, price_minor: 7, event_time: "2026-01-01 10:00:02"}
      - {delete: {sku: cup, event_time: "2026-01-01 10:00:02"}}
    clicks:
      - {sku: mug, event_time: "2026-01-01 10:00:01"}
      - {sku: mug, event_time: "2026-01-01 10:00:03"}
      - {sku: cup, event_time: "2026-01-01 10:00:01"}
      - {sku: cup, event_time: "2026-01-01 10:00:03"}
  expect:
    - {sku: mug, price_minor: 5}
    - {sku: mug, price_minor: 7}
    - {sku: cup, price_minor: 9}
    - {sku: cup, price_minor: null}
"""
    view = """CREATE TEMPORARY VIEW priced AS
SELECT c.sku, p.price_minor FROM (
    SELECT sku, CAST(event_time AS TIMESTAMP(3)) AS clicked_at, event_time FROM clicks
) AS c LEFT JOIN products FOR SYSTEM_TIME AS OF c.event_time AS p ON c.sku = p.sku"""
    versioned = PRODUCTS.replace("event_time TIMESTAMP(3)", "event_time TIMESTAMP_LTZ(3)")
    found = outcome(tmp_path, "priced", tests, shop__priced=view)
    assert found.findings, "an event time of another type does not join"
    (tmp_path / "catalog" / "products.sql").write_text(
        (tmp_path / "catalog" / "products.sql").read_text().replace(PRODUCTS, versioned)
    )
    folder = room(tmp_path)
    passes(run.check(Session(folder), [folder.file(folder.path / "priced.sql")]), 1)


def test_changes_of_an_updating_view_are_seen_one_by_one_or_as_what_is_left(tmp_path: Path):
    tests = """
- name: the last counts are left
  given: &clicks
    clicks:
      - {sku: mug, event_time: "2026-01-01 10:00:01"}
      - {sku: mug, event_time: "2026-01-01 10:00:02"}
  expect:
    - {sku: MUG, clicks: 2}
- name: every change can be asked for
  changelog: true
  given: *clicks
  expect:
    - {op: "+", sku: MUG, clicks: 1}
    - {op: "-", sku: MUG, clicks: 1}
    - {op: "+", sku: MUG, clicks: 2}
"""
    view = """CREATE TEMPORARY VIEW counted AS
SELECT upper_sku AS sku, COUNT(*) AS clicks FROM clicks GROUP BY upper_sku"""
    passes(outcome(tmp_path, "counted", tests, shop__counted=view), 2)


def test_a_view_can_be_given_instead_of_what_it_reads(tmp_path: Path):
    tests = """
- name: only what is named is given
  given:
    windowed:
      - {sku: mug, clicks: 3, seen_at: "2026-01-01 10:00:09.999"}
  expect:
    - {sku: mug, clicks: 6}
"""
    found = outcome(
        tmp_path,
        "doubled",
        tests,
        shop__windowed=f"CREATE TEMPORARY VIEW windowed AS {WINDOWED}",
        shop__doubled="""CREATE TEMPORARY VIEW doubled AS
SELECT sku, clicks * 2 AS clicks FROM windowed""",
    )
    passes(found, 1)


@pytest.mark.parametrize("first", [0, 1])
def test_a_test_that_stops_the_job_does_not_hide_the_others(tmp_path: Path, first: int):
    good = """
- name: it divides
  given: {clicks: [{sku: "2", event_time: "2026-01-01 10:00:01"}]}
  expect: [{half: 5}]
"""
    bad = """
- name: it divides by nothing
  given: {clicks: [{sku: "0", event_time: "2026-01-01 10:00:01"}]}
  expect: []
"""
    tests = good + bad if first else bad + good
    view = "CREATE TEMPORARY VIEW halves AS SELECT 10 / CAST(sku AS INT) AS half FROM clicks"
    found = outcome(tmp_path, "halves", tests, shop__halves=view)
    (finding,) = found.findings
    assert finding.sentence.startswith("it divides by nothing: ")
    assert "zero" in finding.sentence
