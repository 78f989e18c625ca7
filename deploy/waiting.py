"""Waiting for a condition, with a deadline."""

import time
from collections.abc import Callable
from typing import Any

from connectors.errors import ShopstreamError


def until(
    condition: Callable[[], Any], deadline_s: float, what: str, see: str = "`shopstream jobs`"
) -> Any:
    """Wait until `condition` gives something true, and return it.

    Raises ShopstreamError if that takes longer, which says to `see` where to look for why.
    """
    give_up = time.monotonic() + deadline_s
    while not (found := condition()):
        if time.monotonic() > give_up:
            raise ShopstreamError(f"waited {deadline_s:.0f} s for {what}; see {see}")
        time.sleep(0.1)
    return found
