"""The committed list: `jobs/states.yaml`."""

from typing import Any

import yaml

import jobs
from connectors.errors import ShopstreamError
from connectors.settings import ROOT
from deploy.states.changes import problems

PATH = ROOT / "jobs" / "states.yaml"
_HEAD = """\
# What savepoints of the jobs hold: a change here is a change of what stored state means.
# Written by `shopstream states --write`, and explained in docs/upgrades.md.
"""


def committed() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(PATH.read_text(encoding="utf-8"))
    return found


def today() -> dict[str, Any]:
    """The list as the code has it. Starts a JVM, for Flink's planner (some 10 s)."""
    from deploy.states.uids import of_job

    return {name: of_job(name) for name in jobs.names()}


def refused(before: dict[str, Any], after: dict[str, Any]) -> list[str]:
    """Changes that no savepoint taken before them survives."""
    return [found for name in before for found in problems(before, after, name)]


def differing(found: dict[str, Any]) -> list[str]:
    """In what the committed list is not `found`: what state does not survive, else the jobs."""
    before = committed()
    if lost := refused(before, found):
        return lost
    names = sorted(before.keys() | found.keys())
    return [
        f"{name}: jobs/states.yaml lists other states than the code has"
        for name in names
        if before.get(name) != found.get(name)
    ]


def write(found: dict[str, Any], drop_lost_state: bool) -> None:
    """Write the list. Raises ShopstreamError for what stored state does not survive."""
    if not drop_lost_state and PATH.exists() and (lost := refused(committed(), found)):
        raise ShopstreamError(
            f"{'; '.join(lost)}; or, if that state may be lost, `--drop-lost-state`"
        )
    PATH.write_text(_HEAD + text_of(found), encoding="utf-8")


def text_of(found: dict[str, Any]) -> str:
    return yaml.safe_dump(found, sort_keys=False, width=100, allow_unicode=True)
