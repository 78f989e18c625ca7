"""The two ways in which PyFlink runs Python, which do not support the same things."""

from enum import Enum


class Mode(Enum):
    """`python.execution-mode`. The harness refuses what the chosen mode cannot do.

    THREAD: Python inside the TaskManager's JVM. No state TTL, no array-typed state, no side
        outputs from `KeyedBroadcastProcessFunction.on_timer`.
    PROCESS: Python workers beside it, PyFlink's default.
    """

    THREAD = "thread"
    PROCESS = "process"
