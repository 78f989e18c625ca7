"""The saga against the real inventory: events of any kind in any order, again, late, and lost."""

from collections import defaultdict

from hypothesis import event, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)
from order_desk import AMOUNT, DAY, HOUR, MINUTE, SECOND
from order_world import SKUS, WAREHOUSES, World

from udfs.orders.events import (
    COMMANDS,
    DECISIONS,
    DELAYS,
    INVENTORY_EVENTS,
    LIFECYCLE,
    LOYALTY,
    OUTCOMES,
    PAYMENTS,
    REQUESTS,
    SHIPMENTS,
)
from udfs.orders.state import ON_ITS_WAY, TERMINAL, State
from udfs.orders.table import BEFORE_RESERVING, TABLE, Trigger

ORDER_IDS = ("o1", "o2")
an_order = st.sampled_from(ORDER_IDS)
some_lines = st.lists(st.tuples(st.sampled_from(SKUS), st.integers(1, 2)), min_size=1, max_size=3)
PAID_ENOUGH = (AMOUNT, "EUR")
STAGES = {
    "STEP_UP": ["STEP_UP"],
    "IN_REVIEW": ["REVIEW"],
    "RESERVING": ["RESERVATION"],
    "CONFIRMED": ["PACKING"],
    "PACKED": ["SHIPPING"],
    "SHIPPED": ["DELIVERY"],
}


class OrderSaga(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.world = World()
        self.read = 0
        self.at: dict[str, str] = {}
        self.sequence: dict[str, int] = defaultdict(int)
        self.refunded: set[str] = set()
        self.said: dict[str, list[str]] = defaultdict(list)

    @initialize(
        mugs=st.integers(1, 6),
        pots=st.integers(1, 6),
        lines=st.one_of(some_lines, some_lines, st.none()),
    )
    def open_the_shop(self, mugs: int, pots: int, lines: list[tuple[str, int]] | None) -> None:
        self.world.receive("mug", "berlin", mugs)
        self.world.receive("pot", "oslo", pots)
        if lines is not None:
            self.world.place("o1", lines)

    # -- what happens -------------------------------------------------------------------------

    @precondition(lambda self: len(self.world.placed) < len(ORDER_IDS))
    @rule(order_id=an_order, lines=some_lines)
    def place(self, order_id: str, lines: list[tuple[str, int]]) -> None:
        if order_id not in self.world.placed:
            self.world.place(order_id, lines)

    @rule(
        order_id=an_order,
        band=st.sampled_from([*["APPROVE"] * 3, "STEP_UP", "REVIEW", "DECLINE"]),
        decision_id=st.sampled_from(["d1", "d1", "d2"]),
    )
    def decide(self, order_id: str, band: str, decision_id: str) -> None:
        self.world.tell(DECISIONS, order_id, band=band, decision_id=decision_id)

    @rule(
        order_id=an_order,
        outcome=st.sampled_from([*["LEGITIMATE"] * 5, "FRAUD"]),
        source=st.sampled_from(["REVIEWER", "CUSTOMER", "CHARGEBACK"]),
    )
    def judge(self, order_id: str, outcome: str, source: str) -> None:
        self.world.tell(OUTCOMES, order_id, outcome=outcome, source=source)

    @rule(
        order_id=an_order,
        event_type=st.sampled_from([*["AUTHORIZED"] * 4, "CAPTURED", "REFUNDED", "DECLINED"]),
        money=st.sampled_from([PAID_ENOUGH, PAID_ENOUGH, (AMOUNT - 1, "EUR"), (AMOUNT, "USD")]),
    )
    def pay(self, order_id: str, event_type: str, money: tuple[int, str]) -> None:
        amount_minor, currency = money
        self.world.tell(
            PAYMENTS,
            order_id,
            event_type=event_type,
            amount_minor=amount_minor,
            currency=currency,
        )

    @rule(
        order_id=an_order,
        event_type=st.sampled_from(["PICKED", "PACKED", "SHIPPED", "DELIVERED", "RETURN_RECEIVED"]),
    )
    def move_the_parcel(self, order_id: str, event_type: str) -> None:
        self.world.tell(SHIPMENTS, order_id, event_type=event_type)

    @rule(order_id=an_order, request=st.sampled_from(["CANCEL", "RETURN"]))
    def ask(self, order_id: str, request: str) -> None:
        self.world.tell(REQUESTS, order_id, request=request)

    @precondition(lambda self: self.world.placed)
    @rule(
        data=st.data(),
        steps=st.integers(1, 9),
        band=st.sampled_from(["APPROVE", "APPROVE", "STEP_UP", "REVIEW"]),
    )
    def proceed(self, data: st.DataObject, steps: int, band: str) -> None:
        order_id = data.draw(st.sampled_from(sorted(self.world.placed)))
        for _ in range(steps):
            if self.world.desk.state(order_id) is not None:
                self.world.proceed(order_id, band)

    @rule()
    def everything_arrives(self) -> None:
        self.world.settle()

    @precondition(lambda self: self.world.sent)
    @rule(data=st.data(), renamed=st.booleans())
    def repeat(self, data: st.DataObject, renamed: bool) -> None:
        """The same record again, or the same said in another record."""
        topic, record = data.draw(st.sampled_from(self.world.sent))
        if renamed:
            new_id = f"{record['event_id']}-again-{len(self.world.sent)}"
            record = record | {"event_id": new_id}
        self.world.send(topic, record)

    @precondition(lambda self: self.world.waiting_skus())
    @rule(data=st.data())
    def inventory_reads(self, data: st.DataObject) -> None:
        self.world.inventory_reads(data.draw(st.sampled_from(self.world.waiting_skus())))

    @precondition(lambda self: self.world.waiting_answers())
    @rule(data=st.data())
    def orders_read(self, data: st.DataObject) -> None:
        self.world.orders_read(*data.draw(st.sampled_from(self.world.waiting_answers())))

    @precondition(lambda self: self.world.waiting_answers())
    @rule(data=st.data())
    def lose_an_answer(self, data: st.DataObject) -> None:
        self.world.lose_answer(*data.draw(st.sampled_from(self.world.waiting_answers())))

    @rule(
        sku=st.sampled_from(SKUS),
        warehouse_id=st.sampled_from(WAREHOUSES),
        quantity=st.sampled_from([-3, -1, 1, 2]),
    )
    def stock_changes(self, sku: str, warehouse_id: str, quantity: int) -> None:
        self.world.receive(sku, warehouse_id, quantity)

    @rule(span=st.sampled_from([SECOND, MINUTE, 16 * MINUTE, 5 * HOUR, 2 * DAY]))
    def time_passes(self, span: int) -> None:
        self.world.pass_time(span)

    # -- what always holds --------------------------------------------------------------------

    @invariant()
    def every_new_record_keeps_what_the_saga_promises(self) -> None:
        outputs = self.world.desk.outputs
        for topic, record in outputs[self.read :]:
            if topic == LIFECYCLE:
                self._check_step(record)
            elif topic == COMMANDS:
                self._check_command(record)
            elif topic == INVENTORY_EVENTS:
                self._check_stock_event(record)
        self.read = len(outputs)

    def _check_step(self, record: dict) -> None:
        order_id, state, to = record["order_id"], record["from_state"], record["to_state"]
        assert state == self.at.get(order_id, "INITIATED"), "the chain is broken"
        assert record["sequence"] == self.sequence[order_id] + 1, "a step is missing"
        self.at[order_id] = to
        event(f"reaches {to}")
        self.sequence[order_id] += 1
        if state != to:
            assert TABLE[(State(state), Trigger(record["cause"]))].to == to
        assert record["explanation"]

    def _check_command(self, record: dict) -> None:
        world, order_id, command = self.world, record["order_id"], record["command"]
        same = world.desk.emitted(COMMANDS, order_id=order_id, command=command)
        assert len(same) == 1, f"{command} was given twice"
        if command == "CAPTURE_PAYMENT":
            lines = {f"{order_id}/{index}" for index in range(world.placed[order_id])}
            assert world.committed[order_id] == lines, "captured without every line committed"
            assert order_id in world.authorized
            assert order_id not in self.refunded, "captured after it was given back"
        if command == "REFUND_PAYMENT":
            assert order_id in world.authorized, "what was never held was given back"
            self.refunded.add(order_id)

    def _check_stock_event(self, record: dict) -> None:
        """Each thing is said of a line once, and in an order that makes sense."""
        said = self.said[record["reservation_id"]]
        after = {
            "RESERVE_REQUESTED": [[]],
            "COMMITTED": [["RESERVE_REQUESTED"]],
            "SHIPPED": [["RESERVE_REQUESTED", "COMMITTED"]],
            "RELEASED": [["RESERVE_REQUESTED"], ["RESERVE_REQUESTED", "COMMITTED"]],
            "RESTOCKED": [["RESERVE_REQUESTED", "COMMITTED", "SHIPPED"]],
        }
        assert said in after[record["event_type"]]
        said.append(record["event_type"])

    @invariant()
    def no_unit_is_lost_or_made(self) -> None:
        world = self.world
        for sku in SKUS:
            assert (
                world.on_hand(sku) + world.shipped[sku] - world.restocked[sku]
                == world.delivered[sku]
            )

    @invariant()
    def points_are_what_the_order_is_worth_now(self) -> None:
        for order_id, state in self.at.items():
            records = self.world.desk.emitted(LOYALTY, order_id=order_id)
            assert len(records) <= 2
            points = sum(record["points"] for record in records)
            assert points == (AMOUNT // 100 if state == "DELIVERED" else 0)

    # -- what holds in the end ----------------------------------------------------------------

    def teardown(self) -> None:
        world = self.world
        world.settle()
        world.pass_time(25 * DAY)
        world.settle()
        world.pass_time(4 * DAY)
        world.settle()
        self.every_new_record_keeps_what_the_saga_promises()
        self.no_unit_is_lost_or_made()
        self.points_are_what_the_order_is_worth_now()
        for order_id in world.placed:
            self._check_it_is_not_stuck(order_id)
            if self.at[order_id] not in ("CONFIRMED", "PACKED"):
                assert world.open_reservations(order_id) == [], "units stay promised to nobody"
        self._check_nothing_disappeared()

    def _check_it_is_not_stuck(self, order_id: str) -> None:
        """What the records say is still to come was told to be late."""
        desk, state = self.world.desk, self.at[order_id]
        causes = {one["cause"] for one in desk.emitted(LIFECYCLE, order_id=order_id)}
        commands = {one["command"] for one in desk.emitted(COMMANDS, order_id=order_id)}
        told = {one["waiting_for"] for one in desk.emitted(DELAYS, order_id=order_id)}
        missing = set(STAGES.get(state, ()))
        if state in BEFORE_RESERVING and "PAYMENT_AUTHORIZED" not in causes:
            missing.add("PAYMENT")
        if state == "INITIATED" and "FRAUD_APPROVED" not in causes:
            missing.add("FRAUD")
        if state in BEFORE_RESERVING and causes & {"STEP_UP_PASSED", "REVIEW_PASSED"}:
            missing -= {"STEP_UP", "REVIEW"}
        if state in ON_ITS_WAY and "PAYMENT_CAPTURED" not in causes:
            missing.add("CAPTURE" if "LINES_COMMITTED" in causes else "COMMIT")
        if state in TERMINAL and "REFUND_PAYMENT" in commands and "PAYMENT_REFUNDED" not in causes:
            missing.add("REFUND")
        assert missing <= told, f"{state} waits for {missing - told} in silence"
        if desk.where(order_id) is None:
            assert state in (*TERMINAL, "DELIVERED"), "an open order was forgotten"

    def _check_nothing_disappeared(self) -> None:
        """What came to no order was given up, each record once."""
        given_up = [source[2] for source, _ in self.world.desk.given_up]
        assert len(set(given_up)) == len(given_up)
        for order_id, early in self.world.early.items():
            if order_id not in self.world.placed:
                assert self.world.desk.state(order_id) is None
                reasons = [why for _, why in self.world.desk.given_up if repr(order_id) in why]
                assert len(reasons) == early


OrderSaga.TestCase.settings = settings(max_examples=300, stateful_step_count=50, deadline=None)
TestOrderSaga = OrderSaga.TestCase
