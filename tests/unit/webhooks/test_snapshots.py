"""Snapshots: only what changed since the last one becomes events."""

import pytest

from connectors.webhooks.contract import Cart, CartLine, Item, Level, Unmappable
from connectors.webhooks.snapshots import settle

NOON = 1_764_000_000_000


class Memory(dict):
    """Remembers as the gateway does, and gives the events."""

    def tell(self, fact):
        events, remember = settle(fact, self.get)
        self.update(remember)
        return events


@pytest.fixture
def memory() -> Memory:
    return Memory()


def level(available, at=NOON, **of):
    of = of or {"sku": "mug"}
    return Level(source="shopify", warehouse_id="berlin", available=available, at=at, **of)


def cart(at=NOON, **units):
    lines = tuple(CartLine(sku=sku, quantity=n, price_minor=500) for sku, n in units.items())
    return Cart(source="shopify", cart_id="c", visitor_id="v", at=at, lines=lines, currency="EUR")


def changes(events):
    return [(event.sku, event.quantity) for event in events]


def moves(events):
    return [(event.event_type, event.sku, event.quantity) for event in events]


def test_the_first_level_is_booked_whole_and_the_next_ones_by_what_changed(memory):
    assert changes(memory.tell(level(10))) == [("mug", 10)]
    assert changes(memory.tell(level(7, NOON + 1))) == [("mug", -3)]
    assert changes(memory.tell(level(9, NOON + 2))) == [("mug", 2)]


def test_a_level_that_says_nothing_new_books_nothing(memory):
    memory.tell(level(10))
    assert memory.tell(level(10, NOON + 1)) == []
    assert memory.tell(level(10)) == []


def test_a_level_older_than_the_latest_changes_nothing(memory):
    memory.tell(level(10, NOON + 5))
    assert memory.tell(level(3, NOON)) == []
    assert changes(memory.tell(level(11, NOON + 6))) == [("mug", 1)]


def test_a_level_of_zero_at_first_books_nothing_and_is_remembered(memory):
    assert memory.tell(level(0)) == []
    assert changes(memory.tell(level(4, NOON + 1))) == [("mug", 4)]


def test_the_level_of_an_item_is_booked_on_the_sku_that_it_was_named(memory):
    memory.tell(Item(source="shopify", item="7", sku="mug", at=NOON))
    assert changes(memory.tell(level(10, item="7"))) == [("mug", 10)]


def test_the_level_of_an_item_that_nobody_named_is_unmappable_and_says_what_to_do(memory):
    with pytest.raises(Unmappable, match="send its products"):
        memory.tell(level(10, item="7"))


def test_an_item_keeps_its_newest_name(memory):
    memory.tell(Item(source="shopify", item="7", sku="mug", at=NOON))
    memory.tell(Item(source="shopify", item="7", sku="cup", at=NOON - 1))
    assert changes(memory.tell(level(1, item="7"))) == [("mug", 1)]


def test_a_cart_becomes_what_was_put_in_and_taken_out(memory):
    assert moves(memory.tell(cart(mug=1, bowl=2))) == [
        ("ADD_TO_CART", "bowl", 2),
        ("ADD_TO_CART", "mug", 1),
    ]
    assert moves(memory.tell(cart(NOON + 1, mug=4, plate=1))) == [
        ("REMOVE_FROM_CART", "bowl", 2),
        ("ADD_TO_CART", "mug", 3),
        ("ADD_TO_CART", "plate", 1),
    ]
    assert moves(memory.tell(cart(NOON + 2))) == [
        ("REMOVE_FROM_CART", "mug", 4),
        ("REMOVE_FROM_CART", "plate", 1),
    ]


def test_an_older_cart_changes_nothing(memory):
    memory.tell(cart(NOON + 5, mug=2))
    assert memory.tell(cart(NOON, mug=1)) == []


def test_the_same_snapshot_has_the_same_event_ids(memory):
    assert Memory().tell(cart(mug=1)) == memory.tell(cart(mug=1))
    assert Memory().tell(level(5)) == memory.tell(level(5))
