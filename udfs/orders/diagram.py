"""The part of `docs/orders.md` that is made of the table.

`python -m udfs.orders.diagram` prints it; a unit test fails when the two differ.
"""

from collections.abc import Iterable
from typing import Final

from udfs.orders.causes import MEANINGS, REFUSALS
from udfs.orders.limits import DEFAULTS_MS
from udfs.orders.state import State
from udfs.orders.table import TABLE, Trigger, mermaid

BEGIN: Final = "<!-- made by python -m udfs.orders.diagram: begin -->"
END: Final = "<!-- made by python -m udfs.orders.diagram: end -->"


def sections() -> str:
    """Diagram, transitions, causes and limits as markdown, with the lines that enclose them."""
    parts = [
        BEGIN,
        "## The life of an order",
        f"```mermaid\n{mermaid()}\n```",
        "### Every transition",
        "Where `to` is the same state, the step is recorded and the order stays.",
        _table(("trigger", "in", "to", "actions"), _transitions()),
        "### Causes of steps",
        _table(("cause", "meaning"), [(t.value, MEANINGS[t]) for t in Trigger if t in MEANINGS]),
        "### Causes of refusals",
        "What is not in the table is refused: `from_state` and `to_state` are the same.",
        _table(("cause", "when", "explanation"), _refusals()),
        "### Limits (`orders.limits`)",
        _table(
            ("waiting_for", "default"),
            [(name, _span(limit)) for name, limit in DEFAULTS_MS.items()],
        ),
        END,
    ]
    return "\n\n".join(parts)


def _transitions() -> Iterable[tuple[str, ...]]:
    """One row for all states in which a trigger does the same."""
    rows: dict[tuple[Trigger, str, str], list[State]] = {}
    for (state, trigger), (to, actions) in TABLE.items():
        goal = "stays" if to == state else to.value
        done = ", ".join(action.value for action in actions)
        rows.setdefault((trigger, goal, done), []).append(state)
    for (trigger, goal, done), states in rows.items():
        yield trigger.value, ", ".join(state.value for state in states), goal, done


def _refusals() -> Iterable[tuple[str, ...]]:
    triggers: dict[tuple[str, str], list[str]] = {}
    for trigger, refusal in REFUSALS.items():
        triggers.setdefault(refusal, []).append(trigger.value)
    for (cause, explanation), names in triggers.items():
        yield cause, ", ".join(names), explanation


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _span(limit_ms: int) -> str:
    for unit, length in (("d", 86_400_000), ("h", 3_600_000), ("min", 60_000)):
        if limit_ms % length == 0:
            return f"{limit_ms // length} {unit}"
    return f"{limit_ms // 1000} s"


if __name__ == "__main__":
    print(sections())
