"""How long to wait before trying again."""

from dataclasses import dataclass
from random import Random

# From here on the longest wait is reached, whatever the first was.
_MOST_DOUBLINGS = 32


@dataclass(frozen=True)
class Backoff:
    """Exponential back-off with full jitter, from `first_s` to at most `longest_s` seconds.

    All between 0 and the limit is equally likely, so that those who failed together do not come
    back together: M. Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015.
    """

    first_s: float = 1.0
    longest_s: float = 300.0

    def limit_s(self, attempt: int) -> float:
        """The longest wait, in seconds, after attempt number `attempt` (>= 1) failed."""
        doublings = min(attempt - 1, _MOST_DOUBLINGS)
        return min(self.longest_s, self.first_s * 2.0**doublings)

    def wait_s(self, attempt: int, random: Random) -> float:
        """Seconds to wait after attempt number `attempt` (>= 1) failed."""
        return random.uniform(0, self.limit_s(attempt))
