"""Types that several threads use for the first time at once."""

import subprocess
import sys
from pathlib import Path

import pytest

THREADS = Path(__file__).parent / "first_use_by_threads.py"
READ = "msgspec.msgpack.Decoder(kind).decode(packed)"
CONVERT = "msgspec.convert(record, kind)"


def first_use_by_threads(use: str) -> int:
    """The exit status of a process whose threads do `use` with a new `kind` again and again."""
    return subprocess.run([sys.executable, THREADS, use], capture_output=True).returncode


@pytest.mark.parametrize("use", ["reader_of(kind)(packed)", "typing_of(kind)(record)"])
def test_threads_may_use_a_type_for_the_first_time_at_once(use: str):
    assert first_use_by_threads(use) == 0


@pytest.mark.parametrize("use", [READ, CONVERT])
def test_without_the_lock_the_process_dies(use: str):
    """If this fails, msgspec has mended it, and the lock can go."""
    assert first_use_by_threads(use) < 0
