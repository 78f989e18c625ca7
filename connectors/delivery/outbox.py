"""What is to be sent to one destination, and which call is next.

Updates wait in lanes, one for what they are about (a sku's stock, an order). Of a lane at most one
update is under way. Where only the latest counts, one that comes replaces the one that waits;
elsewhere they queue. Lanes take turns, and so do the topics that they come from: a thousand order
events do not hold up a sku's stock.

Clock-free: `now` is in seconds of any clock that never goes back.
"""

import heapq
from collections import deque
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from enum import Enum, auto
from itertools import count
from math import inf
from random import Random
from typing import Any

from connectors.delivery.answer import Answer, Outcome
from connectors.delivery.backoff import Backoff
from connectors.delivery.breaker import CircuitBreaker
from connectors.delivery.bucket import TokenBucket
from connectors.delivery.progress import Place
from connectors.reading import RawRecord


@dataclass(frozen=True)
class Update:
    """Something to send.

    lane: what it is about.
    content: what the sender sends; nothing here looks into it.
    key: names it for who receives it; a function of what it says, so that a repeat has the same.
    record: the newest record that it stands for.
    state: what the other end has once it is delivered, where only the latest counts: one that
        changes nothing is not sent. None where each is to be sent.
    """

    lane: str
    content: Any
    key: str
    record: RawRecord
    state: Hashable | None = None


class Verdict(Enum):
    """What is to be done about an update that was answered."""

    DELIVERED = auto()
    """It has arrived: to be settled."""
    GIVEN_UP = auto()
    """It will not arrive: to be kept elsewhere, then settled."""
    AGAIN = auto()
    """It, or a newer one, comes up again by itself."""


@dataclass
class Counts:
    """What became of updates and calls since the start."""

    taken: int = 0
    replaced: int = 0
    unchanged: int = 0
    calls: int = 0
    answers: dict[Outcome, int] = field(default_factory=lambda: dict.fromkeys(Outcome, 0))
    given_up: int = 0


@dataclass
class _Entry:
    """An update and, of each partition, the oldest place in the log that it stands for."""

    update: Update
    places: dict[tuple[str, int], Place]


@dataclass
class _Lane:
    waiting: deque[_Entry] = field(default_factory=deque)
    under_way: _Entry | None = None
    failed: int = 0
    """Calls that failed since one was delivered or given up."""


class Outbox:
    """The updates for one destination.

    attempts: calls of a lane that may fail before its update is given up (>= 1).
    in_flight: calls under way at once (>= 1).
    release: told each place in the log that is done with.
    wanted: asked when an update's turn has come whether it is still to be sent; who says no takes
        it back, and its place stays held.
    """

    def __init__(
        self,
        *,
        bucket: TokenBucket,
        breaker: CircuitBreaker,
        backoff: Backoff,
        attempts: int,
        in_flight: int,
        random: Random,
        release: Callable[[Place], None],
        wanted: Callable[[Update], bool] = lambda _: True,
    ) -> None:
        self.counts = Counts()
        self._bucket = bucket
        self._breaker = breaker
        self._backoff = backoff
        self._attempts = attempts
        self._in_flight = in_flight
        self._random = random
        self._release = release
        self._wanted = wanted
        self.waiting = 0
        """Updates that are not under way."""
        self._lanes: dict[str, _Lane] = {}
        self._ready: dict[str, deque[_Lane]] = {}
        self._resting: list[tuple[float, int, _Lane]] = []
        self._numbers = count()
        self._known: dict[str, Hashable] = {}
        self._under_way = 0
        self._limited = 0

    @property
    def is_open(self) -> bool:
        """Whether the destination is left alone since it does not answer."""
        return self._breaker.is_open

    @property
    def is_empty(self) -> bool:
        """Whether everything is settled."""
        return not self._lanes

    def put(self, update: Update) -> None:
        """Take an update whose place in the log is held."""
        self.counts.taken += 1
        record = update.record
        place = Place(record.topic, record.partition, record.offset)
        lane = self._lanes.get(update.lane)
        if lane is None:
            lane = self._lanes[update.lane] = _Lane()
            self._make_ready(lane, update)
        elif update.state is not None and lane.waiting:
            self.counts.replaced += 1
            places = lane.waiting.pop().places
            if places.setdefault(place[:2], place) is not place:
                self._release(place)
            lane.waiting.append(_Entry(update, places))
            return
        lane.waiting.append(_Entry(update, {place[:2]: place}))
        self.waiting += 1

    def next(self, now: float) -> Update | float:
        """The update to send now, whose call then is under way.

        Else when to ask again; infinity if not before something is put or answered.
        """
        while self._resting and self._resting[0][0] <= now:
            _, _, lane = heapq.heappop(self._resting)
            self._make_ready(lane, lane.waiting[0].update)
        if self._under_way >= self._in_flight:
            return inf
        free_at = max(self._bucket.free_at(now), self._breaker.free_at(now))
        while topic := next((topic for topic, lanes in self._ready.items() if lanes), None):
            if free_at > now:
                return free_at
            lanes = self._ready.pop(topic)
            self._ready[topic] = lanes  # behind the others, whose turn is next
            if update := self._begin(lanes.popleft()):
                self._bucket.take(now)
                self._breaker.sent()
                return update
        return self._resting[0][0] if self._resting else inf

    def answered(self, update: Update, answer: Answer, now: float) -> Verdict:
        """What the answer to a call means for its update."""
        lane = self._lanes[update.lane]
        self.counts.answers[answer.outcome] += 1
        self._under_way -= 1
        self._bucket.answered(now)
        self._obey(answer, now)
        if answer.outcome is Outcome.FAILED:
            self._breaker.failed(now)
        else:
            self._breaker.succeeded()
        match answer.outcome:
            case Outcome.DELIVERED:
                if update.state is not None:
                    self._known[update.lane] = update.state
                return Verdict.DELIVERED
            case Outcome.LIMITED:
                self._take_back(lane)
                self._make_ready(lane, update, first=True)
                return Verdict.AGAIN
        lane.failed += 1
        if answer.outcome is Outcome.REFUSED or lane.failed >= self._attempts:
            self.counts.given_up += 1
            return Verdict.GIVEN_UP
        self._take_back(lane)
        again_at = now + self._backoff.wait_s(lane.failed, self._random)
        heapq.heappush(self._resting, (again_at, next(self._numbers), lane))
        return Verdict.AGAIN

    def tried(self, update: Update) -> int:
        """How many calls of an update that is given up were made, those of older ones included."""
        return self._lanes[update.lane].failed

    def settle(self, update: Update) -> None:
        """An update that was delivered or given up is done with."""
        lane = self._lanes[update.lane]
        entry, lane.under_way = lane.under_way, None
        if entry is not None:
            self._finish(lane, entry)

    def _begin(self, lane: _Lane) -> Update | None:
        """Put the lane's next update under way, unless it is not to be sent any more."""
        entry = lane.waiting.popleft()
        self.waiting -= 1
        update = entry.update
        if update.state is not None and update.state == self._known.get(update.lane):
            self.counts.unchanged += 1
            self._finish(lane, entry)
            return None
        if not self._wanted(update):
            self._go_on(lane, update)
            return None
        # What the other end has is known again when it has answered.
        self._known.pop(update.lane, None)
        self.counts.calls += 1
        self._under_way += 1
        lane.under_way = entry
        return update

    def _take_back(self, lane: _Lane) -> None:
        """What was under way waits again, or what came meanwhile stands for it."""
        entry, lane.under_way = lane.under_way, None
        if entry is None:
            return
        if entry.update.state is None or not lane.waiting:
            lane.waiting.appendleft(entry)
            self.waiting += 1
            return
        self.counts.replaced += 1
        newer = lane.waiting[0].places
        for partition, place in entry.places.items():
            if partition in newer:
                self._release(newer[partition])
            newer[partition] = place

    def _finish(self, lane: _Lane, entry: _Entry) -> None:
        lane.failed = 0
        for place in entry.places.values():
            self._release(place)
        self._go_on(lane, entry.update)

    def _go_on(self, lane: _Lane, last: Update) -> None:
        if lane.waiting:
            self._make_ready(lane, lane.waiting[0].update)
        else:
            del self._lanes[last.lane]

    def _make_ready(self, lane: _Lane, update: Update, *, first: bool = False) -> None:
        lanes = self._ready.setdefault(update.record.topic, deque())
        if first:
            lanes.appendleft(lane)
        else:
            lanes.append(lane)

    def _obey(self, answer: Answer, now: float) -> None:
        """Keep to what the other end says of its limit."""
        self._limited = self._limited + 1 if answer.outcome is Outcome.LIMITED else 0
        left, wait_s = answer.left, answer.wait_s
        if self._limited:
            left = 0.0
            if wait_s is None:
                wait_s = self._backoff.wait_s(self._limited, self._random)
        if left is not None:
            self._bucket.learn(left, now)
        if wait_s is not None:
            self._bucket.close_until(now + wait_s)
