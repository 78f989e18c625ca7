"""The same small day of a shop, each time with one thing wrong: the audit names sku and step."""

from collections.abc import Callable

import pytest
from support.inventory_log import NOON, SECOND, InventoryLog, decided

DUE = NOON + 5 * SECOND
AUDIT_AT = DUE + 3600 * SECOND

ANSWERED = "every valid event is answered, and once"
ORDER = "a sku's events are decided in the order of the log"
SEQUENCES = "a sku's steps count up by one"
VERSIONS = "versions of a sku at a warehouse count up by one"
ARITHMETIC = "available = total - reserved - committed, none negative"
STOCK = "availability is what the events add up to"
DECISIONS = "every decision is what the contract says"
OVERSOLD = "no warehouse promises more than it has"
EXPIRIES = "reservations expire when due, and not before"
ALERTS = "alerts are raised when due, and only then"
DEAD_LETTERS = "invalid records, and only they, are in dlq as they came"


@pytest.fixture
def log() -> InventoryLog:
    """Two of three mugs sell, the third expires; the fourth request is refused."""
    log = InventoryLog()
    log.policy("mug", point=1, quantity=20, timeout_s=5)
    log.cost("berlin", "DE", 300)
    log.cost("lyon", "DE", 700)
    log.event("e1", "RESTOCKED", warehouse_id="berlin", quantity=2)
    log.step("e1", stock=(("berlin", 2, 0, 0),))
    log.event("e2", "RESTOCKED", warehouse_id="lyon", quantity=1)
    log.step("e2", stock=(("lyon", 1, 0, 0),))
    request = {"quantity": 2, "ship_to_region": "DE"}
    log.event("e3", "RESERVE_REQUESTED", reservation_id="r1", **request)
    log.step(
        "e3",
        (decided("r1", "RESERVED", 2, "berlin", expires_at=DUE),),
        (("berlin", 2, 2, 0),),
        (("LOW_STOCK", 1), ("REORDER_REQUESTED", 20)),
    )
    log.event("e4", "RESERVE_REQUESTED", reservation_id="r2", **{**request, "quantity": 1})
    log.step(
        "e4",
        (decided("r2", "RESERVED", 1, "lyon", expires_at=DUE),),
        (("lyon", 1, 1, 0),),
        (("OUT_OF_STOCK", 0),),
    )
    log.event("e5", "COMMITTED", reservation_id="r1")
    log.step("e5", (decided("r1", "COMMITTED", 2, "berlin"),), (("berlin", 2, 0, 2),))
    log.event("e6", "RESERVE_REQUESTED", reservation_id="r3", **request)
    log.step("e6", (decided("r3", "REJECTED", 2, reason="INSUFFICIENT_STOCK"),))
    log.event("e7", "RESTOCKED", warehouse_id="berlin", quantity=0)
    log.dead_letter(6, log.inputs[6].value, b"mug")
    log.step(
        "wake-r2",
        (decided("r2", "EXPIRED", 1, "lyon"),),
        (("lyon", 1, 0, 0),),
        (("BACK_IN_STOCK", 1),),
        at=DUE,
    )
    return log


def test_the_day_as_it_was_is_accepted(log):
    verdict = log.audit(as_of=AUDIT_AT)
    assert verdict.ok, str(verdict)
    assert not verdict.notes


def lose_the_commit(log: InventoryLog) -> None:
    """As if e5 had never been processed: the later steps move up."""
    remove_step(log, 5)
    for record in (*log.reservations, *log.availability, *log.alerts):
        record["sequence"] -= record["sequence"] > 5


def lose_the_last_step(log: InventoryLog) -> None:
    log.event("e8", "COMMITTED", reservation_id="r9")


def remove_step(log: InventoryLog, sequence: int) -> None:
    for topic in (log.reservations, log.availability, log.alerts):
        topic[:] = [record for record in topic if record["sequence"] != sequence]


def decide_twice(log: InventoryLog) -> None:
    log.step("e5", (decided("r1", "COMMITTED", 2, "berlin"),))


def restock_twice(log: InventoryLog) -> None:
    log.step("e1", stock=(("berlin", 4, 0, 2),))


def write_twice(log: InventoryLog) -> None:
    log.reservations.append(dict(log.reservations[0]))


def answer_nobody(log: InventoryLog) -> None:
    log.step("e99", (decided("r9", "REJECTED", 1, reason="UNKNOWN_RESERVATION"),))


def swap_the_restocks(log: InventoryLog) -> None:
    first, second = log.availability[:2]
    first["sequence"], second["sequence"] = 2, 1


def skip_a_number(log: InventoryLog) -> None:
    for record in (*log.reservations, *log.availability, *log.alerts):
        record["sequence"] += record["sequence"] >= 5


def share_a_number(log: InventoryLog) -> None:
    log.availability[1]["sequence"] = 1


def repeat_a_version(log: InventoryLog) -> None:
    log.availability[2]["version"] = 1


def miscalculate(log: InventoryLog) -> None:
    log.availability[2]["available"] = 1


def go_negative(log: InventoryLog) -> None:
    log.availability[2].update(total=1, available=-1)


def forget_a_restock(log: InventoryLog) -> None:
    log.availability[2].update(total=3, available=1)


def not_tell_the_stock(log: InventoryLog) -> None:
    del log.availability[-1]


def take_the_dear_warehouse(log: InventoryLog) -> None:
    """r2 could only go to Lyon; were Berlin dearer, r1 would not be placed there."""
    log.cost("berlin", "FR", 300)
    log.cost("lyon", "FR", 100)
    log.event("e8", "RESTOCKED", warehouse_id="berlin", quantity=1)
    log.step("e8", stock=(("berlin", 3, 0, 2),))
    request = {"reservation_id": "r4", "quantity": 1, "ship_to_region": "FR"}
    log.event("e9", "RESERVE_REQUESTED", **request)
    log.step(
        "e9", (decided("r4", "RESERVED", 1, "berlin", expires_at=DUE),), (("berlin", 3, 1, 2),)
    )


def refuse_though_there_is_stock(log: InventoryLog) -> None:
    log.event("e8", "RESERVE_REQUESTED", reservation_id="r4", quantity=1)
    log.step("e8", (decided("r4", "REJECTED", 1, reason="INSUFFICIENT_STOCK"),))


def give_the_wrong_reason(log: InventoryLog) -> None:
    log.reservations[3]["reason"] = "RESERVATION_EXPIRED"


def forget_the_order(log: InventoryLog) -> None:
    log.event("e8", "RESERVE_REQUESTED", reservation_id="r4", order_id="o4", quantity=5)
    log.step("e8", (decided("r4", "REJECTED", 5, reason="INSUFFICIENT_STOCK"),))


def oversell(log: InventoryLog) -> None:
    """The third request is granted from an empty warehouse, and the sums hide it."""
    log.reservations[3].update(
        status="RESERVED", warehouse_id="berlin", reason=None, expires_at=DUE
    )


def expire_early(log: InventoryLog) -> None:
    log.reservations[-1]["event_time"] = DUE - 1


def expire_what_was_committed(log: InventoryLog) -> None:
    log.step("wake-r1", (decided("r1", "EXPIRED", 2),), (("berlin", 2, 0, 0),), at=DUE)


def never_expire(log: InventoryLog) -> None:
    remove_step(log, 7)


def promise_another_timeout(log: InventoryLog) -> None:
    log.reservations[1]["expires_at"] = DUE - 1


def not_tell(kind: str) -> Callable[[InventoryLog], None]:
    def forget(log: InventoryLog) -> None:
        log.alerts[:] = [alert for alert in log.alerts if alert["alert_type"] != kind]

    forget.__name__ = f"forget_{kind}"
    return forget


def tell_twice(log: InventoryLog) -> None:
    out = next(alert for alert in log.alerts if alert["alert_type"] == "OUT_OF_STOCK")
    log.alerts.append({**out, "event_id": "another"})


def tell_without_reason(log: InventoryLog) -> None:
    log.alerts.append(
        {**log.alerts[0], "event_id": "another", "alert_type": "OUT_OF_STOCK", "sequence": 1}
        | {"cause": "e1"}
    )


def reorder_too_much(log: InventoryLog) -> None:
    log.alerts[1]["quantity"] = 21


def no_dead_letter(log: InventoryLog) -> None:
    log.dead_letters.clear()


def dead_letter_twice(log: InventoryLog) -> None:
    log.dead_letters *= 2


def dead_letter_of_the_valid(log: InventoryLog) -> None:
    log.dead_letter(4, log.inputs[4].value, b"mug")


def dead_letter_of_nothing(log: InventoryLog) -> None:
    log.dead_letter(99, b"", b"mug")


def dead_letter_with_other_bytes(log: InventoryLog) -> None:
    log.dead_letters[0]["record_value"] = b"other"


@pytest.mark.parametrize(
    ("corrupt", "check", "named"),
    [
        (lose_the_commit, ANSWERED, "mug: COMMITTED e5 caused no step"),
        (lose_the_last_step, ANSWERED, "mug: COMMITTED e8 caused no step"),
        (decide_twice, ANSWERED, "mug step 8 (cause e5)"),
        (restock_twice, ANSWERED, "mug step 8 (cause e1)"),
        (write_twice, ANSWERED, "mug step 3"),
        (answer_nobody, ANSWERED, "mug step 8 (cause e99)"),
        (swap_the_restocks, ORDER, "mug step 2 (cause e1)"),
        (skip_a_number, SEQUENCES, "mug: expected step 5, the next one is 6"),
        (share_a_number, SEQUENCES, "mug step 1 (cause e1)"),
        (repeat_a_version, VERSIONS, "mug step 3 (cause e3): berlin has version 1, expected 2"),
        (miscalculate, ARITHMETIC, "mug step 3 (cause e3): berlin has available 1"),
        (go_negative, ARITHMETIC, "mug step 3 (cause e3)"),
        (forget_a_restock, STOCK, "mug step 3 (cause e3): berlin has Units(total=3"),
        (not_tell_the_stock, STOCK, "mug step 7 (cause wake-r2): lyon changed"),
        (take_the_dear_warehouse, DECISIONS, "mug step 9 (cause e9): expected r4 RESERVED lyon 1"),
        (refuse_though_there_is_stock, DECISIONS, "mug step 8 (cause e8)"),
        (give_the_wrong_reason, DECISIONS, "mug step 6 (cause e6)"),
        (forget_the_order, DECISIONS, "mug step 8 (cause e8)"),
        (oversell, OVERSOLD, "mug step 6 (cause e6): berlin promises 4 and has 2"),
        (expire_early, EXPIRIES, "mug step 7 (cause wake-r2): r2 expired"),
        (expire_what_was_committed, EXPIRIES, "mug step 8 (cause wake-r1): r1 expired"),
        (never_expire, EXPIRIES, "mug step 4: r2 was to expire"),
        (promise_another_timeout, EXPIRIES, "mug step 4 (cause e4): r2 expires at"),
        (not_tell("OUT_OF_STOCK"), ALERTS, "mug step 4 (cause e4): OUT_OF_STOCK is missing"),
        (not_tell("BACK_IN_STOCK"), ALERTS, "mug step 7 (cause wake-r2): BACK_IN_STOCK is"),
        (not_tell("LOW_STOCK"), ALERTS, "mug step 3 (cause e3): LOW_STOCK is missing"),
        (not_tell("REORDER_REQUESTED"), ALERTS, "mug step 3 (cause e3): REORDER_REQUESTED is"),
        (tell_twice, ALERTS, "mug step 4 (cause e4): OUT_OF_STOCK came twice"),
        (tell_without_reason, ALERTS, "mug step 1 (cause e1): OUT_OF_STOCK without reason"),
        (reorder_too_much, ALERTS, "mug step 3 (cause e3): REORDER_REQUESTED of 21, expected 20"),
        (no_dead_letter, DEAD_LETTERS, "partition 0 offset 6: invalid, but not in dlq"),
        (dead_letter_twice, DEAD_LETTERS, "partition 0 offset 6: is in dlq twice"),
        (dead_letter_of_the_valid, DEAD_LETTERS, "but there is valid event e5 of mug"),
        (dead_letter_of_nothing, DEAD_LETTERS, "partition 0 offset 99"),
        (dead_letter_with_other_bytes, DEAD_LETTERS, "partition 0 offset 6"),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_it_refutes(log, corrupt, check, named):
    corrupt(log)
    verdict = log.audit(as_of=AUDIT_AT)
    assert not verdict.ok
    assert any(named in line for line in verdict.check(check).violations), str(verdict)


def test_a_verdict_shows_the_first_violations_and_counts_the_rest(log):
    for record in log.availability:
        record["available"] += 1
    log.step("e98", stock=tuple(("berlin", 1, 1, 1) for _ in range(4)))
    verdict = log.audit()
    arithmetic = verdict.check(ARITHMETIC)
    assert (arithmetic.failures, len(arithmetic.violations)) == (10, 5)
    assert "inventory: DOES NOT HOLD" in str(verdict)
    assert "and 5 more" in str(verdict)
    assert verdict.as_dict()["checks"][4] | {"violations": []} == {
        "name": ARITHMETIC,
        "ok": False,
        "figure": "10 records",
        "failures": 10,
        "violations": [],
    }
