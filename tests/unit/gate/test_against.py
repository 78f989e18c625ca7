"""What a running job's state becomes under changed SQL."""

from support.sql_plans import calc, group, plan, scan, sink

from deploy.gate.against import fates
from jobs.sql.plan import Plan


def verdicts(before: Plan, after: Plan) -> dict[str, str]:
    """By kind of operator."""
    return {
        f"{fate.operator.kind} {fate.operator.description}": f"{fate.verdict} {fate.reason}".strip()
        for fate in fates(before, after)
        if not fate.operator.table
    }


def job(*middle) -> Plan:
    return plan([scan("clicks"), *middle, sink("demand")])


COUNT, SUM = "GroupAggregate(COUNT)", "GroupAggregate(SUM)"


def test_the_same_sql_keeps_everything():
    found = fates(job(group("COUNT")), job(group("COUNT")))
    assert {fate.verdict for fate in found} == {"kept"}
    assert len(found) == 3


def test_another_aggregate_loses_the_state_and_begins_anew():
    assert verdicts(job(group("COUNT")), job(group("SUM"))) == {
        f"group-aggregate {COUNT}": "lost",
        f"group-aggregate {SUM}": "new",
    }


def test_another_time_to_live_changes_the_operator():
    (said,) = verdicts(job(group("COUNT", "1 d")), job(group("COUNT", "2 d"))).values()
    assert said == "changed its state lives 2 d instead of 1 d"


def test_another_filter_before_it_changes_the_operator():
    (said,) = verdicts(job(calc("a"), group("COUNT")), job(calc("b"), group("COUNT"))).values()
    assert said.startswith("changed other rows come to it")


def test_another_type_changes_the_operator():
    wider = group("COUNT", row="ROW<`k` BIGINT, `n` BIGINT>")
    (said,) = verdicts(job(group("COUNT")), job(wider)).values()
    assert said.startswith("changed the types of its rows changed")


def test_what_is_lost_comes_first():
    found = fates(job(group("COUNT")), job(group("SUM")))
    assert [fate.verdict for fate in found] == ["lost", "new", "kept", "kept"]
