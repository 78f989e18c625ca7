"""The time as records have it."""

import time


def now_ms() -> int:
    """Now, in epoch ms."""
    return time.time_ns() // 1_000_000
