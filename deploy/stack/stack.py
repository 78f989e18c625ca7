"""The local stack as a whole: up, down, status."""

import fcntl
import os
import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from connectors.provision import provision
from connectors.settings import Settings, settings
from deploy.stack import processes, render
from deploy.stack.health import NotHealthy
from deploy.stack.paths import StackPaths
from deploy.stack.ports import require_ports
from deploy.stack.services import Service, services
from deploy.stack.startup import start
from deploy.stack.supervisor import Supervisor

Say = Callable[[str], None]


@dataclass(frozen=True)
class ServiceStatus:
    """What `status` tells of a service."""

    name: str
    state: str
    pid: int | None
    uptime_s: int
    port: int | None
    healthy: bool
    reason: str | None
    """Why it is not healthy."""


def up(say: Say) -> None:
    """Bring the stack up, or repair it, and provision it; returns when all of it is healthy.

    Repeating it changes nothing. Raises ShopstreamError if a port is taken or a service fails.
    """
    current = settings()
    paths = StackPaths.of(current)
    with _exclusive(paths.state, say):
        paths.make()
        if _as_wanted(current):
            for service in services(current):
                if service.prepare:
                    service.prepare()
            say(f"already up: {len(services(current))} services healthy")
        else:
            _bring_up(current, say)
    provision(say)


def down(say: Say, purge: bool = False) -> None:
    """Stop every process of the stack; with `purge`, remove its state as well."""
    paths = StackPaths.of(settings())
    if not paths.state.exists():
        say("nothing runs")
        return
    with _exclusive(paths.state, say):
        _bring_down(paths, say, hard=purge)
        if purge:
            shutil.rmtree(paths.sockets, ignore_errors=True)
            shutil.rmtree(paths.state)
            say(f"removed {paths.state}")


def status() -> list[ServiceStatus]:
    """Every service of the stack, running or not, in the order in which they are declared."""
    current = settings()
    known = Supervisor(StackPaths.of(current)).processes()
    declared = services(current)

    def examine(service: Service) -> ServiceStatus:
        process = known.get(service.name)
        reason = _complaint(service) if process and process.pid else "does not run"
        return ServiceStatus(
            name=service.name,
            state=process.state if process else "STOPPED",
            pid=process.pid if process else None,
            uptime_s=process.uptime_s if process else 0,
            port=getattr(current, service.port) if service.port else None,
            healthy=reason is None,
            reason=reason,
        )

    with ThreadPoolExecutor(max_workers=len(declared)) as pool:
        return list(pool.map(examine, declared))


def _complaint(service: Service) -> str | None:
    try:
        service.healthy()
    except NotHealthy as error:
        return str(error)
    return None


def _as_wanted(current: Settings) -> bool:
    """Whether the stack runs as these settings describe it."""
    return not render.differs(render.render(current)) and all(s.healthy for s in status())


def _bring_up(current: Settings, say: Say) -> None:
    paths = StackPaths.of(current)
    require_ports(current)
    files = render.render(current)
    supervisor = Supervisor(paths)
    if supervisor.alive() and render.differs(files):
        say("the settings have changed: restarting")
        _bring_down(paths, say)
    if not supervisor.alive():
        if cleared := processes.sweep(paths.state):
            say(f"cleared {cleared} processes whose supervisor was gone")
        for folder in (paths.scratch, paths.running_jobs):
            shutil.rmtree(folder, ignore_errors=True)
        paths.make()
        render.write(files)
        supervisor.start()
    start(services(current), supervisor, paths, say)


def _bring_down(paths: StackPaths, say: Say, hard: bool = False) -> None:
    supervisor = Supervisor(paths)
    alive = supervisor.alive()
    if alive:
        say("stopping")
        if hard:
            processes.sweep(paths.state, hard)
        else:
            supervisor.shutdown()
    left = processes.sweep(paths.state, hard)
    if left:
        say(f"ended {left} processes whose supervisor was gone")
    say("stopped; nothing of it runs" if alive or left else "nothing runs")


@contextmanager
def _exclusive(state: Path, say: Say) -> Iterator[None]:
    """Hold the state folder's lock: two `up` at once would start everything twice."""
    state.mkdir(parents=True, exist_ok=True)
    folder = os.open(state, os.O_RDONLY)
    try:
        try:
            fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("waiting for another `shopstream up` or `down` to end")
            fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)
