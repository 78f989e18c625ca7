"""Parameters of SQL files: `${name}`, typed in YAML, quoted by their type, never glued to text."""

import json
import re
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from difflib import get_close_matches
from pathlib import Path
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from connectors.settings import Settings
from connectors.topics import TOPICS
from jobs.sql.statements import PARAMETER, SqlError, Token

PARAMETERS = "parameters.yaml"

Type = Literal["interval", "integer", "decimal", "string", "identifier"]
_INTERVAL = re.compile(r"(\d+)(\.\d{1,3})? (SECOND|MINUTE|HOUR|DAY)S?", re.IGNORECASE)


class Parameter(BaseModel):
    """A value that SQL may name. `line` is where its file declares it; 0 for the environment's."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    type: Type
    value: str
    doc: str = Field(min_length=1)
    line: int = 0

    def as_sql(self) -> str:
        """The value as SQL writes it. Raises ValueError with what its type expects."""
        return _RENDERED[self.type](self.value)


def _interval(value: str) -> str:
    """The leading precision is stated: Flink takes two digits otherwise."""
    match = _INTERVAL.fullmatch(value.strip())
    if match is None or (match[2] and match[3].upper() != "SECOND"):
        raise ValueError("expected an interval such as 90 SECOND, 0.200 SECOND or 30 DAY")
    precision = f"({len(match[1])})" if len(match[1]) > 2 else ""
    return f"INTERVAL '{match[1]}{match[2] or ''}' {match[3].upper()}{precision}"


def _integer(value: str) -> str:
    if not re.fullmatch(r"-?\d+", value):
        raise ValueError("expected an integer such as 42")
    return value


def _decimal(value: str) -> str:
    try:
        number = Decimal(value)
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite():
        raise ValueError("expected a decimal such as 0.25")
    return f"{number:f}"


def _string(value: str) -> str:
    if "\n" in value:
        raise ValueError("expected a string of one line")
    return "'" + value.replace("'", "''") + "'"


def _identifier(value: str) -> str:
    if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", value):
        raise ValueError("expected a name of letters, digits and underscores")
    return f"`{value}`"


_RENDERED = {
    "interval": _interval,
    "integer": _integer,
    "decimal": _decimal,
    "string": _string,
    "identifier": _identifier,
}


def load(path: Path) -> dict[str, Parameter]:
    """The parameters that a `parameters.yaml` declares; none if there is no such file.

    Raises SqlError at the parameter whose declaration does not hold.
    """
    if not path.is_file():
        return {}
    text = path.read_text(encoding="utf-8")
    try:
        root = yaml.compose(text)
    except yaml.MarkedYAMLError as error:
        at = error.problem_mark.index if error.problem_mark else 0
        raise SqlError(f"this is not YAML: {error.problem}", at) from error
    if root is None:
        return {}
    found = {}
    for key, fields in _entries(root):
        if not isinstance(fields, yaml.MappingNode):
            raise SqlError(f"{key.value}: expected type, value and doc", key.start_mark.index)
        # As it is written: a decimal must not pass through a float.
        written = {field.value: node.value for field, node in _entries(fields)}
        try:
            parameter = Parameter.model_validate(
                {**written, "name": key.value, "line": key.start_mark.line + 1}
            )
            parameter.as_sql()
        except ValidationError as error:
            reasons = "; ".join(f"{e['loc'][0]}: {e['msg']}" for e in error.errors())
            raise SqlError(f"parameter {key.value}: {reasons}", key.start_mark.index) from error
        except ValueError as error:
            said = f"parameter {key.value}: {error}, came {written['value']}"
            raise SqlError(said, key.start_mark.index) from error
        found[parameter.name] = parameter
    return found


def _entries(node: yaml.Node) -> list[tuple[yaml.ScalarNode, yaml.Node]]:
    if not isinstance(node, yaml.MappingNode):
        raise SqlError("expected parameters by name", node.start_mark.index)
    return node.value


def of_environment(settings: Settings) -> dict[str, Parameter]:
    """Where the services are, and every topic's schema as `schema_<topic>`; strings, as the
    options of a table are."""
    values = {
        "kafka_bootstrap": settings.kafka_bootstrap,
        "registry_url": settings.registry_url,
        "postgres_jdbc_url": settings.postgres_jdbc_url,
    }
    for name, topic in TOPICS.items():
        schema = json.dumps(topic.avro_schema, separators=(",", ":"))
        values[f"schema_{re.sub(r'[.-]', '_', name)}"] = schema
    return {
        name: Parameter(name=name, type="string", value=value, doc="set by the environment")
        for name, value in values.items()
    }


@dataclass(frozen=True)
class Rendered:
    """A file's text with its parameters' values, and the way back to the original's offsets.

    Values have no line breaks, so that lines are the same in both.
    """

    text: str
    _starts: tuple[int, ...]
    _origins: tuple[int, ...]

    def of_original(self, offset: int) -> int:
        """Where an offset of the original is in this text; a parameter's is its value's."""
        at = bisect_right(self._origins, offset) - 1
        return self._starts[at] + offset - self._origins[at]

    def to_original(self, offset: int) -> int:
        """Where an offset of this text is in the original; inside a value it is the parameter's."""
        at = bisect_right(self._starts, offset) - 1
        following = self._origins[at + 1] if at + 1 < len(self._origins) else offset
        return min(self._origins[at] + offset - self._starts[at], following)


def used(text: str, tokens: Sequence[Token]) -> dict[str, int]:
    """The parameters that the code of a file names, and where first.

    Raises SqlError for one inside quotes, or grown together with a word.
    """
    return {match[1]: match.start() for match in reversed(_occurrences(text, tokens))}


def render(text: str, tokens: Sequence[Token], known: Mapping[str, Parameter]) -> Rendered:
    """Put the values in. Raises SqlError at the first parameter that is not known."""
    pieces: list[str] = []
    starts, origins = [0], [0]
    length = done = 0

    def append(piece: str, resumes_at: int) -> None:
        nonlocal length, done
        pieces.append(piece)
        length, done = length + len(piece), resumes_at
        starts.append(length)
        origins.append(resumes_at)

    for match in _occurrences(text, tokens):
        name = match[1]
        if name not in known:
            near = get_close_matches(name, known)
            hint = f"did you mean {' or '.join(near)}?" if near else f"declare it in {PARAMETERS}"
            raise SqlError(f"unknown parameter {name}; {hint}", match.start())
        append(text[done : match.start()], match.start())
        append(known[name].as_sql(), match.end())
    pieces.append(text[done:])
    return Rendered("".join(pieces), tuple(starts), tuple(origins))


def _occurrences(text: str, tokens: Sequence[Token]) -> list[re.Match[str]]:
    found = []
    for token in tokens:
        written = text[token.start : token.stop]
        match = PARAMETER.search(written)
        if match is None or token.is_comment:
            continue
        if token.is_quoted:
            said = f"a parameter inside quotes stays as it is; write {match[0]} without them"
            raise SqlError(said, token.start + match.start())
        if match[0] != written:
            raise SqlError(f"{match[0]} must stand alone, as a value does", token.start)
        whole = PARAMETER.match(text, token.start)
        assert whole is not None
        found.append(whole)
    return found
