"""An outbox as a destination's settings describe it."""

from collections.abc import Callable
from random import Random
from typing import Final

from connectors.delivery.backoff import Backoff
from connectors.delivery.breaker import CircuitBreaker
from connectors.delivery.bucket import TokenBucket
from connectors.delivery.outbox import Outbox, Update
from connectors.delivery.progress import Place
from connectors.destinations import Destination

BACKOFF: Final = Backoff(first_s=1.0, longest_s=300.0)
FAILURES: Final = 5
"""Calls in a row that fail before the destination is left alone."""
REST_S: Final = 30.0
"""For how long it then is."""


def outbox_for(
    destination: Destination,
    release: Callable[[Place], None],
    wanted: Callable[[Update], bool] = lambda _: True,
) -> Outbox:
    """An empty outbox; the arguments are the outbox's own."""
    return Outbox(
        bucket=TokenBucket(destination.rate_per_s, destination.burst),
        breaker=CircuitBreaker(FAILURES, REST_S),
        backoff=BACKOFF,
        attempts=destination.attempts,
        in_flight=destination.in_flight,
        random=Random(),
        release=release,
        wanted=wanted,
    )
