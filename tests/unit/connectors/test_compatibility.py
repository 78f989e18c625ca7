"""The registry's BACKWARD rule, checked without a registry, on a real schema."""

import copy

import pytest

from connectors.compatibility import check_backward
from connectors.topics import TOPICS

RELEASED = TOPICS["inventory.events"].avro_schema


def reasons_against(change):
    schema = copy.deepcopy(RELEASED)
    change(schema, {field["name"]: field for field in schema["fields"]})
    return check_backward(RELEASED, schema)


def adding(**field):
    return lambda schema, _: schema["fields"].append(field)


@pytest.mark.parametrize(
    "change",
    [
        lambda *_: None,
        adding(name="gift", type="boolean", default=False),
        lambda schema, _: schema["fields"].pop(),
        lambda _, fields: fields["sku"].update(type=["null", "string"]),
        lambda _, fields: fields["sku"].update(name="item", aliases=["sku"]),
        lambda _, fields: fields["quantity"].update(type="double", default=0.0),
        lambda _, fields: fields["sku"].update(doc="in other words"),
    ],
    ids=["nothing", "a field with a default", "a field less", "nullable", "alias", "wider", "doc"],
)
def test_a_change_that_still_reads_old_records_is_accepted(change):
    assert reasons_against(change) == []


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (adding(name="gift", type="boolean"), "field gift: is new and has no default"),
        (
            lambda _, fields: fields["sku"].update(type="long"),
            'field sku: was "string", which cannot be read as "long"',
        ),
        (
            lambda _, fields: fields["channel"].update(type="string", default="web"),
            'field channel: was ["null", "string"], which cannot be read as "string"',
        ),
        (lambda _, fields: fields["sku"].update(name="item"), "field item: is new"),
        (adding(name="gift", type="string", default=4), "must match schema type"),
        (adding(name="gift", type="strnig", default=""), "not an Avro schema"),
        (lambda schema, _: schema.update(name="Event"), "the record is named shopstream.Event"),
    ],
    ids=["no default", "retyped", "not nullable", "renamed", "default", "type", "record name"],
)
def test_a_change_that_cannot_read_old_records_is_refused_with_the_reason(change, reason):
    (found,) = reasons_against(change)
    assert reason in found


def test_every_reason_is_given():
    def change(schema, fields):
        fields["sku"].update(type="long")
        schema["fields"].append({"name": "gift", "type": "boolean"})

    assert len(reasons_against(change)) == 2


def test_another_topics_schema_is_refused():
    assert check_backward(RELEASED, TOPICS["inventory.alerts"].avro_schema)
