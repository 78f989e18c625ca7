"""The shop's stock: its life as records with ids and times, and the mishaps of transport."""

from collections import deque
from collections.abc import Iterable, Iterator
from random import Random

from deploy.simulate.inventory import EVENTS, Happening, InventoryLife
from deploy.simulate.sending import Kind, Record, Sending, Tally

DUPLICATES = 0.01
LATE = 0.01
LATE_S = (2.0, 8.0)
BAD_INPUT = 0.002
REMEMBERED = 500


class Shop:
    """Deterministic for its arguments in everything but the times, which callers give.

    run: unique to the run, prefix of every id. rate: events that are a second of the shop's life.
    orders: how many orders a second take from the stock besides, each told by `ordered`.
    All times are epoch ms. `tally` counts what was handed out.
    """

    def __init__(self, seed: int, run: str, rate: float, orders: float = 0.0) -> None:
        self.tally = Tally()
        self._random = Random(seed)
        self._run = run
        self._inventory = InventoryLife(self._random, run, rate, orders)
        self._recent: deque[Sending] = deque(maxlen=REMEMBERED)
        self._events = 0

    def reference(self, now: int) -> Iterator[Sending]:
        """Policies and costs; give the jobs a moment to learn them before the shop opens."""
        for topic, fields in self._inventory.reference():
            record = self._identified(fields, now)
            key = record["sku"] if "sku" in record else record["warehouse_id"]
            yield self._counted(Sending(Kind.REFERENCE, topic, key, record, now))

    def opening(self, now: int) -> Iterator[Sending]:
        """The first stock."""
        for happening in self._inventory.opening():
            yield self._counted(self._event(happening, now))

    def ordered(self, lines: Iterable[Record]) -> None:
        """An order wants these: units of a sku each."""
        for line in lines:
            self._inventory.ordered(line["sku"], line["quantity"])

    def next(self, now: int) -> Sending:
        """The next record, with `now` as its event_time unless it is late or a duplicate."""
        chance = self._random.random()
        if chance < DUPLICATES and self._recent:
            again = self._random.choice(self._recent)
            return self._counted(again._replace(kind=Kind.DUPLICATE))
        if chance < DUPLICATES + BAD_INPUT:
            return self._counted(self._bad(now))
        happening = self._inventory.next()
        event_time = now
        if self._random.random() < LATE:
            self.tally.late += 1
            event_time -= round(self._random.uniform(*LATE_S) * 1000)
        sending = self._event(happening, event_time)
        self._recent.append(sending)
        self.tally.abandoned = self._inventory.abandoned
        return self._counted(sending)

    def _bad(self, now: int) -> Sending:
        bad = self._inventory.bad()
        if isinstance(bad, bytes):
            return Sending(Kind.BAD_BYTES, EVENTS, self._inventory.any_sku(), bad, now)
        return self._event(bad, now)

    def _event(self, happening: Happening, event_time: int) -> Sending:
        record = self._identified(happening.fields, event_time)
        return Sending(happening.kind, EVENTS, record["sku"], record, event_time)

    def _identified(self, fields: Record, event_time: int) -> Record:
        self._events += 1
        return {"event_id": f"{self._run}-{self._events}", "event_time": event_time, **fields}

    def _counted(self, sending: Sending) -> Sending:
        self.tally.sent[sending.kind] += 1
        return sending
