"""What a TaskManager's Python spends its time on: a sampling profile, summed by kind of work."""

import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

from connectors.errors import ShopstreamError

RATE_HZ = 200

# kind, start of the function's name, part of its file: the first that matches, from the innermost
# frame outwards
KINDS = (
    ("state calls", "", "/embedded/state_impl.py"),
    ("timers", "", "/embedded/timerservice_impl.py"),
    ("decode Avro", "Decoder.", "/connectors/"),
    ("encode Avro", "Encoder.", "/connectors/"),
    ("rule", "", "/udfs/"),
    ("duplicates", "", "/jobs/runtime/duplicates.py"),
    ("wake-ups", "", "/jobs/runtime/wakeups.py"),
    ("entity state", "", "/jobs/runtime/entities.py"),
    ("packets between tasks", "", "/jobs/runtime/packets.py"),
    ("intake", "", "/jobs/runtime/intake.py"),
    ("links", "", "/jobs/runtime/links.py"),
    ("typed events", "Inputs.", "/jobs/runtime/"),
    ("output rows", "Outputs.", "/jobs/runtime/"),
    ("operator", "", "/jobs/runtime/"),
    ("conversion to and from Java", "", "/pyflink/"),
)
JVM = "JVM (conversion, window, sink) and waiting"


def profile(pid: int, seconds: int) -> dict[str, float]:
    """Shares of the wall time by kind of work, largest first, of the tasks' Python.

    Added up over the tasks: with several Python tasks in a slot they can come to more than 1, with
    what waits for the interpreter lock. py-spy attaches to the TaskManager's JVM; what is left of 1
    is time in which no thread has a Python frame.
    """
    with tempfile.TemporaryDirectory() as folder:
        raw = Path(folder) / "profile.raw"
        command = [str(Path(sys.executable).with_name("py-spy")), "record", "--pid", str(pid)]
        command += ["--duration", str(seconds), "--rate", str(RATE_HZ), "--format", "raw"]
        command += ["--full-filenames", "--nonblocking", "--output", str(raw)]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode or not raw.exists():
            raise ShopstreamError(f"py-spy could not profile process {pid}: {done.stderr[-300:]}")
        stacks = raw.read_text().splitlines()
    return _shares(stacks, seconds * RATE_HZ)


def _shares(stacks: list[str], samples: int) -> dict[str, float]:
    counts: Counter[str] = Counter()
    for line in stacks:
        stack, _, count = line.rpartition(" ")
        kind = _kind(stack.split(";"))
        if kind is not None:
            counts[kind] += int(count)
    shares = {kind: count / samples for kind, count in counts.most_common()}
    return shares | {JVM: max(0.0, 1 - sum(shares.values()))}


def _kind(frames: list[str]) -> str | None:
    for frame in reversed(frames):
        for kind, function, file in KINDS:
            if frame.startswith(function) and file in frame:
                return kind
    return None
