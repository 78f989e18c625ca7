"""Jobs that go on with other code: upgraded, rolled back, refused; all of it on a real cluster."""

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from confluent_kafka.schema_registry import SchemaRegistryClient
from support import released
from support.checkouts import BROKEN, MOVED, NOTES, RAISING, TOLD, changed
from support.live_topics import Record
from support.mug_shop import EVENTS, RESERVATIONS, Shop, event, reserve, shoppers

from bench.room import copied
from connectors.clock import now_ms
from connectors.codec import Encoder
from connectors.kafka import Publisher
from connectors.postgres import connected
from connectors.settings import settings
from deploy.cluster import FlinkCluster
from deploy.overview import RunningJob
from deploy.stack.temporary import LocalStack

LIFECYCLE, DECISIONS = "orders.lifecycle", "fraud.decisions"
SEARCHES = "clickstream.search-statistics"
CHANGES, WISHES, SESSIONS = "pricing.changes", "engagement.signals", "features.session"
PRODUCTS = "catalog.products"
OUTPUTS = (
    RESERVATIONS,
    "inventory.availability",
    LIFECYCLE,
    DECISIONS,
    SEARCHES,
    CHANGES,
    WISHES,
    SESSIONS,
    PRODUCTS,
    "dlq",
)
HOUR_MS = 3_600_000
SOON_MS = 30_000  # clicks an hour after a savepoint that is new would make the later tests' late
CALM_S = "4"
# What jobs import is imported once, not by two TaskManagers.
STACK = {"taskmanagers": 1, "taskmanager_slots": 12}


@pytest.fixture(scope="module")
def shop(stack: LocalStack) -> Iterator[Shop]:
    """Its jobs go on from savepoints of the last release."""
    shop = Shop(OUTPUTS)
    released.send_history(shop, now_ms())
    savepoints = [released.provide(job) for job in released.JOBS]
    said = stack.demand("submit", *released.JOBS, "--wait").stdout
    assert all(f"resumed from {savepoint}" in said for savepoint in savepoints), said
    yield shop
    shop.close()


def running() -> RunningJob:
    job = FlinkCluster(settings()).job("inventory")
    assert job is not None
    return job


def send_as_registered(topic: str, key: str, record: Record) -> None:
    """Write a record with the newest schema of the registry, which this checkout does not know."""
    client = SchemaRegistryClient({"url": settings().registry_url})
    latest = client.get_latest_version(f"{topic}-value")
    encoder = Encoder(topic, json.loads(latest.schema.schema_str or ""), latest.schema_id)
    with Publisher(settings().kafka_bootstrap) as publisher:
        publisher.send(topic, key, encoder.encode(record), record["event_time"])


def test_a_savepoint_of_the_last_release_goes_on(shop: Shop) -> None:
    sold = {"sku": released.SKU, "reservation_id": released.RESERVATION}
    shop.tell("shipped", "SHIPPED", **sold)
    shop.wait_for(lambda: shop.shelves(released.SKU), "the shelf after it")
    # five units and two steps more before it: nothing of that is in this job's topics
    assert shop.shelves(released.SKU) == [(4, 3)]


def test_so_does_an_order_that_it_knows(stack: LocalStack, shop: Shop) -> None:
    paid = {"event_id": "paid", "event_time": now_ms(), "event_type": "AUTHORIZED"}
    shop.send("payments.events", {"order_id": released.ORDER, **paid, **released.MONEY})
    shop.wait_for(lambda: shop.seen[LIFECYCLE], "the order's next step")
    step = shop.seen[LIFECYCLE][0]
    # it was placed and approved before
    assert (step["from_state"], step["to_state"]) == ("INITIATED", "RESERVING")
    assert (step["order_id"], step["sequence"]) == (released.ORDER, 3)
    stack.demand("stop", "orders")


def test_and_a_customer_of_whom_it_knows_the_device(shop: Shop) -> None:
    assert _is_new(shop, "another device")  # of somebody's first order none would be


def test_and_a_price_that_it_has_told(stack: LocalStack, shop: Shop) -> None:
    asked = {"competitor": "rival", "price_minor": 1_190, "currency": "EUR"}
    at = {"event_id": "rival", "event_time": released.made_at("pricing") + HOUR_MS}
    shop.send("pricing.competitor-prices", {"sku": "mug-blue", **asked, **at})
    change = shop.wait_for(lambda: shop.seen[CHANGES], "a price to follow the rival's")[0]
    # the first prices are not told again, and this one goes on from the sku's
    assert (change["sku"], change["number"], change["old_minor"]) == ("mug-blue", 2, 1_290)
    stack.demand("stop", "pricing")


def test_and_a_wish_of_somebody_who_waits_for_a_sku(stack: LocalStack, shop: Shop) -> None:
    alert = {"alert_type": "BACK_IN_STOCK", "sku": released.WISHED_SKU, "quantity": 5}
    at = {"event_id": "back", "event_time": released.made_at("engagement") + HOUR_MS}
    shop.send("inventory.alerts", {**alert, **at})
    signal = shop.wait_for(lambda: shop.seen[WISHES], "the wish to be answered")[0]
    assert (signal["customer_id"], signal["wish_id"]) == (released.CUSTOMER, released.WISH)
    stack.demand("stop", "engagement")


def test_and_a_session_in_the_state_of_sql(stack: LocalStack, shop: Shop) -> None:
    at = released.made_at("clickstream") + SOON_MS
    viewed = released.click("viewed", released.VISITOR, at)
    later = released.click("later", "passer-by", at + 2_000)  # event time goes on with it
    shop.send("clickstream.events", viewed, later)

    def told() -> list[Record]:
        return [one for one in shop.seen[SESSIONS] if one["event_id"] == "viewed#session"]

    session = shop.wait_for(told, "the visitor's session")[0]
    assert (session["views"], session["wishlist_adds"]) == (1, 1)
    stack.demand("stop", "clickstream")


def test_and_a_message_whose_customer_buys_after_it(stack: LocalStack, shop: Shop) -> None:
    at = released.made_at("readmodel") + SOON_MS
    bought = {"event_type": "PURCHASE", "customer_id": released.CUSTOMER}
    shop.send("clickstream.events", released.click("bought", released.VISITOR, at, **bought))
    asked = "SELECT part, whole FROM readmodel.kpis WHERE kpi = 'CART_RECOVERY'"
    with connected(settings().postgres_dsn) as connection:
        recovered = shop.wait_for(lambda: connection.execute(asked).fetchone(), "the cart")
    assert recovered == (1, 1)
    stack.demand("stop", "readmodel")


def test_and_a_product_of_which_it_has_told_something_newer(stack: LocalStack, shop: Shop) -> None:
    at = released.made_at("cdc") + SOON_MS
    released.send_product("once more", released.PRODUCT_LSN - 1, at)
    released.send_product("as it is", released.PRODUCT_LSN + 1, at)

    def names() -> list[str]:
        return [p["name"] for p in shop.seen[PRODUCTS] if p["sku"] == released.PRODUCT]

    shop.wait_for(names, "the product as it is")
    assert names() == ["as it is"]
    stack.demand("stop", "cdc")


def test_so_does_a_job_that_was_stopped_without_a_savepoint(stack: LocalStack, shop: Shop) -> None:
    stack.demand("stop", "fraud")
    said = stack.demand("submit", "fraud", "--wait").stdout
    assert "/chk-" in said, said
    assert not _is_new(shop, "device")
    stack.demand("stop", "fraud")


def _is_new(shop: Shop, device_id: str) -> bool:
    """Whether fraud says that the device is new for the customer, who orders once more."""
    order_id = f"by {device_id}"
    at = released.made_at("fraud") + HOUR_MS
    order = released.placed(order_id, order_id, at, device_id=device_id)
    shop.send("orders.initiated", order)

    def decided() -> list[Record]:
        return [one for one in shop.seen[DECISIONS] if one["order_id"] == order_id]

    decision = shop.wait_for(decided, f"a decision on the order {order_id}")[0]
    return "new-device" in [reason["rule_id"] for reason in decision["reasons"]]


def test_an_upgrade_brings_a_field_of_an_event_and_of_state_and_keeps_what_there_was(
    stack: LocalStack, shop: Shop, tmp_path: Path
) -> None:
    shop.tell("stock-1", "RESTOCKED", warehouse_id="berlin", quantity=5)
    shop.send(EVENTS, reserve("before"))
    assert shop.answer("before")["reason"] is None
    before = running().release
    noting = changed(tmp_path, NOTES, TOLD)

    done = stack.run("upgrade", "inventory", "--to", str(noting), "--wait-healthy", CALM_S)

    assert done.returncode == 0, done.stdout + done.stderr
    assert running().release != before
    shop.tell("stock-1", "RESTOCKED", warehouse_id="berlin", quantity=5)  # a repeat
    noted = event("stock-2", "RESTOCKED", warehouse_id="berlin", quantity=1, note="fragile")
    send_as_registered(EVENTS, "mug", noted)
    shop.send(EVENTS, reserve("after"))
    assert shop.answer("after")["reason"] == "fragile"
    shop.wait_for(lambda: len(shop.shelves()) >= 4, "the shelf after four steps")
    assert shop.shelves() == [(1, 5), (2, 5), (3, 6), (4, 6)]


def test_a_release_that_breaks_is_rolled_back_and_nothing_is_lost_or_done_twice(
    stack: LocalStack, shop: Shop, tmp_path: Path
) -> None:
    before = running().release
    broken = changed(tmp_path, NOTES, BROKEN)

    with shoppers(shop) as asked:
        done = stack.run("upgrade", "inventory", "--to", str(broken), "--wait-healthy", CALM_S)

    assert done.returncode == 1, done.stdout
    (line,) = done.stderr.strip().splitlines()
    assert line.startswith(f"shopstream: inventory was rolled back to {before}"), line
    assert "this release cannot reserve" in line
    assert running().release == before

    def answers() -> Counter[str]:
        return Counter(one["cause"] for one in shop.seen[RESERVATIONS] if one["cause"] in asked)

    shop.wait_for(lambda: len(answers()) >= len(asked), f"{len(asked)} answers")
    assert answers() == Counter(asked)
    assert shop.seen["dlq"] == []


def test_a_release_whose_rule_raises_is_rolled_back_although_no_task_fails(
    stack: LocalStack, shop: Shop, tmp_path: Path
) -> None:
    before = running().release
    raising = changed(tmp_path, NOTES, RAISING)

    with shoppers(shop) as asked:
        done = stack.run("upgrade", "inventory", "--to", str(raising), "--wait-healthy", CALM_S)

    assert done.returncode == 1, done.stdout
    assert "by TypeError" in done.stderr, done.stderr
    assert running().release == before

    def ended() -> list[str]:
        """Answered, or a dead letter of the release that raised."""
        letters = [letter["source_offset"] for letter in shop.seen["dlq"]]
        answers = [one["cause"] for one in shop.seen[RESERVATIONS] if one["cause"] in asked]
        return [*map(str, letters), *answers]

    shop.wait_for(lambda: len(ended()) >= len(asked), f"an end of {len(asked)} requests")
    assert len(ended()) == len(set(ended())) == len(asked)


def test_a_release_that_cannot_read_the_state_is_refused_before_anything_stops(
    stack: LocalStack, shop: Shop, tmp_path: Path
) -> None:
    before = running()
    unreadable = changed(tmp_path, NOTES, MOVED)

    done = stack.run("upgrade", "inventory", "--to", str(unreadable))

    assert done.returncode == 1, done.stdout
    assert "was not stopped" in done.stderr
    assert "Stock has sequence where Stock had warehouses" in done.stderr
    assert running().job_id == before.job_id
    shop.send(EVENTS, reserve("still-there"))
    assert shop.answer("still-there")["status"] in ("RESERVED", "REJECTED")


@pytest.fixture
def room(tmp_path: Path) -> Path:
    """The folder of a job of two inserts out of the clickstream's."""
    kinds = ("search", "abandonment")
    return copied("clickstream", [f"clickstream_{kind}_statistics" for kind in kinds], tmp_path)


def test_sql_that_gave_up_an_insert_goes_on_without_its_state_only_if_told_so(
    stack: LocalStack, shop: Shop, room: Path
) -> None:
    minute = (now_ms() // 60_000 + 1) * 60_000

    def search(name: str, second: int, event_type: str = "SEARCH") -> None:
        said = {"event_type": event_type, "category": "mugs", "query": "blue"}
        at = minute + second * 1_000
        shop.send("clickstream.events", released.click(name, released.VISITOR, at, **said))

    def searches() -> list[int]:
        """Of each minute that is over."""
        return [one["searches"] for one in shop.seen[SEARCHES]]

    stack.demand("sql", "run", str(room), "--fresh", "--wait")
    search("the minute before", -30)
    search("first", 1)
    search("no search", 20, "PAGE_VIEW")  # by whose time the first is counted
    shop.wait_for(searches, "the minute before to end")
    stack.demand("stop", "clickstream", "--savepoint")
    (room / "clickstream_abandonment_statistics.sql").unlink()

    refused = stack.run("sql", "run", str(room))
    assert refused.returncode == 1, refused.stdout
    assert "--drop-lost-state" in refused.stderr

    said = stack.demand("sql", "run", str(room), "--drop-lost-state").stdout
    assert "resumed from" in said
    search("second", 22)
    search("the next minute", 120)
    shop.wait_for(lambda: len(searches()) >= 2, "the searches of the minute")
    assert searches() == [1, 2]
    stack.demand("stop", "clickstream")
