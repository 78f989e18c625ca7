"""What a run with faults has to prove."""

from typing import Any

import pytest

from deploy.audit.log import Entry
from deploy.audit.verdict import Verdict
from deploy.chaos.proof import prove
from deploy.chaos.recovery import Recovered

COMMANDS = "orders.commands"
READER = "a concurrent reader saw what the log holds: all, once, in its order"
TWICE = "what is written in transactions is there once"


def fault(outage_s: float = 0.0, recovery_s: float | None = 12.0) -> Recovered:
    return Recovered("kafka killed", "kafka", 3.0, outage_s, recovery_s, "orders does not run")


def log(*ids: str, topic: str = COMMANDS) -> list[Entry]:
    return [Entry(topic, 0, 2 * n, None, b"", {"event_id": name}) for n, name in enumerate(ids)]


def judged(**changed: Any) -> Verdict:
    entries = changed.pop("log", log("a", "b", "c"))
    seen: dict[tuple[str, int], list[tuple[int, str]]] = {}
    for entry in entries:
        assert entry.record is not None
        place = (entry.topic, entry.partition)
        seen.setdefault(place, []).append((entry.offset, entry.record["event_id"]))
    arguments = {
        "expected": 100_000,
        "events": 100_000,
        "planned": 1,
        "faults": [fault()],
        "limit_s": 180.0,
        "transaction_timeout_s": 900.0,
        "seen": seen,
        "log": entries,
        **changed,
    }
    return prove(**arguments)


def failing(verdict: Verdict) -> set[str]:
    return {check.name for check in verdict.checks if not check.ok}


def test_a_run_that_went_on_after_every_fault_is_proved() -> None:
    verdict = judged()
    assert verdict.ok, str(verdict)


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"events": 99_999}, "at least 100,000 events were sent"),
        ({"planned": 2}, "as many faults as planned were inflicted"),
        ({"faults": [fault(recovery_s=None)]}, "all went on within 180 s after every fault"),
        ({"faults": [fault(outage_s=890)]}, "transactions outlast the longest outage"),
        ({"log": log("a", "b", "a")}, TWICE),
        ({"seen": {(COMMANDS, 0): [(0, "a"), (2, "b")]}}, READER),
        ({"seen": {(COMMANDS, 0): [(0, "a"), (2, "b"), (3, "aborted"), (4, "c")]}}, READER),
        ({"seen": {(COMMANDS, 0): [(2, "b"), (0, "a"), (4, "c")]}}, READER),
        ({"seen": {(COMMANDS, 0): [(0, "a"), (2, "b"), (4, "c"), (4, "c")]}}, READER),
    ],
)
def test_what_does_not_hold_is_found(changed: dict[str, Any], told: str) -> None:
    assert failing(judged(**changed)) == {told}


def test_decisions_may_come_again_and_compaction_may_take_what_was_read() -> None:
    decisions = log("a", "a", topic="fraud.decisions")
    stock = log("a", "b", topic="inventory.availability")
    seen = {
        ("fraud.decisions", 0): [(0, "a"), (2, "a"), (4, "written since")],
        ("inventory.availability", 0): [(0, "a"), (2, "b")],
    }
    assert judged(log=decisions + stock[1:], seen=seen).ok
