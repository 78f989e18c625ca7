"""The orders of a seed: the same in every run, labelled, and like what their label says."""

from collections import Counter, defaultdict
from random import Random

import pytest

from connectors.codec import Encoder
from connectors.topics import topic
from deploy.simulate.customers import ABROAD, DAY_MS, HOUR_MS, RING_ORDERS, Customers
from deploy.simulate.orders import LOYAL, SPREE_ORDERS, Order, OrderBook
from deploy.simulate.sending import Label

NOW = 1_750_000_000_000
STEP_MS = 100
TIMES = ("event_time", "account_created_at")


def placed(seed: int = 1, run: str = "run", count: int = 4000, start: int = NOW) -> list[Order]:
    book = OrderBook(seed, run, start)
    return [book.order(number, start + STEP_MS * number) for number in range(count)]


@pytest.fixture(scope="module")
def orders() -> list[Order]:
    return placed()


def labelled(orders: list[Order], label: Label) -> list[Order]:
    return [order for order in orders if order.label is label]


def without_times(order: Order) -> tuple:
    fields = {name: value for name, value in order.record.items() if name not in TIMES}
    return order.label, order.fate, fields


def test_a_seed_gives_the_same_orders_and_fates_whatever_the_time(orders):
    again = placed(start=NOW + 7 * HOUR_MS)
    assert [without_times(o) for o in again] == [without_times(o) for o in orders]


def test_an_order_is_the_same_whichever_are_asked_for_before_it(orders):
    book = OrderBook(1, "run", NOW)
    for number in (3999, 17, 250, 0):
        assert book.order(number, NOW + STEP_MS * number) == orders[number]


def test_another_seed_gives_other_orders(orders):
    assert [o.label for o in placed(seed=2, count=500)] != [o.label for o in orders[:500]]


def test_no_order_or_customer_of_one_run_comes_again_in_the_next(orders):
    others = placed(run="run2", count=500)
    assert not {o.order_id for o in orders} & {o.order_id for o in others}
    assert not {o.customer_id for o in orders} & {o.customer_id for o in others}
    assert len({o.order_id for o in orders}) == len(orders)


def test_every_order_encodes_with_its_schema_and_adds_up(orders):
    encoder = Encoder("orders.initiated", topic("orders.initiated").avro_schema, 1)
    for order in orders:
        record = order.record
        assert encoder.encode(record)
        cost = sum(line["quantity"] * line["unit_price_minor"] for line in record["lines"])
        assert record["amount_minor"] == cost > 0
        assert len({line["sku"] for line in record["lines"]}) == len(record["lines"])


def test_every_label_has_a_plausible_part(orders):
    part = {label: len(labelled(orders, label)) / len(orders) for label in Label}
    assert 0.85 < part[Label.HONEST] < 0.95
    assert 0.02 < part[Label.HABIT_CHANGE] < 0.06
    assert 0.02 < part[Label.RING] < 0.06
    assert 0.004 < part[Label.TAKEOVER] < 0.02


def test_honest_customers_mostly_keep_to_their_habits(orders):
    honest = labelled(orders, Label.HONEST)
    by_customer = defaultdict(list)
    for order in honest:
        by_customer[order.customer_id].append(order.record)
    often = [records for records in by_customer.values() if len(records) >= 5]
    assert len(often) > 100
    for records in often:
        assert len({r["card_fingerprint"] for r in records}) == 1
        assert len({r["device_id"] for r in records}) <= 2
        assert {r["ip_country"] for r in records} == {records[0]["billing_country"]}
        assert records[0]["account_created_at"] <= NOW - 60 * DAY_MS
    assert max(map(len, often)) < len(honest) / 40


def test_some_honest_orders_are_the_first_of_new_accounts_or_guests(orders):
    honest = labelled(orders, Label.HONEST)
    created = [o.record["account_created_at"] for o in honest]
    guests = sum(at is None for at in created)
    fresh = sum(at is not None and at > NOW - DAY_MS for at in created)
    assert 0.005 < guests / len(honest) < 0.03
    assert 0.03 < fresh / len(honest) < 0.1


def test_customers_order_at_their_usual_hours():
    customers, random = Customers(1, "run", NOW, LOYAL), Random(1)
    for hour in range(48):
        came = [customers.pick(random, NOW + hour * HOUR_MS) for _ in range(200)]
        assert sum(customer.is_awake(hour) for customer in came) > 0.9 * len(came)
    assert all(customers.loyal(number).is_awake(0) for number in range(LOYAL))
    assert not all(customers.loyal(number).is_awake(12) for number in range(LOYAL))


def test_a_ring_has_one_device_few_cards_and_ever_new_accounts(orders):
    for start in range(0, len(orders), RING_ORDERS):
        ring = labelled(orders[start : start + RING_ORDERS], Label.RING)
        records = [order.record for order in ring]
        assert len(ring) >= 3
        assert len({r["device_id"] for r in records}) == 1
        assert len({r["card_fingerprint"] for r in records}) <= 3
        assert len({r["customer_id"] for r in records}) == len(ring)
        assert {r["ip_country"] for r in records} <= set(ABROAD)
        assert all(r["account_created_at"] > NOW - HOUR_MS for r in records)


def test_a_ring_orders_for_much_more_than_the_honest(orders):
    def middle(label):
        amounts = sorted(o.record["amount_minor"] for o in labelled(orders, label))
        return amounts[len(amounts) // 2]

    assert middle(Label.RING) > 5 * middle(Label.HONEST)
    assert middle(Label.TAKEOVER) > 2 * middle(Label.HONEST)


def test_the_cards_of_a_ring_are_declined_first_and_then_work(orders):
    first, later = Counter(), Counter()
    for number, order in enumerate(orders):
        if order.label is Label.RING:
            is_early = number % RING_ORDERS < 0.4 * RING_ORDERS
            (first if is_early else later)[order.fate.is_declined] += 1
    assert first[True] > 3 * first[False]
    assert later[False] > 3 * later[True]


def test_a_stolen_account_is_a_loyal_customers_on_a_new_device_far_away(orders):
    at_home = {o.customer_id: o.record for o in labelled(orders, Label.HONEST)}
    stolen = labelled(orders, Label.TAKEOVER)
    known = [(o.record, at_home[o.customer_id]) for o in stolen if o.customer_id in at_home]
    assert len(known) > 0.9 * len(stolen) > 10
    for theirs, usual in known:
        assert theirs["account_created_at"] == usual["account_created_at"]
        assert theirs["device_id"] != usual["device_id"]
        assert theirs["ip_country"] != usual["ip_country"]
        assert theirs["latitude"] is not None


def test_a_spree_is_several_orders_of_one_customer_on_their_own_device(orders):
    sprees = []
    for start in range(0, len(orders), SPREE_ORDERS):
        changed = labelled(orders[start : start + SPREE_ORDERS], Label.HABIT_CHANGE)
        at_home = [o for o in changed if o.record["ip_country"] not in ABROAD]
        assert len({o.customer_id for o in at_home}) <= 1
        sprees.append(len(at_home))
        assert len({o.record["card_fingerprint"] for o in at_home}) <= 1
    assert max(sprees) >= 5


def test_who_travels_keeps_device_and_card_and_tells_no_position(orders):
    customers = Customers(1, "run", NOW, LOYAL)
    loyal = {c.customer_id: c for c in map(customers.loyal, range(LOYAL))}
    changed = labelled(orders, Label.HABIT_CHANGE)
    away = [o.record for o in changed if o.record["ip_country"] in ABROAD]
    assert len(away) > 20
    for record in away:
        customer = loyal[record["customer_id"]]
        assert record["device_id"] in customer.devices
        assert record["card_fingerprint"] == customer.card
        assert record["shipping_country"] == customer.country
        assert record["latitude"] is record["longitude"] is None


def test_fates_hold_something_of_everything(orders):
    fates = [order.fate for order in orders]
    for kind in ("authorized_again_s", "cancels_after_s", "returns_after_s", "judged_after_s"):
        happens = sum(getattr(fate, kind) is not None for fate in fates)
        assert 0 < happens < len(fates) / 2
    assert 0.02 < sum(fate.is_declined for fate in fates) / len(fates) < 0.08
    assert 0.01 < sum(fate.authorized_s > 5 for fate in fates) / len(fates) < 0.06
    for mishaps in ("order_mishaps", "payment_mishaps"):
        met = [getattr(fate, mishaps) for fate in fates]
        assert any(m.garbage for m in met)
        assert any(m.late_by_s for m in met)
        assert any(m.again_after_s is not None for m in met)


def test_the_honest_say_so_and_frauds_neither_cancel_nor_return(orders):
    for order in orders:
        if order.label.is_fraud:
            assert order.fate.step_up in ("FRAUD", None)
            assert order.fate.cancels_after_s is order.fate.returns_after_s is None
            assert order.fate.judged_after_s is not None
        else:
            assert order.fate.step_up == "LEGITIMATE"
