"""What services share: waiting for what they need, reading on, and stopping in order."""

import asyncio
import logging
import signal
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, Final, TypeVar

from confluent_kafka import KafkaException

from connectors.delivery.intake import Arrival, Intake
from connectors.errors import ShopstreamError

READ_S: Final = 0.2
ASK_EVERY_S: Final = 1.0

T = TypeVar("T")
log = logging.getLogger(__name__)


async def once_possible(stop: asyncio.Event, make: Callable[[], T]) -> T | None:
    """What `make` gives once it can: it may come up before Kafka and its topics. None if stopped.

    What is missing is told once, and whenever that changes.
    """
    told = ""
    while not stop.is_set():
        try:
            return await asyncio.to_thread(make)
        except (ShopstreamError, KafkaException) as error:
            if str(error) != told:
                told = str(error)
                log.warning("waiting: %s", told)
        await _sleep(stop, ASK_EVERY_S)
    return None


async def follow(
    intake: Intake,
    take: Callable[[Arrival], Awaitable[None]],
    is_full: Callable[[], bool],
    complete: asyncio.Event,
    stop: asyncio.Event,
) -> None:
    """Read and commit until `stop`; `complete` is set once the tables were read to their end.

    Or at the stop, so that nobody waits for it any more.
    """
    while not stop.is_set():
        intake.pause(complete.is_set() and is_full())
        for arrival in await asyncio.to_thread(intake.read, READ_S):
            await take(arrival)
        if intake.is_complete:
            complete.set()
        await asyncio.to_thread(intake.commit_if_time)
    complete.set()


def until_told() -> asyncio.Event:
    """An event that is set when the process is asked to end."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    return stop


def run(service: Coroutine[Any, Any, None]) -> None:
    """Run a service to its end; raises the ShopstreamError that ended it, if one did."""
    try:
        asyncio.run(service)
    except* ShopstreamError as errors:
        raise _first(errors) from errors


def _first(errors: BaseExceptionGroup[ShopstreamError]) -> ShopstreamError:
    for error in errors.exceptions:
        return _first(error) if isinstance(error, BaseExceptionGroup) else error
    raise AssertionError("an exception group is never empty")


async def _sleep(stop: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await stop.wait()
    except TimeoutError:
        pass
