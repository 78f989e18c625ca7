"""Does to a stack what a fault says."""

import json
import signal
import time
from collections.abc import Callable, Mapping

import httpx
import psutil

from connectors.errors import ShopstreamError
from connectors.settings import Settings
from deploy.chaos.schedule import Deed, Fault, Target
from deploy.stack.paths import StackPaths
from deploy.stack.supervisor import Supervisor
from deploy.stack.temporary import LocalStack

RESCALED = "inventory"


class Havoc:
    """Inflicts faults on a stack on which `RESCALED` runs with a parallelism of 1."""

    def __init__(self, stack: LocalStack, settings: Settings) -> None:
        self._stack = stack
        self._settings = settings
        self._supervisor = Supervisor(StackPaths.of(settings))
        self._parallelism = 1
        self._deeds: Mapping[Deed, Callable[[Fault], str]] = {
            Deed.KILL: self._kill,
            Deed.PAUSE: self._pause,
            Deed.RESUME: lambda _: self._resume_with(self._parallelism),
            Deed.RESCALE_UP: lambda _: self._resume_with(2),
            Deed.RESCALE_DOWN: lambda _: self._resume_with(1),
        }

    def inflict(self, fault: Fault) -> str:
        """Returns what it was done to, when it is over: a killed process is dead, a stopped one
        goes on, a job is submitted again. Raises ShopstreamError if it cannot be done."""
        return self._deeds[fault.deed](fault)

    def _kill(self, fault: Fault) -> str:
        name = self._service(fault)
        process = self._process(name)
        process.send_signal(signal.SIGKILL)
        process.wait(timeout=10)
        return name

    def _pause(self, fault: Fault) -> str:
        """Stop a service with all its processes: Postgres has one a connection."""
        name = self._service(fault)
        process = self._process(name)
        everyone = [process, *process.children(recursive=True)]
        for each in everyone:
            each.suspend()
        try:
            time.sleep(fault.seconds)
        finally:
            for each in everyone:
                each.resume()
        return name

    def _resume_with(self, parallelism: int) -> str:
        """Stop the job with a savepoint, and start it from there with so many subtasks."""
        self._stack.demand("stop", RESCALED, "--savepoint")
        tuned = json.dumps({RESCALED: {"parallelism": parallelism}})
        self._stack.demand("submit", RESCALED, SHOPSTREAM_JOBS=tuned)
        self._parallelism = parallelism
        return f"{RESCALED}, then with a parallelism of {parallelism}"

    def _service(self, fault: Fault) -> str:
        if fault.target is not Target.TASKMANAGER:
            return fault.target.value
        busy = self._busy_taskmanagers()
        return busy[int(fault.draw * len(busy))]

    def _busy_taskmanagers(self) -> list[str]:
        """Those that run tasks: nobody would feel the loss of another."""
        answer = httpx.get(f"{self._settings.flink_url}/taskmanagers", timeout=10)
        known = answer.raise_for_status().json()["taskmanagers"]
        alive = self._supervisor.processes()
        busy = [item["id"] for item in known if item["freeSlots"] < item["slotsNumber"]]
        busy = sorted(name for name in busy if name in alive)
        if not busy:
            raise ShopstreamError("expected a TaskManager that runs tasks, came none; no job runs?")
        return busy

    def _process(self, name: str) -> psutil.Process:
        found = self._supervisor.processes().get(name)
        if found is None or found.pid is None:
            raise ShopstreamError(f"expected {name} to run, came {found.state if found else None}")
        return psutil.Process(found.pid)
