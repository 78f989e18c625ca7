"""Stage 1: form. What a file has to be, its header, its parameters, and sqlfluff's rules.

What sqlfluff's `flink` dialect cannot parse is listed here, and nothing else is let through: each
construct has a stand-in that it can parse, of the same length, so that the rest of the file is
linted where it stands; on the lines of a stand-in sqlfluff's findings are dropped.
"""

import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

from sqlfluff.core import FluffConfig, Linter

from connectors.settings import ROOT
from deploy.gate import header
from deploy.gate.findings import Finding, Stage
from jobs.sql.parameters import PARAMETERS
from jobs.sql.room import CATALOG, FileError, Folder, SqlFile, load_parameters
from jobs.sql.statements import Token

LINE_LENGTH = 100
_NONE = Token("", "", 0, 0)
_UNITS = {"YEAR", "MONTH", "DAY", "HOUR", "MINUTE", "SECOND", "MILLISECOND"}
CONFIGURATION = ROOT / "sql" / ".sqlfluff"


def check(folder: Folder, file: SqlFile) -> list[Finding]:
    """The findings of one file; what cannot be read at all is the only one."""
    try:
        header.read(file)
        _form(folder, file)
        return list(_lint(folder, file))
    except FileError as error:
        return [Finding.of(error, Stage.STYLE)]


def check_parameters(folder: Folder) -> list[Finding]:
    """Parameters that the folder declares and no file of it uses."""
    try:
        used = {name for file in folder.files for name in file.parameters}
        declared = load_parameters(folder.path / PARAMETERS)
    except FileError as error:
        return [Finding.of(error, Stage.STYLE)]
    return [
        Finding(
            folder.path / PARAMETERS,
            parameter.line,
            f"parameter {parameter.name} is used by no file of {folder.name}; remove it",
            Stage.STYLE,
        )
        for parameter in declared.values()
        if parameter.name not in used
    ]


def _form(folder: Folder, file: SqlFile) -> None:
    """A table, a view or an insert a file, named as what it makes or feeds."""
    found = file.statements
    if not found:
        raise FileError(file.path, 1, "there is no statement in this file")
    in_catalog = file.path.parent.name == CATALOG
    allowed = {"TABLE"} if in_catalog else {"VIEW", "INSERT"}
    for statement in found:
        line = file.line(statement.start)
        if statement.kind not in allowed:
            where = "a table belongs into" if statement.kind == "TABLE" else "only tables are in"
            raise FileError(file.path, line, f"{where} {CATALOG}/, one a file")
    if len(found) > 1 and any(statement.kind != "INSERT" for statement in found):
        said = "a second statement in this file; give each view, table and insert a file of its own"
        raise FileError(file.path, file.line(found[1].start), said)
    if len(found) == 1 and found[0].target != file.path.stem:
        said = f"{file.path.name} is about {found[0].target}: name the file {found[0].target}.sql"
        raise FileError(file.path, file.line(found[0].start), said)
    file.rendered(folder.known)


def _lint(folder: Folder, file: SqlFile) -> Iterator[Finding]:
    rendered = file.rendered(folder.known)
    text, standing_in = stand_ins(file, rendered.text, rendered.of_original)
    linted = _linter().lint_string(text if text.endswith("\n") else text + "\n", str(file.path))
    skipped = {line for first, last in standing_in for line in range(first, last + 1)}
    inserts = file.statement.kind == "INSERT"
    seen = set()
    for violation in linted.get_violations():
        line, code = violation.line_no, violation.rule_code()
        sentence = " ".join(violation.desc().split())
        if line in skipped or (line, code) in seen or _beside_the_point(code, sentence, inserts):
            continue
        seen.add((line, code))
        if code == "LT05" and len(file.text.splitlines()[line - 1]) <= LINE_LENGTH:
            continue
        if code == "PRS":
            sentence = "this is not SQL as sqlfluff reads it: " + _shortened(sentence)
        yield Finding(file.path, line, f"{sentence} ({code})", Stage.STYLE, rule=code)


def _beside_the_point(code: str, sentence: str, inserts: bool) -> bool:
    """An insert's columns have the sink's names, whatever they are called; and a call's bracket is
    LT06's business: LT01 takes DESCRIPTOR for a word in a sentence, and ARRAY<."""
    return (inserts and code in {"AL03", "AL08"}) or (
        code == "LT01" and re.search("start (angle )?bracket", sentence) is not None
    )


def _shortened(sentence: str) -> str:
    found = re.search(r"Found unparsable section: (.*)", sentence)
    return found[1][:80] if found else sentence


def stand_ins(
    file: SqlFile, text: str, place: Callable[[int], int]
) -> tuple[str, list[tuple[int, int]]]:
    """The text with the listed constructs blanked out, and the lines that each of them had.

    - named arguments of table functions (`DATA => TABLE t`): the names
    - `SESSION(TABLE t PARTITION BY ...)`: the partitioning
    - `INSERT ... ON CONFLICT DO ...`: the clause
    - `INTERVAL '05:10' MINUTE TO SECOND`, `FLOOR(x TO SECOND)`: the unit
    - `MAP<STRING NOT NULL, DOUBLE NOT NULL>`, `STRING NOT NULL METADATA`: that they are never null
    - `JSON_OBJECT('name' VALUE x)`: the name
    """
    code = [token for token in file.tokens if token.is_code]
    ranges = []
    for at, token in enumerate(code):
        word = token.word
        following, then = (each.word for each in (*code[at + 1 : at + 3], _NONE, _NONE)[:2])
        if token.kind == "word" and following == "=" and code[at + 2 : at + 3][0].text == ">":
            ranges.append((token, code[at + 2]))
        elif following == "=>":
            ranges.append((token, code[at + 1]))
        elif word == "PARTITION" and following == "BY" and code[at - 2].word == "TABLE":
            ranges.append((token, _before_next_argument(code, at)))
        elif word == "TO" and following in _UNITS:
            ranges.append((token, code[at + 1]))
        elif word == "VALUE" and at and code[at - 1].kind == "single_quote":
            ranges.append((code[at - 1], token))
        elif word == "ON" and following == "CONFLICT":
            ranges.append((token, code[min(at + 3, len(code) - 1)]))
        elif (
            word == "NOT"
            and following == "NULL"
            and (_in_angle_brackets(code[:at]) or then == "METADATA")
        ):
            ranges.append((token, code[at + 1]))
    lines = []
    for first, last in ranges:
        start, stop = place(first.start), place(last.stop)
        lines.append((file.line(first.start), file.line(last.stop)))
        blank = re.sub(r"[^\n]", " ", text[start:stop])
        text = text[:start] + blank + text[stop:]
    return text, lines


def _in_angle_brackets(before: list[Token]) -> bool:
    """Whether a bracket of a type is still open: MAP<, ARRAY<, ROW<."""
    depth = 0
    for at in range(len(before) - 1, 0, -1):
        depth += (before[at].text == ">") - (before[at].text == "<")
        if depth < 0:
            return before[at - 1].word in {"MAP", "ARRAY", "ROW"}
    return False


def _before_next_argument(code: list[Token], at: int) -> Token:
    """The last token of PARTITION BY's list: the argument after it is a DESCRIPTOR."""
    while at + 2 < len(code) and code[at + 2].word not in {"DESCRIPTOR", "ORDER"}:
        if code[at + 1].word == ")":
            break
        at += 1
    return code[at]


@cache
def _linter() -> Linter:
    return Linter(config=FluffConfig.from_string(Path(CONFIGURATION).read_text(encoding="utf-8")))
