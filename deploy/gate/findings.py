"""What the gate says: a place and a sentence."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from jobs.sql.room import FileError, shown


class Stage(StrEnum):
    """In the order in which they run; the first with findings is the last."""

    STYLE = "style"
    PLANNER = "planner"
    MEANING = "meaning"
    GOLDEN = "golden tests"


@dataclass(frozen=True, order=True)
class Finding:
    """One thing that keeps SQL from passing. `detail` is shown below it, such as a row diff."""

    path: Path
    line: int
    sentence: str
    stage: Stage
    rule: str = ""
    detail: str = ""

    @classmethod
    def of(cls, error: FileError, stage: Stage) -> "Finding":
        return cls(error.path, error.line, error.sentence, stage)

    def __str__(self) -> str:
        return f"{shown(self.path)}:{self.line}: {self.sentence}"
