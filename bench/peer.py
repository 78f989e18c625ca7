"""A peer of the benchmarks as a process: another engine that does a job's work on its topics."""

import json
import os
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from connectors.errors import ShopstreamError
from connectors.provision import SEEDS
from connectors.registry import Registry
from connectors.settings import ROOT, settings
from connectors.topics import topic
from udfs.contract import Domain

PEERS = ROOT / "bench" / "peers"
PEERS_PYTHON = PEERS / ".venv" / "bin" / "python"
PROGRAMS = {"Bytewax": "bytewax_peer.py", "Quix Streams": "quix_peer.py"}

STARTED_AFTER_S = 3.0


def demand_peers() -> None:
    """Raise ShopstreamError where the peers are not installed."""
    if not PEERS_PYTHON.exists():
        raise ShopstreamError(f"expected the peers' Python at {PEERS_PYTHON}; run `make bench`")


@dataclass(frozen=True)
class Peer:
    """The peer `name`, one of `PROGRAMS`, doing the work of `job`.

    guarantee: "exactly-once" or "at-least-once", where the peer has a choice.
    reference: the topics whose default records it goes by.
    group: its consumer group.
    """

    name: str
    job: str
    sources: Sequence[str]
    targets: Sequence[str]
    guarantee: str
    reference: Sequence[str] = ()
    group: str = field(default_factory=lambda: f"peer-{uuid4().hex}")

    @classmethod
    def of(cls, name: str, domain: Domain, sources: Sequence[str]) -> "Peer":
        """The peer that goes by the rules of `domain`, with the guarantee of its job."""
        guarantee = "at-least-once" if domain.at_least_once else "exactly-once"
        return cls(name, domain.name, sources, domain.outputs, guarantee, tuple(domain.reference))

    @contextmanager
    def running(self) -> Iterator[None]:
        """It works for as long as the context is open."""
        process = subprocess.Popen(
            [str(PEERS_PYTHON), str(PEERS / PROGRAMS[self.name])],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            env=os.environ | {"PYTHONPATH": str(ROOT)},
        )
        try:
            with suppress(subprocess.TimeoutExpired):  # as it should
                process.communicate(json.dumps(self._told()).encode(), STARTED_AFTER_S)
            self._demand_running(process)
            yield
            self._demand_running(process)
        finally:
            process.terminate()
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def _demand_running(self, process: "subprocess.Popen[bytes]") -> None:
        if process.poll() is not None:
            raise ShopstreamError(f"{self.name} ended by itself with status {process.returncode}")

    def _told(self) -> dict[str, Any]:
        """What bench/peers/wire.py reads."""
        registry = Registry(settings().registry_url)
        return {
            "job": self.job,
            "bootstrap": settings().kafka_bootstrap,
            "group": self.group,
            "guarantee": self.guarantee,
            "sources": {
                one.name: {"schema": _schema(one.schema_file), "key": one.key}
                for one in map(topic, self.sources)
            },
            "targets": {
                one.name: {
                    "schema": _schema(one.schema_file),
                    "schema_id": registry.schema_id(one),
                    "key": one.key,
                    "fallback": one.key_fallback,
                }
                for one in map(topic, self.targets)
            },
            "reference": {name: _defaults(name) for name in self.reference},
        }


def _schema(name: str) -> str:
    return str(ROOT / "connectors" / "schemas" / name)


def _defaults(name: str) -> dict[str, dict[str, Any]]:
    """The records that `up` sows into a topic, by identity."""
    seed = SEEDS / f"{name}.ndjson"
    lines = seed.read_text().splitlines() if seed.exists() else []
    return {topic(name).identity_of(record): record for record in map(json.loads, lines)}
