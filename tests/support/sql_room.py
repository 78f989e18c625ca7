"""A small SQL room in a test's own folder."""

from pathlib import Path

from jobs.sql.parameters import Parameter
from jobs.sql.room import Folder

HEADER = "-- owner: tests   grain: one row per click   freshness: seconds\n-- A test's rows.\n"


def room(path: Path, **files: str) -> Folder:
    """The folder `shop` of a room whose files are named `shop__view` or `catalog__table`."""
    (path / "catalog").mkdir(exist_ok=True)
    (path / "shop").mkdir(exist_ok=True)
    for name, sql in files.items():
        folder, _, stem = name.partition("__")
        (path / folder / f"{stem}.sql").write_text(HEADER + sql)
    environment = Parameter(name="host", type="string", value="h:1", doc="Set by a test.")
    return Folder(path / "shop", path, {"host": environment})
