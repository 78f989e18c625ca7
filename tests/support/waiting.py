"""Waiting for what other threads and processes bring about."""

import time
from collections.abc import Callable
from typing import Any


def until(condition: Callable[[], Any], what: str, within_s: float = 60.0) -> Any:
    """Wait until `condition` gives something true, and return it."""
    give_up = time.monotonic() + within_s
    while not (found := condition()):
        assert time.monotonic() < give_up, f"waited {within_s:.0f} s for {what}"
        time.sleep(0.05)
    return found
