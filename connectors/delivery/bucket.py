"""A token bucket that holds at the other end, whatever the delays on the way there."""

from math import inf
from typing import Final

# Adding up fractions of a token is off by less than this.
_ROUNDING: Final = 1e-9


class TokenBucket:
    """How many calls may be made under a limit of `rate` a second (> 0), `burst` (>= 1) at once.

    It begins empty: what was sent before, by a process that was killed, say, is not known.

    A call takes its token when it is sent, and until it is answered the bucket fills up to one
    less: the other end counts the call at some moment in between, which nobody here knows. So a
    bucket of the same rate and burst at the other end is never asked for a token that it has not.
    With a burst of 1 calls are `1 / rate` seconds apart from answer to call: no second ever has
    more than `rate` of them.

    Clock-free: `now` is in seconds of any clock that never goes back.
    """

    def __init__(self, rate: float, burst: int) -> None:
        self._rate = rate
        self._burst = burst
        self._tokens = 0.0
        self._in_flight = 0
        self._at: float | None = None
        self._closed_until = -inf

    def free_at(self, now: float) -> float:
        """When the next call may be sent: `now` if at once, infinity if an answer is needed."""
        self._fill(now)
        if self._tokens >= 1 - _ROUNDING:
            return max(now, self._closed_until)
        if self._burst - self._in_flight < 1:
            return inf
        return max(now + (1 - self._tokens) / self._rate, self._closed_until)

    def take(self, now: float) -> None:
        """A call is sent; `free_at` has said that it may be."""
        self._fill(now)
        self._tokens = max(0.0, self._tokens - 1)
        self._in_flight += 1

    def answered(self, now: float) -> None:
        """A call that was sent has ended, in whatever way."""
        self._fill(now)
        self._in_flight -= 1

    def close_until(self, time: float) -> None:
        """Send nothing before `time`."""
        self._closed_until = max(self._closed_until, time)

    def learn(self, left: float, now: float) -> None:
        """The other end says how many calls are left: less than thought, if others call too.

        It may not have counted what is in flight now.
        """
        self._fill(now)
        self._tokens = max(0.0, min(self._tokens, left - self._in_flight))

    def _fill(self, now: float) -> None:
        if self._at is not None and now > self._at:
            most = max(self._tokens, float(self._burst - self._in_flight))
            self._tokens = min(most, self._tokens + (now - self._at) * self._rate)
        self._at = now
