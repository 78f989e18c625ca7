"""Parameters: typed, quoted by their type, and never glued to text."""

from pathlib import Path

import pytest

from jobs.sql.parameters import Parameter, load, render, used
from jobs.sql.statements import SqlError, tokenize


def parameter(type_: str, value: str) -> Parameter:
    return Parameter.model_validate(
        {"name": "x", "type": type_, "value": value, "doc": "A test's."}
    )


def rendered(text: str, known: Parameter):
    return render(text, tokenize(text), {known.name: known})


@pytest.mark.parametrize(
    ("type_", "value", "sql"),
    [
        ("interval", "90 SECOND", "INTERVAL '90' SECOND"),
        ("interval", "0.200 second", "INTERVAL '0.200' SECOND"),
        ("interval", "365 DAYS", "INTERVAL '365' DAY(3)"),
        ("integer", "-5", "-5"),
        ("decimal", "0.10", "0.10"),
        ("decimal", "1E3", "1000"),
        ("string", "it's", "'it''s'"),
        ("identifier", "sku", "`sku`"),
    ],
)
def test_a_value_is_written_as_its_type_is(type_: str, value: str, sql: str):
    assert parameter(type_, value).as_sql() == sql


@pytest.mark.parametrize(
    ("type_", "value"),
    [
        ("interval", "90"),
        ("interval", "1.5 MINUTE"),
        ("integer", "1.5"),
        ("integer", "1; DROP TABLE t"),
        ("decimal", "many"),
        ("decimal", "NaN"),
        ("identifier", "a`b"),
        ("string", "two\nlines"),
    ],
)
def test_a_value_that_is_not_of_its_type_is_refused(type_: str, value: str):
    with pytest.raises(ValueError, match="expected"):
        parameter(type_, value).as_sql()


def test_a_mistyped_parameter_is_refused_where_it_is_declared(tmp_path: Path):
    path = tmp_path / "parameters.yaml"
    path.write_text("a: {type: integer, value: 1, doc: d}\nb: {type: integer, value: x, doc: d}\n")
    with pytest.raises(SqlError, match="parameter b: expected an integer such as 42, came x") as e:
        load(path)
    assert e.value.offset == path.read_text().index("b:")


def test_a_decimal_is_taken_as_it_is_written(tmp_path: Path):
    path = tmp_path / "parameters.yaml"
    path.write_text("a: {type: decimal, value: 0.1000000000000000055, doc: d}\n")
    assert load(path)["a"].as_sql() == "0.1000000000000000055"


def test_values_are_put_in_but_not_in_comments():
    found = rendered("-- ${x}\nSELECT ${x} FROM t", parameter("string", "a'b"))
    assert found.text == "-- ${x}\nSELECT 'a''b' FROM t"


def test_offsets_lead_back_to_the_original_behind_a_value_and_inside_it():
    text = "SELECT ${x}, y"
    found = rendered(text, parameter("string", "quite a long value"))
    at = found.text.index("y", found.text.index(","))
    assert found.to_original(at) == text.index("y")
    assert found.of_original(text.index("y")) == at
    inside = found.to_original(found.text.index("long"))
    assert text.index("${x}") <= inside <= text.index(",")


def test_an_unknown_parameter_is_refused_with_the_one_that_was_meant():
    with pytest.raises(SqlError, match=r"did you mean x\?"):
        rendered("SELECT ${xx}", parameter("integer", "1"))


def test_a_parameter_inside_quotes_is_refused():
    with pytest.raises(SqlError, match="write \\$\\{x\\} without them"):
        rendered("SELECT 'a ${x}'", parameter("integer", "1"))


def test_a_parameter_grown_together_with_a_word_is_refused():
    with pytest.raises(SqlError, match="must stand alone"):
        rendered("SELECT price_${x}", parameter("integer", "1"))


def test_used_names_each_parameter_where_it_first_stands():
    text = "SELECT ${b}, ${a}, ${b}"
    assert used(text, tokenize(text)) == {"b": 7, "a": 13}
