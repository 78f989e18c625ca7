"""Clicks of others through the SQL, beside totals that pandas computes from the files."""

import gzip
import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from pyflink.table import StreamTableEnvironment

from bench.clickstream_data import LOADERS, diginetica, otto, rees46, retail
from connectors.errors import ShopstreamError
from connectors.settings import settings
from connectors.topics import topic
from jobs.sql.parameters import of_environment
from jobs.sql.planner import configure
from jobs.sql.room import SQL, Folder

SHARED = Path(os.environ.get("SHOPSTREAM_SHARED_DATA", "../shared/data"))
SOURCES = ("clickstream_events", "clickstream_events_live")
COUNTED = {"PAGE_VIEW": "viewed", "ADD_TO_CART": "carted", "PURCHASE": "purchased"}

Rows = Callable[[list[dict[str, Any]], str], pd.DataFrame]


@pytest.fixture
def rows_of(local_flink, tmp_path) -> Rows:
    """The rows of a query on the views of sql/clickstream, of the given clicks and no others."""

    def read(clicks: list[dict[str, Any]], query: str) -> pd.DataFrame:
        t_env = StreamTableEnvironment.create(local_flink())
        configure(t_env)
        folder = Folder(SQL / "clickstream", SQL, of_environment(settings()))
        for ready in folder.needs(insert.statement for insert in folder.inserts):
            if ready.statement.kind == "VIEW":
                continue
            t_env.execute_sql(ready.sql)
            table = ready.statement.target
            if table in SOURCES:
                _replace(t_env, table, clicks, tmp_path / f"{table}.json")
            elif "'upsert-kafka'" in ready.sql:
                _replace(t_env, table, [], tmp_path / f"{table}.json")
        for ready in folder.needs(insert.statement for insert in folder.inserts):
            if ready.statement.kind == "VIEW":
                t_env.execute_sql(ready.sql)
        return t_env.sql_query(query).to_pandas()

    return read


def _replace(
    t_env: StreamTableEnvironment, table: str, records: list[dict[str, Any]], path: Path
) -> None:
    """Let a table be read from a file, with the columns and the watermark that it has."""
    with path.open("w") as lines:
        for record in records:
            at = pd.Timestamp(record["event_time"], unit="ms").isoformat(" ", "milliseconds")
            lines.write(json.dumps({**record, "event_time": at}) + "\n")
    t_env.execute_sql(f"""
        CREATE TEMPORARY TABLE {table}
        WITH ('connector' = 'filesystem', 'path' = '{path}', 'format' = 'json')
        LIKE {table} (EXCLUDING OPTIONS EXCLUDING METADATA)
    """)


def shared(name: str) -> Path:
    path = SHARED / name
    if not path.exists():
        pytest.skip(f"no {name} in {SHARED}")
    return path


def demand_of(rows: pd.DataFrame) -> dict[str, tuple[int, int, int]]:
    """sku -> (viewed, carted, purchased)."""
    totals = rows.groupby("sku")[list(COUNTED.values())].sum()
    return as_totals(totals)


def as_totals(frame: pd.DataFrame) -> dict[str, tuple[int, int, int]]:
    return {str(row[0]): (int(row[1]), int(row[2]), int(row[3])) for row in frame.itertuples()}


def in_otto(path: Path) -> Iterator[tuple[str, str]]:
    for line in path.read_text().splitlines():
        for event in json.loads(line)["events"]:
            kind = {"clicks": "viewed", "carts": "carted", "orders": "purchased"}[event["type"]]
            yield str(event["aid"]), kind


def by_pandas(name: str, path: Path) -> dict[str, tuple[int, int, int]]:
    """The same totals from the file, without the adapter."""
    if "otto" in name:
        frame = pd.DataFrame(in_otto(path), columns=["sku", "kind"])
    elif "diginetica" in name:
        frame = pd.read_csv(path, sep=";", dtype=str).rename(columns={"item_id": "sku"})
        frame["kind"] = "viewed"
    elif "rees46" in name:
        frame = pd.read_csv(path, dtype=str).rename(columns={"product_id": "sku"})
        frame["kind"] = frame["event_type"].map({"view": "viewed"})
    else:
        with gzip.open(path, "rt") as lines:
            frame = pd.read_csv(lines, dtype={"InvoiceNo": str, "StockCode": str})
        sold = ~frame["InvoiceNo"].str.startswith("C") & (frame["Quantity"] > 0)
        frame = frame[sold].rename(columns={"StockCode": "sku"})
        frame["kind"] = "purchased"
    counts = pd.crosstab(frame["sku"], frame["kind"]).reindex(
        columns=list(COUNTED.values()), fill_value=0
    )
    return as_totals(counts)


@pytest.mark.shared_data
@pytest.mark.parametrize("name", LOADERS)
def test_the_demand_of_every_sku_is_what_the_file_says(name, rows_of):
    path = shared(name)

    rows = rows_of(LOADERS[name](path), "SELECT * FROM demand_panes")

    assert demand_of(rows) == by_pandas(name, path)


@pytest.mark.shared_data
def test_the_sessions_of_every_visitor_are_what_the_file_says(rows_of):
    path = shared("clickstream/otto_sessions.jsonl")
    frame = pd.DataFrame(
        [
            (session["session"], event["ts"], event["type"])
            for session in map(json.loads, path.read_text().splitlines())
            for event in session["events"]
        ],
        columns=["session", "ts", "type"],
    )

    rows = rows_of(otto(path), "SELECT event_id, page_views, cart_adds, purchases FROM sessions")

    frame["event_id"] = [
        f"otto-{session}-{number}"
        for session, number in zip(
            frame["session"], frame.groupby("session").cumcount(), strict=True
        )
    ]
    expected = {}
    for _, one in frame.groupby("session"):
        for event_id, ts in zip(one["event_id"], one["ts"], strict=True):
            pane_end = ts // 100 * 100 + 99  # repeats are looked for, and time moves, in 100 ms
            seen = one[(one["ts"] <= pane_end) & (one["ts"] // 100 * 100 + 99 >= pane_end - 90_000)]
            kinds = seen["type"].value_counts()
            expected[event_id] = tuple(int(kinds.get(k, 0)) for k in ("clicks", "carts", "orders"))
    told = {row[0]: tuple(row[1:]) for row in rows.itertuples(index=False)}
    assert told == expected


def test_a_repeated_file_counts_once(rows_of, tmp_path):
    clicks = otto(otto_file(tmp_path))

    rows = rows_of([click for click in clicks for _ in range(2)], "SELECT * FROM demand_panes")

    assert demand_of(rows) == {"5": (1, 0, 1), "7": (0, 1, 0)}


def otto_file(folder: Path) -> Path:
    path = folder / "sessions.jsonl"
    events = [
        {"aid": 5, "ts": 1659304800025, "type": "clicks"},
        {"aid": 7, "ts": 1659304800020, "type": "carts"},
        {"aid": 5, "ts": 1659304900025, "type": "orders"},
    ]
    path.write_text(json.dumps({"session": 3, "events": events}) + "\n")
    return path


def test_otto_sessions_come_in_the_order_of_their_time(tmp_path):
    first, second, _ = otto(otto_file(tmp_path))
    assert (first["event_type"], first["sku"], first["visitor_id"]) == (
        "ADD_TO_CART",
        "7",
        "otto-3",
    )
    assert (second["event_id"], second["event_time"]) == ("otto-3-0", 1659304800025)


def test_a_view_of_diginetica_is_so_long_after_the_midnight_of_its_day(tmp_path):
    path = tmp_path / "views.csv"
    path.write_text("session_id;user_id;item_id;timeframe;eventdate\n1;NA;81766;1500;2016-05-09\n")
    (click,) = diginetica(path)
    assert click["event_time"] == 1462752000000 + 1500
    assert (click["visitor_id"], click["sku"]) == ("diginetica-1", "81766")


def test_prices_become_minor_units_exactly(tmp_path):
    path = tmp_path / "shop.csv"
    header = "event_time,event_type,product_id,category_id,category_code,brand,price,user_id"
    path.write_text(f"{header},user_session\n2019-10-01 00:00:04 UTC,cart,1,2,,x,1081.98,9,s\n")
    (click,) = rees46(path)
    assert (click["price_minor"], click["category"], click["customer_id"]) == (108198, None, "9")


def test_cancelled_invoices_are_no_purchases(tmp_path):
    path = tmp_path / "retail.csv.gz"
    header = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country"
    with gzip.open(path, "wt") as lines:
        lines.write(f"{header}\n536365,85123A,X,6,2010-12-01 08:26:00,2.55,,UK\n")
        lines.write("C536366,85123A,X,-6,2010-12-01 08:30:00,2.55,17850.0,UK\n")
    (click,) = retail(path)
    assert (click["visitor_id"], click["price_minor"]) == ("invoice-536365", 255)


def test_a_file_of_another_layout_is_refused_with_what_it_lacks(tmp_path):
    path = tmp_path / "views.csv"
    path.write_text("session_id;item\n1;2\n")
    with pytest.raises(ShopstreamError, match="item_id, timeframe, eventdate"):
        diginetica(path)


def test_every_click_of_others_fits_the_contract(tmp_path):
    fields = {field["name"] for field in topic("clickstream.events").avro_schema["fields"]}
    assert all(set(click) <= fields for click in otto(otto_file(tmp_path)))
