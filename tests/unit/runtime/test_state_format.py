"""State as versioned bytes."""

from dataclasses import replace

import msgspec
import pytest
from support.counting_domain import COUNTING, Tally

from jobs.runtime.entities import StateFormat, StateVersionError
from udfs.contract import Migration


class Renamed(msgspec.Struct, array_like=True):
    """A tally whose first field means something else."""

    name: str


def test_what_was_stored_is_read_with_its_wake_up():
    form = StateFormat(COUNTING, Tally)

    assert form.load(form.dump(Tally(3, 5), 5)) == (Tally(3, 5), 5)
    assert form.load(form.dump(Tally(3), None)) == (Tally(3), None)


def test_another_version_is_refused_before_its_layout_matters():
    stored = StateFormat(COUNTING, Tally).dump(Tally(3), None)
    later = StateFormat(replace(COUNTING, state_version=2), Renamed)

    expected = r"counting.Renamed: expected state of version 2, found 1; start .* savepoint"
    with pytest.raises(StateVersionError, match=expected):
        later.load(stored)


def test_a_layout_that_changed_without_its_version_is_told_by_its_name():
    stored = StateFormat(COUNTING, Tally).dump(Tally(3), None)

    with pytest.raises(StateVersionError, match=r"counting\.Renamed"):
        StateFormat(COUNTING, Renamed).load(stored)


class Counted(msgspec.Struct, array_like=True):
    """What version 2 made of a tally."""

    label: str
    number: int


class Labelled(msgspec.Struct, array_like=True):
    """What version 4 made of that."""

    labels: list[str]
    number: int = 0


VERSION_4 = replace(
    COUNTING,
    state_version=4,
    migrations={
        1: {Labelled: Migration(Tally, lambda old: Counted("old", old.number))},
        2: {},
        3: {Labelled: Migration(Counted, lambda old: Labelled([old.label], old.number))},
    },
)


def test_state_of_any_older_version_is_migrated_step_by_step_and_keeps_its_wake_up():
    form = StateFormat(VERSION_4, Labelled)
    first = StateFormat(COUNTING, Tally).dump(Tally(3, 5), 5)
    third = StateFormat(replace(COUNTING, state_version=3), Counted).dump(Counted("new", 1), None)

    assert form.load(first) == (Labelled(["old"], 3), 5)
    assert form.load(third) == (Labelled(["new"], 1), None)
    assert form.wake_at(first) == 5


def test_a_kind_that_no_version_changed_is_read_as_it_is():
    stored = StateFormat(COUNTING, Tally).dump(Tally(3), None)

    assert StateFormat(VERSION_4, Tally).load(stored) == (Tally(3), None)


@pytest.mark.parametrize("version", [5, 0])
def test_a_version_that_no_migration_starts_from_is_refused(version):
    stored = StateFormat(replace(COUNTING, state_version=version), Tally).dump(Tally(3), None)

    with pytest.raises(StateVersionError, match=f"expected state of version 4, found {version};"):
        StateFormat(VERSION_4, Labelled).load(stored)


def test_state_that_is_not_what_its_version_wrote_is_refused_with_the_reason():
    stored = StateFormat(COUNTING, Renamed).dump(Renamed("x"), None)

    with pytest.raises(StateVersionError, match=r"found 1 \(Expected `int`"):
        StateFormat(VERSION_4, Labelled).load(stored)
