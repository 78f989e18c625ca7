"""The simulated shop: the same for a seed, mixed as announced, and what its contracts ask for."""

from collections import Counter
from itertools import islice

import pytest
from support.inventory_job import INPUT_DEFAULTS, RightJob
from support.inventory_log import NOON, InventoryLog

from connectors.codec import Encoder
from connectors.topics import topic
from deploy.simulate.catalogue import PRODUCTS
from deploy.simulate.orders import OrderBook
from deploy.simulate.sending import BAD, Kind, Sending
from deploy.simulate.shop import Shop

NOW = 1_750_000_000_000
RATE = 200
OF_CLICKS = {Kind.CLICK, Kind.CLICK_TOO_LATE}
OF_ORDERS = {Kind.ORDER, Kind.PAYMENT, Kind.OUTCOME, Kind.SHIPMENT, Kind.REQUEST}
OF_PRICES = {Kind.PROMOTION, Kind.COMPETITOR_PRICE}
OF_MESSAGES = {Kind.PREFERENCE, Kind.RESPONSE, Kind.RECOVERED}


def life(shop: Shop, events: int, start: int = NOW, step_ms: int = 5) -> list[Sending]:
    sent = [*shop.reference(start), *shop.opening(start)]
    return sent + [shop.next(start + step_ms * n) for n in range(events)]


@pytest.fixture(scope="module")
def shop() -> Shop:
    return Shop(1, "run", RATE)


@pytest.fixture(scope="module")
def minute(shop) -> list[Sending]:
    return life(shop, 60 * RATE)


def without_times(sent: list[Sending]) -> list:
    return [
        (s.kind, s.key, s.record if isinstance(s.record, bytes) else {**s.record, "event_time": 0})
        for s in sent
    ]


def test_a_seed_gives_the_same_shop_whatever_the_time(minute):
    again = life(Shop(1, "run", RATE), 60 * RATE, start=NOW + 12_345, step_ms=7)
    assert without_times(again) == without_times(minute)


def test_another_seed_gives_another_shop(minute):
    assert without_times(life(Shop(2, "run", RATE), 1000)) != without_times(minute[:1000])


def test_no_id_of_one_run_comes_again_in_the_next(minute):
    def ids(sent):
        return {s.record["event_id"] for s in sent if isinstance(s.record, dict)}

    assert not ids(minute) & ids(life(Shop(1, "run2", RATE), 1000))


def test_every_kind_comes_in_a_minute_in_a_plausible_part(shop, minute):
    count = Counter(sending.kind for sending in minute)
    assert count == shop.tally.sent
    assert set(count) == set(Kind) - OF_ORDERS - OF_CLICKS - OF_MESSAGES - OF_PRICES
    part = {kind: number / len(minute) for kind, number in count.items()}
    assert 0.25 < part[Kind.RESERVE] < 0.45
    assert 0.15 < part[Kind.SHIP] < part[Kind.COMMIT] < part[Kind.RESERVE]
    assert 0.007 < part[Kind.DUPLICATE] < 0.013
    assert 0.001 < shop.tally.bad / len(minute) < 0.003
    assert 0.007 < shop.tally.late / len(minute) < 0.013
    assert shop.tally.abandoned > 100


def test_a_duplicate_is_the_same_event_again(minute):
    earlier = []
    for sending in minute:
        if sending.kind is Kind.DUPLICATE:
            assert sending.record in earlier[-600:]
        earlier.append(sending.record)


def test_only_duplicates_share_an_event_id(minute):
    ids = Counter(
        s.record["event_id"]
        for s in minute
        if isinstance(s.record, dict) and s.kind is not Kind.DUPLICATE
    )
    assert max(ids.values()) == 1


def test_event_time_is_the_time_of_sending_but_for_the_late_and_the_duplicates():
    shop = Shop(1, "run", RATE)
    late = 0
    for number in range(10_000):
        now = NOW + 5 * number
        sending = shop.next(now)
        if sending.kind is not Kind.DUPLICATE and sending.event_time != now:
            assert 2000 <= now - sending.event_time <= 8000
            late += 1
    assert late == shop.tally.late


def test_a_flash_sale_has_more_shoppers_than_units(minute):
    once = [s for s in minute if s.kind in (Kind.RESTOCK, Kind.RESERVE_FLASH)]
    drop = [s.record for s in once if s.key == "drop-run-1"]
    units = sum(r["quantity"] for r in drop if r["event_type"] == "RESTOCKED")
    asked = sum(r["quantity"] for r in drop if r["event_type"] == "RESERVE_REQUESTED")
    assert 0 < units * 1.5 < asked


def test_all_records_but_the_undecodable_encode_with_their_topics_schema_and_key(minute):
    encoders = {
        name: Encoder(name, topic(name).avro_schema, 1) for name in {s.topic for s in minute}
    }
    for sending in minute:
        if isinstance(sending.record, bytes):
            assert sending.kind is Kind.BAD_BYTES
            assert sending.record[0] != 0
        else:
            assert encoders[sending.topic].encode(sending.record)
            assert topic(sending.topic).key_of(sending.record) == sending.key


def test_reference_data_does_not_change_from_run_to_run():
    def facts(shop):
        names = ("event_id", "event_time")
        return [{k: v for k, v in s.record.items() if k not in names} for s in shop.reference(NOW)]

    assert facts(Shop(1, "a", 10)) == facts(Shop(2, "b", 2000))


def test_a_slow_shop_has_its_flash_sale_too():
    shop = Shop(1, "run", 2)
    kinds = [sending.kind for sending in islice((shop.next(NOW) for _ in range(60)), 60)]
    assert Kind.RESERVE_FLASH in kinds


def test_what_stores_and_marketplaces_reserve_is_for_no_order(minute):
    stock = [s.record for s in minute if s.topic == "inventory.events" and s.kind not in BAD]
    assert not {record["order_id"] for record in stock if "order_id" in record} - {None}
    asked = [record for record in stock if record["event_type"] == "RESERVE_REQUESTED"]
    assert {record["channel"] for record in asked} == {"store", "marketplace"}


def test_every_sku_has_its_price():
    prices = {product.sku: product.price_minor for product in PRODUCTS}
    assert prices["mug-blue"] == 1290
    assert prices["mug-white"] == 1340
    assert all(500 < price < 30_000 for price in prices.values())


def test_orders_find_enough_stock_mostly_and_none_sometimes():
    log, shop, book = InventoryLog(), Shop(1, "run", RATE, orders=10), OrderBook(1, "run", NOON)
    for sending in shop.reference(NOON - 3_600_000):
        policies = sending.topic == "inventory.policies"
        (log.policies if policies else log.costs).append(sending.record)
    job = RightJob(log)
    sent = [(sending, NOON) for sending in shop.opening(NOON)]
    for number in range(60 * RATE):
        now = NOON + 5 * number
        sent.append((shop.next(now), now))
        if number % 20 == 0:
            order = book.order(number // 20, now)
            shop.ordered(order.record["lines"])
            for line in order.record["lines"]:
                name = f"{order.order_id}-{line['sku']}"
                asked = {"event_id": name, "event_time": now, "reservation_id": name, **line}
                asked["order_id"] = order.order_id
                for what in ("RESERVE_REQUESTED", "COMMITTED"):
                    named = {"event_type": what, "event_id": f"{name}-{what}"}
                    record = {**asked, **named}
                    sent.append((Sending(Kind.RESERVE, "", line["sku"], record, now), now))
    decided = set()
    for sending, now in sent:
        job.wake(now)
        if sending.kind not in BAD and sending.record["event_id"] not in decided:
            decided.add(sending.record["event_id"])
            job.decide({**INPUT_DEFAULTS, **sending.record})
    first = {}
    for decision in log.reservations:
        if decision["order_id"] is not None:
            first.setdefault(decision["reservation_id"], decision["status"])
    status = Counter(first.values())
    assert set(status) == {"RESERVED", "REJECTED"}
    assert status["RESERVED"] / status.total() > 0.85
