"""Golden tests of many files in one job: each test has a database of its own."""

import shutil
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from pyflink.table import StatementSet

from deploy.gate.findings import Finding, Stage
from deploy.gate.golden import spec
from deploy.gate.golden.columns import Shape, shape_of
from deploy.gate.golden.feeds import Feed, Result
from deploy.gate.golden.rows import difference
from deploy.gate.golden.spec import GoldenTest
from deploy.gate.messages import understood
from deploy.gate.session import Refused, Session
from jobs.sql.room import FileError, Ready, SqlFile

DEADLINE_MS = 120_000
RESULT = "gate_result"


@dataclass(frozen=True)
class Case:
    """A test of a view or an insert, whose file it is."""

    path: Path
    test: GoldenTest
    subject: Ready

    def failed(self, sentence: str, detail: str = "") -> Finding:
        said = f"{self.test.name}: {sentence}"
        return Finding(self.path, self.test.line, said, Stage.GOLDEN, detail=detail)


@dataclass(frozen=True)
class Outcome:
    """How many tests ran, and what did not hold."""

    tests: int
    findings: list[Finding]


def tests_of(file: SqlFile) -> Path:
    return file.path.parent / "tests" / f"{file.path.stem}.yaml"


def check(session: Session, files: Iterable[SqlFile]) -> Outcome:
    """Run the tests of those files that have any."""
    cases: list[Case] = []
    findings: list[Finding] = []
    for file in files:
        path = tests_of(file)
        if not path.is_file():
            continue
        try:
            subject = session.folder.ready(file, file.statement)
            cases += [Case(path, test, subject) for test in spec.load(path)]
        except FileError as error:
            findings.append(Finding.of(error, Stage.GOLDEN))
    scratch = Path(tempfile.mkdtemp(prefix="shopstream-golden-"))
    try:
        findings += _Run(session, scratch).all(cases)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    return Outcome(len(cases), findings)


class _Run:
    """Tests on one session. `scratch` is a folder for their rows."""

    def __init__(self, session: Session, scratch: Path):
        self._session = session
        self._t_env = session.t_env
        self._scratch = scratch
        self._home = self._t_env.get_current_database()
        self._databases = 0
        self._shapes: dict[str, Shape] = {}

    def all(self, cases: Sequence[Case]) -> list[Finding]:
        together = self._t_env.create_statement_set()
        findings, results = [], []
        for case in cases:
            try:
                results.append((case, self._add(case, together)))
            except (Refused, FileError) as error:
                findings.append(case.failed(_sentence(error)))
            except ValueError as error:
                findings.append(case.failed(str(error)))
            except Exception as error:
                findings.append(case.failed(understood(str(error)).sentence))
        if not results:
            return findings
        try:
            together.execute().wait(DEADLINE_MS)
        except Exception as error:
            if len(results) == 1:
                return [*findings, results[0][0].failed(understood(str(error)).sentence)]
            # One of them stopped the job: each alone says which, and how the others do.
            for case, _ in results:
                findings += self.all([case])
            return findings
        for case, result in results:
            findings += self._compared(case, result)
        return findings

    def _compared(self, case: Case, result: Result) -> list[Finding]:
        columns = {column.name: column for column in result.columns}
        try:
            lines = difference(case.test, columns, result.changes())
        except ValueError as error:
            return [case.failed(str(error))]
        said = "other rows came (- expected, + came)"
        return [case.failed(said, "\n".join(lines))] if lines else []

    def _add(self, case: Case, together: StatementSet) -> Result:
        """Make the test's database with its rows and views, and add its insert to the job."""
        self._databases += 1
        database = f"gate_{self._databases}"
        folder = self._scratch / database
        shapes = self._shapes_for(case)
        self._t_env.execute_sql(f"CREATE DATABASE {database}")
        self._t_env.use_database(database)
        try:
            for name, shape in shapes.items():
                if shape is not None:
                    Feed(name, shape, case.test.given.get(name, ())).register(self._t_env, folder)
                else:
                    maker = self._session.folder.maker(name)
                    assert maker is not None
                    ready = self._session.folder.ready(maker, maker.statement)
                    self._t_env.execute_sql(ready.sql)
            result = self._result(case, folder / "out")
            result.register(self._t_env)
            insert = case.subject.sql
            if case.subject.statement.kind != "INSERT":
                self._t_env.execute_sql(insert)
                insert = f"INSERT INTO {RESULT} SELECT * FROM `{case.subject.statement.target}`"
            together.add_insert_sql(insert)
            return result
        finally:
            self._t_env.use_database(self._home)

    def _shapes_for(self, case: Case) -> dict[str, Shape | None]:
        """What the subject reads, in the order in which it is made: a shape for what is given or
        empty, None for a view that is computed. Raises ValueError for what nothing reads."""
        order: dict[str, Shape | None] = {}

        def add(name: str) -> None:
            maker = self._session.folder.maker(name)
            if name in order or maker is None:
                return
            if maker.statement.kind == "TABLE" or name in case.test.given:
                order[name] = self._shape(name)
                return
            for used in sorted(maker.statement.names_used()):
                add(used)
            order[name] = None

        for used in sorted(case.subject.statement.names_used()):
            add(used)
        for name in case.test.given:
            if name not in order:
                raise ValueError(f"given: {case.subject.statement.target} does not read {name}")
        return order

    def _shape(self, name: str) -> Shape:
        """Of a table or view as the catalog has it."""
        if name not in self._shapes:
            maker = self._session.folder.maker(name)
            assert maker is not None
            self._session.make(self._session.folder.needs([maker.statement]))
            ready = self._session.folder.ready(maker, maker.statement)
            self._session.make([ready])
            guard = self._session.folder.guard(ready)
            self._shapes[name] = shape_of(self._t_env, name, guard)
        return self._shapes[name]

    def _result(self, case: Case, path: Path) -> Result:
        target = case.subject.statement.target
        home = self._t_env.get_current_database()
        self._t_env.use_database(self._home)
        try:
            shape = self._shape(target)
        finally:
            self._t_env.use_database(home)
        if case.subject.statement.kind != "INSERT":
            return Result(RESULT, shape.columns, (), path)
        persisted = tuple(column for column in shape.columns if column.kind == "given")
        return Result(target, persisted, shape.key, path)


def _sentence(error: Refused | FileError) -> str:
    return error.finding.sentence if isinstance(error, Refused) else error.sentence
