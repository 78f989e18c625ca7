"""The fold of the clickstream job's log, on logs that hold and on logs that do not."""

from collections import Counter
from typing import Any

import pytest

from deploy.audit.clickstream import audit
from deploy.audit.clickstream.fold import CLICKS, COUNTED, DEMAND, LATE, SPANS_MS
from deploy.audit.log import Entry
from deploy.audit.verdict import Verdict

T0 = 1_800_000_000_000  # the beginning of a pane
KINDS = ("PAGE_VIEW", "PAGE_VIEW", "ADD_TO_CART", "PURCHASE", "HOVER")

Record = dict[str, Any]


class Log:
    """Clicks of one sku, a second apart, and what a job would tell of them."""

    def __init__(self) -> None:
        self.clicks = [
            {
                "event_id": f"k{number}",
                "event_time": T0 + number * 1000,
                "event_type": KINDS[number % 5],
                "sku": "mug",
            }
            for number in range(60)
        ]
        self.late: list[Record] = []
        self.demand = [self._told(T0 + 10_000 * pane) for pane in range(1, 8)]

    def _told(self, end: int) -> Record:
        record: Record = {"event_id": f"mug|{end}", "sku": "mug", "window_end": end}
        for span, length in SPANS_MS.items():
            seen = Counter(
                COUNTED.get(click["event_type"])
                for click in self.clicks
                if end - length <= click["event_time"] < end
            )
            record |= {f"{name}_{span}": seen[name] for name in COUNTED.values()}
        return record

    def tell_late(self, click: Record, number: int = 1) -> None:
        fields = ("event_id", "event_time", "event_type", "sku")
        self.late.append({name: click[name] for name in fields} | {"late_events": number})

    def audited(self) -> Verdict:
        found = {CLICKS: self.clicks, LATE: self.late, DEMAND: self.demand}
        return audit(
            [
                Entry(topic, 0, offset, None, b"", record)
                for topic, records in found.items()
                for offset, record in enumerate(records)
            ]
        )


@pytest.fixture
def log() -> Log:
    return Log()


def failing(verdict: Verdict) -> set[str]:
    return {check.name for check in verdict.checks if not check.ok}


def test_a_log_in_which_every_click_is_counted_once_holds(log: Log) -> None:
    verdict = log.audited()

    assert verdict.ok, str(verdict)
    assert verdict.check("every click that came in time is counted once").figure.startswith("48 ")


def test_a_repeated_click_counts_once(log: Log) -> None:
    log.clicks.append(log.clicks[58])
    assert log.audited().ok


def test_a_late_click_is_told_and_not_counted(log: Log) -> None:
    stray = {"event_id": "old", "event_time": T0 + 5, "event_type": "PAGE_VIEW", "sku": "mug"}
    log.clicks.append(stray)
    log.tell_late(stray)

    verdict = log.audited()
    assert verdict.ok, str(verdict)
    assert not verdict.notes


def test_a_click_that_came_far_too_late_and_was_not_told_is_noted(log: Log) -> None:
    log.clicks.append(
        {"event_id": "old", "event_time": T0 + 5, "event_type": "PAGE_VIEW", "sku": "mug"}
    )
    verdict = log.audited()

    assert verdict.ok, str(verdict)
    assert "1 clicks that came too late" in verdict.notes[0]


def test_a_lost_click_is_found(log: Log) -> None:
    log.clicks.append({**log.clicks[57], "event_id": "lost"})
    assert failing(log.audited()) == {"every click that came in time is counted once"}


def test_a_click_that_counted_twice_is_found(log: Log) -> None:
    for record in log.demand:
        record["carts_1h"] += 1
    assert failing(log.audited()) == {"every click that came in time is counted once"}


def test_demand_that_is_not_told_or_told_twice_is_found(log: Log) -> None:
    told = "demand is told for every 10 seconds, once"
    log.demand.append(log.demand[3])
    assert failing(log.audited()) == {told}
    del log.demand[3], log.demand[-1]
    assert failing(log.audited()) == {told}


def test_clicks_after_the_last_that_was_told_of_are_not_counted_to_the_end(log: Log) -> None:
    del log.demand[4:]
    assert failing(log.audited()) == {"the job has counted to the end"}


def test_a_late_click_that_is_told_twice_or_never_came_is_found(log: Log) -> None:
    log.tell_late(log.clicks[4], 1)
    log.tell_late(log.clicks[4], 2)
    log.tell_late({**log.clicks[4], "event_id": "never"}, 3)
    verdict = log.audited()
    assert verdict.check("late clicks are told once each, and no others").failures == 2


def test_a_gap_in_the_numbers_of_late_clicks_is_found(log: Log) -> None:
    log.tell_late(log.clicks[4], 2)
    assert failing(log.audited()) == {"late clicks are numbered without a gap"}
