"""Flink's exceptions as one sentence, for those that the corpus does not bring about."""

from deploy.gate.findings import Stage
from deploy.gate.messages import understood

TRACE = "\n\tat org.apache.flink.A.b(A.java:1)\n\tat java.base/c.D.e(D.java:2)\n\t... 34 more"


def test_an_error_without_a_known_pattern_is_the_innermost_sentence_and_its_line():
    refusal = understood(
        "An error occurred while calling o1.x.\n: org.apache.flink.table.api.ValidationException: "
        f"SQL validation failed. From line 7, column 1 to line 7, column 4: Oh no{TRACE}\n"
        "Caused by: org.apache.calcite.runtime.CalciteContextException: From line 7, column 1 to "
        f"line 7, column 4: Oh no, this is quite wrong.{TRACE}"
    )
    assert refusal.sentence == "Oh no, this is quite wrong"
    assert refusal.line == 7
    assert refusal.stage is Stage.PLANNER


def test_a_plan_below_the_sentence_is_left_out():
    refusal = understood(
        "org.apache.flink.table.api.TableException: Something is not supported here.\n\n"
        f"FlinkLogicalSink(table=[x])\n+- FlinkLogicalCalc(select=[a]){TRACE}"
    )
    assert refusal.sentence == "Something is not supported here"
    assert refusal.line is None


def test_a_word_of_sql_as_a_name_comes_with_its_fix():
    refusal = understood(
        'org.apache.flink.table.api.SqlParserException: SQL parse failed. Encountered "views" at '
        f"line 3, column 14.\nWas expecting one of:\n    <IDENTIFIER> ...{TRACE}"
    )
    assert refusal.sentence.startswith("views cannot stand here")
    assert refusal.line == 3


def test_a_short_cause_comes_with_its_name():
    refusal = understood(
        f"org.apache.flink.runtime.JobException: Recovery is suppressed by something{TRACE}\n"
        f"Caused by: java.lang.ArithmeticException: / by zero{TRACE}"
    )
    assert refusal.sentence == "ArithmeticException: / by zero"
