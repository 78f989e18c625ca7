"""A destination in virtual time: it limits, fails and answers late, and no second passes."""

import heapq
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from random import Random
from typing import Any

from connectors.delivery.answer import Answer, Outcome
from connectors.delivery.backoff import Backoff
from connectors.delivery.breaker import CircuitBreaker
from connectors.delivery.bucket import TokenBucket
from connectors.delivery.outbox import Outbox, Update, Verdict
from connectors.delivery.progress import Place, Progress
from connectors.reading import RawRecord

DELIVERED = Answer(Outcome.DELIVERED, "status 200")


def update(lane: str, number: int, state: Any = ..., topic: str = "t") -> Update:
    """Number `number` of the updates of `lane`; where no state is given, the number is it."""
    record = RawRecord(topic, 0, number, 0, None, b"")
    return Update(lane, number, f"{lane}/{number}", record, number if state is ... else state)


@dataclass
class StrictLimit:
    """A token bucket at the other end, which counts every call that it had no token for."""

    rate: float
    burst: int
    broken: int = 0
    _tokens: float = field(init=False)
    _at: float = 0.0

    def __post_init__(self) -> None:
        self._tokens = float(self.burst)

    def arrive(self, now: float) -> None:
        self._tokens = min(self.burst, self._tokens + (now - self._at) * self.rate)
        self._at = now
        if self._tokens < 1 - 1e-6:
            self.broken += 1
        self._tokens -= 1


class World:
    """An outbox and who it sends to; `answer` says what becomes of a call."""

    def __init__(
        self,
        rate: float = 2,
        burst: int = 1,
        *,
        answer: Callable[[Update], Answer] = lambda _: DELIVERED,
        latency: Callable[[], tuple[float, float]] = lambda: (0.0, 0.0),
        attempts: int = 5,
        in_flight: int = 4,
        failures: int = 1000,
        seed: int = 1,
        **more: Any,
    ) -> None:
        self.now = 0.0
        self.limit = StrictLimit(rate, burst)
        self.progress = Progress()
        self.outbox = Outbox(
            bucket=TokenBucket(rate, burst),
            breaker=CircuitBreaker(failures, rest_s=30),
            backoff=Backoff(1, 60),
            attempts=attempts,
            in_flight=in_flight,
            random=Random(seed),
            release=self.progress.release,
            **more,
        )
        self.arrived: list[Update] = []
        self.calls: list[tuple[float, Update]] = []
        self.given_up: list[Update] = []
        self._answer = answer
        self._latency = latency
        self._events: list[tuple[float, int, Callable[[], None]]] = []
        self._numbers = count()

    @property
    def has(self) -> dict[str, Any]:
        """What the other end knows of each lane."""
        return {one.lane: one.content for one in self.arrived}

    def put(self, *updates: Update) -> None:
        for one in updates:
            self.progress.hold(Place(one.record.topic, one.record.partition, one.record.offset))
            self.outbox.put(one)

    def at(self, time: float, what: Callable[[], None]) -> None:
        heapq.heappush(self._events, (time, next(self._numbers), what))

    def run(self, until: float = 1e9) -> None:
        """Until nothing more happens, or that time has come."""
        while True:
            turn = self.outbox.next(self.now)
            if isinstance(turn, Update):
                self._send(turn)
                continue
            following = min(turn, self._events[0][0] if self._events else turn)
            if following > until:
                self.now = max(self.now, until) if until < 1e9 else self.now
                return
            self.now = following
            while self._events and self._events[0][0] <= self.now:
                heapq.heappop(self._events)[2]()

    def _send(self, sent: Update) -> None:
        there, back = self._latency()
        self.calls.append((self.now, sent))
        self.at(self.now + there, lambda: self._arrive(sent, back))

    def _arrive(self, sent: Update, back: float) -> None:
        self.limit.arrive(self.now)
        answer = self._answer(sent)
        if answer.outcome is Outcome.DELIVERED:
            self.arrived.append(sent)
        self.at(self.now + back, lambda: self._hear(sent, answer))

    def _hear(self, sent: Update, answer: Answer) -> None:
        verdict = self.outbox.answered(sent, answer, self.now)
        if verdict is Verdict.GIVEN_UP:
            self.given_up.append(sent)
        if verdict is not Verdict.AGAIN:
            self.outbox.settle(sent)
