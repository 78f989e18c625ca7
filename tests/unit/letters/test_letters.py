"""Dead letters: which are meant, how they are counted, and what became of a record."""

from written_letters import letter, replay

from deploy.letters.ledger import history, lineage
from deploy.letters.letters import Selection, grouped, once


def test_a_letter_that_came_twice_is_one():
    first, again, other = letter(1), letter(1), letter(2)
    assert list(once([first, again, other])) == [first, other]


def test_letters_are_selected_by_all_that_is_given():
    one = letter(7)
    for selection in (
        Selection(),
        Selection(job="inventory", topic="inventory.events"),
        Selection(reason="UndecodableError"),
        Selection(reason="SCHEMA id"),
        Selection(records=frozenset({"inventory.events/0/7"})),
    ):
        assert selection.takes(one), selection
    for selection in (
        Selection(job="orders"),
        Selection(job="inventory", topic="dlq"),
        Selection(reason="Undecodable"),  # neither the class nor in the message
        Selection(records=frozenset({"inventory.events/0/8"})),
    ):
        assert not selection.takes(one), selection


def test_letters_are_counted_by_job_topic_and_reason():
    invalid = letter(3, error_class="ValidationError")
    known = {"inventory.events/0/1": replay(1, 9)}
    undecodable, refused = grouped([letter(2), letter(1), invalid], known)
    assert (undecodable.letters, undecodable.replayed, undecodable.latest_ms) == (2, 1, 1_002)
    assert undecodable.records == ["inventory.events/0/2", "inventory.events/0/1"]
    assert (refused.reason, refused.letters, refused.replayed) == ("ValidationError", 1, 0)


def test_a_record_that_failed_again_keeps_its_history():
    known = {each.record: each for each in (replay(1, 5), replay(5, 8, attempt=3))}
    written = [letter(8, attempt=3), letter(2), letter(5, attempt=2), letter(1)]
    for place in ("1", "5", "8"):
        found = history(f"inventory.events/0/{place}", written, known)
        assert [one.attempt for one, _ in found] == [1, 2, 3]
        assert [then and then.replayed_as for _, then in found] == [
            "inventory.events/0/5",
            "inventory.events/0/8",
            None,
        ]
    assert lineage("inventory.events/0/2", known) == ["inventory.events/0/2"]


def test_a_wake_up_has_no_record_to_put_back():
    assert letter().has_record
    assert not letter(-1, source_partition=-1).has_record
