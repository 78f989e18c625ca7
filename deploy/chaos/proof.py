"""What a run with faults has to prove beyond what the audits of the domains prove."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from typing import Final

from deploy.audit.log import Entry
from deploy.audit.verdict import Check, Invariants, Verdict
from deploy.chaos.recovery import AIM_S, Recovered
from deploy.chaos.watch import Partition, Seen

REPEATING: Final = frozenset(
    {
        "fraud.decisions",
        "fraud.alerts",
        "fraud.signals",
        "fraud.judgements",
        "fraud.rule-performance",
        "features.session",
        "clickstream.late",
        "dlq",
    }
)
"""Topics whose event_ids may come again: written at least once, or named by a cause that may."""
COMPACTED: Final = frozenset({"inventory.availability", "features.session"})


class Checks(Invariants):
    """What is to be proved, in the order in which it is told."""

    def __init__(self, expected: int, limit_s: float) -> None:
        self.events = Check(f"at least {expected:,} events were sent")
        self.faults = Check("as many faults as planned were inflicted")
        self.recovery = Check(f"all went on within {limit_s:.0f} s after every fault")
        self.outages = Check("transactions outlast the longest outage")
        self.twice = Check("what is written in transactions is there once")
        self.reader = Check("a concurrent reader saw what the log holds: all, once, in its order")


def prove(
    expected: int,
    events: int,
    planned: int,
    faults: Collection[Recovered],
    limit_s: float,
    transaction_timeout_s: float,
    seen: Mapping[Partition, list[Seen]],
    log: Iterable[Entry],
) -> Verdict:
    """Judge a run.

    expected: how many `events` there had to be at least.
    limit_s: how long a recovery was waited for.
    seen: what a reader of committed records saw, from before the first record until after `log` was
    read, which is the same topics whole.
    """
    checks = Checks(expected, limit_s)
    checks.events.figure = f"{events:,} events"
    if events < expected:
        checks.events.refute(f"only {events:,} were sent: a longer run is needed")
    checks.faults.figure = f"{len(faults)} faults"
    if len(faults) < planned:
        checks.faults.refute(f"{planned} were planned")
    _judge_recovery(faults, checks.recovery)
    longest = max((fault.outage_s + (fault.recovery_s or limit_s) for fault in faults), default=0)
    checks.outages.figure = f"{longest:.0f} s of {transaction_timeout_s:.0f} s"
    if longest >= transaction_timeout_s:
        checks.outages.refute(f"outputs were open for {longest:.0f} s")
    _compare(seen, _by_partition(log), checks)
    return Verdict("chaos", checks.all())


def _judge_recovery(faults: Collection[Recovered], check: Check) -> None:
    times = sorted(fault.recovery_s for fault in faults if fault.recovery_s is not None)
    if times:
        quick = sum(time <= AIM_S for time in times)
        check.figure = (
            f"median {times[len(times) // 2]:.0f} s, longest {times[-1]:.0f} s; {quick} of "
            f"{len(faults)} within {AIM_S:.0f} s"
        )
    for fault in faults:
        if not fault.ok:
            check.refute(f"{fault.fault}: {fault.missing}")


def _compare(
    seen: Mapping[Partition, list[Seen]], log: Mapping[Partition, list[Seen]], checks: Checks
) -> None:
    for name in sorted({topic for topic, _ in log} - REPEATING):
        ids = Counter(
            event_id for place, found in log.items() if place[0] == name for _, event_id in found
        )
        for event_id, times in ids.items():
            if times > 1:
                checks.twice.refute(f"{name}: {event_id} is there {times} times")
    for place in sorted(seen.keys() | log.keys()):
        there = log.get(place, [])
        end = there[-1][0] if there else -1
        came = [record for record in seen.get(place, []) if record[0] <= end]
        if place[0] in COMPACTED:
            kept = set(there)
            came = [record for record in came if record in kept]
        if came != there:
            checks.reader.refute(f"{place[0]} partition {place[1]}: {_difference(came, there)}")
    checks.twice.figure = f"{sum(map(len, log.values())):,} records"
    checks.reader.figure = f"{sum(map(len, seen.values())):,} records in {len(seen)} partitions"


def _difference(came: list[Seen], there: list[Seen]) -> str:
    missed, extra = set(there) - set(came), set(came) - set(there)
    if missed or extra:
        return f"{len(missed):,} were never read, {len(extra):,} were read and are not there"
    return "what was read came twice, or in another order"


def _by_partition(log: Iterable[Entry]) -> dict[Partition, list[Seen]]:
    found: dict[Partition, list[Seen]] = {}
    for entry in log:
        event_id = entry.record["event_id"] if entry.record else ""
        found.setdefault((entry.topic, entry.partition), []).append((entry.offset, event_id))
    return found
