"""A peer of the benchmarks as a process: another engine that does a job's work on its topics."""

import os
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from uuid import uuid4

from connectors.errors import ShopstreamError
from connectors.registry import Registry
from connectors.settings import ROOT, settings
from connectors.topics import topic

PEERS = ROOT / "bench" / "peers"
PEERS_PYTHON = PEERS / ".venv" / "bin" / "python"
PROGRAMS = {"Bytewax": "bytewax_peer.py", "Quix Streams": "quix_peer.py"}

STARTED_AFTER_S = 3.0


def demand_peers() -> None:
    """Raise ShopstreamError where the peers are not installed."""
    if not PEERS_PYTHON.exists():
        raise ShopstreamError(f"expected the peers' Python at {PEERS_PYTHON}; run `make bench`")


def _demand_running(name: str, process: subprocess.Popen[bytes]) -> None:
    if process.poll() is not None:
        raise ShopstreamError(f"{name} ended by itself with status {process.returncode}")


@contextmanager
def peer(
    name: str, job: str, source: str, targets: Sequence[str], guarantee: str
) -> Iterator[None]:
    """The peer `name` doing the work of `job` for as long as the context is open."""
    schemas = ROOT / "connectors" / "schemas"
    registry = Registry(settings().registry_url)
    arguments = {
        "bootstrap": settings().kafka_bootstrap,
        "source": source,
        "group": f"peer-{uuid4().hex}",
        "guarantee": guarantee,
        "read-schema": str(schemas / topic(source).schema_file),
    }
    told = [part for name, value in arguments.items() for part in (f"--{name}", value)]
    for target in map(topic, targets):
        schema_id = str(registry.schema_id(target))
        told += ["--write", target.name, str(schemas / target.schema_file), schema_id]
    process = subprocess.Popen(
        [str(PEERS_PYTHON), str(PEERS / PROGRAMS[name]), job, *told],
        stdout=subprocess.DEVNULL,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )
    try:
        with suppress(subprocess.TimeoutExpired):  # as it should
            process.wait(STARTED_AFTER_S)
        _demand_running(name, process)
        yield
        _demand_running(name, process)
    finally:
        process.terminate()
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
