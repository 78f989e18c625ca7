"""Change data capture on a real stack: an edit of a table changes decisions within seconds."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from typing import Any

import psutil
import psycopg
import pytest
from support.live_topics import Sender

from connectors import reading
from connectors.cdc.replication import replication
from connectors.cdc.tables import TABLES, change_topic
from connectors.clock import now_ms
from connectors.kafka import Publisher
from connectors.registry import Registry
from connectors.settings import settings
from deploy.audit.log import Entry, LogReader
from deploy.stack.temporary import LocalStack, local_stack

IN_FORCE_S = 5.0
DEADLINE_S = 60.0
KEYS = {"customers": "customer_id", "promotions": "promotion_id", "fraud_rules": "rule_id"}
TIMES = {"updated_at", "created_at", "starts_at", "ends_at"}

Record = dict[str, Any]


class Shop:
    """Edits the tables and reads the topics, all from their beginning."""

    def __init__(self, stack: LocalStack) -> None:
        self.stack = stack
        self.entries: list[Entry] = []
        self._registry = Registry(settings().registry_url)
        topics = [*TABLES.values(), "pricing.changes", "fraud.decisions"]
        self._reader = LogReader(settings().kafka_bootstrap, self._registry, topics)
        self._database = psycopg.connect(settings().postgres_dsn, autocommit=True)
        self._orders = 0

    def sql(self, statement: str) -> Any:
        """The first value that the statement gives, if any; committed."""
        cursor = self._database.execute(statement)
        return cursor.fetchone()[0] if cursor.description else None

    def edit(self, statement: str) -> tuple[Any, float]:
        """As `sql`, and when it was committed (monotonic seconds)."""
        return self.sql(statement), time.monotonic()

    def order(self) -> None:
        """Place an order, which the fraud job scores."""
        self._orders += 1
        order_id = f"probe-{self._orders}"
        record = {
            "event_id": order_id,
            "event_time": now_ms(),
            "order_id": order_id,
            "customer_id": order_id,
            "amount_minor": 4_000,
            "currency": "EUR",
            "payment_method": "card",
            "channel": "web",
            "lines": [{"sku": "mug-blue", "quantity": 1, "unit_price_minor": 4_000}],
        }
        with Sender(self._registry) as sender:
            sender.send("orders.initiated", record)

    def records(self, topic: str) -> list[Record]:
        return [entry.record for entry in self.entries if entry.topic == topic and entry.record]

    def latest(self, topic: str) -> dict[str, Record]:
        """By key; a tombstone takes its key away."""
        found = {}
        for entry in self.entries:
            if entry.topic == topic:
                found[entry.key.decode()] = entry.record
        return {key: record for key, record in found.items() if record is not None}

    def wait_for(self, condition: Callable[[], Any], what: str) -> Any:
        give_up = time.monotonic() + DEADLINE_S
        while not (found := condition()):
            assert time.monotonic() < give_up, f"waited {DEADLINE_S:.0f} s for {what}"
            self.entries += self._reader.read(0.05)
        return found

    def rows(self, table: str) -> dict[str, Record]:
        key = KEYS.get(table, "sku")
        cursor = self._database.execute(f"SELECT to_jsonb(t) FROM shop.{table} AS t")
        return {row[key]: row for (row,) in cursor}

    def differences(self) -> list[str]:
        """Rows that the topics do not have as the tables have them, by the job's own records.

        What was withdrawn or is off is not in the tables any more.
        """
        found = []
        for table, topic in TABLES.items():
            rows, records = self.rows(table), self.latest(topic)
            for key, row in rows.items():
                record = records.get(key, {"event_id": "missing"})
                fields = set(row) - TIMES
                if "@" not in record["event_id"] or any(record[f] != row[f] for f in fields):
                    found.append(f"{topic} {key}: {row}, {record}")
            left = [record for key, record in records.items() if key not in rows]
            found += [str(record) for record in left if not _is_over(record)]
        return found

    def repeats(self) -> list[str]:
        """Ids that stand twice in a reference topic."""
        ids = [record["event_id"] for topic in TABLES.values() for record in self.records(topic)]
        return [event_id for event_id in set(ids) if ids.count(event_id) > 1]

    def close(self) -> None:
        self._reader.close()
        self._database.close()


def _is_over(record: Record) -> bool:
    return record.get("mode") == "OFF" or record.get("starts_at", 0) == record.get("ends_at", 1)


@pytest.fixture(scope="module")
def shop() -> Iterator[Shop]:
    """A shop whose tables are followed, and whose prices and orders are decided."""
    with local_stack(cdc=True, taskmanagers=1) as stack:
        stack.up()
        stack.demand("submit", "cdc", "pricing", "fraud", "--wait")
        shop = Shop(stack)
        yield shop
        shop.close()


def test_all_rows_are_told_once_with_the_time_from_which_they_hold(shop: Shop) -> None:
    shop.wait_for(lambda: not shop.differences(), "the topics to say what the tables do")

    assert shop.repeats() == []
    default = shop.latest("fraud.rules")["velocity"]
    assert (default["event_time"], default["version"]) == (1_735_689_600_000, 1)


def test_a_price_policy_is_in_force_within_5_s(shop: Shop) -> None:
    def first_price() -> bool:
        return any(change["sku"] == "mug-blue" for change in shop.records("pricing.changes"))

    shop.wait_for(first_price, "a price")
    version, edited_at = shop.edit(
        "UPDATE shop.price_policies SET base_minor = 1500, floor_minor = 1500 "
        "WHERE sku = 'mug-blue' RETURNING version"
    )

    def decided() -> list[Record]:
        changes = shop.records("pricing.changes")
        return [c for c in changes if (c["sku"], c["policy_version"]) == ("mug-blue", version)]

    (change,) = shop.wait_for(decided, "a price by the new policy")
    assert time.monotonic() - edited_at < IN_FORCE_S
    assert change["regular_minor"] == 1500


def test_a_fraud_rule_is_in_force_within_5_s(shop: Shop) -> None:
    version, edited_at = shop.edit(
        "UPDATE shop.fraud_rules SET weight = 21 WHERE rule_id = 'new-device' RETURNING version"
    )

    def decided() -> bool:
        shop.order()
        decisions = shop.records("fraud.decisions")
        return any(decision["rules_version"] == version for decision in decisions)

    shop.wait_for(decided, "a decision by the new rule")
    assert time.monotonic() - edited_at < IN_FORCE_S


def test_what_is_deleted_is_gone_withdrawn_or_off(shop: Shop) -> None:
    shop.sql(
        "INSERT INTO shop.promotions (promotion_id, sku, percent, starts_at, ends_at) "
        "VALUES ('spring', 'mug-blue', 10, now() + interval '1 day', now() + interval '2 days')"
    )
    shop.sql("INSERT INTO shop.stock_policies (sku, reorder_point) VALUES ('mug-blue', 3)")
    shop.wait_for(lambda: not shop.differences(), "a promotion and a policy")
    before = shop.sql("SELECT version FROM shop.rule_set")
    shop.sql("DELETE FROM shop.promotions")
    shop.sql("DELETE FROM shop.stock_policies WHERE sku = 'mug-blue'")
    shop.sql("DELETE FROM shop.products WHERE sku = 'mug-blue'")
    shop.sql("DELETE FROM shop.fraud_rules WHERE rule_id = 'odd-hours'")
    shop.wait_for(lambda: not shop.differences(), "four rows to be gone")

    assert "mug-blue" not in shop.latest("inventory.policies")
    assert "mug-blue" not in shop.latest("catalog.products")
    assert "spring" in shop.latest("pricing.promotions")
    rule = shop.latest("fraud.rules")["odd-hours"]
    assert (rule["mode"], rule["version"]) == ("OFF", before + 1)


def test_a_new_column_disturbs_nothing(shop: Shop) -> None:
    shop.sql("ALTER TABLE shop.products ADD COLUMN colour text")
    shop.sql("UPDATE shop.products SET colour = 'blue', price_minor = 991 WHERE sku = 'plate-blue'")

    def told() -> bool:
        return shop.latest("catalog.products")["plate-blue"]["price_minor"] == 991

    shop.wait_for(told, "the price in the row with another column")
    shop.sql("ALTER TABLE shop.products DROP COLUMN colour")


def test_what_connect_writes_again_changes_nothing(shop: Shop) -> None:
    bootstrap = settings().kafka_bootstrap
    again = list(
        reading.records(bootstrap, change_topic("products"), from_beginning=True, quiet_s=0)
    )
    with Publisher(bootstrap) as publisher:
        for record in again:
            publisher.send(record.topic, record.key.decode(), record.value, record.timestamp)
    shop.sql("UPDATE shop.products SET price_minor = 992 WHERE sku = 'plate-blue'")
    shop.wait_for(lambda: not shop.differences(), "an edit after all that")

    assert shop.repeats() == []


def test_no_edit_is_lost_and_none_told_twice_when_connect_is_killed(shop: Shop) -> None:
    for price in range(1000, 1010):
        shop.sql(f"UPDATE shop.products SET price_minor = {price} WHERE sku = 'bowl-blue'")
    os.kill(shop.stack.services()["connect"]["pid"], signal.SIGKILL)
    for price in range(1010, 1020):
        shop.sql(f"UPDATE shop.products SET price_minor = {price} WHERE sku = 'bowl-blue'")

    def prices() -> list[int]:
        bowls = [one for one in shop.records("catalog.products") if one["sku"] == "bowl-blue"]
        return [one["price_minor"] for one in bowls if one["price_minor"] < 1020]

    shop.wait_for(lambda: prices()[-1:] == [1019], "the last edit")
    assert prices() == sorted(set(prices()))
    assert shop.repeats() == []
    assert shop.differences() == []


def test_doctor_warns_of_a_log_that_is_held_for_a_connect_that_does_not_read(shop: Shop) -> None:
    def diagnosis() -> str:
        lines = shop.stack.run("doctor").stdout.splitlines()
        return next(line for line in lines if "replication" in line)

    def calm() -> bool:
        shop.sql("CHECKPOINT")  # Postgres lets go of the log from time to time only
        found = replication(settings())
        return found.active and not found.endangered

    shop.sql("ALTER SYSTEM SET max_slot_wal_keep_size = '64MB'")
    shop.sql("SELECT pg_reload_conf()")
    shop.wait_for(calm, "a slot that holds little")
    connect = psutil.Process(shop.stack.services()["connect"]["pid"])
    connect.suspend()
    try:
        for _ in range(3):
            shop.sql("SELECT pg_logical_emit_message(false, 'filling', repeat('x', 1000))")
            shop.sql("SELECT pg_switch_wal()")
        warning = diagnosis()
    finally:
        connect.resume()

    assert warning.startswith("FAIL replication: ")
    assert "of at most 64.0 MB; fix: let Connect catch up" in warning
    shop.wait_for(calm, "the log to be read and let go")
    told = shop.stack.run("status").stdout.splitlines()[-1]
    assert told.startswith("changes of the shop's tables: read by Connect, ")
