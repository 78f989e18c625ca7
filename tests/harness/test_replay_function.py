"""The operator in a replay: reference data and wake-ups as they were when an event came."""

from collections.abc import Sequence
from typing import Any

import pytest
from flinkharness import Harness
from pyflink.common import Row, Types
from support.counting_domain import COUNTING, command, policy
from support.decisions import WIRE, Raw, Record, ThreadModeContext, decoded, put_out, raw
from support.stockroom import NOON

from connectors.reading import RawRecord
from jobs.replay.function import ReplayFunction
from jobs.replay.plan import Effective, Plan, Woken
from jobs.runtime.streams import BATCH_TYPE, PACKED_ROWS_TYPE, REFERENCE_TYPE
from jobs.runtime.wakeups import Asked
from udfs.inventory.events import EVENTS, POLICIES

BUCKET = 7


class _Submitted(ReplayFunction):
    """The function as it is; the harness refuses to say which subtask it runs in thread mode."""

    def open(self, runtime_context: Any) -> None:
        super().open(ThreadModeContext(runtime_context, 0))


def known(since: int, value: Raw, offset: int) -> Effective:
    record = RawRecord(POLICIES, 0, offset, value.timestamp, value.key, value.value)
    return Effective(since, record)


def sent(
    *inputs: tuple[int, Raw],
    history: Sequence[Effective] = (),
    woken: Sequence[Asked] = (),
    known_from: int | None = NOON,
    is_changed: bool = False,
) -> Harness:
    """The harness after these inputs, each (when it arrived, record or wake-up).

    known_from: from when on `woken` are all wake-ups of then.
    """
    of_then = Woken([asked.name for asked in woken], known_from)
    plan = Plan("-", "-", 0, 0, list(history), {COUNTING.name: of_then}, is_changed)
    harness = Harness(
        _Submitted(COUNTING, WIRE, plan),
        key_type=Types.INT(),
        input_type=BATCH_TYPE,
        input_type2=REFERENCE_TYPE,
        output_type=PACKED_ROWS_TYPE,
        clock=NOON,
    )
    for offset, (arrived, one) in enumerate(inputs):
        topic = one.key.decode() if one.value == b"" else EVENTS
        fields = ([one.value], [one.key], [topic], [0], [offset], [one.timestamp])
        harness.send(Row(*fields, arrived), key=BUCKET)
    return harness


def said(harness: Harness) -> list[Record]:
    return [decoded(topic, value) for topic, _, value, _ in put_out(harness)]


def decided(history: list[Effective], times: list[int]) -> list[int]:
    """The policies by which events that arrived at these times are decided; -1 for none."""
    counted = [(at, raw(EVENTS, command("COUNT", NOON))) for at in times]
    return [record["sequence"] for record in said(sent(*counted, history=history))]


def wake_up(asked: Asked) -> Raw:
    """A wake-up of then as an input: of no topic, so it is told apart by its name."""
    return Raw(b"", asked.name.encode(), asked.wake_at)


def test_an_event_is_decided_by_what_held_when_it_came():
    history = [
        known(NOON, raw(POLICIES, policy(1)), 0),
        known(NOON + 10, raw(POLICIES, policy(2)), 1),
    ]
    assert decided(history, [NOON - 1, NOON, NOON + 9, NOON + 10, NOON + 99]) == [-1, 1, 1, 2, 2]


def test_a_late_event_does_not_bring_back_what_held_before():
    history = [
        known(NOON, raw(POLICIES, policy(1)), 0),
        known(NOON + 10, raw(POLICIES, policy(2)), 1),
    ]
    assert decided(history, [NOON + 10, NOON + 1]) == [2, 2]


def test_a_record_that_is_none_is_passed_over():
    history = [
        known(NOON, raw(POLICIES, policy(1)), 0),
        known(NOON + 10, Raw(b"?", b"mug", NOON + 10), 1),
    ]
    assert decided(history, [NOON + 20]) == [1]


def test_a_deleted_record_is_gone():
    history = [
        known(NOON, raw(POLICIES, policy(1)), 0),
        known(NOON + 10, Raw(None, b"mug", NOON + 10), 1),
    ]
    assert decided(history, [NOON + 20]) == [-1]


ASKING = (NOON, raw(EVENTS, command("WAKE", NOON, quantity=5000)))
COUNT = (NOON, raw(EVENTS, command("COUNT", NOON + 9000)))
ASKED = Asked(NOON + 5000, "mug", None)


def kinds(harness: Harness) -> list[str]:
    return [record["alert_type"] for record in said(harness)]


def test_a_wake_up_of_then_comes_in_its_place_and_not_by_event_time():
    inputs = [ASKING, COUNT, (NOON, wake_up(ASKED))]
    for is_changed in (False, True):
        harness = sent(*inputs[:2], woken=[ASKED], is_changed=is_changed)
        harness.watermark(NOON + 60_000)
        assert kinds(harness) == ["COUNTED"]
        assert kinds(sent(*inputs, woken=[ASKED], is_changed=is_changed)) == ["COUNTED", "WOKEN"]


def test_a_wake_up_that_did_not_come_then_does_not_come():
    harness = sent(ASKING, COUNT)
    harness.watermark(NOON + 60_000)
    assert kinds(harness) == ["COUNTED"]


def test_with_other_rules_it_comes_by_event_time():
    harness = sent(ASKING, COUNT, is_changed=True)
    harness.watermark(NOON + 60_000)
    assert kinds(harness) == ["COUNTED", "WOKEN"]


@pytest.mark.parametrize("known_from", [None, NOON + 1])
def test_where_those_of_then_are_not_known_it_comes_by_event_time(known_from: int | None):
    harness = sent(ASKING, COUNT, known_from=known_from)
    harness.watermark(NOON + 60_000)
    assert kinds(harness) == ["COUNTED", "WOKEN"]


def test_a_wake_up_of_then_that_nobody_asks_for_now_is_passed_over():
    assert kinds(sent(COUNT, (NOON, wake_up(ASKED)), woken=[ASKED])) == ["COUNTED"]
