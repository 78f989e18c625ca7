"""Topics, schemas and default reference data are made as declared, once."""

import copy
import json
import time

import pytest

from connectors import kafka, reading
from connectors.codec import Decoder
from connectors.errors import ShopstreamError
from connectors.provision import provision
from connectors.registry import Registry
from connectors.settings import settings
from connectors.topics import TOPICS, topic

POLICIES = topic("inventory.policies")

pytestmark = pytest.mark.usefixtures("stack")


@pytest.fixture
def registry():
    return Registry(settings().registry_url)


def test_a_second_time_changes_nothing():
    provision(lambda _: None)
    said = []
    provision(said.append)
    assert said == []


def test_there_is_a_policy_for_skus_without_one(registry):
    decode = Decoder(POLICIES.name, POLICIES.avro_schema, registry.lookup).decode
    found = [
        decode(record.value)
        for record in reading.records(
            settings().kafka_bootstrap, POLICIES.name, from_beginning=True, quiet_s=0
        )
        if record.value is not None and record.key == b"*"
    ]
    assert found[0]["reservation_timeout_s"] == 900


def test_a_topic_configured_otherwise_is_set_back():
    declared = topic("inventory.alerts")
    bootstrap = settings().kafka_bootstrap
    kafka.ensure_topics(bootstrap, [declared.model_copy(update={"retention_ms": 60_000})])
    assert _settled(lambda: kafka.ensure_topics(bootstrap, [declared])) == [
        "changed retention.ms of topic inventory.alerts from 60000 to -1"
    ]


def _settled(action, deadline_s=20):
    """The broker shows a changed configuration a moment later."""
    end = time.monotonic() + deadline_s
    while not (changes := action()) and time.monotonic() < end:
        pass
    return changes


@pytest.mark.parametrize("partitions", [1, 8])
def test_another_number_of_partitions_is_refused_with_the_reason(partitions):
    declared = topic("inventory.events").model_copy(update={"partitions": partitions})
    with pytest.raises(ShopstreamError, match=r"inventory\.events has 4 partitions.*lose their"):
        kafka.ensure_topics(settings().kafka_bootstrap, [declared])


def test_an_incompatible_schema_is_refused_with_subject_and_field(registry):
    with pytest.raises(ShopstreamError, match=r"inventory\.events-value: .*field sku: was"):
        registry.register(_with_sku_as("long"))


def test_the_registry_itself_refuses_it_too(registry, monkeypatch):
    monkeypatch.setattr(Registry, "_refuse_incompatible", lambda *_: None)
    with pytest.raises(ShopstreamError, match=r"inventory\.events-value: .*LONG"):
        registry.register(_with_sku_as("long"))


def test_a_schema_that_is_not_registered_names_the_fix(registry):
    with pytest.raises(ShopstreamError, match=r"inventory\.events-value.*`shopstream up`"):
        registry.schema_id(_with_sku_as(["null", "string"]))


def _with_sku_as(kind):
    schema = copy.deepcopy(topic("inventory.events").avro_schema)
    next(field for field in schema["fields"] if field["name"] == "sku")["type"] = kind
    changed = topic("inventory.events").model_copy()
    changed.__dict__.update(avro_schema=schema, schema_text=json.dumps(schema))
    return changed


def test_an_id_gives_the_schema_that_was_registered(registry):
    for declared in TOPICS.values():
        assert json.loads(registry.lookup(registry.schema_id(declared))) == declared.avro_schema


@pytest.mark.parametrize("schema_id", [0, 2_000_000_000, (1 << 32) - 1])
def test_an_id_that_nobody_has_is_unknown_and_no_outage(registry, schema_id):
    assert registry.lookup(schema_id) is None


def test_every_declared_topic_exists_with_its_partitions():
    bootstrap = settings().kafka_bootstrap
    found = kafka.existing_partitions(kafka.admin(bootstrap), bootstrap)
    assert {name: found[name] for name in TOPICS} == {t.name: t.partitions for t in TOPICS.values()}
