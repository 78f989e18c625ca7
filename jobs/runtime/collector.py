"""Python's garbage collector, kept out of the way of events.

A full collection looks at every object there is. PyFlink and its packages are some hundred thousand
that live as long as the TaskManager: looking at them stops all its tasks, for they share one
interpreter. What the operators make themselves is freed by its reference count.
"""

import gc
from functools import cache

YOUNG, MIDDLE, OLD = 50_000, 50, 100


@cache
def spare_what_is_loaded() -> None:
    """Let collections pass by what is there already, and come less often; once an interpreter."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, MIDDLE, OLD)
