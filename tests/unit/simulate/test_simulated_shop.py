"""The simulated shop: the same for a seed, mixed as announced, and what its contracts ask for."""

from collections import Counter
from itertools import islice

import pytest

from connectors.codec import Encoder
from connectors.topics import topic
from deploy.simulate.sending import Kind, Sending
from deploy.simulate.shop import Shop

NOW = 1_750_000_000_000
RATE = 200


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
    assert set(count) == set(Kind)
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
