"""A test harness for PyFlink functions that needs neither a JVM nor a cluster. See README.md."""

from flinkharness.errors import HarnessError, RefusedError
from flinkharness.harness import Harness
from flinkharness.modes import Mode
from flinkharness.operator import Emitted
from flinkharness.timers import MAX_TIME, MIN_TIME, Timer

__all__ = [
    "MAX_TIME",
    "MIN_TIME",
    "Emitted",
    "Harness",
    "HarnessError",
    "Mode",
    "RefusedError",
    "Timer",
]
