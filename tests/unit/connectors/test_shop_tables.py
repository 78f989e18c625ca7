"""The shop's tables against the contracts that their rows must fit, without a database."""

import json
import re
from typing import get_args
from xml.etree import ElementTree

import pytest

from connectors.cdc.tables import MIGRATIONS, TABLES, default_rows
from connectors.jars import CONNECT_POM, POM
from connectors.topics import TOPICS
from udfs.fraud.rule_data import Kind

CREATED = (MIGRATIONS / "shop_0001_tables.sql").read_text()
OF_A_RECORD = {"event_id", "event_time"}


def columns(table: str) -> set[str]:
    body = re.search(rf"CREATE TABLE shop\.{table} \((.*?)\n\);", CREATED, re.DOTALL)[1]
    return set(re.findall(r"^    ([a-z_]+) ", body, re.MULTILINE))


@pytest.mark.parametrize(("table", "topic"), TABLES.items())
def test_a_table_has_a_column_for_every_field_of_its_contract(table: str, topic: str):
    fields = {field["name"] for field in TOPICS[topic].avro_schema["fields"]}
    assert columns(table) == fields - OF_A_RECORD | {"updated_at"}


@pytest.mark.parametrize("table", TABLES)
def test_every_table_is_published_with_whole_rows_and_cannot_be_truncated(table: str):
    assert f"ALTER TABLE shop.{table} REPLICA IDENTITY FULL" in CREATED
    assert f"BEFORE TRUNCATE ON shop.{table}" in CREATED
    assert f"shop.{table}" in CREATED.split("CREATE PUBLICATION")[1]


def test_the_table_of_fraud_rules_knows_the_kinds_that_the_rules_do():
    kinds = re.search(r"kind IN \((.*?)\)", CREATED, re.DOTALL)[1]
    assert set(re.findall(r"'(\w+)'", kinds)) == set(get_args(Kind))


def test_the_defaults_are_those_of_the_topics_with_the_time_from_which_they_hold():
    rows = [json.loads(row) for _, row in default_rows()]
    velocity = next(row for row in rows if row.get("rule_id") == "velocity")
    assert velocity["updated_at"] == "2025-01-01T00:00:00+00:00"
    assert velocity["weight"] == 70
    assert not any(OF_A_RECORD & set(row) for row in rows)
    assert {"*", "mug-blue"} <= {row.get("sku") for row in rows}


def test_connect_has_the_versions_of_the_broker():
    def version(pom, name):
        return ElementTree.parse(pom).getroot().findtext(f"{{*}}properties/{{*}}{name}.version")

    for name in ("kafka", "log4j"):
        assert version(CONNECT_POM, name) == version(POM, name)
