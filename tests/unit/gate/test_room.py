"""The folders of a room: what uses what, and where things stand."""

from pathlib import Path

import pytest
from support.sql_room import room

from jobs.sql.room import FileError


def test_what_an_insert_uses_comes_in_the_order_in_which_it_can_be_made(tmp_path: Path):
    folder = room(
        tmp_path,
        catalog__events="CREATE TABLE events (x INT)",
        catalog__sink="CREATE TABLE sink (x INT)",
        catalog__unused="CREATE TABLE unused (x INT)",
        shop__a_last="CREATE TEMPORARY VIEW a_last AS SELECT * FROM z_first",
        shop__z_first="CREATE TEMPORARY VIEW z_first AS SELECT * FROM events",
        shop__sink="INSERT INTO sink SELECT * FROM a_last",
    )
    needed = folder.needs(ready.statement for ready in folder.inserts)
    assert [ready.statement.target for ready in needed] == ["events", "z_first", "a_last", "sink"]


def test_views_that_use_each_other_are_refused_as_a_circle(tmp_path: Path):
    folder = room(
        tmp_path,
        shop__a="CREATE TEMPORARY VIEW a AS SELECT * FROM b",
        shop__b="CREATE TEMPORARY VIEW b AS SELECT * FROM a",
        shop__sink="INSERT INTO sink SELECT * FROM a",
    )
    with pytest.raises(FileError, match="a circle: a uses b uses a"):
        folder.needs(ready.statement for ready in folder.inserts)


def test_a_statement_keeps_its_line_and_column_behind_parameters(tmp_path: Path):
    folder = room(tmp_path, shop__sink="INSERT INTO sink\nSELECT ${host},\n       wrong FROM t")
    (insert,) = folder.inserts
    lines = insert.sql.split("\n")
    assert lines[:2] == ["", ""]
    assert lines[3] == "SELECT 'h:1',"
    assert lines[4] == "       wrong FROM t"


def test_a_parameter_of_the_environment_cannot_be_declared_again(tmp_path: Path):
    folder = room(tmp_path, shop__sink="INSERT INTO sink SELECT ${host}")
    (folder.path / "parameters.yaml").write_text("\nhost: {type: string, value: x, doc: d}\n")
    with pytest.raises(FileError, match=r"parameters.yaml:2: parameter host is there already"):
        _ = folder.inserts
