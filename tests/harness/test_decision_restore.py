"""Any stream of records is decided as the rule alone would, and a restore changes nothing."""

from contextlib import suppress

import msgspec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.decisions import DecisionHarness, Raw
from support.rules import Record, RuleDriver
from support.stockroom import (
    NOON,
    adjusted,
    committed,
    hours,
    minutes,
    record,
    released,
    reserve,
    restocked,
    seconds,
    shipped,
)

from udfs.inventory.domain import INVENTORY
from udfs.inventory.events import POLICIES

Step = tuple  # its kind, and what belongs to it

SKUS = ("mug", "cup")
NAMES = ("r1", "r2", "r3")
TIMES = st.sampled_from([0, 1, 5, 14, 15, 16, 40]).map(lambda m: NOON + minutes(m))

events = st.one_of(
    st.builds(restocked, st.sampled_from(["berlin", "oslo"]), st.integers(1, 4), at=TIMES),
    st.builds(adjusted, st.just("berlin"), st.integers(-3, 1), at=TIMES),
    st.builds(reserve, st.sampled_from(NAMES), st.integers(1, 3), at=TIMES),
    *(st.builds(kind, st.sampled_from(NAMES), at=TIMES) for kind in (committed, released, shipped)),
    st.builds(record, st.just("STOLEN"), at=TIMES),
)


@st.composite
def batches(draw) -> Step:
    """A batch of one of two buckets, with repeats and what does not decode."""
    sku = draw(st.sampled_from(SKUS))
    records = [{**event, "sku": sku} for event in draw(st.lists(events, min_size=1, max_size=4))]
    if draw(st.booleans()):
        records += [records[0], Raw(b"?", b"mug", NOON)]
    return "batch", SKUS.index(sku), records


@st.composite
def policies(draw) -> Step:
    fields = {"reservation_timeout_s": draw(st.sampled_from([60, 900]))}
    sku, point = draw(st.sampled_from(["mug", "*"])), draw(st.integers(0, 2))
    return "policy", {
        "event_id": "p",
        "event_time": 1,
        "sku": sku,
        "reorder_point": point,
        **fields,
    }


def event_times() -> st.SearchStrategy[Step]:
    return TIMES.map(lambda time: ("event time", time))


steps = st.lists(
    st.one_of(batches(), batches(), batches(), policies(), event_times()), min_size=3, max_size=10
)


def take(harness: DecisionHarness, step: Step) -> None:
    match step:
        case "batch", bucket, records:
            harness.send(*records, bucket=bucket)
        case "policy", record:
            harness.refer(POLICIES, record)
        case "event time", time:
            harness.watermark(time)
    # Event time goes on: what is due at once is woken by the next watermark, whichever that is.
    harness.watermark(max(harness.flink.current_watermark, NOON) + 1)
    harness.wait(seconds(1))


def decided_by_the_rule_alone(taken: list[Step]) -> list[tuple[str, Record]]:
    """What the rule says to the same steps, one event at a time, without Flink."""
    driver = RuleDriver(INVENTORY)
    for step in taken:
        match step:
            case "batch", _, records:
                for event in (one for one in records if isinstance(one, dict)):
                    with suppress(msgspec.ValidationError):
                        driver.send(event)
            case "policy", policy:
                driver.refer(POLICIES, policy["sku"], policy)
            case "event time", time:
                driver.advance(time)
        driver.advance(max(driver.now, NOON) + 1)
    driver.advance(NOON + hours(1))
    return driver.outputs


def by_sku(outputs: list[tuple[str, Record]]) -> dict[str, list[tuple[str, Record]]]:
    """Each sku's records in their order, without what only the operator adds."""
    added = ("event_id", "event_time", "cause")
    return {
        sku: [
            (topic, {name: value for name, value in said.items() if name not in added})
            for topic, said in outputs
            if said["sku"] == sku
        ]
        for sku in SKUS
    }


def outcome(taken: list[Step], restored_before: frozenset[int], awaited: dict) -> tuple:
    """What is emitted, and which entities and children are stored, after all that was to come."""
    harness = DecisionHarness(INVENTORY, NOON, awaited=awaited)
    for number, step in enumerate(taken):
        if number in restored_before:
            reached = harness.flink.current_watermark
            harness.restore()
            harness.flink.watermark(reached)  # the backlog brings it back
        take(harness, step)
    harness.watermark(NOON + hours(1))
    states = [harness.flink.state(name, b) for name in ("entities", "children") for b in (0, 1)]
    return harness.outputs, states


@given(taken=steps)
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_a_stream_is_decided_as_the_rule_alone_would_decide_it(taken):
    outputs, _ = outcome(taken, frozenset(), {})
    said = [(topic, record) for topic, _, record in outputs if topic != "dlq"]

    assert by_sku(said) == by_sku(decided_by_the_rule_alone(taken))


@given(
    taken=steps,
    restored_before=st.frozensets(st.integers(0, 9), min_size=1),
    last_awaited=st.sampled_from([None, 0, 1]),
)
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_a_restore_at_any_point_changes_no_output(taken, restored_before, last_awaited):
    awaited = {} if last_awaited is None else {(POLICIES, 0): last_awaited}

    assert outcome(taken, restored_before, awaited) == outcome(taken, frozenset(), awaited)
