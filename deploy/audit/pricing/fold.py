"""The independent fold of the pricing job's log: it proves or refutes what the job promises."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from typing import Any, Final

from deploy.audit.log import Entry
from deploy.audit.pricing.history import Policies, audit_guardrails, audit_numbers
from deploy.audit.pricing.promotions import audit_promotions
from deploy.audit.verdict import Check, Invariants, Verdict

Record = Mapping[str, Any]
JOB: Final = "pricing"
PARTS: Final = (JOB, "pricing-exposures", "pricing-experiments")

POLICIES: Final = "pricing.policies"
PROMOTIONS: Final = "pricing.promotions"
CHANGES: Final = "pricing.changes"
INVALIDATIONS: Final = "pricing.cache-invalidations"
SIGNALS: Final = "pricing.experiment-signals"
RESULTS: Final = "pricing.experiment-results"
INPUTS: Final = (POLICIES, PROMOTIONS)
OUTPUTS: Final = (CHANGES, INVALIDATIONS, SIGNALS, RESULTS, "dlq")
TOPICS: Final = (*INPUTS, *OUTPUTS)

SETTLING_MS: Final = 60_000
"""How far the log must reach beyond a signal for a result that counts it to be owed."""


class Checks(Invariants):
    """The invariants of a price, in the order in which they are told."""

    def __init__(self) -> None:
        self.numbered = Check("a sku's changes are numbered, each from the one before it")
        self.invalidated = Check("every change has exactly one cache invalidation")
        self.bounded = Check("no price is below floor or cost, or above the ceiling")
        self.stepped = Check("no price moves too far or too soon after the last move")
        self.on_time = Check("promotions start and end on their millisecond")
        self.added_up = Check("experiment results are what their signals add up to")


def audit(entries: Collection[Entry]) -> Verdict:
    """Judge a job that has caught up with its input.

    entries: the records of `TOPICS`, each partition whole and in the order of its offsets.
    """
    checks = Checks()
    records = _by_topic(entries)
    changes: dict[str, list[Record]] = {}
    for change in records[CHANGES]:
        changes.setdefault(change["sku"], []).append(change)
    policies = Policies(records[POLICIES])
    moves = 0
    for sku, history in changes.items():
        audit_numbers(sku, history, checks.numbered)
        moves += audit_guardrails(sku, history, policies, checks.bounded, checks.stepped)
    _audit_invalidations(records[CHANGES], records[INVALIDATIONS], checks.invalidated)
    told = (record for name, of in records.items() if name != "dlq" for record in of)
    horizon = max((record["event_time"] for record in told), default=0)
    audit_promotions(records[PROMOTIONS], policies, changes, horizon, checks.on_time)
    _audit_results(records[SIGNALS], records[RESULTS], horizon, checks.added_up)
    count = len(records[CHANGES])
    checks.numbered.figure = f"{count:,} changes of {len(changes):,} skus"
    checks.stepped.figure = f"{moves:,} moves"
    checks.bounded.figure = f"{count:,} prices"
    return Verdict(JOB, checks.all())


def _by_topic(entries: Collection[Entry]) -> dict[str, list[Record]]:
    """The records that the job had to take over: not those that it set aside in the dlq."""
    dead = {
        (letter["source_topic"], letter["source_partition"], letter["source_offset"])
        for letter in (entry.record for entry in entries if entry.topic == "dlq")
        if letter is not None and letter["job"] in PARTS
    }
    records: dict[str, list[Record]] = {name: [] for name in TOPICS}
    for topic, partition, offset, _, _, record in entries:
        if record is not None and topic in records and (topic, partition, offset) not in dead:
            records[topic].append(record)
    return records


def _audit_invalidations(
    changes: Iterable[Record], invalidations: Iterable[Record], check: Check
) -> None:
    told = Counter((one["sku"], one["change_id"]) for one in invalidations)
    made = Counter((one["sku"], one["change_id"]) for one in changes)
    for sku, change_id in made.keys() | told.keys():
        changed, invalidated = made[sku, change_id], told[sku, change_id]
        if (changed, invalidated) != (1, 1):
            check.refute(
                f"sku {sku}: change {change_id} was made {changed} times and invalidates "
                f"{invalidated} times"
            )
    check.figure = f"{told.total():,} invalidations"


def _audit_results(
    signals: Collection[Record], results: Iterable[Record], horizon: int, check: Check
) -> None:
    """Of each experiment the last result; it may still be owed what came in the last minute."""
    visitors: Counter[tuple[str, str]] = Counter()
    revenue: Counter[tuple[str, str]] = Counter()
    last_at: dict[str, int] = {}
    for signal in signals:
        name, arm = signal["experiment_id"], signal["arm_id"]
        visitors[name, arm] += signal["signal"] == "EXPOSED"
        revenue[name, arm] += signal["revenue_minor"]
        last_at[name] = max(last_at.get(name, 0), signal["event_time"])
    latest = {result["experiment_id"]: result for result in results}
    for name, at in last_at.items():
        if name not in latest:
            if at + SETTLING_MS <= horizon:
                check.refute(f"experiment {name}: has signals and no result")
            continue
        for arm in latest[name]["arms"]:
            counted = arm["visitors"], arm["revenue_minor"]
            expected = visitors[name, arm["arm_id"]], revenue[name, arm["arm_id"]]
            is_owed = at + SETTLING_MS <= horizon
            if counted != expected and (is_owed or counted > expected):
                check.refute(
                    f"experiment {name}, arm {arm['arm_id']}: tells (visitors, revenue) {counted}, "
                    f"its signals add up to {expected}"
                )
    check.figure = f"{len(signals):,} signals of {len(last_at):,} experiments"
