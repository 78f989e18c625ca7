"""Stages 2 and 3: every statement planned by Flink, and its plan's meaning."""

from collections.abc import Iterable

from deploy.gate import header
from deploy.gate.complaint import Complaint
from deploy.gate.findings import Finding, Stage
from deploy.gate.lint import complaints
from deploy.gate.session import Refused, Session, line_about
from jobs.sql.plan import Plan
from jobs.sql.room import CATALOG, FileError, Folder, Ready, SqlFile


def check(session: Session, files: Iterable[SqlFile]) -> list[Finding]:
    """The findings of the earliest stage that has any, in the order of the files."""
    refused: list[Finding] = []
    plans: list[tuple[Ready, Plan, list[Complaint]]] = []
    for file in files:
        for statement in file.statements:
            try:
                ready = session.folder.ready(file, statement)
                plans += _planned(session, ready)
            except Refused as refusal:
                refused.append(refusal.finding)
            except FileError as error:
                refused.append(Finding.of(error, Stage.STYLE))
    first = [f for f in refused if f.stage is not Stage.MEANING]
    if first:
        return _once(first)
    meaning = [f for f in refused if f.stage is Stage.MEANING]
    for ready, _, found in plans:
        meaning += [f for c in found if (f := _finding(session.folder, ready, c))]
    return _once(meaning)


def _planned(session: Session, ready: Ready) -> list[tuple[Ready, Plan, list[Complaint]]]:
    """A statement's plan after those of the views that it uses, each without what those have.

    A table of the catalog is planned as a source if anything reads it.
    """
    known: set[tuple[str, str]] = set()
    found = []
    before = session.folder.needs([ready.statement])
    session.make(before)
    if ready.statement.kind != "INSERT":
        session.make([ready])
    planned = [needed for needed in before if needed.statement.kind == "VIEW"]
    if ready.statement.kind != "TABLE" or ready.statement.target in session.folder.read_in_room:
        planned.append(ready)
    for each in planned:
        plan = session.plan(each)
        new = [complaint for complaint in complaints(plan) if complaint.key not in known]
        known |= {complaint.key for complaint in new}
        found.append((each, plan, new))
    return found


def _finding(folder: Folder, ready: Ready, complaint: Complaint) -> Finding | None:
    """None if a header gives the reason that the rule asks for: this file's, or the table's."""
    if complaint.rule in header.REASONS and header.read(ready.file).reason(complaint.rule):
        return None
    place = ready
    if complaint.table:
        maker = folder.maker(complaint.table)
        if maker is not None and maker.path.parent.name == CATALOG:
            if complaint.rule in header.REASONS and header.read(maker).reason(complaint.rule):
                return None
            place = folder.ready(maker, maker.statement)
    line = line_about(place, *complaint.words)
    return Finding(place.file.path, line, complaint.sentence, Stage.MEANING, rule=complaint.rule)


def _once(findings: list[Finding]) -> list[Finding]:
    return list(dict.fromkeys(findings))
