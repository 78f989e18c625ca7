"""The world's answers to what the jobs decide: each command once, as the order's fate has it."""

from dataclasses import replace

import pytest

from connectors.codec import Encoder
from connectors.topics import topic
from deploy.simulate.fate import Mishaps
from deploy.simulate.orders import Order, OrderBook
from deploy.simulate.sending import Kind, Label, Tally
from deploy.simulate.world import (
    COMMANDS,
    LIFECYCLE,
    PATIENCE_S,
    QUIET_S,
    WRITES,
    World,
)

NOW = 1_750_000_000_000
UNTOUCHED = Mishaps(again_after_s=None, late_by_s=0.0, garbage=None)
LONG = NOW + 3_600_000


def an_order(label: Label = Label.HONEST, **fated) -> Order:
    """An order whose payment goes through, that nobody cancels or returns, unless `fated`."""
    book = OrderBook(1, "run", NOW)
    order = next(o for o in (book.order(n, NOW) for n in range(2000)) if o.label is label)
    smooth = {
        "is_declined": False,
        "authorized_again_s": None,
        "cancels_after_s": None,
        "returns_after_s": None,
        "judged_after_s": None,
        "order_mishaps": UNTOUCHED,
        "payment_mishaps": UNTOUCHED,
    }
    return replace(order, fate=replace(order.fate, **{**smooth, **fated}))


class Shopped:
    """A world with one order placed, told what jobs decide of it."""

    def __init__(self, order: Order) -> None:
        self.order = order
        self.tally = Tally()
        self.world = World(self.tally)
        self.placed = self.world.place(order, NOW)
        self._events = 0

    def command(self, command: str, at: int = NOW, event_id: str | None = None, **fields) -> list:
        record = {"command": command, "amount_minor": None, "currency": None, **fields}
        return self._take(COMMANDS, record, at, event_id)

    def step(self, to_state: str, at: int = NOW, from_state: str = "BEFORE") -> list:
        states = {"from_state": from_state, "to_state": to_state}
        return self._take(LIFECYCLE, {**states, "cause": "SOMETHING"}, at, None)

    def _take(self, name: str, record: dict, at: int, event_id: str | None) -> list:
        self._events += 1
        named = {"event_id": event_id or f"e{self._events}", "order_id": self.order.order_id}
        return self.world.take(name, {**named, "event_time": at, **record}, at)


def said(planned: list, field: str = "event_type") -> list:
    return [p.sending.record[field] for p in planned]


def test_an_order_is_sent_at_once_and_labelled():
    shop = Shopped(an_order(Label.RING))
    assert [s.record for s in shop.world.due(NOW)] == [shop.order.record]
    assert not list(shop.world.due(LONG))
    assert shop.tally.labels == {shop.order.order_id: Label.RING}
    assert shop.tally.is_fraud(shop.order.order_id)
    assert shop.tally.sent == {Kind.ORDER: 1}


@pytest.mark.parametrize(
    ("command", "answers"),
    [
        ("AUTHORIZE_PAYMENT", ["AUTHORIZED"]),
        ("PICK_AND_PACK", ["PICKED", "PACKED", "SHIPPED", "DELIVERED"]),
    ],
)
def test_a_command_is_answered_once_however_often_it_is_read(command, answers):
    shop = Shopped(an_order())
    assert said(shop.command(command, event_id="c1")) == answers
    assert shop.command(command, at=NOW + 5, event_id="c1") == []
    assert said(shop.command(command, event_id="c2")) == answers
    ids = [s.record["event_id"] for s in shop.world.due(LONG)]
    assert len(set(ids)) == len(ids) == 1 + 2 * len(answers)


def test_the_payment_provider_does_what_it_is_told_in_that_order():
    shop = Shopped(an_order(authorized_s=20.0, captured_s=0.1, refunded_s=0.1))
    said_at = [
        shop.command("AUTHORIZE_PAYMENT"),
        shop.command("CAPTURE_PAYMENT", amount_minor=70, currency="EUR"),
        shop.command("REFUND_PAYMENT", amount_minor=70, currency="EUR"),
    ]
    times = [planned.due for (planned,) in said_at]
    assert times == sorted(set(times))
    assert times[0] == NOW + 20_000
    answers = [s.record for s in shop.world.due(LONG)][1:]
    assert [a["event_type"] for a in answers] == ["AUTHORIZED", "CAPTURED", "REFUNDED"]
    amount = shop.order.record["amount_minor"]
    assert [a["amount_minor"] for a in answers] == [amount, 70, 70]


def test_a_declined_payment_is_neither_captured_nor_refunded():
    shop = Shopped(an_order(is_declined=True))
    assert said(shop.command("AUTHORIZE_PAYMENT")) == ["DECLINED"]
    assert said(shop.command("CAPTURE_PAYMENT")) == ["DECLINED"]
    assert shop.command("REFUND_PAYMENT") == []


def test_a_payment_said_twice_is_two_events_and_a_duplicate_is_one():
    shop = Shopped(an_order(authorized_again_s=2.0))
    first, second = shop.command("AUTHORIZE_PAYMENT")
    assert second.due == first.due + 2000
    assert first.sending.record["event_id"] != second.sending.record["event_id"]
    mishaps = Mishaps(again_after_s=1.0, late_by_s=3.0, garbage=b"\xff")
    shop = Shopped(an_order(payment_mishaps=mishaps))
    first, again, garbage = shop.command("AUTHORIZE_PAYMENT")
    assert again.sending.record == first.sending.record
    assert again.sending.kind is Kind.DUPLICATE
    assert first.sending.event_time == first.sending.record["event_time"] == first.due - 3000
    assert garbage.sending.record == b"\xff"
    assert garbage.sending.key == shop.order.order_id
    assert shop.tally.late == 1


def test_the_honest_customer_authenticates_and_the_fraudster_does_not():
    (answer,) = Shopped(an_order()).command("REQUEST_STEP_UP")
    assert answer.sending.record["outcome"] == "LEGITIMATE"
    assert answer.sending.record["source"] == "CUSTOMER"
    assert Shopped(an_order(Label.RING, step_up=None)).command("REQUEST_STEP_UP") == []
    (owner,) = Shopped(an_order(Label.TAKEOVER, step_up="FRAUD")).command("REQUEST_STEP_UP")
    assert owner.sending.record["outcome"] == "FRAUD"


@pytest.mark.parametrize("label", Label)
def test_the_reviewer_finds_the_truth(label):
    (answer,) = Shopped(an_order(label)).step("IN_REVIEW")
    assert answer.sending.record["outcome"] == ("FRAUD" if label.is_fraud else "LEGITIMATE")
    assert answer.sending.record["source"] == "REVIEWER"
    assert answer.due > NOW + 1000


def test_a_step_that_changes_nothing_is_no_occasion():
    shop = Shopped(an_order(judged_after_s=1.0, returns_after_s=1.0))
    assert shop.step("IN_REVIEW", from_state="IN_REVIEW") == []
    assert shop.step("DELIVERED", from_state="DELIVERED") == []


def test_the_parcel_goes_its_way_and_has_a_number_once_shipped():
    planned = Shopped(an_order()).command("PICK_AND_PACK")
    assert [p.due for p in planned] == sorted({p.due for p in planned})
    assert said(planned, "tracking_number") == [None, None, *["run-o0-parcel"] * 2]


def test_a_cancelled_order_is_not_shipped():
    shop = Shopped(an_order())
    planned = shop.command("PICK_AND_PACK")
    sent = [s.record for s in shop.world.due(planned[0].due)]
    shop.step("CANCELLED", at=planned[0].due)
    assert [record.get("event_type") for record in sent] == [None, "PICKED"]
    assert not list(shop.world.due(LONG))


def test_who_wants_out_says_so_without_being_asked():
    shop = Shopped(an_order(cancels_after_s=4.0))
    assert [s.record["request"] for s in shop.world.due(NOW + 4000) if s.kind is Kind.REQUEST] == [
        "CANCEL"
    ]


def test_what_is_returned_comes_back_after_it_was_asked_for():
    shop = Shopped(an_order(returns_after_s=2.0, received_after_s=3.0))
    asked, back = shop.step("DELIVERED")
    assert asked.sending.record["request"] == "RETURN"
    assert back.sending.record["event_type"] == "RETURN_RECEIVED"
    assert (asked.due, back.due) == (NOW + 2000, NOW + 5000)


def test_a_delivered_fraud_is_charged_back_and_an_honest_order_may_be_confirmed():
    (fraud,) = Shopped(an_order(Label.RING, judged_after_s=1.0)).step("DELIVERED")
    (honest,) = Shopped(an_order(judged_after_s=1.0)).step("DELIVERED")
    sources = [(p.sending.record["outcome"], p.sending.record["source"]) for p in (fraud, honest)]
    assert sources == [("FRAUD", "CHARGEBACK"), ("LEGITIMATE", "REVIEWER")]


def test_orders_of_another_run_are_nobodys_business():
    world = World(Tally())
    command = {"event_id": "e", "order_id": "yesterday-o1", "command": "AUTHORIZE_PAYMENT"}
    assert world.take(COMMANDS, command, NOW) == []
    assert world.has_ended(NOW)


def test_without_any_job_the_world_ends_soon_whatever_is_planned():
    shop = Shopped(an_order(cancels_after_s=12.0))
    list(shop.world.due(NOW + 100))
    assert not shop.world.has_ended(NOW + int(QUIET_S * 1000) - 1)
    assert shop.world.has_ended(NOW + int(QUIET_S * 1000))
    assert shop.world.unsettled == 1


def test_the_world_waits_for_jobs_that_owe_a_word_and_for_what_is_planned():
    shop = Shopped(an_order())
    planned = shop.command("PICK_AND_PACK")
    assert not shop.world.has_ended(LONG)
    last = planned[-1].due
    list(shop.world.due(last))
    assert not shop.world.has_ended(last + int(PATIENCE_S * 1000) - 1)
    assert shop.world.has_ended(last + int(PATIENCE_S * 1000))
    shop.step("DELIVERED", at=last)
    assert shop.world.unsettled == 0
    assert not shop.world.has_ended(last + int(QUIET_S * 1000) - 1)
    assert shop.world.has_ended(last + int(QUIET_S * 1000))


def test_an_order_that_waits_for_a_silent_fraudster_is_settled_but_a_return_is_not():
    silent = Shopped(an_order(Label.RING, step_up=None))
    silent.step("STEP_UP")
    assert silent.world.unsettled == 0
    returned = Shopped(an_order(returns_after_s=1.0))
    returned.step("DELIVERED")
    assert returned.world.unsettled == 1
    returned.step("RETURNED")
    assert returned.world.unsettled == 0


def test_all_records_but_the_undecodable_encode_with_their_topics_schema_and_key():
    encoders = {name: Encoder(name, topic(name).avro_schema, 1) for name in WRITES}
    book, world, kinds = OrderBook(1, "run", NOW), World(Tally()), set()
    for number in range(2000):
        order = book.order(number, NOW)
        world.place(order, NOW)
        named = {"order_id": order.order_id, "amount_minor": None, "currency": None}
        for command in ("AUTHORIZE_PAYMENT", "CAPTURE_PAYMENT", "REQUEST_STEP_UP", "PICK_AND_PACK"):
            event = {"event_id": f"{number}-{command}", "command": command}
            world.take(COMMANDS, {**named, **event}, NOW)
        step = {"event_id": f"{number}-d", "from_state": "SHIPPED", "to_state": "DELIVERED"}
        world.take(LIFECYCLE, {**named, **step}, NOW)
    for sending in world.due(LONG):
        kinds.add(sending.kind)
        if isinstance(sending.record, bytes):
            assert sending.kind is Kind.BAD_BYTES
            continue
        assert encoders[sending.topic].encode(sending.record)
        assert topic(sending.topic).key_of(sending.record) == sending.key
        assert sending.event_time == sending.record["event_time"]
    orders = {Kind.ORDER, Kind.PAYMENT, Kind.OUTCOME, Kind.SHIPMENT, Kind.REQUEST}
    assert kinds == orders | {Kind.DUPLICATE, Kind.BAD_BYTES}
