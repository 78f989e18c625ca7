"""What is said of a service that did not come up, and which processes are the stack's own."""

import subprocess
import sys
from pathlib import Path

from deploy.stack import processes
from deploy.stack.startup import last_trouble


def test_the_line_of_trouble_is_found_among_those_that_follow_it(tmp_path: Path) -> None:
    log = tmp_path / "kafka.log"
    log.write_text("INFO starting\nERROR Address already in use\n  at Somewhere\nINFO shut down\n")

    assert last_trouble(log) == "ERROR Address already in use"


def test_without_trouble_it_is_the_last_line(tmp_path: Path) -> None:
    log = tmp_path / "kafka.log"
    log.write_text("INFO starting\nINFO still at it\n\n")

    assert last_trouble(log) == "INFO still at it"


def test_an_empty_or_absent_log_says_so(tmp_path: Path) -> None:
    (tmp_path / "empty.log").touch()

    assert last_trouble(tmp_path / "empty.log") == "(empty)"
    assert last_trouble(tmp_path / "absent.log") == "(no log)"


def test_a_sweep_ends_the_orphans_of_its_own_stack_and_of_no_other(tmp_path: Path) -> None:
    own, other = tmp_path / "own", tmp_path / "other"
    orphan, neighbour = waiting_process(own), waiting_process(other)
    try:
        assert [p.pid for p in processes.of_stack(own)] == [orphan.pid]

        assert processes.sweep(own) == 1

        assert orphan.poll() is not None
        assert neighbour.poll() is None
    finally:
        orphan.kill()
        neighbour.kill()


def waiting_process(state: Path) -> subprocess.Popen[bytes]:
    """A process marked as that stack's, ready when this returns."""
    program = "import sys; print('ready', flush=True); sys.stdin.read()"
    started = subprocess.Popen(
        [sys.executable, "-c", program],
        env={processes.MARKER: str(state)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert started.stdout is not None
    assert started.stdout.readline() == b"ready\n"
    return started
