"""What the rules make of a day is right; then each time one thing is wrong with it: it is named."""

from collections import Counter
from collections.abc import Callable

import pytest
from support.price_desk import (
    NOON,
    Desk,
    Record,
    competitor,
    demand,
    event,
    everyone,
    hours,
    minutes,
    policy,
    promotion,
    topic_of,
)

from deploy.audit.log import Entry
from deploy.audit.pricing import audit
from deploy.audit.pricing.fold import Checks
from deploy.audit.pricing.log import Priced
from deploy.audit.verdict import Verdict

START = NOON + hours(1)
Log = list[tuple[str, Record]]


def day() -> Log:
    """A surge, a rival, a promotion of the sku and one of its category, a dearer cost."""
    log: Log = []
    desk = Desk()
    desk.refer(everyone(cooldown_s=120))
    for record in (
        everyone(cooldown_s=120, base_minor=None, max_step_pct=None),
        policy(category="cups", cooldown_s=None),
        promotion("sale", START, START + minutes(5)),
        promotion("cups", START + minutes(1), START + minutes(9), category="cups"),
        demand(3, NOON + minutes(10)),
        competitor(900, NOON + minutes(20)),
        policy(at=NOON + minutes(40), category="cups", version=2, cost_minor=1_000),
    ):
        log.append((topic_of(record), record))
        desk.send(record)
    desk.advance(NOON + hours(5))
    outputs = [
        (topic, {"event_time": NOON, "event_id": "x"} | record)
        for topic, record in desk.driver.outputs
        if topic != "pricing.promotion-notices"
    ]
    who = {"experiment_id": "e1", "arm_id": "a"}
    signals = [
        event(NOON, signal="EXPOSED", revenue_minor=0, **who),
        event(NOON, signal="PURCHASED", revenue_minor=700, **who),
    ]
    arms = [{"arm_id": "a", "visitors": 1, "revenue_minor": 700}]
    log += [*outputs, *(("pricing.experiment-signals", signal) for signal in signals)]
    log.append(
        ("pricing.policies", everyone(at=NOON + hours(5), max_step_pct=None, cooldown_s=120))
    )
    log.append(("pricing.experiment-results", event(NOON, experiment_id="e1", arms=arms)))
    return log


def entries(log: Log) -> list[Entry]:
    offsets: Counter[str] = Counter()
    found = []
    for topic, record in log:
        found.append(Entry(topic, 0, offsets[topic], b"k", b"v", record))
        offsets[topic] += 1
    return found


def judged(log: Log) -> Verdict:
    return audit(entries(log))


def edit(log: Log, topic: str, number: int, **fields) -> None:
    """Change fields of the topic's record of that number, counted from 0."""
    _, record = [entry for entry in log if entry[0] == topic][number]
    record.update(fields)


def drop(log: Log, topic: str, number: int) -> None:
    log.remove([entry for entry in log if entry[0] == topic][number])


def again(log: Log, topic: str, number: int) -> None:
    log.append([entry for entry in log if entry[0] == topic][number])


CHANGES, INVALIDATIONS = "pricing.changes", "pricing.cache-invalidations"
RESULTS = "pricing.experiment-results"


def test_a_day_of_the_rules_holds_and_was_looked_at():
    log = day()
    verdict = judged(log)
    assert verdict.ok, str(verdict)
    figures = [check.figure for check in verdict.checks]
    count = sum(topic == CHANGES for topic, _ in log)
    assert figures[0] == f"{count} changes of 1 skus"
    assert figures[4] == "4 starts and ends"
    assert int(figures[3].split()[0]) >= 5


def test_an_empty_log_holds():
    assert judged([]).ok


@pytest.mark.parametrize(
    ("wrong", "broken"),
    [
        (lambda log: edit(log, CHANGES, 2, old_minor=999), {"numbered"}),
        (lambda log: edit(log, CHANGES, 2, event_time=NOON - 1), {"numbered", "stepped"}),
        (lambda log: edit(log, CHANGES, 2, reasons=[]), {"numbered"}),
        (lambda log: drop(log, INVALIDATIONS, 1), {"invalidated"}),
        (lambda log: again(log, INVALIDATIONS, 1), {"invalidated"}),
        (lambda log: edit(log, CHANGES, 0, regular_minor=799), {"bounded", "stepped"}),
        (lambda log: edit(log, CHANGES, 1, regular_minor=1_051), {"stepped"}),
        (lambda log: edit(log, CHANGES, 2, event_time=NOON + minutes(11)), {"stepped"}),
        (lambda log: edit(log, RESULTS, 0, arms=[]), set()),
        (
            lambda log: edit(
                log, RESULTS, 0, arms=[{"arm_id": "a", "visitors": 2, "revenue_minor": 700}]
            ),
            {"added_up"},
        ),
        (lambda log: drop(log, RESULTS, 0), {"added_up"}),
    ],
)
def test_what_is_wrong_is_named(wrong: Callable[[Log], None], broken: set[str]):
    log = day()
    wrong(log)
    verdict = judged(log)
    found = {check.name for check in verdict.checks if not check.ok}
    names = vars(Checks())
    assert found == {names[name].name for name in broken}, str(verdict)


def test_a_promotion_that_starts_a_millisecond_late_is_named():
    log = day()
    for _, record in log:
        if record.get("event_time") == START and "change_id" in record:
            record["event_time"] += 1
    (check,) = [check for check in judged(log).checks if not check.ok]
    assert check.violations == [f"sku mug: promotion sale has no PROMOTION_STARTED at {START}"]


def test_nothing_is_owed_of_a_policy_that_was_set_aside():
    log = day()
    impossible = policy(at=NOON + minutes(1), version=9, sku="pan", category="cups")
    log.append(("pricing.policies", impossible))
    assert not judged(log).ok, "the pan has no price and no promotion"
    letter = {"source_topic": "pricing.policies", "source_partition": 0, "source_offset": 4}
    log.append(("dlq", letter | {"job": "pricing", "event_time": NOON}))
    assert judged(log).ok


def test_a_log_is_complete_when_every_sku_with_a_policy_has_a_price_or_a_dead_letter():
    priced = Priced()
    log = entries(day())
    for entry in log:
        if entry.topic == "pricing.policies":
            priced.take(entry)
    assert not priced.complete
    for entry in log:
        priced.take(entry)
    assert priced.complete
