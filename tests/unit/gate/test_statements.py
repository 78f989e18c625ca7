"""SQL files split by a tokenizer, not at every semicolon."""

import pytest

from jobs.sql.statements import SqlError, Statement, statements, tokenize


def split(text: str) -> list[tuple[str, str]]:
    return [(each.kind, each.target) for each in statements(tokenize(text))]


def only(text: str) -> Statement:
    (statement,) = statements(tokenize(text))
    return statement


def test_semicolons_in_quotes_comments_and_backticks_separate_nothing():
    text = """
        -- a; b
        CREATE VIEW a AS SELECT 'it''s; fine' AS `x;y`, "z;" /* ; */ FROM t;
        INSERT INTO b SELECT * FROM a
    """
    assert split(text) == [("VIEW", "a"), ("INSERT", "b")]


def test_the_inserts_of_a_statement_set_come_one_by_one():
    text = """
        EXECUTE STATEMENT SET BEGIN
        INSERT INTO a SELECT CASE WHEN x THEN 1 END FROM t;
        INSERT INTO b SELECT 1;
        END;
    """
    assert split(text) == [("INSERT", "a"), ("INSERT", "b")]


def test_a_statement_set_without_an_end_is_refused_where_it_begins():
    with pytest.raises(SqlError, match="no END") as refused:
        split("\nBEGIN STATEMENT SET; INSERT INTO a SELECT 1;")
    assert refused.value.offset == 1


def test_a_table_is_named_by_the_last_part_of_its_path_without_backticks():
    assert only("CREATE TEMPORARY VIEW `cat`.db.`my view` AS SELECT 1").target == "my view"
    assert only("CREATE TABLE IF NOT EXISTS t (x INT)").target == "t"


def test_any_other_statement_is_refused():
    with pytest.raises(SqlError, match="came DROP TABLE t"):
        split("DROP TABLE t")


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("SELECT * FROM a, `b` WHERE x IN (SELECT y FROM c)", {"a", "b", "c"}),
        ("SELECT x, y FROM a AS p LEFT JOIN b FOR SYSTEM_TIME AS OF p.t AS q ON p.x = q.x",
         {"a", "b"}),
        ("SELECT 1 FROM TABLE(TUMBLE(TABLE a, DESCRIPTOR(t), INTERVAL '1' SECOND))", {"a"}),
        ("SELECT 1 FROM TUMBLE(DATA => TABLE a, TIMECOL => DESCRIPTOR(t))", {"a"}),
    ],
)  # fmt: skip
def test_what_stands_where_a_table_is_named_is_used(query: str, names: set[str]):
    assert only(f"INSERT INTO sink {query}").names_used() == names


def test_a_parameter_is_one_word_and_moves_nothing():
    text = "CREATE VIEW a AS SELECT ${x}, ${long_name} FROM t"
    tokens = tokenize(text)
    assert [text[t.start : t.stop] for t in tokens if "_" in t.text] == ["${x}", "${long_name}"]
    assert "".join(text[t.start : t.stop] for t in tokens) == text


def test_a_quote_that_is_not_closed_is_refused_where_it_opens():
    with pytest.raises(SqlError, match="quote not closed") as refused:
        tokenize("SELECT\n    'abc")
    assert refused.value.offset == 11
