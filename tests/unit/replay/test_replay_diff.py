"""What was decided then beside what is decided now."""

from typing import Any

from deploy.replay.diff import compare


def decision(name: str, **fields: Any) -> dict[str, Any]:
    return {"event_id": name, "event_time": 1, "band": "APPROVE", "decided_at": 5} | fields


def test_equal_but_for_the_clock_is_equal():
    diff = compare("t", [decision("a")], [decision("a", decided_at=99)])
    assert (diff.then, diff.now, diff.equal, diff.differences) == (1, 1, 1, 0)


def test_a_field_that_changed_is_named_with_both_values():
    diff = compare("t", [decision("a"), decision("b")], [decision("a", band="REVIEW")])
    (one,) = diff.different
    assert (one.event_id, one.fields) == ("a", {"band": ("APPROVE", "REVIEW")})
    assert diff.changes()["band"] == {("APPROVE", "REVIEW"): 1}
    assert [record["event_id"] for record in diff.missing] == ["b"]
    assert diff.equal == 0


def test_what_is_new_is_added():
    diff = compare("t", [], [decision("a")])
    assert [record["event_id"] for record in diff.added] == ["a"]
    assert diff.differences == 1


def test_of_a_record_that_was_written_again_the_last_counts():
    diff = compare("t", [decision("a", band="REVIEW"), decision("a")], [decision("a")])
    assert (diff.then, diff.repeats, diff.differences) == (1, 1, 0)


def test_of_a_compacted_topic_the_latest_of_a_key_counts():
    then = [decision("a2", sku="mug")]  # the first was compacted away
    now = [decision("a1", sku="mug", band="REVIEW"), decision("a2", sku="mug")]
    diff = compare("t", then, now, latest_of=lambda record: record["sku"])
    assert (diff.differences, diff.repeats) == (0, 0)


def test_what_others_wrote_to_a_shared_topic_is_not_missing():
    diff = compare("t", [decision("a"), decision("theirs")], [decision("a")], is_shared=True)
    assert (diff.then, diff.others, diff.equal, diff.differences) == (1, 1, 1, 0)
