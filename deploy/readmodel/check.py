"""The tables beside an independent fold of the log, row by row."""

import math
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from connectors.postgres import Connection, connected
from connectors.registry import Registry
from connectors.settings import Settings
from deploy.audit.log import LogReader
from deploy.audit.verdict import Check, Verdict
from deploy.readmodel.rebuild import Log
from deploy.readmodel.rows import Key, ReadModel, Row, Rows
from deploy.readmodel.tables import rows_of

ROUND_S = 1.0
QUIET_S = 30.0


@dataclass(frozen=True)
class Difference:
    """A row that is not what the log says; None: there is none."""

    key: Key
    expected: Row | None
    found: Row | None

    def __str__(self) -> str:
        named = " ".join(map(str, self.key))
        if self.found is None:
            return f"{named}: is not in the table"
        if self.expected is None:
            return f"{named}: is in the table, and nothing in the log says so"
        columns = (
            f"{name} is {self.found[name]}, the log says {expected}"
            for name, expected in self.expected.items()
            if not same(expected, self.found[name])
        )
        return f"{named}: {'; '.join(columns)}"


@dataclass(frozen=True)
class Drift:
    """What came of a comparison. rows: how many the log makes; events: of how many records."""

    name: str
    events: int
    rows: int
    differences: list[Difference]


def drifts(models: Iterable[ReadModel], settings: Settings, deadline_s: float) -> Iterator[Drift]:
    """Check tables one after the other, each for at most `deadline_s` seconds.

    Raises ShopstreamError if Kafka, the registry or Postgres does not answer.
    """
    registry = Registry(settings.registry_url)
    with connected(settings.postgres_dsn) as connection:
        for model in models:
            with LogReader(settings.kafka_bootstrap, registry, model.topics) as log:
                yield check(model, log, connection, deadline_s)


def verdict(found: Iterable[Drift]) -> Verdict:
    """The same as an audit says it."""
    checks = []
    for drift in found:
        rows = f"{drift.rows:,} rows of {drift.events:,} events"
        checks.append(Check(f"{drift.name} is what the log says", rows))
        for difference in drift.differences:
            checks[-1].refute(str(difference))
    return Verdict("readmodel", checks)


def check(model: ReadModel, log: Log, connection: Connection, deadline_s: float) -> Drift:
    """Compare a table with its topics, for at most `deadline_s` seconds.

    The table is behind the log by what is on its way, so a row has agreed once it has in any of
    the rounds; what has not in the end, or after `QUIET_S` in which neither log nor table has
    moved, is the drift. Holds all rows in memory.
    """
    fold, expected, events = model.fold(), Rows(model), 0
    waiting: set[Key] | None = None
    give_up = time.monotonic() + deadline_s
    moved_at, last = time.monotonic(), None
    while True:
        for entries in log.to_end():
            events += len(entries)
            for entry in entries:
                if entry.record is not None:
                    expected.take(fold(entry))
        wanted, found = expected.whole(), rows_of(connection, model)
        differing = {
            key for key in wanted.keys() | found.keys() if not same(wanted.get(key), found.get(key))
        }
        waiting = differing if waiting is None else waiting & differing
        if last != (events, found):
            moved_at, last = time.monotonic(), (events, found)
        if not waiting or time.monotonic() > min(give_up, moved_at + QUIET_S):
            differences = _told(waiting, wanted, found)
            return Drift(model.name, events, len(wanted), list(differences))
        time.sleep(ROUND_S)


def same(expected: Any, found: Any) -> bool:
    """Equal, numbers that are not whole to nine digits: they have been through JSON."""
    if isinstance(expected, float) and isinstance(found, (int, float)):
        return math.isclose(expected, found, rel_tol=1e-9, abs_tol=1e-12)
    if isinstance(expected, dict) and isinstance(found, dict):
        return expected.keys() == found.keys() and all(
            same(value, found[name]) for name, value in expected.items()
        )
    return bool(expected == found)


def _told(keys: set[Key], wanted: dict[Key, Row], found: dict[Key, Row]) -> Iterator[Difference]:
    for key in sorted(keys, key=str):
        yield Difference(key, wanted.get(key), found.get(key))
