"""Times as they are typed."""

import pytest

from connectors.errors import ShopstreamError
from deploy.moments import moment, shown

NOON = 1_764_072_000_000


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("now", NOON),
        ("-90s", NOON - 90_000),
        ("-2h", NOON - 7_200_000),
        ("2025-11-25T12:00", NOON),
        ("2025-11-25T12:00:00Z", NOON),
        ("2025-11-25T13:00:00+01:00", NOON),
        ("1764072000000", NOON),
    ],
)
def test_a_moment_is_read_in_every_form(text: str, at: int):
    assert moment(text, NOON) == at


@pytest.mark.parametrize("text", ["", "yesterday", "-5w", "123"])
def test_what_is_no_moment_is_refused_with_what_is(text: str):
    with pytest.raises(ShopstreamError, match=r"expected a time: now, .*-15m"):
        moment(text, NOON)


def test_a_moment_is_shown_to_the_millisecond():
    assert shown(NOON + 7) == "2025-11-25 12:00:00.007"
