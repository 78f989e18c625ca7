"""The independent fold of the clickstream job's log: every click is counted once, or told as late.

It knows the contract alone: panes of 10 seconds of event time, demand over 1 minute, 5 minutes and
an hour of them, and that a click counts unless it is in clickstream.late.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from typing import Any, Final

from deploy.audit.log import Entry
from deploy.audit.verdict import Check, Invariants, Verdict

JOB: Final = "clickstream"
CLICKS: Final = "clickstream.events"
LATE: Final = "clickstream.late"
DEMAND: Final = "features.product-demand"
TOPICS: Final = (CLICKS, LATE, DEMAND)

PANE_MS: Final = 10_000
SPANS_MS: Final = {"1m": 60_000, "5m": 300_000, "1h": 3_600_000}
TOLD_FOR_MS: Final = 300_000
"""A sku's demand is told for so long after its last pane."""
LATENESS_MS: Final = 5_000
"""What is not further behind its partition than this is never late by its own partition."""
COUNTED: Final = {"PAGE_VIEW": "views", "ADD_TO_CART": "carts", "PURCHASE": "purchases"}

Record = Mapping[str, Any]
Panes = dict[tuple[str, str], Counter[int]]


class Checks(Invariants):
    """What the clickstream job promises, a check each."""

    def __init__(self) -> None:
        self.demand = Check("every click that came in time is counted once")
        self.told = Check("demand is told for every 10 seconds, once")
        self.late = Check("late clicks are told once each, and no others")
        self.counters = Check("late clicks are numbered without a gap")
        self.complete = Check("the job has counted to the end")


class Clicks:
    """The clicks of the log, sorted out by what the job told as late.

    panes: how many of them surely count, by (count, sku) and the end of their pane (epoch ms).
    open_panes: those that may or may not count, likewise: a click that came too late by its own
    partition, after a restart. SQL then has forgotten how far event time was, so it is not told as
    late, but its pane may be closed.
    """

    def __init__(self, clicks: Iterable[Entry], told_late: Counter[str]) -> None:
        self.copies: Counter[str] = Counter()
        self.last_ms = 0
        records: dict[str, Record] = {}
        behind: set[str] = set()
        newest: defaultdict[int, int] = defaultdict(int)
        for entry in sorted(clicks, key=lambda e: (e.partition, e.offset)):
            if entry.record is None:
                continue
            event_id, event_time = entry.record["event_id"], entry.record["event_time"]
            self.copies[event_id] += 1
            records.setdefault(event_id, entry.record)
            if event_time <= newest[entry.partition] - LATENESS_MS:
                behind.add(event_id)
            newest[entry.partition] = max(newest[entry.partition], event_time)
            if entry.record["event_type"] in COUNTED:
                self.last_ms = max(self.last_ms, event_time)
        self.panes: Panes = defaultdict(Counter)
        self.open_panes: Panes = defaultdict(Counter)
        self.untold = 0
        for event_id, record in records.items():
            count = COUNTED.get(record["event_type"])
            if (
                count is None
                or record["sku"] is None
                or told_late[event_id] >= self.copies[event_id]
            ):
                continue
            is_open = event_id in behind
            self.untold += is_open
            panes = self.open_panes if is_open else self.panes
            panes[count, record["sku"]][pane_end(record["event_time"])] += 1

    @property
    def skus(self) -> set[str]:
        return {sku for _, sku in self.panes}


def pane_end(event_time: int) -> int:
    """The end (epoch ms) of the pane that a click of this time belongs to."""
    return event_time // PANE_MS * PANE_MS + PANE_MS


def audit(entries: Collection[Entry]) -> Verdict:
    """Judge a job that has caught up with its input.

    entries: the records of `TOPICS`, each partition whole. The job counts up to where event time
    is: clicks of panes that no demand was told of yet are a violation, so let time go on after the
    last of them.
    """
    checks = Checks()
    late = _records(entries, LATE)
    told_late = Counter(record["event_id"] for record in late)
    clicks = Clicks((e for e in entries if e.topic == CLICKS), told_late)
    demand = _records(entries, DEMAND)
    _audit_late(late, told_late, clicks, checks)
    _audit_demand(demand, clicks, checks)
    notes = []
    if clicks.untold:
        notes.append(
            f"{clicks.untold:,} clicks that came too late were not told as late, which SQL cannot "
            "do in the moment after a restart; counted or not, both are accepted of them"
        )
    return Verdict(JOB, checks.all(), notes)


def _audit_late(
    late: Collection[Record], told: Counter[str], clicks: Clicks, checks: Checks
) -> None:
    for event_id, times in told.items():
        if times > clicks.copies[event_id]:
            checks.late.refute(
                f"{event_id}: is told {times} times, and came {clicks.copies[event_id]} times"
            )
    numbers: defaultdict[str, list[int]] = defaultdict(list)
    for record in late:
        numbers[record["event_type"]].append(record["late_events"])
    for event_type, found in numbers.items():
        if sorted(found) != list(range(1, len(found) + 1)):
            checks.counters.refute(
                f"{event_type}: expected the numbers 1 to {len(found)}, came {sorted(found)[:20]}"
            )
    checks.late.figure = checks.counters.figure = f"{len(late):,} late clicks"


def _audit_demand(demand: Collection[Record], clicks: Clicks, checks: Checks) -> None:
    told = {(record["sku"], record["window_end"]): record for record in demand}
    if len(told) != len(demand):
        checks.told.refute(f"{len(demand) - len(told)} records tell what others told before")
    told_until = max((record["window_end"] for record in demand), default=0)
    for sku in sorted(clicks.skus):
        for missing in sorted(_ends(sku, clicks, told_until) - {w for s, w in told if s == sku}):
            checks.told.refute(f"{sku}: nothing is told of the 10 seconds that end at {missing}")
    for (sku, end), record in sorted(told.items()):
        for name in COUNTED.values():
            for span, length_ms in SPANS_MS.items():
                came = record[f"{name}_{span}"]
                sure = _sum(clicks.panes[name, sku], end, length_ms)
                most = sure + _sum(clicks.open_panes[name, sku], end, length_ms)
                if not sure <= came <= most:
                    checks.demand.refute(
                        f"{sku} at {end}: {name}_{span} is {came}, expected {sure} to {most}"
                    )
    counted = sum(panes.total() for panes in clicks.panes.values())
    checks.demand.figure = f"{counted:,} views, carts and purchases"
    checks.told.figure = f"{len(demand):,} records of {len(clicks.skus):,} skus"
    checks.complete.figure = f"{clicks.copies.total():,} records of clicks"
    if told_until < clicks.last_ms:
        checks.complete.refute(
            f"demand is told until {told_until}, and the last click is of {clicks.last_ms}"
        )


def _ends(sku: str, clicks: Clicks, until: int) -> set[int]:
    """The ends of the windows that must be told of a sku, up to `until`."""
    panes = {end for name in COUNTED.values() for end in clicks.panes[name, sku]}
    ends = {e + ahead for e in panes for ahead in range(0, TOLD_FOR_MS + PANE_MS, PANE_MS)}
    return {end for end in ends if end <= until}


def _sum(panes: Counter[int], end: int, length_ms: int) -> int:
    return sum(count for pane, count in panes.items() if end - length_ms < pane <= end)


def _records(entries: Iterable[Entry], name: str) -> list[Record]:
    return [e.record for e in entries if e.topic == name and e.record is not None]
