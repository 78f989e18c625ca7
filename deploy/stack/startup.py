"""Starting services in the order of what they need, each until it does its work."""

import re
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from connectors.errors import ShopstreamError
from deploy.stack.health import NotHealthy
from deploy.stack.paths import StackPaths
from deploy.stack.services import Service, start_order
from deploy.stack.supervisor import ProcessState, Supervisor

# A process that ended so often while it was waited for will not come up.
CRASHES = 3

_TROUBLE = re.compile(r"\b(FATAL|ERROR|SEVERE|Caused by|[\w.]+(Exception|Error))\b")


@dataclass
class _Wait:
    """A service that was asked to start and is not healthy yet."""

    service: Service
    since: float = field(default_factory=time.monotonic)
    pids: set[int] = field(default_factory=set)

    @property
    def seconds(self) -> float:
        return time.monotonic() - self.since

    def given_up(self, process: ProcessState) -> bool:
        """Whether waiting on makes no sense."""
        if process.pid:
            self.pids.add(process.pid)
        crashed = process.state == "FATAL" or len(self.pids) > CRASHES
        return crashed or self.seconds > self.service.start_seconds


def start(
    declared: list[Service], supervisor: Supervisor, paths: StackPaths, say: Callable[[str], None]
) -> None:
    """Start what does not run and wait until every service is healthy.

    Raises ShopstreamError that names the service, what its check saw, its log and the last line of
    trouble in it.
    """
    by_name = {service.name: service for service in declared}
    order, waits = start_order(declared), dict[str, _Wait]()
    order.prepare()
    while order.is_active():
        for name in order.get_ready():
            _begin(by_name[name], supervisor)
            waits[name] = _Wait(by_name[name])
        processes = supervisor.processes()
        for name, wait in list(waits.items()):
            try:
                wait.service.healthy()
            except NotHealthy as error:
                if wait.given_up(processes[name]):
                    raise ShopstreamError(_obituary(wait, str(error), paths.log(name))) from error
                continue
            say(f"{name} healthy after {wait.seconds:.1f} s")
            del waits[name]
            order.done(name)
        time.sleep(0.1)


def _begin(service: Service, supervisor: Supervisor) -> None:
    """Ask for the service's process; one that has had its time and does not answer is replaced."""
    if service.prepare:
        service.prepare()
    process = supervisor.processes()[service.name]
    if process.state == "RUNNING" and process.uptime_s > service.start_seconds:
        try:
            service.healthy()
        except NotHealthy:
            supervisor.restart_process(service.name)
    else:
        supervisor.start_process(service.name)


def _obituary(wait: _Wait, reason: str, log: Path) -> str:
    name = wait.service.name
    what = (
        f"{name} ended {len(wait.pids)} times while starting"
        if len(wait.pids) > CRASHES
        else f"{name} was not healthy after {wait.seconds:.0f} s ({reason})"
    )
    return f"{what}; see {log}, which says: {last_trouble(log)}"


def last_trouble(log: Path) -> str:
    """The last line of a log that tells of trouble, or its last line, or that there is none."""
    if not log.is_file():
        return "(no log)"
    with log.open(errors="replace") as lines:
        tail = [line.strip() for line in deque(lines, maxlen=400) if line.strip()]
    troubles = [line for line in tail if _TROUBLE.search(line)]
    return (troubles or tail or ["(empty)"])[-1][:300]
