"""The room's folders: a catalog of tables, and a folder of views and inserts a domain."""

import importlib.util
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from importlib import import_module
from pathlib import Path
from typing import Any

import udfs
from connectors.errors import ShopstreamError
from connectors.settings import ROOT
from jobs.sql import parameters
from jobs.sql.guard import Guard, dead_letters, guarded
from jobs.sql.parameters import PARAMETERS, Parameter, Rendered
from jobs.sql.statements import SqlError, Statement, Token, statements, tokenize

SQL = ROOT / "sql"
CATALOG = "catalog"


class FileError(ShopstreamError):
    """A file that does not hold: `file:line: sentence`. Lines count from 1."""

    def __init__(self, path: Path, line: int, sentence: str):
        super().__init__(f"{shown(path)}:{line}: {sentence}")
        self.path = path
        self.line = line
        self.sentence = sentence


@dataclass(frozen=True)
class SqlFile:
    """A file of the room. Its statements are of the text as it is written."""

    path: Path
    text: str

    @cached_property
    def tokens(self) -> tuple[Token, ...]:
        return tuple(self._checked(lambda: tokenize(self.text)))

    @cached_property
    def statements(self) -> tuple[Statement, ...]:
        return tuple(self._checked(lambda: statements(self.tokens)))

    @cached_property
    def parameters(self) -> dict[str, int]:
        """The parameters that it uses, and at which offset first."""
        return self._checked(lambda: parameters.used(self.text, self.tokens))

    @property
    def statement(self) -> Statement:
        """The one that a file of a view or a table has."""
        return self.statements[0]

    def rendered(self, known: Mapping[str, Parameter]) -> Rendered:
        return self._checked(lambda: parameters.render(self.text, self.tokens, known))

    def line(self, offset: int) -> int:
        return self.text.count("\n", 0, offset) + 1

    def _checked(self, read: Any) -> Any:
        try:
            return read()
        except SqlError as error:
            raise FileError(self.path, self.line(error.offset), error.sentence) from error


@dataclass(frozen=True)
class Ready:
    """A statement ready for Flink: its parameters put in, on the lines that it has in its file."""

    file: SqlFile
    statement: Statement
    sql: str


@dataclass
class Folder:
    """A domain's folder: one statement set. Files are read once."""

    path: Path
    root: Path
    environment: Mapping[str, Parameter]
    _read: dict[Path, SqlFile] = field(default_factory=dict)
    _guards: dict[str, Guard | None] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return self.path.name

    @cached_property
    def files(self) -> list[SqlFile]:
        """The views and inserts, by name."""
        return [self.file(path) for path in sorted(self.path.glob("*.sql"))]

    @cached_property
    def known(self) -> dict[str, Parameter]:
        """The environment's parameters, the room's and the folder's own."""
        found = dict(self.environment)
        for path in dict.fromkeys((self.root / PARAMETERS, self.path / PARAMETERS)):
            for name, parameter in load_parameters(path).items():
                if name in found:
                    said = f"parameter {name} is there already; choose another name"
                    raise FileError(path, parameter.line, said)
                found[name] = parameter
        return found

    @property
    def functions(self) -> Mapping[str, Any]:
        """The Python functions of the domain: FUNCTIONS of `udfs.<domain>.sql`, if there is one."""
        package = f"{udfs.__name__}.{self.name}"  # a release has it by another name
        if importlib.util.find_spec(package) is None:
            return {}
        if importlib.util.find_spec(f"{package}.sql") is None:
            return {}
        functions: Mapping[str, Any] = import_module(f"{package}.sql").FUNCTIONS
        return functions

    @property
    def inserts(self) -> list[Ready]:
        """By the table that they feed, so that the plan does not hang on file names."""
        found = [
            self.ready(file, statement)
            for file in self.files
            for statement in file.statements
            if statement.kind == "INSERT"
        ]
        return sorted(found, key=lambda ready: ready.statement.target)

    def ready(self, file: SqlFile, statement: Statement) -> Ready:
        """The statement padded to its place in the file: Flink's positions are then the file's."""
        rendered = file.rendered(self.known)
        start, stop = rendered.of_original(statement.start), rendered.of_original(statement.stop)
        before = rendered.text[:start]
        padding = "\n" * before.count("\n") + " " * (start - before.rfind("\n") - 1)
        return Ready(file, statement, padding + rendered.text[start:stop])

    def needs(self, statement_list: Iterable[Statement]) -> list[Ready]:
        """The tables and views that statements use, each after what it uses itself.

        A name that is neither a view of the folder nor in the catalog is left to Flink's planner.
        Raises FileError for views that use each other in a circle.
        """
        ordered: dict[str, Ready] = {}
        for statement in statement_list:
            names = set(statement.names_used())
            if statement.kind == "INSERT":
                names.add(statement.target)
            for name in sorted(names):
                self._add(name, ordered, ())
        return list(ordered.values())

    @cached_property
    def read_in_room(self) -> frozenset[str]:
        """The names that any file of the room reads; what only inserts feed is not among them.

        A file that cannot be read at all is its own check's business.
        """
        found: set[str] = set()
        for path in sorted(self.root.glob("*/*.sql")):
            with suppress(FileError):
                for each in self.file(path).statements:
                    found |= each.names_used()
        return frozenset(found)

    def guard(self, ready: Ready) -> Guard | None:
        """How a table is read so that no record stops the job; None for what is not read, or is
        also written in this folder."""
        name = ready.statement.target
        if ready.statement.kind != "TABLE" or name not in self.read_in_room - self._written:
            return None
        if name not in self._guards:
            comments = [token for token in ready.file.tokens if token.is_comment]
            try:
                self._guards[name] = guarded(name, ready.sql, comments)
            except ValueError as error:
                line = ready.file.line(ready.statement.start)
                raise FileError(ready.file.path, line, str(error)) from error
        return self._guards[name]

    def making(self, ready: Ready) -> tuple[str, ...]:
        """The statements that make a table or view as SQL names it."""
        guard = self.guard(ready)
        return (ready.sql,) if guard is None else guard.making

    def dead_letters(self, needed: Iterable[Ready]) -> tuple[str, str] | None:
        """The dead letters' table and the insert into it, of those of `needed` that are guarded."""
        guards = [guard for ready in needed if (guard := self.guard(ready))]
        return dead_letters(self.name, guards, self.known) if guards else None

    @cached_property
    def _written(self) -> frozenset[str]:
        found: set[str] = set()
        for file in self.files:
            with suppress(FileError):
                found |= {each.target for each in file.statements if each.kind == "INSERT"}
        return frozenset(found)

    def maker(self, name: str) -> SqlFile | None:
        """The file that makes the view or table `name`."""
        for path in (self.path / f"{name}.sql", self.root / CATALOG / f"{name}.sql"):
            if path.is_file() and self.file(path).statements:
                file = self.file(path)
                if file.statement.kind != "INSERT" and file.statement.target == name:
                    return file
        return None

    def _add(self, name: str, ordered: dict[str, Ready], asking: tuple[str, ...]) -> None:
        if name in ordered:
            return
        file = self.maker(name)
        if file is None:
            return
        if name in asking:
            circle = " uses ".join([*asking[asking.index(name) :], name])
            raise FileError(file.path, file.line(file.statement.start), f"a circle: {circle}")
        for used in sorted(file.statement.names_used()):
            self._add(used, ordered, (*asking, name))
        ordered[name] = self.ready(file, file.statement)

    def file(self, path: Path) -> SqlFile:
        """A file of the room, read once."""
        if path not in self._read:
            self._read[path] = SqlFile(path, path.read_text(encoding="utf-8"))
        return self._read[path]


def load_parameters(path: Path) -> dict[str, Parameter]:
    """Those of a `parameters.yaml`; raises FileError."""
    try:
        return parameters.load(path)
    except SqlError as error:
        line = path.read_text(encoding="utf-8").count("\n", 0, error.offset) + 1
        raise FileError(path, line, error.sentence) from error


def room_of(path: Path) -> Path:
    """The folder that has the catalog which a file or folder of a room belongs to."""
    for folder in (path, *path.parents):
        if (folder / CATALOG).is_dir():
            return folder
    raise ShopstreamError(f"{shown(path)} is in no SQL room: no folder above it has a {CATALOG}/")


def shown(path: Path) -> str:
    """As a person names it: relative to where they are, if it is below."""
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)
