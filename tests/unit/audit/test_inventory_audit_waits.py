"""When the audit takes the job as having caught up, on a log that is handed out bit by bit."""

import pytest
from support.inventory_log import InventoryLog as Written
from support.inventory_log import decided

from connectors.errors import ShopstreamError
from deploy.audit.inventory.log import InventoryLog
from deploy.audit.log import Entry

LAPSES = 1_750_000_900_000
AS_ASKED = decided("r1", "RESERVED", 1, warehouse_id="berlin", expires_at=LAPSES)


class Bits:
    """Hands out one list of entries a second, then nothing."""

    def __init__(self, *bits: list[Entry], at_end_after: int = 0) -> None:
        self.now = 0.0
        self._bits = list(bits)
        self._at_end_after = at_end_after

    @property
    def at_end(self) -> bool:
        return self.now >= self._at_end_after

    def clock(self) -> float:
        return self.now

    def read(self, timeout_s: float) -> list[Entry]:
        self.now += timeout_s
        return self._bits.pop(0) if self._bits else []


def inputs(written: Written) -> list[Entry]:
    return [Entry("inventory.events", *entry) for entry in written.inputs]


def outputs(written: Written) -> list[Entry]:
    named = {
        "inventory.reservations": written.reservations,
        "inventory.availability": written.availability,
        "inventory.alerts": written.alerts,
        "dlq": written.dead_letters,
    }
    return [
        Entry(name, 0, offset, None, b"", record)
        for name, records in named.items()
        for offset, record in enumerate(records)
    ]


def day() -> Written:
    written = Written()
    written.event("e1", "RESTOCKED", warehouse_id="berlin", quantity=1)
    written.step("e1", stock=(("berlin", 1, 0, 0),))
    written.event("e2", "COMMITTED", reservation_id="r9")
    written.step("e2", (decided("r9", "REJECTED", 0, reason="UNKNOWN_RESERVATION"),))
    written.raw(b"garbage", b"mug")
    written.dead_letter(2, b"garbage", b"mug")
    return written


def test_it_is_settled_when_every_input_is_answered_or_set_aside():
    bits = Bits(inputs(day()), [], outputs(day())[:2], [], outputs(day())[2:])
    log = InventoryLog(bits, bits.clock)
    assert log.wait_until_settled(60)
    assert bits.now == 6
    assert log.audit(as_of=None).ok


def test_it_is_not_settled_before_the_end_of_the_log_was_reached():
    bits = Bits([], inputs(day()), outputs(day()), at_end_after=3)
    log = InventoryLog(bits, bits.clock)
    assert log.wait_until_settled(60)
    assert bits.now == 4


def test_it_gives_up_at_the_deadline_and_the_audit_names_what_is_missing():
    bits = Bits(inputs(day()), [o for o in outputs(day()) if o.topic != "inventory.availability"])
    log = InventoryLog(bits, bits.clock)
    assert not log.wait_until_settled(10)
    verdict = log.audit(as_of=None)
    assert "mug: RESTOCKED e1 caused no step" in str(verdict)


def test_the_log_is_read_to_its_end_even_past_the_deadline():
    bits = Bits(inputs(day()), *([entry] for entry in outputs(day())), at_end_after=4)
    log = InventoryLog(bits, bits.clock)
    assert not log.wait_until_settled(2)
    assert log.audit(as_of=None).ok


def test_a_log_without_end_is_an_error_that_says_what_to_do():
    bits = Bits(at_end_after=10_000)
    with pytest.raises(ShopstreamError, match="audit when nothing is sent any more"):
        InventoryLog(bits, bits.clock).wait_until_settled(2)


def test_an_adjustment_without_an_answer_is_settled_by_silence():
    written = day()
    written.event("e4", "ADJUSTED", warehouse_id="lyon", quantity=-1)
    bits = Bits(inputs(written) + outputs(written))
    log = InventoryLog(bits, bits.clock)
    assert log.wait_until_settled(60)
    assert bits.now == 6
    assert log.audit(as_of=None).ok


def reserved() -> Written:
    """One unit, reserved until `LAPSES`."""
    written = Written()
    written.event("e1", "RESTOCKED", warehouse_id="berlin", quantity=1)
    written.step("e1", stock=(("berlin", 1, 0, 0),))
    written.event("e2", "RESERVE_REQUESTED", reservation_id="r1", quantity=1)
    written.step("e2", (AS_ASKED,), (("berlin", 1, 1, 0),))
    return written


def test_it_is_not_settled_while_a_reservation_is_overdue():
    written = reserved()
    soon = outputs(written)
    written.step("r1/expired", (decided("r1", "EXPIRED", 1),), (("berlin", 1, 0, 0),))
    late = [entry for entry in outputs(written) if entry not in soon]
    bits = Bits(inputs(written) + soon, [], [], late)
    log = InventoryLog(bits, bits.clock, now=lambda: LAPSES + 60_000)
    assert log.wait_until_settled(60)
    assert bits.now == 5


def test_a_reservation_that_is_firm_is_never_overdue_whatever_is_said_of_it_again():
    written = reserved()
    written.event("e3", "COMMITTED", reservation_id="r1")
    written.step("e3", (decided("r1", "COMMITTED", 1),), (("berlin", 1, 0, 1),))
    written.event("e4", "RESERVE_REQUESTED", reservation_id="r1", quantity=1)
    written.step("e4", (AS_ASKED,))
    bits = Bits(inputs(written) + outputs(written))
    log = InventoryLog(bits, bits.clock, now=lambda: LAPSES + 60_000)
    assert log.wait_until_settled(60)
