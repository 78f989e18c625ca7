"""State as versioned bytes."""

from dataclasses import replace

import msgspec
import pytest
from support.counting_domain import COUNTING, Tally

from jobs.runtime.entities import StateFormat, StateVersionError


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
