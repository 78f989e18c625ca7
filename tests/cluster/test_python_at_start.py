"""A task that is cancelled while Python starts in its JVM, and what becomes of later ones."""

import os
import subprocess
from pathlib import Path

import pytest

from connectors.jars import flink_classpath
from connectors.settings import settings
from deploy.stack.flink import flink_environment, java, python, taskmanager_command
from deploy.stack.paths import StackPaths

PROGRAM = Path(__file__).with_name("InterruptedStart.java")
AGENT = "-javaagent:"


@pytest.fixture
def slow_python(tmp_path: Path) -> dict[str, str]:
    """Variables with which Python takes its time to start, so that there is one to interrupt."""
    (tmp_path / "sitecustomize.py").write_text("import time\ntime.sleep(0.3)\n")
    return {**flink_environment(settings()), "PYTHONPATH": str(tmp_path)}


def after_a_cancellation(variables: dict[str, str], *options: str) -> str:
    command = [java(), *options, "-cp", ":".join(map(str, flink_classpath())), PROGRAM, python()]
    done = subprocess.run(
        list(map(str, command)),
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.stdout, done.stderr
    return done.stdout.splitlines()[-1]


def test_python_that_starts_with_the_jvm_is_there_for_all_tasks(
    slow_python: dict[str, str],
) -> None:
    command = taskmanager_command(settings(), StackPaths.of(settings()), "taskmanager-1")
    (agent,) = (option for option in command if option.startswith(AGENT))
    assert after_a_cancellation(slow_python, agent) == "Python runs"


def test_else_one_cancellation_ends_it_for_all_of_them(slow_python: dict[str, str]) -> None:
    """Fails when pemja has mended it; then the agent can go."""
    found = after_a_cancellation(slow_python)
    assert found == "Python never runs: java.lang.InterruptedException"
