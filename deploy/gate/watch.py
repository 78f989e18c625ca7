"""`sql check --watch`: the JVM stays warm, and what changes is checked again."""

from collections.abc import Callable
from pathlib import Path

from watchfiles import Change, watch

from connectors.errors import ShopstreamError
from jobs.sql.parameters import PARAMETERS
from jobs.sql.room import CATALOG, room_of

Check = Callable[[list[Path]], bool]


def watching(where: Path, check: Check) -> None:
    """Check `where`, and then what changes below it or in the catalog, until interrupted."""
    _checked(check, [where])
    root = room_of(where)
    for changes in watch(root, watch_filter=_is_sql, raise_interrupt=False):
        paths = sorted({Path(path) for _, path in changes})
        if again := affected(where, root, paths):
            _checked(check, again)


def affected(where: Path, root: Path, changed: list[Path]) -> list[Path]:
    """What to check when those files changed: each for itself, or all that stands on them."""
    common = (root / CATALOG, root)
    if any(path.parent in common or path.name == PARAMETERS for path in changed):
        return [where]
    inside = where if where.is_dir() else where.parent
    return [path for path in changed if path.is_relative_to(inside) and path.exists()]


def _checked(check: Check, paths: list[Path]) -> None:
    try:
        check(paths)
    except ShopstreamError as error:  # a file that is half written must not end the watch
        print(error)


def _is_sql(_: Change, path: str) -> bool:
    return path.endswith((".sql", ".yaml"))
