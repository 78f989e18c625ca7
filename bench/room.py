"""A room of SQL with some of its inserts: a job of its own."""

import shutil
from collections.abc import Collection
from pathlib import Path

from connectors.settings import ROOT

SQL = ROOT / "sql"


def copied(job: str, inserts: Collection[str], target: Path) -> Path:
    """Copy the folder of `job`, of its inserts only those into the tables `inserts`, into the new
    folder `target`, with catalog and parameters; returns the job's folder there."""
    shutil.copytree(SQL / "catalog", target / "catalog")
    shutil.copy(SQL / "parameters.yaml", target)
    left_out = {path.name for path in (SQL / "catalog").glob("*.sql")}
    left_out -= {f"{table}.sql" for table in inserts}
    shutil.copytree(SQL / job, target / job, ignore=lambda _, names: left_out.intersection(names))
    return target / job
