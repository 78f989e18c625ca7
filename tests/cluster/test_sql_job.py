"""A folder of SQL as a job: one plan with lasting uids, which runs and changes nothing else."""

import json
from pathlib import Path

from support.sql_room import room

from connectors.settings import settings
from deploy.gate.session import Session
from jobs.sql import runner
from jobs.sql.plan import Plan
from jobs.sql.planner import compile_inserts
from jobs.sql.room import Folder

SOURCE = """CREATE TABLE words (word STRING)
WITH ('connector' = 'filesystem', 'path' = ${input}, 'format' = 'csv')"""
LENGTHS = "INSERT INTO lengths SELECT word, CHAR_LENGTH(word) FROM loud"
COUNTS = "INSERT INTO counts SELECT word, COUNT(*) FROM loud GROUP BY word"
LOUD = "CREATE TEMPORARY VIEW loud AS SELECT UPPER(word) AS word FROM words"


def words(tmp_path: Path, **more: str) -> Folder:
    (tmp_path / "in.csv").write_text("a;b\nit's\n")
    columns = "(word STRING, n BIGINT)"
    folder = room(
        tmp_path,
        catalog__words=SOURCE,
        catalog__counts=f"CREATE TABLE counts {columns} WITH ('connector' = 'blackhole')",
        catalog__another=f"CREATE TABLE another {columns} WITH ('connector' = 'blackhole')",
        catalog__lengths="""CREATE TABLE lengths (word STRING, n INT)
WITH ('connector' = 'filesystem', 'path' = ${output}, 'format' = 'json')""",
        shop__loud=LOUD,
        **more,
    )
    (tmp_path / "parameters.yaml").write_text(
        f"input: {{type: string, value: {tmp_path / 'in.csv'}, doc: d}}\n"
        f"output: {{type: string, value: {tmp_path / 'out'}, doc: d}}\n"
    )
    return folder


def planned(folder: Folder) -> dict[str, int]:
    session = Session(folder)
    session.make(folder.needs(ready.statement for ready in folder.inserts))
    plan: Plan = compile_inserts(session.t_env, folder.inserts).with_lasting_ids()
    return {plan.names[o.id]: o.id for o in plan.operators if o.has_state}


def test_an_insert_that_is_added_moves_no_uid(tmp_path: Path):
    before = planned(words(tmp_path, shop__counts=COUNTS))
    another = COUNTS.replace("counts", "another").replace("COUNT(*)", "MAX(CHAR_LENGTH(word))")
    after = planned(words(tmp_path, shop__counts=COUNTS, shop__another=another))
    assert before.items() <= after.items()
    assert len(after) == len(before) + 2


def test_a_folder_runs_as_one_job_of_its_name(tmp_path: Path):
    folder = words(tmp_path, shop__counts=COUNTS, shop__lengths=LENGTHS)
    Session(folder)  # names the jars, before the runner needs them
    runner.run(folder.path, settings().model_copy(update={"parallelism": 1})).wait(60_000)
    rows = [
        json.loads(line)
        for part in (tmp_path / "out").rglob("*part-*")
        for line in part.read_text().splitlines()
    ]
    assert sorted(rows, key=lambda row: row["n"]) == [
        {"word": "A;B", "n": 3},
        {"word": "IT'S", "n": 4},
    ]
