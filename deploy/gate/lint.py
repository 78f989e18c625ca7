"""Stage 3: what a plan means, beyond that Flink can run it. One rule a function.

Here are the rules about queries; those about the tables that they read and write are in tables.py.
"""

from collections.abc import Iterator
from typing import Any

from deploy.gate import tables
from deploy.gate.complaint import Complaint, fields, is_time
from jobs.sql.plan import Operator, Plan

_FOR_EVER = {"0 ms", "0 s", "0"}
_JOINS = {"join", "window-join", "interval-join"}


def complaints(plan: Plan) -> Iterator[Complaint]:
    """Everything that the rules find in a plan; reasons in headers are the caller's business."""
    for operator in plan.operators:
        found = [complaint for rule in _RULES for complaint in rule(plan, operator)]
        # Unbounded state is then but what follows from the fault itself.
        faults = {"rowtime-lost", "cross-join", "python-aggregate"} & {each.rule for each in found}
        yield from (each for each in found if not (faults and each.rule == "state"))


def _python_aggregate(_: Plan, operator: Operator) -> Iterator[Complaint]:
    if operator.kind in {"python-group-aggregate", "python-group-table-aggregate"}:
        yield Complaint(
            "python-aggregate",
            "a Python aggregate updates its result with every row, also over a window, where it "
            "becomes an ordinary GROUP BY; use a built-in aggregate",
            operator,
            ("GROUP", "SELECT"),
        )


def _cross_join(_: Plan, operator: Operator) -> Iterator[Complaint]:
    if operator.kind in _JOINS and not _join_spec(operator.raw)["leftKeys"]:
        yield Complaint(
            "cross-join",
            "a cross join: no equality relates the two sides, so that every row meets every row, "
            "on one task; join them on a key",
            operator,
            ("CROSS", "JOIN", "FROM"),
        )


def _lost_rowtime_of_a_join(_: Plan, operator: Operator) -> Iterator[Complaint]:
    if operator.kind != "join" or not _lives_for_ever(operator):
        return
    condition = _join_spec(operator.raw)["nonEquiCondition"]
    if condition and _compares_times(condition):
        yield Complaint(
            "rowtime-lost",
            "this join compares times that are no longer event time (a cast or an expression made "
            "them plain), so it keeps all rows for ever; compare the time attributes themselves",
            operator,
            ("JOIN", "FROM"),
        )


def _lost_rowtime_of_a_group(plan: Plan, operator: Operator) -> Iterator[Complaint]:
    if operator.kind != "group-aggregate" or not _lives_for_ever(operator):
        return
    given = fields(plan.feeding(operator)[0].raw["outputType"])
    if any(is_time(given[index][1]) for index in operator.raw["grouping"]):
        yield Complaint(
            "rowtime-lost",
            "this groups by a time that is no longer event time (FLOOR, CAST or an expression made "
            "it plain), so no group ever ends; use TUMBLE, HOP or CUMULATE",
            operator,
            ("GROUP",),
        )


def _unbounded_state(plan: Plan, operator: Operator) -> Iterator[Complaint]:
    for_ever = _lives_for_ever(operator)
    if operator.kind == "over-aggregate":
        for_ever = "UNBOUNDED PRECEDING" in operator.description
    elif operator.kind == "match":
        for_ever = operator.raw["matchSpec"].get("interval") is None
    if for_ever:
        said, words = _UNBOUNDED.get(operator.kind, _UNBOUNDED_ELSE)
        yield Complaint(
            "state",
            f"{said}, or give the reason why it is bounded in the header as `-- state: ...`",
            operator,
            words,
            # A table with a key keeps its latest rows, which its own header can give a reason for.
            table=_normalised(plan, operator),
        )


def _normalised(plan: Plan, operator: Operator) -> str:
    if operator.kind != "changelog-normalize":
        return ""
    while not operator.is_source:
        operator = plan.feeding(operator)[0]
    return operator.table_name


_GROUP = (
    "GROUP BY without a window keeps every group for ever: use a window, a STATE_TTL hint",
    ("GROUP", "DISTINCT", "SELECT"),
)
_RANK = "ROW_NUMBER without a window keeps every partition for ever: rank within a window"
_UNBOUNDED = {
    "group-aggregate": _GROUP,
    "incremental-group-aggregate": _GROUP,
    "global-group-aggregate": _GROUP,
    "join": (
        "a join without a time bound keeps every row of both sides for ever: bound it by time "
        "attributes, join FOR SYSTEM_TIME AS OF, use a STATE_TTL hint for both sides",
        ("JOIN", "FROM"),
    ),
    "rank": (_RANK, ("ROW_NUMBER", "RANK", "ORDER")),
    "deduplicate": (_RANK, ("ROW_NUMBER",)),
    "changelog-normalize": (
        "a table with a primary key keeps the latest row of every key for ever: bound its keys",
        ("PRIMARY",),
    ),
    "sink": (
        "ON CONFLICT keeps every row of every key for ever: group by the primary key",
        ("CONFLICT", "INSERT"),
    ),
    "over-aggregate": (
        "OVER without a bound keeps a row per key for ever: say RANGE BETWEEN INTERVAL ... "
        "PRECEDING",
        ("OVER",),
    ),
    "match": (
        "MATCH_RECOGNIZE without WITHIN keeps what has begun to match for ever: say WITHIN",
        ("MATCH_RECOGNIZE",),
    ),
}
_UNBOUNDED_ELSE = ("this keeps state for ever: use a window", ("SELECT",))

_RULES = [
    _python_aggregate,
    _cross_join,
    _lost_rowtime_of_a_join,
    _lost_rowtime_of_a_group,
    _unbounded_state,
    *tables.RULES,
]


def _lives_for_ever(operator: Operator) -> bool:
    return any(ttl in _FOR_EVER for ttl in operator.time_to_live.values())


def _join_spec(raw: Any) -> Any:
    holder = raw.get("intervalJoinSpec") or raw
    return holder["joinSpec"]


def _compares_times(condition: Any) -> bool:
    """Whether a comparison has a time on one of its sides."""
    if not isinstance(condition, dict):
        return False
    operands = condition.get("operands", [])
    if condition.get("internalName", "") in {"$>$1", "$>=$1", "$<$1", "$<=$1", "$BETWEEN$1"}:
        return any(is_time(operand.get("type", "")) for operand in operands)
    return any(_compares_times(operand) for operand in operands)
