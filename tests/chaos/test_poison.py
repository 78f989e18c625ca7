"""Records that no reader can decode, on every input topic of every job, while the shop is open.

Takes about seven minutes: a stack, seven jobs, a shop of a minute.
"""

import subprocess
import time
from collections.abc import Iterable, Iterator
from statistics import median
from typing import Any

import pytest
from fastavro.schema import parse_schema
from fastavro.utils import generate_one
from support.live_topics import DEADLINE_S, LiveTopics

from connectors.clock import now_ms
from connectors.codec import Encoder
from connectors.kafka import Publisher
from connectors.registry import Registry
from connectors.settings import settings
from connectors.topics import TOPICS, Topic
from deploy.audit.engagement import contract as engagement_contract
from deploy.audit.engagement.log import audit_topics as audit_engagement
from deploy.audit.fraud import fold as fraud_contract
from deploy.audit.fraud.log import audit_topics as audit_fraud
from deploy.audit.inventory import log as inventory_contract
from deploy.audit.inventory.log import audit_topics as audit_inventory
from deploy.audit.orders import contract as orders_contract
from deploy.audit.orders.log import audit_topics as audit_orders
from deploy.audit.pricing import fold as pricing_contract
from deploy.audit.pricing.log import audit_topics as audit_pricing
from deploy.cluster import FlinkCluster
from deploy.stack.temporary import SHOPSTREAM, LocalStack, local_stack
from jobs.replay.plan import python_jobs
from jobs.sql.parameters import of_environment
from jobs.sql.room import SQL, Folder, room_of

SQL_JOBS = ("clickstream", "readmodel")
CONTRACTS = (
    inventory_contract,
    orders_contract,
    fraud_contract,
    pricing_contract,
    engagement_contract,
)
AUDITS = (audit_inventory, audit_orders, audit_fraud, audit_pricing, audit_engagement)
UNKNOWN_SCHEMA, OTHER = 999_999, "jobs.arrivals"
ENTITIES = ("sku", "order_id", "customer_id", "visitor_id")
NEVER_MS = 4_102_444_800_000  # the year 2100

Record = dict[str, Any]
Poison = tuple[str, bytes | None]
Letter = tuple[str, str, bytes | None]  # domain, topic, value


@pytest.fixture(scope="module")
def shop() -> Iterator[LocalStack]:
    """A stack on which every job runs that needs no other database, and has run for a while: in
    their first half minute seven jobs on two cores are late with everything."""
    with local_stack(parallelism=1) as stack:
        stack.up()
        stack.demand("submit", *python_jobs(), *SQL_JOBS, "--wait")
        stack.demand("simulate", "--seconds", "20", "--rate", "100", "--seed", "2")
        yield stack


def inputs() -> dict[str, dict[str, bool]]:
    """What each domain reads, as its dead letters name it: topic -> whether it is a table of the
    latest record per key."""
    found = {
        domain.name: dict.fromkeys(domain.inputs, False) | dict.fromkeys(domain.reference, True)
        for domains in python_jobs().values()
        for domain in domains
    }
    for job in SQL_JOBS:
        folder = Folder(SQL / job, room_of(SQL / job), of_environment(settings()))
        needed = folder.needs(each.statement for each in folder.inserts)
        guards = [guard for ready in needed if (guard := folder.guard(ready))]
        found[job] = {guard.topic: True for guard in guards}
        found[job] |= {guard.topic: False for guard in guards if not guard.deletes}
    return found


def poison_for(topic: Topic, registry: Registry, *, is_table: bool) -> Iterator[Poison]:
    """(key, value) of records that are none of `topic`, each of another value.

    A table takes a record without a value for a deletion, and whatever time it is given.
    """

    def encoded(name: str, record: Record) -> bytes:
        schema_id = registry.schema_id(TOPICS[name])
        return Encoder(name, TOPICS[name].avro_schema, schema_id).encode(record)

    header = b"\0" + registry.schema_id(topic).to_bytes(4, "big")
    yield "garbage", f"no avro at all, for {topic.name}".encode()
    yield "empty", b""
    yield "cut", header
    yield "id", b"\0" + UNKNOWN_SCHEMA.to_bytes(4, "big") + b"\2x"
    yield "type", encoded(OTHER, generate_one(parse_schema(TOPICS[OTHER].avro_schema)))
    yield "zeros", bytes(1_000_000)
    if not is_table:
        yield "null", None
        record = generate_one(parse_schema(topic.avro_schema)) | {"event_time": NEVER_MS}
        record |= {name: "poison" for name in ENTITIES if name in record}
        yield topic.key_of(record), encoded(topic.name, record)


def told(letters: Iterable[Letter]) -> str:
    return "\n".join(
        sorted(f"{domain} {topic} {(value or b'')[:24]!r}" for domain, topic, value in letters)
    )


@pytest.mark.timeout(1200)
@pytest.mark.usefixtures("shop")
def test_what_nobody_can_read_is_a_dead_letter_and_all_else_is_done():
    read_by = inputs()
    told_by_jobs = {topic for contract in CONTRACTS for topic in contract.OUTPUTS}
    from_outside = {topic for topics in read_by.values() for topic in topics} - told_by_jobs
    simulate = [SHOPSTREAM, "simulate", "--seconds", "60", "--rate", "100"]
    with subprocess.Popen(simulate) as simulated:
        send_poison(read_by, from_outside)
    assert simulated.returncode == 0
    for audit in AUDITS:
        verdict = audit(settings().kafka_bootstrap, Registry(settings().registry_url), DEADLINE_S)
        assert verdict.ok, str(verdict)

    # the audits trust what the jobs themselves have written, so this comes after them
    send_poison(read_by, told_by_jobs)
    found = {job.name: job.restarts for job in FlinkCluster(settings()).jobs()}
    assert found == dict.fromkeys([*python_jobs(), *SQL_JOBS], 0)


def send_poison(read_by: dict[str, dict[str, bool]], topics: set[str]) -> None:
    """Send poison to those of `topics` that are read, one after the other, and wait for the dead
    letters of each."""
    registry, dlq = Registry(settings().registry_url), LiveTopics(("dlq",))
    took_s: dict[str, float] = {}
    for topic in sorted({topic for of in read_by.values() for topic in of.keys() & topics}):
        readers = {domain: of[topic] for domain, of in read_by.items() if topic in of}
        is_table = any(readers.values())
        poison = list(poison_for(TOPICS[topic], registry, is_table=is_table))
        expected = {(domain, topic, value) for domain in readers for _, value in poison}
        with Publisher(settings().kafka_bootstrap) as publisher:
            for key, value in poison:
                publisher.send(topic, key, value, now_ms())
        took_s[topic] = wait_for_letters(dlq, expected)
    dlq.close()
    slowest = sorted(took_s, key=took_s.__getitem__, reverse=True)[:3]
    told = ", ".join(f"{topic} {took_s[topic]:.1f} s" for topic in slowest)
    print(
        f"dead letters of {len(took_s)} topics, the last of a topic's after "
        f"{median(took_s.values()):.1f} s (median); the slowest: {told}"
    )


def wait_for_letters(dlq: LiveTopics, expected: set[Letter]) -> float:
    """Wait until all of them can be read; gives the seconds that it took."""
    sent_at, missing = time.monotonic(), set(expected)

    def all_there() -> bool:
        for one in dlq.seen["dlq"]:
            missing.discard((one["job"], one["source_topic"], one["record_value"]))
        dlq.seen["dlq"].clear()
        return not missing

    try:
        dlq.wait_for(all_there, "every dead letter")
    except AssertionError:
        pytest.fail(f"of {len(expected)} no dead letter of\n{told(missing)}")
    return time.monotonic() - sent_at
