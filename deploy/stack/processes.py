"""The machine's processes as seen from a stack: which are its own, who holds a port."""

import socket
from contextlib import suppress
from pathlib import Path

import psutil

# In the environment of every process of a stack, with its state folder as the value.
MARKER = "SHOPSTREAM_STACK"


def of_stack(state: Path) -> list[psutil.Process]:
    """Every living process that belongs to the stack in this folder, supervised or orphaned."""
    here = psutil.Process()
    callers = {here.pid, *(parent.pid for parent in here.parents())}
    return [
        process
        for process in psutil.process_iter()
        if process.pid not in callers and _belongs(process, state)
    ]


def _belongs(process: psutil.Process, state: Path) -> bool:
    try:
        if process.status() == psutil.STATUS_ZOMBIE:
            return False
        if process.environ().get(MARKER) == str(state):
            return True
        # A Postgres backend writes its title over its environment.
        return _is_postgres(process) and Path(process.cwd()).is_relative_to(state)
    except psutil.Error:
        return False


def sweep(state: Path, hard: bool = False, patience_s: float = 15) -> int:
    """End what still runs of a stack without its supervisor; returns how many processes it was.

    The supervisor goes first and hard, or it would start again what ends. hard: so do all others,
    because what an orderly end would save is not wanted; but Postgres, which would leave its
    shared memory behind.
    """
    found = of_stack(state)
    for process in found:
        if _is_supervisor(process) or (hard and not _is_postgres(process)):
            _signal(process, "kill")
        else:
            _signal(process, "terminate")
    _, stubborn = psutil.wait_procs(found, timeout=patience_s)
    for process in stubborn:
        _signal(process, "kill")
    psutil.wait_procs(stubborn, timeout=patience_s)
    return len(found)


def _is_supervisor(process: psutil.Process) -> bool:
    try:
        return "supervisor.supervisord" in process.cmdline()
    except psutil.Error:
        return False


def _is_postgres(process: psutil.Process) -> bool:
    try:
        return bool(process.name() == "postgres")
    except psutil.Error:
        return False


def _signal(process: psutil.Process, method: str) -> None:
    with suppress(psutil.NoSuchProcess):
        getattr(process, method)()


def is_free(host: str, port: int) -> bool:
    """Whether a server could listen there now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def listener(port: int) -> psutil.Process | None:
    """The process that listens on a port, if it can be known: another user's cannot."""
    for connection in psutil.net_connections("tcp"):
        listens = connection.status == psutil.CONN_LISTEN and connection.laddr.port == port
        if listens and connection.pid is not None:
            return psutil.Process(connection.pid)
    return None
