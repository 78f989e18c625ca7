"""The YAML of golden tests: `tests/<view or insert>.yaml`.

- name: a late click counts nowhere
  given:
    clickstream_events:
      - {event_id: a, event_time: "2026-01-01 10:00:01", visitor_id: ada}
      - {watermark: "2026-01-01 10:00:30"}
      - {event_id: b, event_time: "2026-01-01 10:00:02", visitor_id: ada}
  expect:
    - {visitor_id: ada, clicks: 1}
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from jobs.sql.room import FileError

WATERMARK = "watermark"
DELETE = "delete"
Row = Mapping[str, Any]


class GoldenTest(BaseModel):
    """One test. `line` is where its file has it.

    ordered: the rows come in this order. changelog: every change is expected, with `op` `+` or `-`,
    in this order, instead of the rows that are left at the end.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(min_length=1)
    given: dict[str, list[dict[str, Any]]]
    expect: list[dict[str, Any]]
    ordered: bool = False
    changelog: bool = False
    line: int


class _Loader(yaml.SafeLoader):
    """Times stay as they are written: what they mean depends on the column."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def load(path: Path) -> list[GoldenTest]:
    """The tests of a file. Raises FileError at the one that does not hold."""
    text = path.read_text(encoding="utf-8")
    try:
        root = yaml.compose(text, Loader=_Loader)
        values = yaml.load(text, Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        at = error.problem_mark.line + 1 if error.problem_mark else 1
        line = min(at, len(text.splitlines()))
        raise FileError(path, line, f"this is not YAML: {error.problem}") from error
    if not isinstance(root, yaml.SequenceNode):
        raise FileError(path, 1, "expected a list of tests: name, given and expect")
    found = []
    for node, value in zip(root.value, values, strict=True):
        line = node.start_mark.line + 1
        if not isinstance(value, dict):
            raise FileError(path, line, "expected a test: name, given and expect")
        try:
            found.append(GoldenTest.model_validate({**value, "line": line}))
        except ValidationError as error:
            first = error.errors()[0]
            place = ".".join(map(str, first["loc"]))
            raise FileError(path, line, f"{place}: {first['msg']}") from error
    return found
