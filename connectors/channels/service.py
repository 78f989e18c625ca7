"""The service that keeps sales channels up to date: each by itself, at its own pace."""

import asyncio
from collections.abc import Mapping
from typing import Final

from connectors.channels.updates import TOPICS, Call, Updates
from connectors.delivery.answer import Answer
from connectors.delivery.caller import Caller
from connectors.delivery.courier import Courier
from connectors.delivery.following import follow, once_possible, until_told
from connectors.delivery.intake import Arrival, Intake, Reading
from connectors.delivery.making import outbox_for
from connectors.delivery.metrics import metrics_served
from connectors.delivery.outbox import Outbox, Update
from connectors.delivery.progress import Progress
from connectors.delivery.writer import DEAD_LETTERS, Writer
from connectors.destinations import SalesChannel, UpdateKind
from connectors.errors import ShopstreamError
from connectors.registry import Registry
from connectors.settings import Settings

MOST_WAITING: Final = 50_000
"""Updates of a channel at which nothing more is read until some are gone."""

_READINGS: Final[Mapping[UpdateKind, Reading]] = {
    "stock": Reading.TABLE,
    "prices": Reading.EVENTS,
    "orders": Reading.NEW_EVENTS,
}


async def serve(settings: Settings) -> None:
    """Keep every configured channel up to date until the process is asked to end.

    Raises ShopstreamError if there is none, or if Kafka stops taking what has to be recorded.
    """
    if not settings.channels:
        raise ShopstreamError(
            "no sales channel is configured: give [channels.NAME] a url in settings.toml, or set "
            "SHOPSTREAM_CHANNELS; docs/channels.md has an example"
        )
    stop = until_told()
    lines = {name: _Line(name, one, settings) for name, one in settings.channels.items()}
    outboxes = {name: line.outbox for name, line in lines.items()}
    with metrics_served(settings.host, settings.channels_metrics_port, outboxes):
        async with asyncio.TaskGroup() as tasks:
            for line in lines.values():
                tasks.create_task(line.run(stop))


class _Line:
    """The line to one channel."""

    def __init__(self, name: str, channel: SalesChannel, settings: Settings) -> None:
        self._job = f"channels.{name}"
        self._channel = channel
        self._bootstrap = settings.kafka_bootstrap
        self._registry = Registry(settings.registry_url)
        self._progress = Progress()
        self._updates = Updates(name)
        self.outbox: Outbox = outbox_for(channel, self._progress.release)

    async def run(self, stop: asyncio.Event) -> None:
        """Deliver until `stop`; what is under way then ends first."""
        writer = await once_possible(stop, self._writer)
        intake = await once_possible(stop, self._intake)
        if writer is None or intake is None:
            return
        complete = asyncio.Event()
        async with Caller(self._channel) as caller:
            courier = _courier(self._job, self.outbox, caller, writer)

            async def take(arrival: Arrival) -> None:
                await self._take(arrival, courier, writer)

            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(courier.run(complete, stop))
                tasks.create_task(follow(intake, take, self._is_full, complete, stop))
        await asyncio.to_thread(intake.close)

    def _writer(self) -> Writer:
        return Writer(self._bootstrap, self._registry, [DEAD_LETTERS])

    def _intake(self) -> Intake:
        topics = {TOPICS[kind]: _READINGS[kind] for kind in sorted(self._channel.updates)}
        return Intake(self._bootstrap, self._registry, self._job, topics, self._progress)

    def _is_full(self) -> bool:
        return self.outbox.waiting >= MOST_WAITING

    async def _take(self, arrival: Arrival, courier: Courier, writer: Writer) -> None:
        update = None
        if arrival.value is not None:
            update = self._updates.of(arrival.record, arrival.value)
        elif arrival.error is not None and arrival.is_due:
            await writer.set_aside(
                self._job, arrival.record, "UndecodableError", arrival.error, attempt=1
            )
        if not arrival.is_due:
            return
        if update is None:
            self._progress.release(arrival.place)
        else:
            courier.put(update)


def _courier(job: str, outbox: Outbox, caller: Caller, writer: Writer) -> Courier:
    async def send(update: Update) -> Answer:
        call: Call = update.content
        return await caller.call(call.method, call.path, call.body, update.key)

    async def give_up(update: Update, answer: Answer, calls: int) -> None:
        reason = f"{update.lane}: {answer.reason}, after {calls} calls that failed"
        await writer.set_aside(job, update.record, "UndeliveredError", reason, attempt=calls)

    return Courier(job, outbox, send, give_up)
