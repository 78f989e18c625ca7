"""The independent fold of the inventory job's log: it proves or refutes what the job promises."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from deploy.audit.inventory.inputs import InputRecord, Inputs, sort_out
from deploy.audit.inventory.reference import Costs, Policies
from deploy.audit.inventory.sku import Checks, SkuAudit
from deploy.audit.inventory.steps import rebuild
from deploy.audit.verdict import Check, Verdict

Record = Mapping[str, Any]
SOURCE = "inventory.events"
SETTLE_MS = 2000
GRACE_MS = 10_000


def audit(
    inputs: Collection[InputRecord],
    reservations: Collection[Record],
    availability: Collection[Record],
    alerts: Collection[Record],
    dead_letters: Iterable[Record],
    policies: Iterable[Record],
    costs: Iterable[Record],
    *,
    as_of: int | None = None,
    settle_ms: int = SETTLE_MS,
    grace_ms: int = GRACE_MS,
) -> Verdict:
    """Judge a job that has caught up with its input.

    The topics are given whole, each partition in the order of its offsets, times in epoch ms.
    as_of: the moment of the audit (epoch ms); a reservation that should have expired `grace_ms`
        before it and did not is a violation. None leaves that unjudged.
    settle_ms: how long a change of policy or cost may take to reach the job.
    """
    checks = Checks()
    letters = [letter for letter in dead_letters if letter["source_topic"] == SOURCE]
    dead = {(letter["source_partition"], letter["source_offset"]) for letter in letters}
    taken = sort_out(inputs, dead)
    _audit_dead_letters(letters, taken, checks.dead_letters)

    known_policies, known_costs = Policies(policies, settle_ms), Costs(costs, settle_ms)
    steps = rebuild(reservations, availability, alerts, checks.answered, checks.sequences)
    placements = unjudged = events = wake_ups = 0
    for sku in sorted(steps.keys() | taken.events.keys()):
        sku_audit = SkuAudit(sku, taken.events.get(sku, []), known_policies, known_costs, checks)
        for step in steps.get(sku, []):
            sku_audit.take(step)
        sku_audit.finish(None if as_of is None else as_of - grace_ms)
        placements += sku_audit.stock.placements
        unjudged += sku_audit.stock.unjudged
        events += len(taken.events.get(sku, []))
        wake_ups += sku_audit.wake_ups

    step_count = sum(len(of_sku) for of_sku in steps.values())
    checks.answered.figure = f"{events:,} events, {taken.repeats:,} repeats dropped"
    checks.order.figure = f"{len(steps):,} skus"
    checks.sequences.figure = f"{step_count:,} steps"
    for check in (checks.versions, checks.arithmetic, checks.stock):
        check.figure = f"{len(availability):,} records"
    checks.decisions.figure = f"{len(reservations):,} decisions, {placements:,} placements"
    checks.oversold.figure = f"{step_count:,} steps"
    checks.expiries.figure = f"{wake_ups:,} wake-ups"
    checks.alerts.figure = f"{len(alerts):,} alerts"
    checks.dead_letters.figure = f"{len(taken.invalid):,} invalid of {len(inputs):,} records"
    return Verdict("inventory", checks.all(), _notes(placements, unjudged, as_of))


def _notes(placements: int, unjudged: int, as_of: int | None) -> list[str]:
    notes = []
    if unjudged:
        notes.append(
            f"shipping costs changed during the run: {unjudged:,} of {placements:,} placements are "
            f"judged by stock alone, not by cost"
        )
    if as_of is None:
        notes.append("no time of audit was given: overdue reservations are not looked for")
    return notes


def _audit_dead_letters(letters: list[Record], taken: Inputs, check: Check) -> None:
    """Every invalid record is set aside once, as it came, and nothing else is."""
    seen: set[tuple[int, int]] = set()
    for letter in letters:
        at = (letter["source_partition"], letter["source_offset"])
        where = f"{SOURCE} partition {at[0]} offset {at[1]}"
        if at in seen:
            check.refute(f"{where}: is in dlq twice")
        seen.add(at)
        source = taken.invalid.get(at)
        if source is None:
            event = taken.valid.get(at)
            named = f"valid event {event['event_id']} of {event['sku']}" if event else "no record"
            check.refute(f"{where}: is in dlq ({letter['error_message']}), but there is {named}")
        elif (source.key, source.value) != (letter["record_key"], letter["record_value"]):
            check.refute(f"{where}: the dead letter's bytes are not the record's")
    for partition, offset in sorted(taken.invalid.keys() - seen):
        check.refute(f"{SOURCE} partition {partition} offset {offset}: invalid, but not in dlq")
