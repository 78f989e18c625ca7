"""In which order a replay reads what came."""

from hypothesis import given
from hypothesis import strategies as st

from connectors.reading import RawRecord
from deploy.replay.order import Arrival, Past, effective, in_order, past_of


def record(topic: str, partition: int, offset: int, timestamp: int) -> RawRecord:
    return RawRecord(topic, partition, offset, timestamp, b"k", b"v")


def merged(
    records: list[RawRecord], arrivals: dict[tuple[str, int, int], Arrival], until: int = 100
) -> list[RawRecord]:
    return [one.record for one in in_order(records, Past(arrivals, ()), until)]


def test_partitions_are_merged_by_time():
    early, late = record("a", 0, 0, 10), record("a", 0, 1, 30)
    between = record("b", 3, 7, 20)
    assert merged([early, late, between], {}) == [early, between, late]


def test_a_late_record_comes_with_the_one_before_it_in_its_partition():
    first, late = record("a", 0, 0, 50), record("a", 0, 1, 10)
    other = record("b", 0, 0, 40)
    assert merged([first, late, other], {}) == [other, first, late]


def test_a_record_whose_arrival_is_known_comes_then_and_not_at_its_own_time():
    signal, order = record("signals", 0, 0, 10), record("orders", 0, 0, 20)
    arrivals = {("signals", 0, 0): Arrival(25, 0), ("orders", 0, 0): Arrival(21, 0)}
    assert merged([signal, order], arrivals) == [order, signal]


def test_records_that_arrived_at_one_time_come_in_their_turn():
    one, two = record("a", 0, 0, 10), record("b", 0, 0, 10)
    arrivals = {("a", 0, 0): Arrival(11, 5), ("b", 0, 0): Arrival(11, 4)}
    assert merged([one, two], arrivals) == [two, one]


def test_a_partition_that_was_decided_in_several_buckets_is_read_as_it_was_decided():
    slow, quick = record("a", 0, 0, 10), record("a", 0, 1, 10)
    other = record("b", 0, 0, 10)
    arrivals = {
        ("a", 0, 0): Arrival(30, 2),
        ("a", 0, 1): Arrival(20, 0),
        ("b", 0, 0): Arrival(25, 1),
    }
    assert merged([slow, quick, other], arrivals) == [quick, other, slow]


def test_wake_ups_come_in_their_place():
    event = record("a", 0, 0, 10)
    written = {"decided_at": 20, "names": ["wake-up/3:mug:r1@15", "a"], "topics": [0, 1]}
    past = past_of([(0, written | {"partitions": [-1, 0], "offsets": [-1, 0]})])
    (woken, decided) = in_order([event], past, 100)
    assert decided.record == event
    assert (woken.record.topic, woken.record.timestamp) == ("wake-up/3:mug:r1@15", 15)


def test_the_order_is_known_from_the_first_that_was_written_down():
    assert Past({}, ()).known_from is None
    woken = [(Arrival(15, 3), record("wake-up/3:mug@9", -1, -1, 9))]
    assert Past({("a", 0, 0): Arrival(20, 0)}, woken).known_from == 15


def test_what_came_after_the_end_is_left_out():
    inside, outside = record("a", 0, 0, 100), record("a", 0, 1, 101)
    assert merged([inside, outside], {}) == [inside]


def test_what_is_of_the_time_is_read_however_late_it_came_and_all_that_came_before():
    later, late = record("a", 0, 0, 150), record("b", 0, 0, 90)
    arrivals = {("a", 0, 0): Arrival(151, 0), ("b", 0, 0): Arrival(160, 1)}
    assert merged([later, late], arrivals) == [later, late]


def test_an_input_comes_with_the_time_at_which_it_was_taken_up():
    arrivals = {("a", 0, 0): Arrival(25, 0)}
    assert [one.at for one in in_order([record("a", 0, 0, 10)], Past(arrivals, ()), 100)] == [25]


def test_arrivals_name_each_record_and_its_turn():
    written = {
        "decided_at": 50,
        "names": ["signals", "orders"],
        "topics": [1, 0, 1],
        "partitions": [3, 0, 3],
        "offsets": [8, 2, 9],
    }
    assert past_of([(7, written)]).arrivals == {
        ("orders", 3, 8): Arrival(50, 7, 0),
        ("signals", 0, 2): Arrival(50, 7, 1),
        ("orders", 3, 9): Arrival(50, 7, 2),
    }


def test_of_a_record_that_was_decided_again_the_last_time_counts():
    written = {"names": ["a"], "topics": [0], "partitions": [0], "offsets": [0]}
    found = past_of([(0, written | {"decided_at": 5}), (9, written | {"decided_at": 70})])
    assert found.arrivals == {("a", 0, 0): Arrival(70, 9, 0)}


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 50)), max_size=30))
def test_the_order_of_a_partition_is_kept_whatever_the_times(drawn: list[tuple[int, int]]):
    records = [record("a", partition, n, time) for n, (partition, time) in enumerate(drawn)]
    found = merged(records, {})
    for partition in range(3):
        offsets = [one.offset for one in found if one.partition == partition]
        assert offsets == sorted(offsets)
    assert len(found) == len(records)


def test_a_reference_record_holds_from_when_it_came():
    dated_back = [record("r", 0, 0, 50), record("r", 0, 1, 10), record("q", 0, 0, 20)]
    assert [(one.since, one.record.topic) for one in effective(dated_back)] == [
        (20, "q"),
        (50, "r"),
        (50, "r"),
    ]
