"""A platform that sends webhooks: at a rate, whatever becomes of them, and again if that failed.

Plain HTTP/1.1 on kept connections, so that the sender takes little of the machine it measures on.
"""

import asyncio
import random
import time
from collections import Counter
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field

from bench.webhooks_sent import Webhook
from connectors.webhooks.receiver import Shop

CONNECTIONS = 96
PATIENCE_S = 5.0
"""An attempt that has no answer by then has failed, as with Shopify."""

RETRIES = 8
FIRST_RETRY_S = 1.0
"""Shopify's number of retries; their four hours are pressed into minutes: each waits twice as long
as the one before, or as long as Retry-After says, and a random part more."""

DUPLICATES = 0.05
"""The share of acknowledged webhooks that are sent again, as at-least-once platforms do."""


@dataclass
class Sending:
    """What the sender saw. Times in seconds."""

    answers: Counter[int] = field(default_factory=Counter)
    duplicates: Counter[int] = field(default_factory=Counter)
    broken: int = 0
    given_up: list[Webhook] = field(default_factory=list)
    acknowledged: list[tuple[float, float]] = field(default_factory=list)
    """When an attempt that was acknowledged began, and how long that took."""
    offering_s: float = 0.0
    """From the first webhook's first attempt to the last one's."""
    all_s: float = 0.0
    """Until each was answered or given up."""


class Sender:
    """Sends webhooks to one gateway."""

    def __init__(self, host: str, port: int, shops: Mapping[str, Shop], seed: int) -> None:
        self._address = (host, port)
        self._shops = shops
        self._rng = random.Random(seed)
        self._free: asyncio.Queue[_Connection] = asyncio.Queue()
        self.sending = Sending()

    async def run(self, webhooks: Iterable[Webhook], rate: float) -> Sending:
        """Send each at its time, `rate` a second; returns when each was answered or given up."""
        for _ in range(CONNECTIONS):
            self._free.put_nowait(_Connection(self._address))
        began = time.monotonic()
        async with asyncio.TaskGroup() as tasks:
            for number, webhook in enumerate(webhooks):
                await asyncio.sleep(max(0.0, began + number / rate - time.monotonic()))
                tasks.create_task(self._deliver(webhook))
            self.sending.offering_s = time.monotonic() - began
        self.sending.all_s = time.monotonic() - began
        while not self._free.empty():
            self._free.get_nowait().close()
        return self.sending

    async def _deliver(self, webhook: Webhook) -> None:
        for attempt in range(RETRIES + 1):
            status, retry_after_s = await self._attempt(webhook, self.sending.answers)
            if status in (200, 401):
                if status == 200 and self._rng.random() < DUPLICATES:
                    await asyncio.sleep(self._rng.random() * FIRST_RETRY_S)
                    await self._attempt(webhook, self.sending.duplicates)
                return
            wait_s = max(retry_after_s, FIRST_RETRY_S * 2**attempt)
            await asyncio.sleep(wait_s * (1 + self._rng.random()))
        self.sending.given_up.append(webhook)

    async def _attempt(self, webhook: Webhook, answers: Counter[int]) -> tuple[int, float]:
        """The status, 0 if there was no answer, and what Retry-After said."""
        connection = await self._free.get()
        began = time.monotonic()
        try:
            headers = webhook.headers(self._shops[webhook.platform].secrets[0], int(time.time()))
            async with asyncio.timeout(PATIENCE_S):
                status, retry_after_s = await connection.post(webhook, headers)
        except (OSError, EOFError, TimeoutError):
            connection.close()
            self.sending.broken += 1
            return 0, 0.0
        finally:
            self._free.put_nowait(connection)
        answers[status] += 1
        if status == 200:
            self.sending.acknowledged.append((began, time.monotonic() - began))
        return status, retry_after_s


class _Connection:
    """A kept connection, opened when it is needed."""

    def __init__(self, address: tuple[str, int]) -> None:
        self._address = address
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def post(self, webhook: Webhook, headers: Mapping[str, str]) -> tuple[int, float]:
        if self._streams is None:
            self._streams = await asyncio.open_connection(*self._address)
        reader, writer = self._streams
        lines = [
            f"POST /webhooks/{webhook.platform} HTTP/1.1",
            f"host: {self._address[0]}",
            f"content-length: {len(webhook.body)}",
            "content-type: application/json",
            *(f"{name}: {value}" for name, value in headers.items()),
        ]
        writer.write("\r\n".join([*lines, "", ""]).encode() + webhook.body)
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower().split("\r\n")
        told = dict(line.split(": ", 1) for line in head[1:] if line)
        await reader.readexactly(int(told["content-length"]))
        if told.get("connection") == "close":
            self.close()
        return int(head[0].split(" ")[1]), float(told.get("retry-after", 0))

    def close(self) -> None:
        if self._streams is not None:
            with suppress(OSError):
                self._streams[1].close()
            self._streams = None
