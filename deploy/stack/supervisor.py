"""The supervisor of the stack's processes: supervisord, spoken to over its Unix socket."""

import os
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from xmlrpc.client import Fault, ServerProxy

import psutil
from supervisor.xmlrpc import Faults, SupervisorTransport

from connectors.errors import ShopstreamError
from deploy.stack import processes
from deploy.stack.paths import StackPaths

START_SECONDS = 15
STOP_SECONDS = 60


@dataclass(frozen=True)
class ProcessState:
    """What the supervisor knows of a service's process."""

    state: str
    """STOPPED, STARTING, RUNNING, BACKOFF, STOPPING, EXITED, FATAL or UNKNOWN."""
    pid: int | None
    uptime_s: int


class Supervisor:
    """The supervisord of one state folder."""

    def __init__(self, paths: StackPaths) -> None:
        self._paths = paths
        self._socket = paths.sockets / "supervisor.sock"

    def alive(self) -> bool:
        """Whether it answers; a process or a socket file alone proves nothing."""
        try:
            self._rpc().getState()
        except (OSError, Fault):
            return False
        return True

    def start(self) -> None:
        """Start it as a daemon, with the stack's mark in the environment that all inherit."""
        config = self._paths.conf / "supervisord.conf"
        done = subprocess.run(
            [sys.executable, "-m", "supervisor.supervisord", "-c", str(config)],
            env={**os.environ, processes.MARKER: str(self._paths.state)},
            cwd=self._paths.state,
            capture_output=True,
            text=True,
        )
        deadline = time.monotonic() + START_SECONDS
        while not self.alive():
            if done.returncode != 0 or time.monotonic() > deadline:
                said = (done.stderr or done.stdout).strip().splitlines()[-1:] or ["no output"]
                raise ShopstreamError(
                    f"the supervisor did not start: {said[0]}; see {self._paths.log('supervisord')}"
                )
            time.sleep(0.05)

    def processes(self) -> dict[str, ProcessState]:
        """The state of every service's process, by name; empty if the supervisor is not there."""
        try:
            known = self._rpc().getAllProcessInfo()
        except OSError:
            return {}
        return {
            item["name"]: ProcessState(
                state=item["statename"],
                pid=item["pid"] or None,
                uptime_s=max(0, item["now"] - item["start"]) if item["pid"] else 0,
            )
            for item in known
        }

    def start_process(self, name: str) -> None:
        """Ask for a process to be started; one that runs or is starting is left alone."""
        try:
            self._rpc().startProcess(name, False)
        except Fault as fault:
            if fault.faultCode != Faults.ALREADY_STARTED:
                raise ShopstreamError(
                    f"{name} cannot be started: {fault.faultString}; see {self._paths.log(name)}"
                ) from fault

    def restart_process(self, name: str) -> None:
        """Stop a process, however long it takes, and start it again."""
        self._rpc().stopProcess(name)
        self.start_process(name)

    def shutdown(self) -> None:
        """Stop every process, in the reverse order of their priorities, and the supervisor.

        Returns when the supervisor's own process has ended, or after STOP_SECONDS.
        """
        process = psutil.Process(self._rpc().getPID())
        self._rpc().shutdown()
        with suppress(psutil.TimeoutExpired):
            process.wait(timeout=STOP_SECONDS)

    def _rpc(self) -> Any:  # XML-RPC has no types
        transport = SupervisorTransport(None, None, f"unix://{self._socket}")
        return ServerProxy("http://127.0.0.1", transport=transport).supervisor
