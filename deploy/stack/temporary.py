"""A local stack of one's own, for tests and benchmarks: another state folder, other ports, gone
afterwards."""

import json
import os
import random
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from connectors.errors import ShopstreamError
from connectors.settings import Settings, settings
from deploy.stack.crashes import crashes
from deploy.stack.paths import StackPaths

SHOPSTREAM = Path(sys.prefix) / "bin" / "shopstream"
COMMAND_SECONDS = 480

# Below the range from which the kernel takes the ports of outgoing connections.
PORTS = range(20_000, 32_000)


@dataclass(frozen=True)
class LocalStack:
    """A stack and the environment that makes any process use it."""

    state: Path
    environment: dict[str, str]

    def run(self, *arguments: str, **overrides: str) -> subprocess.CompletedProcess[str]:
        """Run the `shopstream` command on this stack; `overrides` are environment variables."""
        return subprocess.run(
            [str(SHOPSTREAM), *arguments],
            env={**os.environ, **self.environment, **overrides},
            capture_output=True,
            text=True,
            timeout=COMMAND_SECONDS,
        )

    def up(self) -> subprocess.CompletedProcess[str]:
        """Bring it up, or repair it; raises ShopstreamError if that does not succeed."""
        return self.demand("up", "--wait")

    def demand(self, *arguments: str, **overrides: str) -> subprocess.CompletedProcess[str]:
        """As `run`, but raises ShopstreamError if the command does not succeed."""
        done = self.run(*arguments, **overrides)
        if done.returncode:
            raise ShopstreamError(done.stderr.strip().removeprefix("shopstream: "))
        return done

    def services(self) -> dict[str, dict[str, object]]:
        """What `status --json` tells of each service, by name."""
        listed = json.loads(self.run("status", "--json").stdout)
        return {service["name"]: service for service in listed["services"]}


@contextmanager
def local_stack(**tuning: object) -> Iterator[LocalStack]:
    """A stack that is not up yet, with settings such as `taskmanagers=1`; without Connect, unless
    `cdc=True` asks for it.

    Until the end, `settings()` of this process and its children describe it. Afterwards it is down
    and its state folder removed, whatever happened. Raises ShopstreamError at the end if a JVM of
    Flink has crashed: jobs go on after that, so nothing else would tell.
    """
    state = Path(tempfile.mkdtemp(prefix="shopstream-"))
    chosen = {"state_dir": state, "cdc": False, **free_ports(), **tuning}
    stack = LocalStack(state, {f"SHOPSTREAM_{k.upper()}": str(v) for k, v in chosen.items()})
    before = os.environ.copy()
    os.environ.update(stack.environment)
    settings.cache_clear()
    try:
        yield stack
        if crashed := crashes(StackPaths(state)):
            raise ShopstreamError(f"a JVM of Flink died in {', '.join(crashed.values())}")
    finally:
        stack.run("down", "--purge")
        os.environ.clear()
        os.environ.update(before)
        settings.cache_clear()
        shutil.rmtree(state, ignore_errors=True)


def free_ports() -> dict[str, int]:
    """A free port for every port that the settings know, by name."""
    names = [name for name in Settings.model_fields if name.endswith("_port")]
    candidates = random.sample(PORTS, len(PORTS))
    free = (port for port in candidates if _is_free(port))
    return {name: next(free) for name in names}


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0
