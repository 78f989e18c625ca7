"""Operator ids, and with them uids, that stay when something else changes."""

from support.sql_plans import calc, group, plan, scan, sink

from jobs.sql.plan import Plan


def ids(found: Plan) -> dict[str, int]:
    """By name, for operators with state."""
    lasting = found.with_lasting_ids()
    return {lasting.names[o.id]: o.id for o in lasting.operators if o.has_state}


def test_the_numbers_that_flink_gave_do_not_matter():
    chain = [scan("clicks"), group("groupBy=[sku]"), sink("demand")]
    assert ids(plan(chain)) == ids(plan(chain, first_id=500))


def test_another_insert_moves_no_id():
    demand = [scan("clicks"), group("groupBy=[sku]"), sink("demand")]
    alone = ids(plan(demand))
    other = [demand[0], group("groupBy=[visitor]"), sink("a_first")]
    assert alone.items() <= ids(plan(other, demand)).items()


def test_another_insert_that_shares_an_operator_moves_no_id():
    demand = [scan("clicks"), group("groupBy=[sku]"), sink("demand")]
    alone = ids(plan(demand))
    sharing = [*demand[:2], sink("a_first")]
    assert alone.items() <= ids(plan(sharing, demand)).items()


def test_a_filter_that_changes_moves_no_id():
    def filtered(condition: str) -> Plan:
        return plan([scan("clicks"), calc(condition), group("groupBy=[sku]"), sink("demand")])

    assert ids(filtered("where=[x > 1]")) == ids(filtered("where=[x > 2]"))


def test_state_whose_meaning_changes_gets_another_id():
    def counting(does: str) -> dict[str, int]:
        return ids(plan([scan("clicks"), group(does), sink("demand")]))

    before, after = counting("select=[SUM(x)]"), counting("select=[MAX(x)]")
    assert len(before.keys() & after.keys()) == 2, "the source and the sink stay"
    assert len(before.keys() - after.keys()) == 1


def test_names_that_flink_generates_do_not_matter():
    def counting(does: str) -> dict[str, int]:
        return ids(plan([scan("clicks"), group(does), sink("demand")]))

    assert counting("select=[COUNT(*) AS EXPR$1]") == counting("select=[COUNT(*) AS EXPR$7]")


def test_two_operators_alike_are_told_apart_by_what_they_feed():
    source = scan("clicks")
    two = plan(
        [source, calc("where=[a]"), group("groupBy=[sku]"), sink("one")],
        [source, calc("where=[b]"), group("groupBy=[sku]"), sink("two")],
    )
    names = [name for name in ids(two) if name.startswith("group-aggregate")]
    assert sorted(name.rpartition(" for ")[2] for name in names) == ["one", "two"]
    assert len(set(ids(two).values())) == 5


def test_edges_follow_their_operators():
    found = plan([scan("clicks"), group("groupBy=[sku]"), sink("demand")]).with_lasting_ids()
    (last,) = [operator for operator in found.operators if operator.is_sink]
    (middle,) = found.feeding(last)
    assert middle.kind == "group-aggregate"
    assert [each.kind for each in found.feeding(middle)] == ["table-source-scan"]
