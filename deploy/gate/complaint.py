"""What the lint's rules share: the complaint, and how a plan writes types and expressions."""

import re
from dataclasses import dataclass
from typing import Any

from jobs.sql.plan import Operator

KAFKA = {"kafka", "upsert-kafka"}


@dataclass(frozen=True)
class Complaint:
    """What is wrong with an operator, and the words of the SQL that it comes from.

    `table` is set if it is a table's own fault, whoever uses it.
    """

    rule: str
    sentence: str
    operator: Operator
    words: tuple[str, ...] = ()
    table: str = ""

    @property
    def key(self) -> tuple[str, str]:
        """The same in a view's plan and in the plans of what uses it."""
        return self.rule, self.table or self.operator.holds


def fields(row_type: Any) -> list[tuple[str, Any]]:
    """Names and types of a row type, which a plan has as text or spelt out."""
    if isinstance(row_type, dict):
        return [(field["name"], field["fieldType"]) for field in row_type["fields"]]
    return re.findall(r"`([^`]*)` ((?:[^,`<>(]|<[^>]*>|\([^)]*\))*)", row_type)


def is_time(type_: Any) -> bool:
    name = type_["type"] if isinstance(type_, dict) else str(type_)
    return name.startswith("TIMESTAMP")
