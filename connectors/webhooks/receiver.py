"""How a request is answered, in order: is there room, is it signed, is it new, what does it say.

An answer of 2xx means that Kafka has acknowledged all that came of the delivery. Everything else
leaves it to the platform, which tries again.
"""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable, Container, Mapping
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from connectors.webhooks.contract import Fact, Unmappable
from connectors.webhooks.metrics import Metrics
from connectors.webhooks.platforms import Platform
from connectors.webhooks.reading import Told
from connectors.webhooks.records import Delivery
from connectors.webhooks.signatures import Headers
from connectors.webhooks.writer import Pending

ANSWER_S = 4.0
"""No answer takes longer; Shopify gives up after 5."""

BUSY_RETRY_S = 1
UNAVAILABLE_RETRY_S = 5

log = logging.getLogger("shopstream.webhooks")


@dataclass(frozen=True)
class Shop:
    """A platform's secrets, as bytes, and the currency of bodies that name none."""

    secrets: tuple[bytes, ...]
    currency: str


class Answer(NamedTuple):
    """status: of HTTP. outcome: for metrics and the body. retry_after_s: when to come again."""

    status: int
    outcome: str
    detail: str = ""
    retry_after_s: int | None = None


UNSIGNED = Answer(401, "unsigned", "expected a signature of the raw body by a configured secret")
SLOW = Answer(408, "slow", f"expected the body within {ANSWER_S:.0f} s")
BUSY = Answer(429, "busy", "as many deliveries as allowed are being written", BUSY_RETRY_S)
UNAVAILABLE = Answer(
    503, "unavailable", "Kafka has not acknowledged the delivery", UNAVAILABLE_RETRY_S
)


class TooLarge(Exception):
    """A body beyond the limit."""


class Books(Protocol):
    """Where deliveries are written and remembered."""

    @property
    def deliveries(self) -> Container[object]: ...
    @property
    def ready(self) -> bool: ...
    def put(self, pending: Pending) -> None: ...


class Receiver:
    """Answers the requests of all platforms; one event loop's.

    most: deliveries that are received or written at once. max_bytes: of a body.
    """

    def __init__(
        self,
        shops: Mapping[str, Shop],
        books: Books,
        metrics: Metrics,
        *,
        most: int,
        max_bytes: int,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._shops = shops
        self._books = books
        self._metrics = metrics
        self._most = most
        self._max_bytes = max_bytes
        self._clock = clock
        self._in_flight = 0
        self._waiting: dict[str, asyncio.Future[str | None]] = {}

    async def receive(
        self, platform: Platform, headers: Headers, chunks: AsyncIterator[bytes]
    ) -> Answer:
        """The answer to a request whose body comes in chunks."""
        began = time.monotonic()
        if self._in_flight >= self._most:
            answer = BUSY
        else:
            self._occupy(1)
            try:
                answer = await self._answer(platform, headers, chunks, began + ANSWER_S)
            finally:
                self._occupy(-1)
        self._metrics.answered(platform.name, answer.outcome, time.monotonic() - began)
        return answer

    def _occupy(self, change: int) -> None:
        self._in_flight += change
        self._metrics.in_flight(self._in_flight)

    async def _answer(
        self, platform: Platform, headers: Headers, chunks: AsyncIterator[bytes], deadline: float
    ) -> Answer:
        try:
            async with asyncio.timeout(deadline - time.monotonic()):
                body = await self._body(headers, chunks)
        except TooLarge:
            return Answer(413, "too_large", f"expected a body of up to {self._max_bytes} bytes")
        except TimeoutError:
            return SLOW
        if platform.ping(headers, body):
            return Answer(200, "ping")
        shop, now_s = self._shops[platform.name], self._clock()
        if not platform.signed(headers, body, shop.secrets, now_s):
            return UNSIGNED
        topic = platform.topic_of(headers, body)
        delivery = Delivery(
            platform=platform.name,
            delivery_id=platform.delivery_id(headers, topic, body),
            topic=topic,
            body=body,
            received_ms=round(now_s * 1000),
        )
        return await self._written(platform, delivery, shop.currency, deadline)

    async def _body(self, headers: Headers, chunks: AsyncIterator[bytes]) -> bytes:
        announced = headers.get("content-length", "")
        if announced.isdigit() and int(announced[:20]) > self._max_bytes:
            raise TooLarge
        parts, size = [], 0
        async for chunk in chunks:
            size += len(chunk)
            if size > self._max_bytes:
                raise TooLarge
            parts.append(chunk)
        return b"".join(parts)

    async def _written(
        self, platform: Platform, delivery: Delivery, currency: str, deadline: float
    ) -> Answer:
        """Its outcome; that of a delivery that is being written already is waited for."""
        future, repeated = self._waiting.get(delivery.key), True
        if future is None:
            if delivery.key in self._books.deliveries:
                return Answer(200, "duplicate")
            if not self._books.ready:
                return UNAVAILABLE
            future, repeated = self._put(delivery, _facts(platform, delivery, currency)), False
        try:
            async with asyncio.timeout(deadline - time.monotonic()):
                outcome = await asyncio.shield(future)
        except TimeoutError:
            return UNAVAILABLE
        if outcome is None:
            return UNAVAILABLE
        return Answer(200, "duplicate" if repeated else outcome.lower())

    def _put(self, delivery: Delivery, facts: list[Fact] | Exception) -> asyncio.Future[str | None]:
        """Have it written. It occupies its place until then, however long its request waits."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[str | None] = loop.create_future()
        self._waiting[delivery.key] = future
        self._occupy(1)

        def finish(outcome: str | None) -> None:
            del self._waiting[delivery.key]
            self._occupy(-1)
            future.set_result(outcome)

        def done(outcome: str | None) -> None:
            loop.call_soon_threadsafe(finish, outcome)

        self._books.put(Pending(delivery, facts, done))
        return future


def _facts(platform: Platform, delivery: Delivery, currency: str) -> list[Fact] | Exception:
    """What it says, or why that cannot be said."""
    told = Told(platform.name, currency, delivery.delivery_id, delivery.received_ms)
    try:
        return platform.facts(delivery.topic, delivery.body, told)
    except Unmappable as error:
        return error
    except Exception as error:  # a defect of ours: the delivery is kept, and can be mapped later
        log.exception("%s could not be mapped", delivery.key)
        return error
