"""Right logs of the inventory job, written by hand: the audit accepts them."""

import pytest
from support.inventory_log import NOON, SECOND, InventoryLog, decided

from deploy.audit.verdict import Verdict

DUE = NOON + 900 * SECOND


@pytest.fixture
def log() -> InventoryLog:
    """Berlin ships to DE for 300, Lyon for 700; ten mugs in Berlin, four in Lyon."""
    log = InventoryLog()
    log.cost("berlin", "DE", 300)
    log.cost("lyon", "DE", 700)
    log.event("e1", "RESTOCKED", warehouse_id="berlin", quantity=10)
    log.step("e1", stock=(("berlin", 10, 0, 0),))
    log.event("e2", "RESTOCKED", warehouse_id="lyon", quantity=4)
    log.step("e2", stock=(("lyon", 4, 0, 0),))
    return log


def reserve(log: InventoryLog, event_id: str, name: str, quantity: int = 1, **more) -> None:
    log.event(
        event_id,
        "RESERVE_REQUESTED",
        reservation_id=name,
        quantity=quantity,
        **more,
        ship_to_region="DE",
    )


def reserved(name: str, quantity: int, warehouse: str) -> dict:
    return decided(name, "RESERVED", quantity, warehouse, expires_at=DUE)


def assert_accepted(verdict: Verdict) -> None:
    assert verdict.ok, str(verdict)


def test_a_reservation_that_is_committed_and_shipped(log):
    reserve(log, "e3", "r1", 3, order_id="o1")
    log.step("e3", ({**reserved("r1", 3, "berlin"), "order_id": "o1"},), (("berlin", 10, 3, 0),))
    log.event("e4", "COMMITTED", reservation_id="r1")
    committed = decided("r1", "COMMITTED", 3, "berlin", order_id="o1")
    log.step("e4", (committed,), (("berlin", 10, 0, 3),))
    log.event("e5", "COMMITTED", reservation_id="r1")
    log.step("e5", (committed,))
    log.event("e6", "SHIPPED", reservation_id="r1")
    log.step("e6", stock=(("berlin", 7, 0, 0),))
    log.event("e7", "RELEASED", reservation_id="r1")
    log.step("e7", (decided("r1", "REJECTED", 3, reason="RESERVATION_SHIPPED"),))
    assert_accepted(log.audit())


def test_requests_that_are_refused(log):
    reserve(log, "e3", "r1", 11)
    refused = decided("r1", "REJECTED", 11, reason="INSUFFICIENT_STOCK")
    log.step("e3", (refused,))
    reserve(log, "e4", "r1", 1)
    log.step("e4", (refused,))
    log.event("e5", "COMMITTED", reservation_id="r1")
    log.step("e5", (decided("r1", "REJECTED", 11, reason="RESERVATION_REJECTED"),))
    log.event("e6", "SHIPPED", reservation_id="r2")
    log.step("e6", (decided("r2", "REJECTED", 0, reason="UNKNOWN_RESERVATION"),))
    reserve(log, "e7", "r3", 2, warehouse_id="lyon")
    log.step("e7", (reserved("r3", 2, "lyon"),), (("lyon", 4, 2, 0),))
    log.event("e8", "SHIPPED", reservation_id="r3")
    log.step("e8", (decided("r3", "REJECTED", 2, reason="NOT_COMMITTED"),))
    log.event("e9", "RELEASED", reservation_id="r3")
    log.step("e9", (decided("r3", "RELEASED", 2, "lyon"),), (("lyon", 4, 0, 0),))
    log.event("e10", "COMMITTED", reservation_id="r3")
    log.step("e10", (decided("r3", "REJECTED", 2, reason="RESERVATION_RELEASED"),))
    assert_accepted(log.audit())


def test_a_reservation_that_expires_by_itself_and_one_that_a_late_commit_finds_expired(log):
    reserve(log, "e3", "r1", 1)
    log.step("e3", (reserved("r1", 1, "berlin"),), (("berlin", 10, 1, 0),))
    reserve(log, "e4", "r2", 1)
    log.step("e4", (reserved("r2", 1, "berlin"),), (("berlin", 10, 2, 0),))
    log.event("e5", "COMMITTED", at=DUE, reservation_id="r1")
    log.step(
        "e5",
        (decided("r1", "EXPIRED", 1), decided("r1", "REJECTED", 1, reason="RESERVATION_EXPIRED")),
        (("berlin", 10, 1, 0),),
        at=DUE,
    )
    log.step("wake", (decided("r2", "EXPIRED", 1),), (("berlin", 10, 0, 0),), at=DUE)
    assert_accepted(log.audit(as_of=DUE + 3600 * SECOND))


def test_a_loss_that_reroutes_the_newest_and_releases_what_fits_nowhere(log):
    for number, (name, quantity) in enumerate((("r1", 5), ("r2", 2), ("r3", 3)), start=3):
        reserve(log, f"e{number}", name, quantity)
        held = 5 if name == "r1" else 7 if name == "r2" else 10
        log.step(f"e{number}", (reserved(name, quantity, "berlin"),), (("berlin", 10, held, 0),))
    log.event("e6", "COMMITTED", reservation_id="r2")
    log.step("e6", (decided("r2", "COMMITTED", 2, "berlin"),), (("berlin", 10, 8, 2),))
    log.event("e7", "ADJUSTED", warehouse_id="berlin", quantity=-8)
    log.step(
        "e7",
        (decided("r3", "REROUTED", 3, "lyon"), decided("r1", "RELEASED", 5, reason="STOCK_LOST")),
        (("berlin", 2, 0, 2), ("lyon", 4, 3, 0)),
        (),
    )
    assert_accepted(log.audit())


def test_repeats_and_bad_records_and_an_adjustment_of_nothing(log):
    log.event("e2", "RESTOCKED", warehouse_id="lyon", quantity=4)
    log.event("e3", "ADJUSTED", warehouse_id="gdansk", quantity=-2)
    log.event("e4", "RESTOCKED", warehouse_id="berlin", quantity=0)
    log.event("e5", "STOLEN", warehouse_id="berlin", quantity=1)
    log.raw(b"garbage", b"mug")
    log.raw(None, None)
    for entry in log.inputs[-4:]:
        log.dead_letter(entry.offset, entry.value, entry.key)
    verdict = log.audit()
    assert_accepted(verdict)
    assert verdict.checks[0].figure == "3 events, 1 repeats dropped"


def test_an_adjustment_by_zero_may_be_a_dead_letter_or_not(log):
    log.event("e3", "ADJUSTED", warehouse_id="berlin", quantity=0)
    assert_accepted(log.audit())
    log.dead_letter(2, log.inputs[2].value, b"mug")
    assert_accepted(log.audit())


def test_alerts_at_zero_and_at_the_reorder_point(log):
    log.policy("mug", point=5, quantity=20)
    reserve(log, "e3", "r1", 9)
    log.step(
        "e3",
        (reserved("r1", 9, "berlin"),),
        (("berlin", 10, 9, 0),),
        (("LOW_STOCK", 5), ("REORDER_REQUESTED", 20)),
    )
    reserve(log, "e4", "r2", 4)
    log.step("e4", (reserved("r2", 4, "lyon"),), (("lyon", 4, 4, 0),))
    reserve(log, "e5", "r3", 1)
    log.step("e5", (reserved("r3", 1, "berlin"),), (("berlin", 10, 10, 0),), (("OUT_OF_STOCK", 0),))
    log.event("e6", "RELEASED", reservation_id="r1")
    log.step(
        "e6",
        (decided("r1", "RELEASED", 9),),
        (("berlin", 10, 1, 0),),
        (("BACK_IN_STOCK", 9),),
    )
    reserve(log, "e7", "r4", 4)  # down to 5 again, but no restock since: nothing is told
    log.step("e7", (reserved("r4", 4, "berlin"),), (("berlin", 10, 5, 0),))
    log.event("e8", "ADJUSTED", warehouse_id="berlin", quantity=1)
    log.step("e8", stock=(("berlin", 11, 5, 0),))
    log.event("e9", "ADJUSTED", warehouse_id="berlin", quantity=-1)
    log.step(
        "e9", stock=(("berlin", 10, 5, 0),), alerts=(("LOW_STOCK", 5), ("REORDER_REQUESTED", 20))
    )
    assert_accepted(log.audit())


def test_while_costs_change_any_warehouse_with_stock_will_do_and_the_verdict_says_so(log):
    log.cost("lyon", "DE", 100, at=NOON)
    reserve(log, "e3", "r1", 1)
    log.step("e3", (reserved("r1", 1, "berlin"),), (("berlin", 10, 1, 0),))
    verdict = log.audit()
    assert_accepted(verdict)
    assert "1 of 1 placements are judged by stock alone" in verdict.notes[0]
    late = NOON + 10 * SECOND
    reserve(log, "e4", "r2", 1, at=late)
    expires_at = late + 900 * SECOND
    wrong = {**reserved("r2", 1, "berlin"), "expires_at": expires_at}
    log.step("e4", (wrong,), (("berlin", 10, 2, 0),))
    assert not log.audit().ok


def test_while_a_policy_changes_either_timeout_will_do(log):
    log.policy("mug", timeout_s=5)
    log.policy("mug", timeout_s=60, at=NOON - SECOND)
    for number, timeout_s in ((3, 5), (4, 60), (5, 900)):
        reserve(log, f"e{number}", f"r{number}", 1)
        log.step(
            f"e{number}",
            ({**reserved(f"r{number}", 1, "berlin"), "expires_at": NOON + timeout_s * SECOND},),
            (("berlin", 10, number - 2, 0),),
        )
    expiries = log.audit().check("reservations expire when due, and not before")
    assert expiries.failures == 1
    assert "mug step 5" in expiries.violations[0]
