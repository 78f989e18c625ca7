"""A job that is restored at any point decides as one that never stopped."""

from collections.abc import Callable

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.decisions import DecisionHarness, Raw
from unit.inventory.stockroom import (
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

Step = Callable[[DecisionHarness], None]

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
def batch(draw) -> Step:
    """A batch of one of two buckets, with repeats and what does not decode."""
    sku = draw(st.sampled_from(SKUS))
    fresh = [{**event, "sku": sku} for event in draw(st.lists(events, min_size=1, max_size=4))]
    if draw(st.booleans()):
        fresh += [fresh[0], Raw(b"?", b"mug", NOON)]
    return lambda harness: harness.send(*fresh, bucket=SKUS.index(sku))


@st.composite
def policy(draw) -> Step:
    fields = {"reservation_timeout_s": draw(st.sampled_from([60, 900]))}
    sku, point = draw(st.sampled_from(["mug", "*"])), draw(st.integers(0, 2))
    said = {"event_id": "p", "event_time": 1, "sku": sku, "reorder_point": point, **fields}
    return lambda harness: harness.refer(POLICIES, said)


def event_time(time: int) -> Step:
    return lambda harness: harness.watermark(time)


steps = st.lists(
    st.one_of(batch(), batch(), batch(), policy(), TIMES.map(event_time)), min_size=3, max_size=10
)


def outcome(taken: list[Step], restored_before: frozenset[int], awaited: dict) -> tuple:
    """What is emitted, and which entities and children are stored, after all that was to come."""
    harness = DecisionHarness(INVENTORY, NOON, awaited=awaited)
    for number, step in enumerate(taken):
        if number in restored_before:
            reached = harness.flink.current_watermark
            harness.restore()
            harness.flink.watermark(reached)  # the backlog brings it back
        step(harness)
        harness.wait(seconds(1))
    harness.watermark(NOON + hours(1))
    states = [harness.flink.state(name, b) for name in ("entities", "children") for b in (0, 1)]
    return harness.outputs, states


@given(
    taken=steps,
    restored_before=st.frozensets(st.integers(0, 9), min_size=1),
    last_awaited=st.sampled_from([None, 0, 1]),
)
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_a_restore_at_any_point_changes_no_output(taken, restored_before, last_awaited):
    awaited = {} if last_awaited is None else {(POLICIES, 0): last_awaited}

    assert outcome(taken, restored_before, awaited) == outcome(taken, frozenset(), awaited)
