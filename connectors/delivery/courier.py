"""Carries out what an outbox decides: sends, waits, and sees to what becomes of each update."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from math import isinf

from connectors.delivery.answer import Answer
from connectors.delivery.outbox import Outbox, Update, Verdict

log = logging.getLogger(__name__)


class Courier:
    """Delivers the updates of one outbox.

    name: of the destination, for people.
    send: makes the call; what goes wrong is in its answer.
    delivered, given_up: return once that is recorded; only then the update is settled. What was
        given up comes with its last answer and the number of calls that failed.
    """

    def __init__(
        self,
        name: str,
        outbox: Outbox,
        send: Callable[[Update], Awaitable[Answer]],
        given_up: Callable[[Update, Answer, int], Awaitable[None]],
        delivered: Callable[[Update], Awaitable[None]] | None = None,
    ) -> None:
        self.name = name
        self.outbox = outbox
        self._send = send
        self._given_up = given_up
        self._delivered = delivered
        self._news = asyncio.Event()

    def put(self, update: Update) -> None:
        """Take an update whose place in the log is held."""
        self.outbox.put(update)
        self._news.set()

    async def run(self, start: asyncio.Event, stop: asyncio.Event) -> None:
        """Deliver from when `start` is set until `stop` is; calls then under way end first."""
        stopping = asyncio.create_task(self._wake_at(stop))
        await start.wait()
        async with asyncio.TaskGroup() as calls:
            while not stop.is_set():
                turn = self.outbox.next(time.monotonic())
                if isinstance(turn, Update):
                    calls.create_task(self._call(turn))
                else:
                    await self._pause_until(turn)
        await stopping

    async def _wake_at(self, stop: asyncio.Event) -> None:
        await stop.wait()
        self._news.set()

    async def _pause_until(self, time_s: float) -> None:
        self._news.clear()
        timeout = None if isinf(time_s) else time_s - time.monotonic()
        with suppress(TimeoutError):
            async with asyncio.timeout(timeout):
                await self._news.wait()

    async def _call(self, update: Update) -> None:
        was_open = self.outbox.is_open
        answer = await self._send(update)
        verdict = self.outbox.answered(update, answer, time.monotonic())
        self._news.set()
        if self.outbox.is_open and not was_open:
            log.warning("%s does not answer (%s): resting", self.name, answer.reason)
        elif was_open and not self.outbox.is_open:
            log.warning("%s answers again", self.name)
        if verdict is Verdict.AGAIN:
            return
        if verdict is Verdict.GIVEN_UP:
            log.warning("%s: %s given up: %s", self.name, update.lane, answer.reason)
            await self._given_up(update, answer, self.outbox.tried(update))
        elif self._delivered is not None:
            await self._delivered(update)
        self.outbox.settle(update)
        self._news.set()
