"""A circuit breaker: who does not answer is left alone for a while."""

from math import inf


class CircuitBreaker:
    """Closed, it lets all calls through; `failures` (>= 1) of them in a row open it.

    Open, it lets none through for `rest_s` seconds, then one on trial: if that succeeds it closes,
    if not it rests again. Clock-free: `now` is in seconds of any clock that never goes back.
    """

    def __init__(self, failures: int, rest_s: float) -> None:
        self._failures = failures
        self._rest_s = rest_s
        self._failed = 0
        self._opened_at: float | None = None
        self._on_trial = False

    @property
    def is_open(self) -> bool:
        return self._opened_at is not None

    def free_at(self, now: float) -> float:
        """When the next call may be sent: `now` if at once, infinity while one is on trial."""
        if self._opened_at is None:
            return now
        return inf if self._on_trial else max(now, self._opened_at + self._rest_s)

    def sent(self) -> None:
        """A call is sent; `free_at` has said that it may be."""
        self._on_trial = self.is_open

    def succeeded(self) -> None:
        """The other end answers, if only to refuse."""
        self._failed = 0
        self._opened_at = None
        self._on_trial = False

    def failed(self, now: float) -> None:
        """The other end did not answer, or said that it cannot."""
        self._failed += 1
        if self.is_open or self._failed >= self._failures:
            self._opened_at = now
            self._on_trial = False
