"""The job's outputs, put back together into the steps that it took, sku by sku."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from deploy.audit.verdict import Check

Record = Mapping[str, Any]


@dataclass(slots=True)
class Step:
    """All that came out of one event or wake-up; `cause` is its event_id."""

    sku: str
    sequence: int
    cause: str
    event_time: int
    reservations: list[Record] = field(default_factory=list)
    availability: list[Record] = field(default_factory=list)
    alerts: list[Record] = field(default_factory=list)

    def __str__(self) -> str:
        return f"{self.sku} step {self.sequence} (cause {self.cause})"


def rebuild(
    reservations: Iterable[Record],
    availability: Iterable[Record],
    alerts: Iterable[Record],
    once: Check,
    contiguous: Check,
) -> dict[str, list[Step]]:
    """Each sku's steps in order of sequence.

    Refutes `once` for a record that was written twice, and `contiguous` for a number that is
    missing, or that two causes share.
    """
    found: dict[str, dict[int, Step]] = {}
    ids: set[str] = set()
    for kind, records in enumerate((reservations, availability, alerts)):
        for record in records:
            sku, sequence, cause = record["sku"], record["sequence"], record["cause"]
            if record["event_id"] in ids:
                once.refute(f"{sku} step {sequence}: record {record['event_id']} came out twice")
            ids.add(record["event_id"])
            steps = found.setdefault(sku, {})
            step = steps.get(sequence)
            if step is None:
                step = steps[sequence] = Step(sku, sequence, cause, record["event_time"])
            elif step.cause != cause:
                contiguous.refute(f"{step} is also the number of what {cause} caused")
            (step.reservations, step.availability, step.alerts)[kind].append(record)
    return {sku: _in_order(sku, steps, contiguous) for sku, steps in found.items()}


def _in_order(sku: str, steps: dict[int, Step], contiguous: Check) -> list[Step]:
    expected = 1
    for sequence in sorted(steps):
        if sequence != expected:
            contiguous.refute(f"{sku}: expected step {expected}, the next one is {sequence}")
        expected = sequence + 1
    return [steps[sequence] for sequence in sorted(steps)]
