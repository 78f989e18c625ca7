"""`sql check --against REV`: what a job that runs REV's SQL keeps of its state under today's."""

import io
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from connectors.errors import ShopstreamError
from connectors.settings import Settings
from deploy.gate.check import folder_of
from deploy.gate.session import Refused, Session
from jobs.sql.plan import Operator, Plan
from jobs.sql.room import Folder, shown


@dataclass(frozen=True)
class Fate:
    """What becomes of an operator's state: kept, changed, lost or new, and why."""

    verdict: str
    operator: Operator
    tables: frozenset[str]
    reason: str = ""

    def __str__(self) -> str:
        operator = self.operator
        does = operator.table_name if operator.table else operator.description.partition("(")[2]
        about = f"{operator.kind} {does.rstrip(')')[:90]} -> {', '.join(sorted(self.tables))}"
        return f"{self.verdict:8}{about}" + (f": {self.reason}" if self.reason else "")


def against_revision(path: Path, revision: str, settings: Settings) -> list[str]:
    """A line for each operator with state, and one that sums up. `path` names one folder."""
    today = folder_of(path, settings)
    if today.path == today.root:
        raise ShopstreamError(f"{shown(path)} holds several jobs; name one, such as {path}/NAME")
    with tempfile.TemporaryDirectory(prefix="shopstream-against-") as scratch:
        _extract(today.root, revision, Path(scratch))
        before = folder_of(Path(scratch) / today.name, settings)
        found = fates(_planned(before), _planned(today))
    lines = [str(fate) for fate in found]
    lost = sum(fate.verdict == "lost" for fate in found)
    changed = sum(fate.verdict == "changed" for fate in found)
    if lost:
        lines.append(
            f"{today.name} would not resume: the state of {lost} operators is lost; "
            f"`shopstream sql run {shown(today.path)} --drop-lost-state` goes on without it"
        )
    else:
        lines.append(f"{today.name} resumes with all its state; {changed} operators changed")
    return lines


def fates(before: Plan, after: Plan) -> list[Fate]:
    """Of all operators with state of two plans, by what is worst first."""
    old, new = (dict(_with_state(plan)) for plan in (before, after))
    found = []
    for name, operator in old.items():
        tables = before.feeds[operator.id]
        if name not in new:
            found.append(Fate("lost", operator, tables))
            continue
        now = new[name]
        reason = "; ".join(_changes(before, operator, after, now))
        verdict = "changed" if reason else "kept"
        found.append(Fate(verdict, now, after.feeds[now.id], reason))
    found += [
        Fate("new", operator, after.feeds[operator.id])
        for name, operator in new.items()
        if name not in old
    ]
    return sorted(found, key=lambda fate: (_ORDER.index(fate.verdict), str(fate)))


_ORDER = ("lost", "changed", "new", "kept")


def _with_state(plan: Plan) -> Iterator[tuple[str, Operator]]:
    for operator in plan.operators:
        if operator.has_state:
            yield plan.names[operator.id], operator


def _changes(before: Plan, old: Operator, after: Plan, new: Operator) -> Iterator[str]:
    """Why state that is kept may mean something else than it did."""
    if old.time_to_live != new.time_to_live:
        yield f"its state lives {_lives(new)} instead of {_lives(old)}"
    if before.row_types(old) != after.row_types(new):
        yield "the types of its rows changed, so that its state may not be readable"
    if not new.is_sink and _between(before, old) != _between(after, new):
        yield "other rows come to it (a filter or an expression before it changed)"


def _lives(operator: Operator) -> str:
    return ", ".join(sorted(set(operator.time_to_live.values())))


def _between(plan: Plan, operator: Operator) -> list[str]:
    """What the operators without state do between this one and the next ones with state."""
    found = []
    for each in plan.feeding(operator):
        if not each.has_state:
            found += [each.description, *_between(plan, each)]
    return found


def _planned(folder: Folder) -> Plan:
    from jobs.sql.planner import compile_folder

    if not folder.inserts:
        raise ShopstreamError(f"{shown(folder.path)} has no INSERT INTO, so there is no job")
    session = Session(folder)
    try:
        needed = folder.needs(ready.statement for ready in folder.inserts)
        session.make(needed)
        return compile_folder(session.t_env, folder, needed)
    except Refused as refusal:
        raise ShopstreamError(str(refusal.finding)) from refusal


def _extract(root: Path, revision: str, into: Path) -> None:
    """The room as it was. Raises ShopstreamError if git knows no such revision of it."""
    done = subprocess.run(
        ["git", "-C", str(root), "archive", "--format=tar", revision, "--", "."],
        capture_output=True,
    )
    if done.returncode:
        reason = done.stderr.decode(errors="replace").strip().splitlines()[-1]
        raise ShopstreamError(f"no SQL of revision {revision!r}: {reason}")
    with tarfile.open(fileobj=io.BytesIO(done.stdout)) as archive:
        archive.extractall(into, filter="data")
