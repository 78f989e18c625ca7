"""Which records a replay puts back, and how many at a time."""

from written_letters import letter

from deploy.letters.letters import Letter
from deploy.letters.replay import MOST_BYTES, MOST_RECORDS, Outcome, to_put_back, transactions


def never(_letter: Letter) -> bool:
    return False


def test_a_record_is_put_back_once_however_many_jobs_have_a_letter_on_it():
    outcome = Outcome()
    selected = [letter(1), letter(1, job="orders"), letter(2)]
    assert [one.record for one in to_put_back(selected, set(), never, outcome)] == [
        "inventory.events/0/1",
        "inventory.events/0/2",
    ]
    assert (outcome.before, outcome.without_record) == (0, 0)


def test_what_was_put_back_before_and_what_has_no_record_is_counted():
    outcome = Outcome()
    selected = [letter(1), letter(2), letter(-1, source_partition=-1)]
    assert list(to_put_back(selected, {"inventory.events/0/1"}, never, outcome)) == [letter(2)]
    assert (outcome.before, outcome.without_record) == (1, 1)


def test_what_a_later_record_has_taken_the_place_of_is_left_and_counted_once():
    outcome = Outcome()
    selected = [letter(1), letter(1, job="orders"), letter(2)]

    def is_first(one: Letter) -> bool:
        return one.source_offset == 1

    assert list(to_put_back(selected, set(), is_first, outcome)) == [letter(2)]
    assert outcome.overtaken == 1


def test_a_transaction_has_so_many_records_and_bytes_and_no_record_is_left_out():
    many = [letter(number) for number in range(2 * MOST_RECORDS + 1)]
    assert [len(part) for part in transactions(many)] == [MOST_RECORDS, MOST_RECORDS, 1]

    large = [letter(number, record_value=bytes(MOST_BYTES // 2)) for number in range(3)]
    assert [len(part) for part in transactions(large)] == [2, 1]
    assert list(transactions([])) == []
