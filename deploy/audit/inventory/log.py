"""The inventory job's topics, read until the job has caught up with its input."""

import time
from collections.abc import Callable
from typing import Any, Protocol

from connectors.clock import now_ms
from connectors.errors import ShopstreamError
from connectors.registry import Registry
from deploy.audit.inventory.fold import GRACE_MS, SOURCE, audit
from deploy.audit.inventory.inputs import InputRecord
from deploy.audit.log import Entry, LogReader
from deploy.audit.verdict import Verdict

RESERVATIONS = "inventory.reservations"
OUTPUTS = (RESERVATIONS, "inventory.availability", "inventory.alerts", "dlq")
REFERENCE = ("inventory.policies", "inventory.shipping-costs")
TOPICS = (SOURCE, *OUTPUTS, *REFERENCE)
READ_S = 1.0
ANSWERLESS_S = 5.0
READING_S = 300.0


class Reader(Protocol):
    """A `LogReader`, or what a test has instead."""

    @property
    def at_end(self) -> bool:
        """Whether everything was read that there is."""

    def read(self, timeout_s: float) -> list[Entry]:
        """What came within so many seconds."""


class InventoryLog:
    """All that `audit` judges, as far as it was read from `reader`.

    Use `audit_topics` for the real topics.
    """

    def __init__(
        self,
        reader: Reader,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], int] = now_ms,
    ) -> None:
        self._reader = reader
        self._clock = clock
        self._now = now
        self._inputs: list[InputRecord] = []
        self._records: dict[str, list[dict[str, Any]]] = {
            name: [] for name in (*OUTPUTS, *REFERENCE)
        }
        self._pending: list[InputRecord] = []
        self._caused: set[tuple[str, str]] = set()
        self._dead: set[tuple[int, int]] = set()
        self._lapses: dict[str, int | None] = {}

    def wait_until_settled(self, deadline_s: float) -> bool:
        """Read until the outputs account for every input, and no reservation is overdue: one that
        was decided late, after an outage, lapses as much later. For at most `deadline_s` seconds.

        False if the deadline passed first; `audit` then names what is missing. The log is read to
        its end in any case: half of it would refute anything. Raises ShopstreamError if that takes
        `READING_S` more. An ADJUSTED may have no answer, so if only such are left, silence of
        `ANSWERLESS_S` settles it.
        """
        started = last_news = self._clock()
        while True:
            entries = self._reader.read(READ_S)
            for entry in entries:
                self._take(entry)
            now = self._clock()
            last_news = now if entries else last_news
            is_late = now - started >= deadline_s
            if self._reader.at_end and not entries and self._is_settled(now - last_news):
                return True
            if is_late and self._reader.at_end:
                return False
            if now - started >= deadline_s + READING_S:
                raise ShopstreamError(
                    f"expected to read the inventory topics within {deadline_s + READING_S:.0f} s, "
                    "came no end of them; audit when nothing is sent any more"
                )

    def _is_settled(self, silent_s: float) -> bool:
        self._pending = [entry for entry in self._pending if not self._is_accounted(entry)]
        due = self._now() - GRACE_MS
        if any(at is not None and at <= due for at in self._lapses.values()):
            return False
        answerless = all(_may_be_answerless(entry) for entry in self._pending)
        return not self._pending or (answerless and silent_s >= ANSWERLESS_S)

    def audit(self, as_of: int | None) -> Verdict:
        """Judge what was read; `as_of` as for `fold.audit`, None to leave expiries out."""
        records = self._records
        return audit(
            self._inputs,
            *(records[name] for name in (*OUTPUTS, *REFERENCE)),
            as_of=as_of,
        )

    def _take(self, entry: Entry) -> None:
        if entry.topic == SOURCE:
            self._inputs.append(InputRecord(*entry[1:]))
            self._pending.append(self._inputs[-1])
            return
        record = entry.record
        if record is None:
            if entry.topic in REFERENCE:
                return  # the job sets it aside, and goes by the record before
            raise ShopstreamError(
                f"{entry.topic} partition {entry.partition} offset {entry.offset}: expected a "
                "record of the topic's schema, came bytes that do not decode; who wrote them?"
            )
        self._records[entry.topic].append(record)
        if entry.topic == "dlq":
            if record["source_topic"] == SOURCE:
                self._dead.add((record["source_partition"], record["source_offset"]))
        elif entry.topic in OUTPUTS:
            if entry.topic == RESERVATIONS:
                self._note_lapse(record)
            self._caused.add((record["sku"], record["cause"]))

    def _note_lapse(self, record: dict[str, Any]) -> None:
        """Keep when a reservation lapses; what is firm or gone never does, even if a repeated
        request is answered as the first was."""
        name, lapses = record["reservation_id"], record["expires_at"]
        if lapses is None:
            self._lapses[name] = None
        else:
            self._lapses.setdefault(name, lapses)

    def _is_accounted(self, entry: InputRecord) -> bool:
        if (entry.partition, entry.offset) in self._dead:
            return True
        event = entry.record
        return event is not None and (event["sku"], event["event_id"]) in self._caused


def _may_be_answerless(entry: InputRecord) -> bool:
    return entry.record is not None and entry.record["event_type"] == "ADJUSTED"


def audit_topics(bootstrap: str, registry: Registry, deadline_s: float) -> Verdict:
    """Wait until the job has caught up with its input, for at most `deadline_s` s, and judge it."""
    with LogReader(bootstrap, registry, TOPICS) as reader:
        log = InventoryLog(reader)
        settled = log.wait_until_settled(deadline_s)
        verdict = log.audit(as_of=now_ms())
    if not settled:
        verdict.notes.append(f"the job had not answered every event after {deadline_s:.0f} s")
    return verdict
