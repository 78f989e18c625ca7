"""A wake-up is told apart by its name, and found by it."""

from hypothesis import given
from hypothesis import strategies as st

from jobs.runtime.wakeups import Asked


@given(st.integers(0, 2**45), st.text(), st.none() | st.text())
def test_a_wake_up_is_found_by_its_name_whatever_characters_are_in_it(
    wake_at: int, entity: str, child_id: str | None
):
    asked = Asked(wake_at, entity, child_id)
    assert Asked.named(asked.name) == asked
