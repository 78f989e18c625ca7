"""Waiting for a condition, with a deadline."""

import time
from collections.abc import Callable
from typing import Any

from connectors.errors import ShopstreamError


def until(condition: Callable[[], Any], deadline_s: float, what: str) -> Any:
    """Wait until `condition` gives something true, and return it."""
    give_up = time.monotonic() + deadline_s
    while not (found := condition()):
        if time.monotonic() > give_up:
            raise ShopstreamError(f"waited {deadline_s:.0f} s for {what}; see `shopstream jobs`")
        time.sleep(0.2)
    return found
