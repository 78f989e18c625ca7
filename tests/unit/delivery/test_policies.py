"""Back-off, breaker, answers and offsets: each by itself."""

from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.delivery.answer import MOST_PATIENCE_S, Outcome, of_response
from connectors.delivery.backoff import Backoff
from connectors.delivery.breaker import CircuitBreaker
from connectors.delivery.progress import Place, Progress

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)


# back-off


@settings(deadline=None)
@given(st.integers(1, 10_000), st.integers())
def test_a_wait_is_anything_up_to_a_limit_that_doubles_until_the_longest(attempt, seed):
    backoff = Backoff(first_s=0.5, longest_s=60)
    limit = min(60, 0.5 * 2 ** min(attempt - 1, 50))
    assert backoff.limit_s(attempt) == limit
    assert 0 <= backoff.wait_s(attempt, Random(seed)) <= limit


def test_waits_are_spread_over_all_of_it():
    random = Random(1)
    waits = [Backoff(1, 60).wait_s(4, random) for _ in range(1000)]
    assert min(waits) < 0.2
    assert max(waits) > 7.8
    assert sum(waits) / 1000 == pytest.approx(4, abs=0.3)


# breaker


def test_it_opens_after_failures_in_a_row_only():
    breaker = CircuitBreaker(failures=3, rest_s=30)
    for _ in range(2):
        breaker.failed(1.0)
    breaker.succeeded()
    for _ in range(2):
        breaker.failed(2.0)
    assert breaker.free_at(2.0) == 2.0
    breaker.failed(3.0)
    assert breaker.free_at(3.0) == 33.0


def test_after_its_rest_one_call_is_on_trial_and_decides():
    breaker = CircuitBreaker(failures=1, rest_s=30)
    breaker.failed(0.0)
    breaker.sent()
    assert breaker.free_at(31.0) == float("inf")
    breaker.failed(31.0)
    assert breaker.free_at(31.0) == 61.0
    breaker.sent()
    breaker.succeeded()
    assert breaker.free_at(62.0) == 62.0
    assert not breaker.is_open


# answers


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (200, Outcome.DELIVERED),
        (204, Outcome.DELIVERED),
        (301, Outcome.FAILED),
        (400, Outcome.REFUSED),
        (401, Outcome.FAILED),
        (403, Outcome.FAILED),
        (404, Outcome.REFUSED),
        (408, Outcome.FAILED),
        (409, Outcome.FAILED),
        (422, Outcome.REFUSED),
        (429, Outcome.LIMITED),
        (500, Outcome.FAILED),
        (503, Outcome.FAILED),
    ],
)
def test_a_status_says_whether_to_try_again(status, outcome):
    assert of_response(status, {}, NOON).outcome is outcome


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("2", 2.0),
        ("2.0", 2.0),
        ("-5", 0.0),
        ("1e99", MOST_PATIENCE_S),
        ("nan", MOST_PATIENCE_S),
        ("Wed, 25 Nov 2026 12:00:30 GMT", 30.0),
        ("Wed, 25 Nov 2026 12:00:30 -0000", 30.0),
        ("Wed, 25 Nov 2026 11:00:00 GMT", 0.0),
        ("Thu, 26 Nov 2026 12:00:00 GMT", MOST_PATIENCE_S),
        ("soon", None),
        ("", None),
    ],
)
def test_retry_after_is_seconds_or_a_date(value, seconds):
    assert of_response(429, {"retry-after": value}, NOON).wait_s == seconds


def test_a_date_is_read_from_where_the_clock_is():
    elsewhere = NOON.astimezone(tz=None) + timedelta(seconds=10)
    headers = {"retry-after": "Wed, 25 Nov 2026 12:00:30 GMT"}
    assert of_response(503, headers, elsewhere).wait_s == 20.0


@pytest.mark.parametrize(
    ("headers", "left", "wait_s"),
    [
        ({"x-shopify-shop-api-call-limit": "32/40"}, 8.0, None),
        ({"x-shopify-shop-api-call-limit": "41/40"}, 0.0, None),
        ({"x-shopify-shop-api-call-limit": "many"}, None, None),
        ({"ratelimit-remaining": "3", "ratelimit-reset": "9"}, 3.0, None),
        ({"ratelimit-remaining": "0", "ratelimit-reset": "9"}, 0.0, 9.0),
        ({"ratelimit-remaining": "0", "ratelimit-reset": "9", "retry-after": "4"}, 0.0, 4.0),
        ({}, None, None),
    ],
)
def test_platforms_say_what_is_left(headers, left, wait_s):
    answer = of_response(200, headers, NOON)
    assert (answer.left, answer.wait_s) == (left, wait_s)


# offsets


@settings(deadline=None)
@given(st.integers(0, 30).flatmap(lambda n: st.tuples(st.just(n), st.permutations(range(n)))))
def test_what_is_committed_never_passes_what_is_held(drawn):
    number, order = drawn
    progress = Progress()
    progress.start(Place("t", 0, 100))
    for offset in range(number):
        progress.hold(Place("t", 0, 100 + 2 * offset))  # a transaction's markers lie in between
    held = {100 + 2 * offset for offset in range(number)}
    for offset in order:
        progress.release(Place("t", 0, 100 + 2 * offset))
        held.discard(100 + 2 * offset)
        (place,) = progress.committable()
        assert place.offset == min(held, default=100 + 2 * number - 1)


def test_a_partition_from_which_nothing_came_is_where_it_began():
    progress = Progress()
    progress.start(Place("t", 3, 7))
    assert progress.committable() == [Place("t", 3, 7)]
