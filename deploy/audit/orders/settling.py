"""Reads topics until the jobs behind them have caught up."""

import time
from collections.abc import Callable, Collection, Mapping
from typing import Any, Protocol

from connectors.errors import ShopstreamError
from deploy.audit.log import Entry

READ_S = 1.0
QUIET_S = 5.0
READING_S = 300.0


class Reader(Protocol):
    """A `LogReader`, or what a test has instead."""

    @property
    def at_end(self) -> bool:
        """Whether everything was read that there is."""

    def read(self, timeout_s: float) -> list[Entry]:
        """What came within so many seconds."""


class Awaited(Protocol):
    """What must have come before a log counts as settled."""

    def take(self, entry: Entry) -> None:
        """Learn of an entry of the log."""

    @property
    def complete(self) -> bool:
        """Whether nothing is missing."""


class Answers:
    """Which orders of orders.initiated have their first record of `answered_on`.

    Records that decode but are none (a key that is not the content's, say) end in the dlq, and are
    accounted for by that.
    """

    def __init__(self, answered_on: str, job: str) -> None:
        self._answered_on = answered_on
        self._job = job
        self._pending: dict[str, set[tuple[int, int]]] = {}
        self._answered: set[str] = set()
        self._dead: set[tuple[int, int]] = set()

    def take(self, entry: Entry) -> None:
        record = entry.record
        if record is None:
            return
        if entry.topic == "orders.initiated":
            at = (entry.partition, entry.offset)
            self._pending.setdefault(record["order_id"], set()).add(at)
        elif entry.topic == self._answered_on:
            self._answered.add(record["order_id"])
        elif entry.topic == "dlq" and self._is_of_an_order(record):
            self._dead.add((record["source_partition"], record["source_offset"]))

    def _is_of_an_order(self, letter: Mapping[str, Any]) -> bool:
        return bool(letter["job"] == self._job and letter["source_topic"] == "orders.initiated")

    @property
    def complete(self) -> bool:
        """Whether every order was answered or set aside."""
        self._pending = {
            name: places
            for name, places in self._pending.items()
            if name not in self._answered and not places <= self._dead
        }
        return not self._pending


def read_until_settled(
    reader: Reader,
    answers: Awaited,
    deadline_s: float,
    must_decode: Collection[str],
    clock: Callable[[], float] = time.monotonic,
) -> tuple[list[Entry], bool]:
    """All entries, and whether the log settled within `deadline_s` seconds.

    It has settled when `answers` has all that it waits for and nothing came for `QUIET_S`. The log
    is read to its end in any case: half of it would refute anything. Raises ShopstreamError if that
    takes `READING_S` more, or if a record of the topics `must_decode` does not.
    """
    entries: list[Entry] = []
    started = last_news = clock()
    while True:
        came = reader.read(READ_S)
        for entry in came:
            if entry.record is None and entry.topic in must_decode:
                raise ShopstreamError(
                    f"{entry.topic} partition {entry.partition} offset {entry.offset}: expected a "
                    "record of the topic's schema, came bytes that do not decode; who wrote them?"
                )
            answers.take(entry)
        entries += came
        now = clock()
        last_news = now if came else last_news
        quiet = reader.at_end and now - last_news >= QUIET_S
        if quiet and answers.complete:
            return entries, True
        if now - started >= deadline_s and reader.at_end:
            return entries, False
        if now - started >= deadline_s + READING_S:
            raise ShopstreamError(
                f"expected to read the topics within {deadline_s + READING_S:.0f} s, came no end "
                "of them; audit when nothing is sent any more"
            )
