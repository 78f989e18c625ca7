"""What records mean to a sales channel: one number a sku, never an older one, and stable keys."""

from itertools import permutations

from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.channels.updates import ORDERS, PRICES, STOCK, Updates
from connectors.reading import RawRecord


def at(topic):
    return RawRecord(topic, 0, 0, 0, None, b"")


def stock(warehouse, version, available, sku="mug"):
    return {
        "event_time": 1,
        "sku": sku,
        "warehouse_id": warehouse,
        "available": available,
        "version": version,
    }


def price(number, minor, regular=2000, event_id=None):
    return {
        "event_id": event_id or f"mug/{number}",
        "event_time": 1,
        "sku": "mug",
        "number": number,
        "new_minor": minor,
        "regular_minor": regular,
        "currency": "EUR",
    }


def told(updates, *records, topic=STOCK):
    return [updates.of(at(topic), record) for record in records]


def test_a_channel_is_told_what_all_warehouses_have_together():
    *_, last = told(Updates("m"), stock("berlin", 1, 3), stock("lyon", 1, 4), stock("oslo", 1, -2))
    assert last.content.path == "/stock/mug"
    assert last.content.body["available"] == 7
    assert last.state == 7


def test_an_older_version_of_a_warehouse_changes_nothing():
    updates = Updates("m")
    told(updates, stock("berlin", 5, 3))
    assert told(updates, stock("berlin", 5, 9), stock("berlin", 4, 9)) == [None, None]
    (newer,) = told(updates, stock("berlin", 6, 2))
    assert newer.content.body["available"] == 2


def test_the_same_stock_has_the_same_key_whichever_partition_is_read_first():
    records = [stock("berlin", 4, 3), stock("lyon", 2, 4), stock("oslo", 1, 0)]
    keys = {told(Updates("m"), *order)[-1].key for order in permutations(records)}
    assert len(keys) == 1


def test_a_stock_that_is_back_at_the_same_number_has_another_key():
    first, _, third = told(Updates("m"), *(stock("b", v, v % 2) for v in (1, 2, 3)))
    assert first.state == third.state
    assert first.key != third.key


def test_each_channel_has_keys_of_its_own():
    (one,), (other,) = (told(Updates(name), stock("b", 1, 1)) for name in ("a", "b"))
    assert one.key != other.key


@settings(deadline=None)
@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 9)), max_size=30))
def test_versions_of_a_sku_grow_with_every_change(changes):
    updates, versions, seen = Updates("m"), {}, []
    for warehouse, available in changes:
        versions[warehouse] = versions.get(warehouse, 0) + 1
        (update,) = told(updates, stock(warehouse, versions[warehouse], available))
        seen.append(update.content.body["version"])
    assert seen == sorted(set(seen))


def test_a_price_that_only_some_get_is_no_news_for_a_channel():
    first, second = told(Updates("m"), price(1, 1999), price(2, 1999), topic=PRICES)
    assert first.state == second.state


def test_an_older_price_is_not_told():
    assert told(Updates("m"), price(2, 1500), price(1, 1999), topic=PRICES)[1] is None


def test_steps_of_an_order_are_told_each_by_itself_in_the_orders_lane():
    step = {
        "event_id": "o 1/3",
        "event_time": 1,
        "order_id": "o 1/ä",
        "from_state": "CONFIRMED",
        "to_state": "PACKED",
        "cause": "PICKED",
        "explanation": "",
        "sequence": 3,
        "customer_id": "c1",
    }
    (update,) = told(Updates("m"), step, topic=ORDERS)
    assert update.state is None
    assert update.content.path == "/orders/o%201%2F%C3%A4/events"
    assert "customer_id" not in update.content.body, "a channel has no business with that"
