"""A real Flink inside the test process, for the tests that need one: see `local_flink`."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from pyflink.common import Configuration
from pyflink.datastream import StreamExecutionEnvironment

from deploy.gate.session import prepare

LocalFlink = Callable[..., StreamExecutionEnvironment]
_TESTS = Path(__file__).parents[1]


@pytest.fixture(scope="session")
def local_flink() -> LocalFlink:
    """Makes environments of one local JVM: `local_flink(mode="thread", **{"option": "value"})`.

    The JVM starts with the first one (some 3 s) and lives as long as the session; every execution
    gets its own MiniCluster (some 1 s). Thread mode finds its interpreter as `python` on PATH,
    whatever `python.executable` says, hence the PATH.
    """
    prepare()

    def environment(mode: str = "thread", **options: str) -> StreamExecutionEnvironment:
        configuration = Configuration()
        values = {
            "python.execution-mode": mode,
            "python.executable": str(Path(sys.prefix) / "bin" / "python"),
            "python.pythonpath": str(_TESTS),
            "parallelism.default": "1",
            **options,
        }
        for option, value in values.items():
            configuration.set_string(option, value)
        return StreamExecutionEnvironment.get_execution_environment(configuration)

    return environment
