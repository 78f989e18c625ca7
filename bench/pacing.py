"""Load that comes evenly, as fast as it is asked for."""

import time
from collections.abc import Iterator


def evenly(rate: float, count: int) -> Iterator[int]:
    """0 to `count` - 1, each when it is due at `rate` a second; late ones at once."""
    begun = time.monotonic()
    for number in range(count):
        time.sleep(max(0.0, begun + number / rate - time.monotonic()))
        yield number
