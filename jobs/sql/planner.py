"""Flink's planner with a folder's tables, views and functions in it."""

from collections.abc import Iterable, Mapping
from typing import Any

from pyflink.table import TableEnvironment
from pyflink.table.udf import UserDefinedFunctionWrapper

from jobs.sql.plan import Plan
from jobs.sql.room import Folder, Ready

# What planning depends on: the same for the gate and for the job, so that what was checked is what
# runs. An update that cannot be made deterministic is refused instead of computed wrongly.
PLANNING = {
    "table.local-time-zone": "UTC",
    "table.optimizer.non-deterministic-update.strategy": "TRY_RESOLVE",
    # Flink's own way to a uid, where the id is ours: see plan.py.
    "table.exec.uid.generation": "ALWAYS",
    "table.exec.uid.format": "<id>_<transformation>",
}


def configure(t_env: TableEnvironment) -> None:
    for option, value in PLANNING.items():
        t_env.get_config().set(option, value)


def register(t_env: TableEnvironment, functions: Mapping[str, Any]) -> None:
    for name, function in functions.items():
        assert isinstance(function, UserDefinedFunctionWrapper), name
        t_env.create_temporary_system_function(name, function)


def make(t_env: TableEnvironment, folder: Folder) -> list[Ready]:
    """Make the tables and views that the inserts of a folder need; returns them."""
    needed = folder.needs(ready.statement for ready in folder.inserts)
    for ready in needed:
        for sql in folder.making(ready):
            t_env.execute_sql(sql)
    return needed


def compile_folder(t_env: TableEnvironment, folder: Folder, made: Iterable[Ready]) -> Plan:
    """The plan of all inserts of a folder, and of the dead letters of what was made for them."""
    letters = folder.dead_letters(made)
    if letters is None:
        return compile_inserts(t_env, folder.inserts)
    table, insert = letters
    t_env.execute_sql(table)
    return compile_inserts(t_env, folder.inserts, insert)


def compile_inserts(t_env: TableEnvironment, inserts: Iterable[Ready], *more: str) -> Plan:
    """The plan of inserts as one statement set; what they share is computed once."""
    together = t_env.create_statement_set()
    for sql in (*(ready.sql for ready in inserts), *more):
        together.add_insert_sql(sql)
    return Plan.of(together.compile_plan().as_json_string())
