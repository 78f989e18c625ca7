"""The simulated clicks: deterministic, plausible, within the contract, with their two stories."""

import json
from collections import Counter, defaultdict
from pathlib import Path

import pytest

from connectors.codec import Encoder
from connectors.provision import SEEDS
from connectors.topics import topic
from deploy.simulate.catalogue import CURRENCY, PRODUCTS
from deploy.simulate.clicks import CLICKS, LEFT_BEHIND, SURGE_FROM_S, SURGE_S, SURGES, ClickLife
from deploy.simulate.sending import Kind

NOW, RATE, SECONDS = 1_767_268_800_000, 100, 240


def sent(seed=1, run="run", seconds=SECONDS, start=NOW):
    life = ClickLife(seed, run, RATE, customers=300)
    return [life.next(start + number * 1000 // RATE) for number in range(seconds * RATE)]


@pytest.fixture(scope="module")
def clicks():
    return sent()


def originals(sendings):
    return [sending.record for sending in sendings if sending.kind is not Kind.DUPLICATE]


def of_type(sendings, event_type):
    return [record for record in originals(sendings) if record["event_type"] == event_type]


def test_a_seed_gives_the_same_clicks_but_for_the_times(clicks):
    again = sent(start=NOW + 1_000_000)
    assert [c.record["event_time"] + 1_000_000 for c in clicks] == [
        c.record["event_time"] for c in again
    ]
    untimed = [{**c.record, "event_time": 0} for c in clicks]
    assert untimed == [{**c.record, "event_time": 0} for c in again]
    assert untimed != [{**c.record, "event_time": 0} for c in sent(seed=2)]


def test_no_click_or_visitor_of_one_run_comes_again_in_the_next(clicks):
    others = originals(sent(run="run2", seconds=10))
    mine = originals(clicks)
    for name in ("event_id", "visitor_id"):
        assert not {r[name] for r in mine} & {r[name] for r in others}
    assert len({r["event_id"] for r in mine}) == len(mine)


def test_every_click_encodes_with_its_schema_and_is_keyed_by_its_visitor(clicks):
    encoder = Encoder(CLICKS, topic(CLICKS).avro_schema, 1)
    for click in clicks:
        assert encoder.encode(click.record)
        assert click.key == topic(CLICKS).key_of(click.record)


def test_every_type_of_click_comes_and_views_lead_to_few_purchases(clicks):
    counts = Counter(record["event_type"] for record in originals(clicks))
    assert set(counts) == {
        "PAGE_VIEW", "HOVER", "ADD_TO_CART", "REMOVE_FROM_CART", "WISHLIST_ADD", "SEARCH",
        "CHECKOUT_START", "PURCHASE",
    }  # fmt: skip
    assert 0.4 < counts["PAGE_VIEW"] / len(clicks) < 0.8
    assert counts["PAGE_VIEW"] > 3 * counts["ADD_TO_CART"]
    assert counts["ADD_TO_CART"] > 1.5 * counts["PURCHASE"] > counts["REMOVE_FROM_CART"]


def test_nobody_buys_or_takes_out_what_is_not_in_the_cart(clicks):
    carts = defaultdict(Counter)
    for record in originals(clicks):
        # the one who comes back for a cart finds it in a second visit
        cart = carts[
            record["visitor_id"] if "leaver" in record["visitor_id"] else record["session_id"]
        ]
        if record["event_type"] == "ADD_TO_CART":
            cart[record["sku"]] += record["quantity"]
        elif record["event_type"] in ("REMOVE_FROM_CART", "PURCHASE"):
            cart[record["sku"]] -= record["quantity"]
            assert cart[record["sku"]] >= 0


def test_some_clicks_come_twice_some_late_and_some_too_late(clicks):
    kinds = Counter(click.kind for click in clicks)
    assert 0.005 < kinds[Kind.DUPLICATE] / len(clicks) < 0.02
    assert 0.001 < kinds[Kind.CLICK_TOO_LATE] / len(clicks) < 0.006
    behind = [
        NOW + number * 1000 // RATE - click.event_time
        for number, click in enumerate(clicks)
        if click.kind is not Kind.DUPLICATE
    ]
    assert 0.01 < sum(0 < ms <= 3000 for ms in behind) / len(behind) < 0.04


def test_for_a_while_one_sku_is_looked_at_and_wanted_more_than_usual(clicks):
    surging = ClickLife(1, "run", RATE, customers=300).surging.sku

    def ratio(start_s, end_s):
        part = clicks[round(start_s * RATE) : round(end_s * RATE)]
        seen = [r for r in of_type(part, "PAGE_VIEW") if r["sku"] == surging]
        carted = [r for r in of_type(part, "ADD_TO_CART") if r["sku"] == surging]
        return len(seen) / (end_s - start_s), len(carted) / max(1, len(seen))

    surge_end = SURGE_FROM_S + SURGE_S
    usual, wanted = ratio(surge_end + 20, SECONDS), ratio(SURGE_FROM_S + 10, surge_end)
    assert wanted[0] > 5 * usual[0]
    assert wanted[1] > 0.4 > 3 * usual[1]


def test_what_surges_is_another_sku_in_another_run_and_the_same_in_the_same():
    surging = [ClickLife(1, f"run{n}", RATE, 300).surging for n in range(100)]
    assert set(surging) == set(SURGES)
    assert surging == [ClickLife(2, f"run{n}", RATE, 300).surging for n in range(100)]


def test_one_cart_is_left_behind_and_bought_later(clicks):
    life = ClickLife(1, "run", RATE, customers=300)
    theirs = [r for r in originals(clicks) if r["visitor_id"] == life.leaver.visitor_id]
    assert [r["event_type"] for r in theirs] == [
        "PAGE_VIEW", "ADD_TO_CART", "PAGE_VIEW", "CHECKOUT_START", "PURCHASE",
    ]  # fmt: skip
    assert {r["sku"] for r in theirs} == {LEFT_BEHIND.sku, None}
    left, back = theirs[1]["event_time"], theirs[2]["event_time"]
    assert back - left > 30_000


def test_a_known_visitor_is_one_of_the_runs_customers_and_keeps_their_browser(clicks):
    browsers = defaultdict(set)
    for record in originals(clicks):
        if record["customer_id"] and "leaver" not in record["visitor_id"]:
            browsers[record["customer_id"]].add(record["visitor_id"])
    assert set(browsers) <= {f"run-c{number}" for number in range(300)}
    assert all(len(visitors) == 1 for visitors in browsers.values())


def test_the_catalogue_topic_is_seeded_with_what_the_shop_sells():
    lines = (Path(SEEDS) / "catalog.products.ndjson").read_text().splitlines()
    seeded = {record["sku"]: record for record in map(json.loads, lines)}
    assert set(seeded) == {product.sku for product in PRODUCTS}
    for product in PRODUCTS:
        assert seeded[product.sku]["price_minor"] == product.price_minor
        assert seeded[product.sku]["currency"] == CURRENCY
