"""What a replay is told: which job, which reference data, and what to keep of its outputs."""

from pathlib import Path

import msgspec

import jobs
from connectors.errors import ShopstreamError
from connectors.reading import RawRecord
from jobs.runtime.typed import reader_of
from udfs.contract import Domain

TOPIC, PARTITION, OFFSET, ARRIVED = "topic", "partition", "offset", "arrived"
"""Headers of an input: where the record stands in the log, and when it was taken up (epoch ms)."""


class Effective(msgspec.Struct, array_like=True, frozen=True):
    """A reference record, and from when on it holds (epoch ms, as inputs arrive)."""

    since: int
    record: RawRecord


class Woken(msgspec.Struct, array_like=True, frozen=True):
    """The wake-ups of then, of a domain; they are among the inputs, in their place.

    names: those that came. known_from: from when on (epoch ms, as inputs arrive) that is all that
        came; None if nothing was written down.
    """

    names: list[str]
    known_from: int | None


class Plan(msgspec.Struct, frozen=True):
    """A replay of `job`.

    run: names it among others; lower-case letters and digits.
    since, until: outputs are kept from and until then, both included (epoch ms of event time).
    reference: all reference records by when they hold, the earliest first.
    woken: by domain.
    is_changed: whether rules are other than they were, so that wake-ups may be, too.
    """

    job: str
    run: str
    since: int
    until: int
    reference: list[Effective]
    woken: dict[str, Woken]
    is_changed: bool

    @property
    def name(self) -> str:
        """What the cluster calls it."""
        return f"replay-{self.job}-{self.run}"

    def group(self, domain: Domain) -> str:
        """The consumer group whose offsets tell how far the domain's inputs were decided."""
        return f"shopstream-{self.name}-{domain.name}"

    def shadow(self, topic: str) -> str:
        """Where the outputs for `topic` go."""
        return f"shadow.{self.run}.{topic}"

    def inputs(self, domain: Domain) -> str:
        """The topic, of one partition, with the domain's inputs in the order of their arrival."""
        return self.shadow(f"read-by.{domain.name}")

    def write(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(msgspec.msgpack.encode(self))

    @classmethod
    def read(cls, path: Path) -> "Plan":
        return reader_of(cls)(path.read_bytes())


def python_jobs() -> dict[str, list[Domain]]:
    """The jobs of Python rules, by name, with their domains."""
    return {name: found for name in jobs.names() if (found := jobs.domains(name))}


def domains_of(job: str) -> list[Domain]:
    """The domains of a Python job.

    Raises ShopstreamError for any other name.
    """
    known = python_jobs()
    if job not in known:
        raise ShopstreamError(
            f"expected a job of Python rules, one of {', '.join(known)}; came {job!r}"
        )
    return known[job]
