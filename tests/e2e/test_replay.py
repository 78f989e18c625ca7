"""The last minutes of a simulated shop again: equal, and with another weight exactly as it says.

Takes about five minutes: a stack, three jobs, a shop of 20 s, three replays.
"""

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support.live_topics import LiveTopics

from connectors.kafka import admin, existing_partitions
from connectors.settings import settings
from deploy.stack.temporary import LocalStack

JOBS = ("inventory", "fraud", "orders")
RULE, WEIGHT = "ip-country", 50
STRENGTH = {8: 0.3, 25: 1.0}  # of the rule, by the points that it gave with its weight of 25
LOWEST = {"APPROVE": 0, "STEP_UP": 31, "REVIEW": 61, "DECLINE": 86}
HABITS = {"velocity", "amount-deviation", "new-device", "new-shipping-country", "odd-hours"}
QUIET_S, SETTLED_S = 6.0, 10
# What jobs import is imported once, not by two TaskManagers.
STACK = {"taskmanagers": 1, "taskmanager_slots": 12}

Record = dict[str, Any]


@pytest.fixture(scope="module")
def decided(stack: LocalStack) -> Iterator[dict[str, Record]]:
    """The decisions of a shop that has closed, by decision_id."""
    stack.demand("submit", *JOBS, "--wait")
    stack.demand("simulate", "--seconds", "20")
    log = LiveTopics(["fraud.decisions", "orders.lifecycle", "inventory.reservations", "dlq"])
    changed = time.monotonic()
    before = 0

    def is_quiet() -> bool:
        nonlocal before, changed
        count = sum(map(len, log.seen.values()))
        if count != before:
            before, changed = count, time.monotonic()
        return bool(count) and time.monotonic() - changed > QUIET_S

    log.wait_for(is_quiet, "all to be decided")
    yield {decision["decision_id"]: decision for decision in log.seen["fraud.decisions"]}
    log.close()


def replayed(stack: LocalStack, folder: Path, job: str, *options: str) -> Record:
    report = folder / f"{job}.json"
    settled = ("--from", "-1h", "--to", f"-{SETTLED_S}s")
    done = stack.run("replay", job, *settled, "--json", str(report), *options)
    assert report.exists(), done.stderr
    found: Record = json.loads(report.read_text())
    assert done.returncode == 0, done.stdout
    return found


def test_the_last_hour_is_decided_again_as_it_was(
    stack: LocalStack, decided: dict[str, Record], tmp_path: Path
):
    found = replayed(stack, tmp_path, "fraud")
    assert found["differences"] == 0
    counted = found["topics"]["fraud.decisions"]
    assert counted["then"] == counted["now"] == counted["equal"] == len(decided) > 0


@pytest.mark.usefixtures("decided")
@pytest.mark.parametrize("job", ["inventory", "orders"])
def test_so_is_what_became_of_stock_and_orders(stack: LocalStack, tmp_path: Path, job: str):
    assert replayed(stack, tmp_path, job)["differences"] == 0


def test_another_weight_changes_the_bands_that_it_must_and_no_others(
    stack: LocalStack, decided: dict[str, Record], tmp_path: Path
):
    found = replayed(stack, tmp_path, "fraud", "--set", f"fraud.rules/{RULE}.weight={WEIGHT}")
    changed = {
        one["then"]["decision_id"]: one["fields"]["band"][1]
        for one in found["topics"]["fraud.decisions"]["different"]
        if "band" in one["fields"]
    }
    expected = {
        name: band
        for name, decision in decided.items()
        if (band := band_by_other_weight(decision)) != decision["band"]
    }
    assert expected, "the shop had nobody whom the weight concerns"
    assert changed == expected
    assert not found["topics"]["fraud.decisions"]["missing"]
    assert not found["topics"]["fraud.decisions"]["added"]


def band_by_other_weight(decision: Record) -> str:
    """The band that the recorded points give when those of `RULE` weigh `WEIGHT`."""
    points = {reason["rule_id"]: reason["points"] for reason in decision["reasons"]}
    if RULE in points:
        points[RULE] = round(WEIGHT * STRENGTH[points[RULE]])
    habit = sum(added for rule, added in points.items() if rule in HABITS)
    score = min(99, min(75, habit) + sum(points.values()) - habit)
    return [band for band, lowest in LOWEST.items() if score >= lowest][-1]


def test_a_replay_leaves_nothing_behind(stack: LocalStack, decided: dict[str, Record]):
    assert decided
    bootstrap = settings().kafka_bootstrap
    topics = existing_partitions(admin(bootstrap), bootstrap)
    assert not [name for name in topics if name.startswith("shadow.")]
    running = json.loads(stack.run("jobs", "--json").stdout)
    assert {job["name"] for job in running} == set(JOBS)


def test_a_timeline_tells_an_order_in_order_with_its_reasons(
    stack: LocalStack, decided: dict[str, Record]
):
    decision = max(decided.values(), key=lambda one: one["score"])
    told = stack.demand("timeline", "order", decision["order_id"], "--json")
    found = json.loads(told.stdout)

    topics = [event["topic"] for event in found["events"]]
    assert topics[0] == "orders.initiated"
    assert {"fraud.decisions", "orders.lifecycle"} <= set(topics)
    times = [event["time"] for event in found["events"]]
    assert times == sorted(times)
    told_why = {event["topic"]: event["why"] for event in found["events"]}
    for reason in decision["reasons"]:
        assert f"{reason['rule_id']} {reason['points']}" in told_why["fraud.decisions"]
    assert found["state"]["fraud"].startswith(decision["band"])


def test_the_stock_of_a_sku_is_folded_to_what_was_told(
    stack: LocalStack, decided: dict[str, Record]
):
    assert decided
    consumed = stack.demand("consume", "inventory.availability", "--from-beginning", "--max", "1")
    sku = json.loads(consumed.stdout.splitlines()[0])["sku"]
    state = json.loads(stack.demand("timeline", "sku", sku, "--json").stdout)["state"]
    folded = {name: units["available"] for name, units in state["stock"].items()}
    assert folded == state["available, as told"]


def test_what_the_log_does_not_name_is_refused(stack: LocalStack):
    done = stack.run("timeline", "customer", "nobody-of-that-name")
    assert done.returncode == 1
    assert "expected a customer that the log names" in done.stderr


def test_a_change_of_what_is_not_there_is_refused_before_anything_runs(stack: LocalStack):
    done = stack.run("replay", "fraud", "--from", "-1h", "--set", "fraud.rules/speed.weight=1")
    assert done.returncode == 1
    assert "expected a record of fraud.rules, such as amount-deviation" in done.stderr
