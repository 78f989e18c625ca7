"""A domain that does as each event tells it: counts, sets wake-ups, keeps children, fails.

It shows what the operator does where the inventory's own rules would hide it. Its topics are the
inventory's, since topics must be declared.
"""

from itertools import count
from typing import Any, Final, Literal

import msgspec

from udfs.contract import Domain, Outcome, View, WakeUp
from udfs.inventory.events import ALERTS, EVENTS, POLICIES, StockPolicy

Record = dict[str, Any]
_event_numbers = count(1)


class Command(msgspec.Struct, frozen=True):
    """What the rule is to do.

    COUNT: count, and say so. WAKE: ask to be woken `quantity` ms after the event; 0 cancels.
    BREAK: fail at every wake-up from now on. FORGET: have no state. FAIL: change all, then raise.
    MUMBLE: change all, then say what cannot be written.
    PUT: touch the child, to be woken `quantity` ms after the event. REMOVE: forget the child.
    SCAN: touch the child if one is named, then name all children. TOUCH_ALL: touch all children.
    """

    event_id: str
    event_time: int
    event_type: Literal[
        "COUNT",
        "WAKE",
        "BREAK",
        "FORGET",
        "FAIL",
        "MUMBLE",
        "PUT",
        "REMOVE",
        "SCAN",
        "TOUCH_ALL",
    ]
    sku: str
    quantity: int = 0
    reservation_id: str | None = None


class Tally(msgspec.Struct, array_like=True):
    """How often something was counted; the entity's own wake-up, and whether that is to fail."""

    number: int = 0
    wake_at: int | None = None
    broken: bool = False


def obey(tally: Tally | None, event: Command | WakeUp, view: View) -> Outcome:
    tally = tally or Tally()
    if isinstance(event, WakeUp):
        if tally.broken:
            raise RuntimeError("told to fail when woken")
        said = _say("WOKEN", tally.number, view, event.event_id, event.child_id)
        wake_at = None if event.child_id is None else tally.wake_at
        return Outcome(msgspec.structs.replace(tally, wake_at=wake_at), [said], wake_at)
    if event.event_type == "FORGET":
        return Outcome(None, [])
    outputs = _ACTIONS[event.event_type](tally, event, view)
    return Outcome(tally, outputs, tally.wake_at)


def _count(tally: Tally, event: Command, view: View) -> list[tuple[str, Record]]:
    tally.number += 1
    return [_say("COUNTED", tally.number, view, event.event_id)]


def _wake(tally: Tally, event: Command, _: View) -> list[tuple[str, Record]]:
    tally.wake_at = event.event_time + event.quantity if event.quantity else None
    return []


def _break(tally: Tally, _: Command, __: View) -> list[tuple[str, Record]]:
    tally.broken = True
    return []


def _fail(tally: Tally, event: Command, view: View) -> list[tuple[str, Record]]:
    _mumble(tally, event, view)
    raise RuntimeError("told to fail")


def _mumble(tally: Tally, event: Command, view: View) -> list[tuple[str, Record]]:
    ((topic, said),) = _count(tally, event, view)
    _wake(tally, event, view)
    _put(tally, event, view)
    return [(topic, said | {"quantity": "many"})]


def _put(_: Tally, event: Command, view: View) -> list[tuple[str, Record]]:
    wake_at = event.event_time + event.quantity if event.quantity else None
    child = view.children.get(event.reservation_id) or Tally()
    child.number += 1
    view.children.put(event.reservation_id, child, wake_at)
    return []


def _remove(_: Tally, event: Command, view: View) -> list[tuple[str, Record]]:
    view.children.remove(event.reservation_id)
    return []


def _scan(tally: Tally, event: Command, view: View) -> list[tuple[str, Record]]:
    if event.reservation_id:
        _put(tally, event, view)
    found = sorted((child_id, child.number) for child_id, child in view.children.scan())
    return [_say("CHILD", number, view, event.event_id, child_id) for child_id, number in found]


def _touch_all(_: Tally, __: Command, view: View) -> list[tuple[str, Record]]:
    for child_id, child in view.children.scan():
        child.number += 1
        view.children.put(child_id, child)
    return []


def _say(
    what: str, number: int, view: View, cause: str, child_id: str | None = None
) -> tuple[str, Record]:
    """An alert; its sequence is the reorder point of the sku's policy, -1 if there is none."""
    policy = view.reference(POLICIES).get(view.entity)
    return ALERTS, {
        "alert_type": what,
        "sku": view.entity,
        "warehouse_id": child_id,
        "quantity": number,
        "sequence": policy.reorder_point if policy else -1,
        "cause": cause,
    }


_ACTIONS: Final = {
    "COUNT": _count,
    "WAKE": _wake,
    "BREAK": _break,
    "FAIL": _fail,
    "MUMBLE": _mumble,
    "PUT": _put,
    "REMOVE": _remove,
    "SCAN": _scan,
    "TOUCH_ALL": _touch_all,
}

COUNTING: Final = Domain(
    name="counting",
    entity="sku",
    inputs={EVENTS: Command},
    reference={POLICIES: StockPolicy},
    outputs=(ALERTS,),
    rule=obey,
    state=Tally,
    child=Tally,
)


def command(event_type: str, at: int, sku: str = "mug", **fields: Any) -> Record:
    """A record of the domain's input."""
    event_id = f"command-{next(_event_numbers)}"
    known = {"event_id": event_id, "event_time": at, "event_type": event_type, "sku": sku}
    return known | fields


def policy(reorder_point: int, sku: str = "mug", at: int = 1) -> Record:
    """A reference record of the domain, told apart by its reorder point."""
    return {
        "event_id": f"policy-{sku}-{reorder_point}",
        "event_time": at,
        "sku": sku,
        "reorder_point": reorder_point,
    }
