"""What holds for every stream of events: shuffled, repeated, late, with losses and any policy."""

from typing import Any

from hypothesis import assume, given, settings
from hypothesis import strategies as st
from ledger import Ledger
from streams import Stream, streams
from support.stockroom import NOON, committed, hours, minutes, released, shipped

from udfs.inventory.events import RESERVATIONS

for_every_stream = settings(max_examples=100, deadline=None)


@settings(max_examples=400, deadline=None)
@given(streams)
def test_the_records_add_up_to_the_state_after_every_event(stream: Stream):
    shop, ledger = stream.shop(), Ledger()

    for event, outputs in stream.play(shop):
        ledger.read(event, outputs)
        ledger.check_state(shop.state("mug"))

    ledger.read(None, shop.advance(NOON + hours(48)))
    ledger.check_state(shop.state("mug"))


@for_every_stream
@given(streams)
def test_every_request_is_answered_once_and_always_the_same(stream: Stream):
    shop = stream.shop()
    decisions: dict[str, tuple] = {}

    for event, outputs in stream.play(shop):
        if event is None or event["event_type"] != "RESERVE_REQUESTED":
            continue
        (answer,) = [item for topic, item in outputs if topic == RESERVATIONS]
        assert answer["cause"] == event["event_id"]
        assert answer["status"] in ("RESERVED", "REJECTED")
        names = ("status", "warehouse_id", "reason", "quantity", "expires_at", "order_id")
        decision = tuple(answer[name] for name in names)
        assert decisions.setdefault(event["reservation_id"], decision) == decision


@for_every_stream
@given(streams)
def test_every_commit_and_release_is_answered_and_nothing_ships_twice(stream: Stream):
    shop = stream.shop()
    gone: set[str] = set()

    for event, outputs in stream.play(shop):
        if event is None or event["event_type"] not in ("COMMITTED", "RELEASED", "SHIPPED"):
            continue
        answers = [item["status"] for topic, item in outputs if topic == RESERVATIONS]
        if event["event_type"] == "SHIPPED" and not answers:
            assert event["reservation_id"] not in gone
            gone.add(event["reservation_id"])
        else:
            done = [] if event["event_type"] == "SHIPPED" else [[event["event_type"]]]
            assert answers in [["REJECTED"], ["EXPIRED", "REJECTED"], *done]


@for_every_stream
@given(streams)
def test_a_replay_gives_the_same_records(stream: Stream):
    first, second = stream.shop(), stream.shop()

    assert list(stream.play(first)) == list(stream.play(second))
    assert first.state("mug") == second.state("mug")
    assert first.children("mug") == second.children("mug")


@for_every_stream
@given(streams)
def test_in_the_end_only_committed_reservations_are_left(stream: Stream):
    shop = stream.shop()
    for _ in stream.play(shop):
        pass

    shop.advance(NOON + hours(48))

    children = shop.children("mug").values()
    shelves = shop.stock().warehouses.values()
    assert {child.status for child in children} <= {"COMMITTED"}
    assert sum(shelf.reserved for shelf in shelves) == 0
    assert sum(shelf.committed for shelf in shelves) == sum(child.quantity for child in children)
    shop.assert_no_wake_ups_left()


@for_every_stream
@given(streams, st.sampled_from([committed, released, shipped]), st.integers(0, 30))
def test_it_does_not_matter_whether_the_wake_up_or_the_late_event_came_first(
    stream: Stream, event: Any, minutes_late: int
):
    shops = stream.shop(), stream.shop()
    for shop in shops:
        for _ in stream.play(shop):
            pass
    event_first, wake_up_first = shops
    open_ones = [
        (name, child.expires_at)
        for name, child in event_first.children("mug").items()
        if child.status == "RESERVED"
    ]
    assume(open_ones)
    name, expires_at = min(open_ones)
    at = expires_at + minutes(minutes_late)
    late_event = event(name, at=at)

    event_first.send(late_event)
    event_first.advance(max(event_first.now, at))
    wake_up_first.advance(max(wake_up_first.now, at))
    wake_up_first.send(late_event)

    expired = [("EXPIRED", None), ("REJECTED", "RESERVATION_EXPIRED")]
    for shop in shops:
        assert shop.answers(name)[-2:] == expired
    shelves, same_shelves = ({w: s.shelf(w) for w in s.stock().warehouses} for s in shops)
    assert shelves == same_shelves
