"""A file's header: who owns it, what a row is, how fresh it is, and reasons that the lint asks for.

-- owner: growth-analytics   grain: one row per visitor and 10 s   freshness: sub-second
-- state: one row per visitor of the last 90 seconds
-- The visitor's last 90 seconds: what the page ranks by while intent is warm.
"""

import re
from dataclasses import dataclass

from jobs.sql.room import FileError, SqlFile

REQUIRED = ("owner", "grain", "freshness")
# Where a rule of the lint can be answered by a reason, it is given under the rule's name.
REASONS = ("state", "undecodable")

_FIELD = re.compile(r"(\w+):\s+(.*?)(?=\s{2,}\w+:\s|$)")


@dataclass(frozen=True)
class Header:
    fields: dict[str, str]

    def reason(self, rule: str) -> str | None:
        return self.fields.get(rule)


def read(file: SqlFile) -> Header:
    """The header of a file. Raises FileError for what it lacks."""
    lines = []
    for token in file.tokens:
        if token.kind == "inline_comment":
            lines.append(token.text.removeprefix("--").strip())
        elif token.is_code:
            break
    fields: dict[str, str] = {}
    sentences = 0
    for line in lines:
        named = dict(_FIELD.findall(line)) if line.partition(":")[0] in _KNOWN else {}
        fields |= named
        sentences += not named
    for name in REQUIRED:
        if not fields.get(name):
            said = (
                f"the header lacks {name}; begin with `-- owner: ...   grain: ...   freshness: ...`"
            )
            raise FileError(file.path, 1, said)
    if not sentences:
        raise FileError(file.path, 1, "the header lacks a sentence that says what a row is")
    return Header(fields)


# "valid" says which rows of a table are good: see jobs/sql/guard.py.
_KNOWN = {*REQUIRED, *REASONS, "valid"}
