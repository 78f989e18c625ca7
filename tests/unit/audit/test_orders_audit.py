"""A small day of orders as it should be, then each time with one thing wrong: it is named."""

import pytest
from support.orders_log import NOON, SECOND, OrdersLog, again, confirm, day, drop, edit

from connectors.errors import ShopstreamError
from deploy.audit.log import Entry
from deploy.audit.orders import audit, contract
from deploy.audit.orders.fold import Checks
from deploy.audit.orders.settling import QUIET_S, Answers, read_until_settled
from deploy.audit.verdict import Verdict

HOUR = 3600 * SECOND
LATER = NOON + HOUR


@pytest.fixture
def log() -> OrdersLog:
    return day()


def judged(log: OrdersLog, as_of: int | None = LATER) -> Verdict:
    return audit(log.entries, as_of=as_of)


def assert_accepted(log: OrdersLog) -> None:
    verdict = judged(log)
    assert verdict.ok, str(verdict)


def test_the_day_as_it_was_is_accepted_and_counted(log):
    verdict = judged(log)
    assert verdict.ok, str(verdict)
    checks = Checks()
    assert [check.name for check in verdict.checks] == [check.name for check in checks.all()]
    assert verdict.check(checks.waits.name).figure == (
        "1 INITIATED, 1 DELIVERED, 1 RETURNED, 1 CANCELLED, 1 REJECTED"
    )
    assert verdict.check(checks.sums.name).figure == (
        "EUR 12,000 authorized = 3,000 captured + 0 open + 9,000 refunded"
    )


def test_a_repeated_order_needs_no_second_life(log):
    first = log.find("orders.initiated", order_id="delivered")[0]
    log.entries.append(first._replace(offset=90))
    again("orders.initiated", order_id="returned")(log)
    assert_accepted(log)


def test_a_payment_that_comes_twice_counts_once(log):
    log.paid("delivered")
    assert_accepted(log)


def test_an_order_cancelled_before_it_was_paid_needs_no_refund(log):
    log.order("early")
    log.step("early", "INITIATED", "CANCELLED")
    log.message("early", "ORDER_CANCELLED")
    assert_accepted(log)


def test_what_the_provider_gave_back_by_itself_is_not_given_back_again(log):
    drop("orders.commands", order_id="cancelled", command="REFUND_PAYMENT")(log)
    log.paid("cancelled", "REFUNDED")
    assert not judged(log).ok  # it came with the end of the order, so it was owed a command
    edit("payments.events", {"event_time": NOON - 1}, event_type="REFUNDED")(log)
    assert_accepted(log)


def test_a_line_that_expired_needs_no_release(log):
    drop("inventory.events", reservation_id="cancelled/0", event_type="RELEASED")(log)
    edit(
        "inventory.reservations",
        {"status": "EXPIRED"},
        reservation_id="cancelled/0",
        status="RELEASED",
    )(log)
    assert_accepted(log)


def test_an_event_of_an_order_that_nobody_placed_may_be_set_aside(log):
    log.paid("unheard-of")
    log.dead_letter(log.entries[-1])
    assert_accepted(log)


def test_what_another_job_set_aside_is_not_judged_here(log):
    log.dead_letter(log.find("orders.initiated", order_id="delivered")[0], job="fraud")
    assert_accepted(log)


def test_an_odd_order_may_be_set_aside_or_not(log):
    log.order("free", amount_minor=-1)
    log.dead_letter(log.entries[-1])
    assert_accepted(log)


def test_a_wait_is_measured_against_the_topics_limits_before_the_defaults(log):
    log.order("slow")
    log.step("slow", "INITIATED", at=NOON)
    log.decided("slow")
    assert judged(log, as_of=NOON + 900 * SECOND).ok
    assert not judged(log).ok
    log.put("orders.limits", "PAYMENT", waiting_for="PAYMENT", limit_ms=2 * HOUR)
    assert_accepted(log)


def test_without_a_time_of_audit_waits_are_left_open_and_the_verdict_says_so(log):
    drop("orders.delays")(log)
    verdict = judged(log, as_of=None)
    assert verdict.ok
    assert "waits are not judged" in verdict.notes[0]


def stay_silent(log: OrdersLog) -> None:
    log.order("silent")


def take_a_short_cut(log: OrdersLog) -> None:
    log.order("hasty")
    log.step("hasty", "INITIATED", "CONFIRMED")


def ship_what_is_unchecked(log: OrdersLog) -> None:
    log.order("unchecked")
    log.step("unchecked", "INITIATED")
    log.paid("unchecked")
    log.decided("unchecked", "REVIEW")
    log.outcome("unchecked", "LEGITIMATE", source="CUSTOMER")
    confirm(log, "unchecked")


def put_nobodys_aside(log: OrdersLog) -> None:
    fields = {"order_id": None, "sku": "mug", "quantity": 1, "status": "RESERVED"}
    log.put("inventory.reservations", "r1", reservation_id="r1", **fields)
    log.dead_letter(log.entries[-1])


def put_the_valid_aside(log: OrdersLog) -> None:
    log.dead_letter(log.find("fraud.decisions", order_id="waiting")[0])


def put_aside_twice(log: OrdersLog) -> None:
    log.dead_letter(next(e for e in log.entries if e.record is None))


def leave_garbage(log: OrdersLog) -> None:
    log.raw("shipments.events")


def leave_a_wrong_key(log: OrdersLog) -> None:
    log.put("orders.requests", "o8", order_id="o9", request="CANCEL")


LIFE, COMMANDS, STOCK = "orders.lifecycle", "orders.commands", "inventory.events"
ANSWERS, POINTS, MESSAGES = "inventory.reservations", "orders.loyalty", "notifications.requests"
REFUND, CAPTURE = {"command": "REFUND_PAYMENT"}, {"command": "CAPTURE_PAYMENT"}
D, R, C, X = ({"order_id": name} for name in ("delivered", "returned", "cancelled", "declined"))
SHIPPED = {"reservation_id": "delivered/0", "event_type": "SHIPPED"}


@pytest.mark.parametrize(
    ("corrupt", "check", "named"),
    [
        (stay_silent, "complete", "order silent: has no step"),
        (drop("orders.initiated", **D), "complete", "order delivered: is in orders.lifecycle"),
        (drop(LIFE, **D, sequence=1), "chain", "order delivered step 1: has number 2"),
        (drop(LIFE, **D, to_state="PACKED"), "chain", "leaves PACKED, but the order was CONFIRMED"),
        (edit(LIFE, {"to_state": "STEP_UP"}, **D, sequence=1), "chain", "INITIATED -> STEP_UP"),
        (edit(LIFE, {"event_id": "x"}, **D), "chain", "order delivered: step x came out 9 times"),
        (edit(LIFE, {"customer_id": "c2"}, **D), "chain", "is of customer c2"),
        (take_a_short_cut, "moves", "order hasty step 2: INITIATED -> CONFIRMED"),
        (edit(LIFE, {"to_state": "LOST"}, **D, sequence=8), "moves", "LOST is no state"),
        (edit(LIFE, {"cause": ""}, **D, sequence=2), "moves", "has no cause"),
        (drop("orders.delays"), "waits", "order waiting: has been INITIATED for 3,570 s"),
        (edit("orders.delays", {"state": "PACKED"}), "waits", "waited in PACKED, where it never"),
        (drop(ANSWERS, **D, status="COMMITTED"), "committed", "delivered/0 was never committed"),
        (edit(COMMANDS, {"event_time": 1}, **D, **CAPTURE), "committed", "captured at 1, but"),
        (again(COMMANDS, **D, **CAPTURE), "amounts", "delivered: CAPTURE_PAYMENT came 2 times"),
        (again(COMMANDS, **C, **REFUND), "amounts", "cancelled: REFUND_PAYMENT came 2 times"),
        (edit(COMMANDS, {"amount_minor": 1}, **D, **CAPTURE), "amounts", "CAPTURE_PAYMENT of 1 "),
        (edit(COMMANDS, {"amount_minor": 1}, **C, **REFUND), "amounts", "REFUND_PAYMENT of 1 EUR"),
        (drop(COMMANDS, **C, **REFUND), "settled", "order cancelled: is CANCELLED with"),
        (drop(COMMANDS, **X, **REFUND), "settled", "order declined: is REJECTED with"),
        (again(COMMANDS, **R, **REFUND), "settled", "order returned: is RETURNED with"),
        (again(COMMANDS, D, **C, **REFUND), "settled", "order delivered: is DELIVERED, but ref"),
        (drop(COMMANDS, **D, **CAPTURE), "settled", "its payment was not captured"),
        (edit(COMMANDS, {"amount_minor": 1}, **D, **CAPTURE), "sums", "these are 9,001"),
        (edit(STOCK, {"sku": "hat"}, reservation_id="delivered/0"), "asked", "is of hat"),
        (edit(STOCK, {"quantity": 9}, reservation_id="delivered/0"), "asked", "of 9, expected 2"),
        (drop(ANSWERS, **D, status="RESERVED"), "asked", "delivered/0 was never RESERVED"),
        (drop(STOCK, **SHIPPED), "shipped", "delivered/0 was SHIPPED 0 times, expected 1"),
        (again(STOCK, **SHIPPED), "shipped", "delivered/0 was SHIPPED 2 times"),
        (again(STOCK, {"reservation_id": "cancelled/0"}, **SHIPPED), "shipped", "released and shi"),
        (
            lambda log: [
                drop(STOCK, **C, event_type="RELEASED")(log),
                drop(ANSWERS, **C, status="RELEASED")(log),
            ],
            "released",
            "order cancelled: is CANCELLED, but cancelled/0 is still reserved",
        ),
        (again(STOCK, **R, event_type="RESTOCKED"), "restocked", "order returned: 4 of mug"),
        (
            again(STOCK, {**D, "reservation_id": "delivered/0"}, **R, event_type="RESTOCKED"),
            "restocked",
            "order delivered: was restocked, but is DELIVERED",
        ),
        (ship_what_is_unchecked, "fraud", "order unchecked: was RESERVING, but is REVIEW"),
        (drop("fraud.outcomes"), "fraud", "order returned: was RESERVING, but is REVIEW"),
        (edit("fraud.decisions", {"band": "DECLINE"}, **D), "fraud", "delivered: DECLINE, but"),
        (drop("fraud.decisions", **D), "fraud", "order delivered: was RESERVING, but is not dec"),
        (drop(POINTS, **D), "loyalty", "order delivered: points given 0 times, expected 1"),
        (again(POINTS, **D), "loyalty", "order delivered: points given 2 times"),
        (again(POINTS, C, **D), "loyalty", "order cancelled: points given 1 times, expected 0"),
        (drop(POINTS, reason="RETURNED"), "loyalty", "points taken back [], expected [-30]"),
        (edit(POINTS, {"points": -1}, reason="RETURNED"), "loyalty", "taken back [-1]"),
        (edit(POINTS, {"customer_id": "c2"}, **D), "loyalty", "points of customer c2"),
        (drop(MESSAGES, template="ORDER_SHIPPED"), "messages", "was CONFIRMED, SHIPPED, and 1"),
        (edit(MESSAGES, {"customer_id": "c2"}), "messages", "ORDER_CONFIRMED went to c2"),
        (drop("dlq"), "dead_letters", "orders.initiated partition 0 offset 5: invalid, but not"),
        (edit("dlq", {"record_value": b"x"}), "dead_letters", "bytes are not the record's"),
        (edit("dlq", {"source_offset": 77}), "dead_letters", "offset 77: is in dlq"),
        (put_the_valid_aside, "dead_letters", "fraud.decisions partition 0 offset 4: is in dlq"),
        (put_nobodys_aside, "dead_letters", "of no order, so nobody's business"),
        (put_aside_twice, "dead_letters", "orders.initiated partition 0 offset 5: is in dlq twice"),
        (leave_garbage, "dead_letters", "shipments.events partition 0 offset 0: invalid"),
        (leave_a_wrong_key, "dead_letters", "orders.requests partition 0 offset 0: invalid"),
    ],
)
def test_it_refutes(log, corrupt, check, named):
    corrupt(log)
    verdict = judged(log)
    assert not verdict.ok
    name = getattr(Checks(), check).name
    assert any(named in line for line in verdict.check(name).violations), str(verdict)


class Bits:
    """Hands out one list of entries a second, then nothing."""

    at_end = True

    def __init__(self, *bits: list[Entry]) -> None:
        self.now = 0.0
        self._bits = list(bits)

    def clock(self) -> float:
        return self.now

    def read(self, timeout_s: float) -> list[Entry]:
        self.now += timeout_s
        return self._bits.pop(0) if self._bits else []


def settle(bits: Bits, deadline_s: float) -> tuple[list[Entry], bool]:
    answers = Answers(contract.LIFECYCLE, "orders")
    return read_until_settled(bits, answers, deadline_s, contract.OUTPUTS, bits.clock)


def test_it_has_settled_when_every_order_has_a_step_and_all_is_quiet(log):
    first, rest = log.entries[:1], log.entries[1:]
    bits = Bits(first, *[[]] * 9, rest)
    entries, settled = settle(bits, 60)
    assert (settled, entries) == (True, log.entries)
    assert bits.now == 11 + QUIET_S


def test_an_order_that_nobody_takes_up_is_waited_for_until_the_deadline():
    log = OrdersLog()
    log.order("silent")
    bits = Bits(log.entries)
    assert settle(bits, 20) == (log.entries, False)
    assert bits.now == 20


def test_an_order_that_was_set_aside_is_not_waited_for():
    log = OrdersLog()
    log.order("odd", amount_minor=-1)
    log.dead_letter(log.entries[0])
    bits = Bits(log.entries)
    assert settle(bits, 60)[1]
    assert bits.now < 20


def test_a_job_that_writes_garbage_is_an_error_that_says_where(log):
    log.raw("orders.lifecycle")
    with pytest.raises(ShopstreamError, match=r"orders\.lifecycle partition 0 offset \d+"):
        settle(Bits(log.entries), 60)
