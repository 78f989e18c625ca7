"""Compiled plans: Flink's own description of a job, with operator ids that stay.

Flink numbers the operators of a plan as it meets them, and their uids begin with these numbers: an
insert that comes or goes, or a second plan made in the same process, would rename all others and
their state would be lost. So the numbers are replaced by ones that follow from what an operator is:

- a source is named by its table, a sink by the table that it feeds;
- an operator with state by its kind and what its state holds (keys, aggregates, window), and only
  where two of a plan are alike also by the first table that each feeds;
- the others, whose ids matter to nobody, by what they do and the first table that they feed.

So a filter, a column or another insert that changes leaves state where it is; state whose meaning
changes gets another uid, and is refused at the restore instead of read as something else.
"""

import hashlib
import json
import re
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

# Kinds whose state Flink does not list in the plan.
_KEEPING = {
    "global-window-aggregate",
    "window-aggregate",
    "over-aggregate",
    "interval-join",
    "window-join",
    "window-rank",
    "window-deduplicate",
    "temporal-join",
    "temporal-sort",
    "match",
    "python-over-aggregate",
    "python-group-window-aggregate",
    "global-group-aggregate",
    "process-table-function",
    "ml-predict-table-function",
}
_GENERATED = re.compile(r"\b(EXPR\$|\$f|f|w0\$o|count1\$|sum\$)\d+\b")
_IDS = 2**31 - 1


@dataclass(frozen=True)
class Operator:
    """A node of a plan. `kind` is Flink's name for it without `stream-exec-` and version."""

    id: int
    raw: Mapping[str, Any] = field(repr=False)

    @cached_property
    def kind(self) -> str:
        return re.sub(r"^stream-exec-|_\d+$", "", self.raw["type"])

    @property
    def description(self) -> str:
        return str(self.raw["description"])

    @property
    def table(self) -> Mapping[str, Any] | None:
        """Of a source or a sink."""
        holder = self.raw.get("scanTableSource") or self.raw.get("dynamicTableSink")
        return holder["table"] if holder else None

    @property
    def table_name(self) -> str:
        assert self.table is not None
        return str(self.table["identifier"]).split(".")[-1].strip("`")

    @property
    def resolved_table(self) -> Mapping[str, Any]:
        """Schema and options; a plan has none of a temporary table."""
        return (self.table or {}).get("resolvedTable", {})

    @property
    def options(self) -> Mapping[str, str]:
        return self.resolved_table.get("options", {})

    @property
    def columns(self) -> list[Mapping[str, Any]]:
        return self.resolved_table["schema"]["columns"] if self.resolved_table else []

    @property
    def is_source(self) -> bool:
        return self.kind == "table-source-scan"

    @property
    def is_sink(self) -> bool:
        return self.kind == "sink"

    @property
    def time_to_live(self) -> dict[str, str]:
        """Of each state that Flink lists: how long it is kept unused; `0 ms` is for ever."""
        return {state["name"]: state["ttl"] for state in self.raw.get("state", ())}

    @property
    def has_state(self) -> bool:
        listed = bool(self.time_to_live) or self.kind in _KEEPING
        return listed or self.is_source or self.is_sink

    @property
    def holds(self) -> str:
        """What its state is about: equal in two plans if one can go on with the other's state."""
        if self.table:
            topic = self.options.get("topic", "")
            return f"{self.kind} {self.table_name} {self.options.get('connector')} {topic}".strip()
        return f"{self.kind} {_GENERATED.sub(_anonymous, self.description)}"


def _anonymous(match: re.Match[str]) -> str:
    return match[1]


@dataclass(frozen=True)
class Plan:
    """The operators of a plan, from sources to sinks, and who feeds whom."""

    operators: tuple[Operator, ...]
    inputs: Mapping[int, tuple[int, ...]]
    raw: Mapping[str, Any] = field(repr=False)

    @classmethod
    def of(cls, text: str) -> "Plan":
        """Of the JSON of a compiled plan."""
        raw = json.loads(text)
        inputs = defaultdict(list)
        for edge in raw["edges"]:
            inputs[edge["target"]].append(edge["source"])
        operators = tuple(Operator(node["id"], node) for node in raw["nodes"])
        return cls(operators, {target: tuple(found) for target, found in inputs.items()}, raw)

    @cached_property
    def by_id(self) -> dict[int, Operator]:
        return {operator.id: operator for operator in self.operators}

    def feeding(self, operator: Operator) -> list[Operator]:
        return [self.by_id[source] for source in self.inputs.get(operator.id, ())]

    def row_types(self, operator: Operator) -> list[str]:
        """Of what comes to an operator and what it makes of it; its state hangs on them.

        None of a source or a sink, whose state is about records, not rows.
        """
        if operator.is_source or operator.is_sink:
            return []
        inputs = [str(each.raw["outputType"]) for each in self.feeding(operator)]
        return [*inputs, str(operator.raw["outputType"])]

    @cached_property
    def feeds(self) -> dict[int, frozenset[str]]:
        """For each operator the tables of the sinks that its rows reach."""
        reached: dict[int, set[str]] = {operator.id: set() for operator in self.operators}

        def mark(operator: Operator, table: str) -> None:
            if table not in reached[operator.id]:
                reached[operator.id].add(table)
                for source in self.feeding(operator):
                    mark(source, table)

        for operator in self.operators:
            if operator.is_sink:
                mark(operator, operator.table_name)
        return {id_: frozenset(tables) for id_, tables in reached.items()}

    @cached_property
    def names(self) -> dict[int, str]:
        """The lasting name of each operator, from which its id follows."""
        alike = Counter(operator.holds for operator in self.operators if operator.has_state)
        names: dict[int, str] = {}
        taken: Counter[str] = Counter()
        for operator in sorted(self.operators, key=lambda op: min(self.feeds[op.id])):
            name = operator.holds
            at_ease = operator.has_state and (alike[name] == 1 or operator.is_source)
            if not at_ease:
                name = f"{name} for {min(self.feeds[operator.id])}"
            taken[name] += 1
            names[operator.id] = name if taken[name] == 1 else f"{name} #{taken[name]}"
        return names

    def with_lasting_ids(self) -> "Plan":
        """The same plan with ids that follow from the names."""
        ids: dict[int, int] = {}
        for old, name in sorted(self.names.items(), key=lambda item: item[1]):
            new = _hashed(name)
            while new in ids.values():
                new = new % _IDS + 1
            ids[old] = new
        raw = {
            **self.raw,
            "nodes": [{**node, "id": ids[node["id"]]} for node in self.raw["nodes"]],
            "edges": [
                {**edge, "source": ids[edge["source"]], "target": ids[edge["target"]]}
                for edge in self.raw["edges"]
            ],
        }
        return Plan.of(json.dumps(raw))


def _hashed(name: str) -> int:
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big") % _IDS + 1
