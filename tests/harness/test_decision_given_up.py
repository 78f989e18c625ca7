"""A record that a rule kept and gives up is a dead letter with its own coordinates and bytes."""

from typing import Any

import msgspec
from support.decisions import DecisionHarness, raw

from udfs.contract import Domain, Outcome, Source, WakeUp

NOON = 1_767_268_800_000
EVENTS, LIMITS = "orders.requests", "orders.limits"
GRACE_MS = 10_000


class Request(msgspec.Struct, frozen=True, kw_only=True):
    event_id: str
    event_time: int
    order_id: str


class Waiting(msgspec.Struct, array_like=True):
    kept: list[Source] = []


class Limit(msgspec.Struct, frozen=True):
    waiting_for: str


def wait_in_vain(waiting: Waiting | None, event: Any, view: Any) -> Outcome:
    if isinstance(event, WakeUp):
        assert waiting is not None
        assert view.source is None
        return Outcome(None, [], given_up=[(kept, "no such order") for kept in waiting.kept])
    waiting = waiting or Waiting()
    waiting.kept.append(view.source)
    return Outcome(waiting, [], event.event_time + GRACE_MS)


PATIENT = Domain(
    name="patient",
    entity="order_id",
    inputs={EVENTS: Request},
    reference={LIMITS: Limit},
    outputs=(),
    rule=wait_in_vain,
    state=Waiting,
)


def request(number: int) -> dict[str, Any]:
    ids = {"event_id": f"e{number}", "event_time": NOON, "order_id": "o1"}
    return ids | {"request": "CANCEL"}


def test_what_was_kept_is_given_up_with_its_coordinates_also_after_a_restore():
    harness = DecisionHarness(PATIENT, NOON)
    harness.send(request(1), request(2))
    assert harness.dead_letters == []
    harness.restore()
    harness.watermark(NOON + GRACE_MS)

    letters = harness.dead_letters
    assert [letter["source_offset"] for letter in letters] == [0, 1]
    assert [letter["record_value"] for letter in letters] == [
        raw(EVENTS, request(number)).value for number in (1, 2)
    ]
    assert {letter["error_message"] for letter in letters} == {"no such order"}
    assert {letter["source_topic"] for letter in letters} == {EVENTS}
