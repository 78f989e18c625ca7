"""The service that sends messages to people."""

import asyncio
import heapq
import logging
from collections.abc import Mapping
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass
from itertools import count
from typing import Final

import msgspec

from connectors.clock import now_ms
from connectors.delivery.answer import Answer, Outcome
from connectors.delivery.caller import Caller
from connectors.delivery.courier import Courier
from connectors.delivery.following import follow, once_possible, until_told
from connectors.delivery.intake import Arrival, Intake, Reading
from connectors.delivery.making import outbox_for
from connectors.delivery.metrics import metrics_served
from connectors.delivery.outbox import Outbox, Update
from connectors.delivery.progress import Place, Progress
from connectors.delivery.writer import DEAD_LETTERS, Writer
from connectors.destinations import Carriers, Destination
from connectors.errors import ShopstreamError
from connectors.notifications.carriers import Carrier, GatewayCarrier, SmtpCarrier
from connectors.notifications.desk import REFERENCE, Desk
from connectors.notifications.message import message_of
from connectors.notifications.records import DELIVERIES, REQUESTS, Request
from connectors.notifications.rules import Drop, Hold, Send, Unreachable
from connectors.reading import RawRecord
from connectors.registry import Registry
from connectors.settings import Settings
from udfs.engagement.events import Channel

JOB: Final = "notifications"
MOST_WAITING: Final = 100_000
"""Requests at which no more are read until some are done with."""
LOOK_AGAIN_S: Final = 60.0
"""The wall clock may be set while a request waits for its time."""

log = logging.getLogger(__name__)


async def serve(settings: Settings) -> None:
    """Send what is asked for until the process is asked to end.

    Raises ShopstreamError if there is no carrier, or if Kafka stops taking what has to be recorded.
    """
    if not settings.notifications.any:
        raise ShopstreamError(
            "nobody carries messages: give notifications an email, sms or push in settings.toml, "
            "or set SHOPSTREAM_NOTIFICATIONS; docs/channels.md has an example"
        )
    office = _Office(settings)
    named: Mapping[str, Outbox] = {str(name): one for name, one in office.outboxes.items()}
    with metrics_served(settings.host, settings.notifications_metrics_port, named):
        await office.run(until_told())


@dataclass(frozen=True)
class _Waiting:
    """A request that is not done with, and where it came from."""

    request: Request
    record: RawRecord


@dataclass(frozen=True)
class _Parcel:
    """A request that is to be sent, and how."""

    waiting: _Waiting
    way: Send


class _Office:
    """Requests wait in its schedule for their time, then in their carrier's outbox for their turn.

    When that comes they are looked at again: it may have become night, or too late.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._registry = Registry(settings.registry_url)
        self._progress = Progress()
        self._destinations = destinations(settings.notifications)
        self.outboxes = {
            channel: outbox_for(destination, self._progress.release, self._is_wanted)
            for channel, destination in self._destinations.items()
        }
        self._desk = Desk(self._destinations.keys())
        self._open: set[str] = set()
        self._schedule: list[tuple[int, int, _Waiting]] = []
        self._numbers = count()
        self._news = asyncio.Event()
        self._couriers: dict[Channel, Courier] = {}

    async def run(self, stop: asyncio.Event) -> None:
        """Send until `stop`; what is under way then ends first."""
        writer = await once_possible(stop, self._writer)
        intake = await once_possible(stop, self._intake)
        if writer is None or intake is None:
            return
        self._records = writer
        complete = asyncio.Event()
        async with AsyncExitStack() as connections:
            for channel, outbox in self.outboxes.items():
                carrier = await _carrier(self._settings.notifications, channel, connections)
                self._couriers[channel] = self._courier(channel, outbox, carrier)
            async with asyncio.TaskGroup() as tasks:
                for courier in self._couriers.values():
                    tasks.create_task(courier.run(complete, stop))
                tasks.create_task(self._dispatch(complete, stop))
                tasks.create_task(follow(intake, self._take, self._is_full, complete, stop))
                tasks.create_task(self._wake_at(stop))
        await asyncio.to_thread(intake.close)

    def _writer(self) -> Writer:
        bootstrap = self._settings.kafka_bootstrap
        return Writer(bootstrap, self._registry, [DEAD_LETTERS, DELIVERIES])

    def _intake(self) -> Intake:
        topics = dict.fromkeys(REFERENCE, Reading.REFERENCE) | {REQUESTS: Reading.NEW_EVENTS}
        bootstrap = self._settings.kafka_bootstrap
        return Intake(bootstrap, self._registry, JOB, topics, self._progress)

    def _is_full(self) -> bool:
        return len(self._open) >= MOST_WAITING

    async def _wake_at(self, stop: asyncio.Event) -> None:
        await stop.wait()
        self._news.set()

    # what comes in

    async def _take(self, arrival: Arrival) -> None:
        record = arrival.record
        if record.topic != REQUESTS:
            if arrival.error is not None:
                log.warning("%s: %s", record.coordinates, arrival.error)
            else:
                key = (record.key or b"").decode(errors="replace")
                self._desk.learn(record.topic, key, arrival.value, now_ms())
            return
        try:
            if arrival.error is not None:
                raise ValueError(arrival.error)
            request = msgspec.convert(arrival.value, Request)
        except ValueError as error:  # a ValidationError, too
            kind = "UndecodableError" if arrival.error is not None else type(error).__name__
            await self._records.set_aside(JOB, record, kind, str(error), attempt=1)
            self._progress.release(arrival.place)
            return
        if self._desk.is_done(request.event_id) or request.event_id in self._open:
            self._progress.release(arrival.place)
            return
        self._open.add(request.event_id)
        self._wait_until(request.send_at, _Waiting(request, record))

    # what waits for its time

    def _wait_until(self, due: int, waiting: _Waiting) -> None:
        heapq.heappush(self._schedule, (due, next(self._numbers), waiting))
        self._news.set()

    async def _dispatch(self, start: asyncio.Event, stop: asyncio.Event) -> None:
        await start.wait()
        while not stop.is_set():
            while self._schedule and self._schedule[0][0] <= now_ms():
                _, _, waiting = heapq.heappop(self._schedule)
                await self._see_to(waiting)
            self._news.clear()
            timeout_s = LOOK_AGAIN_S
            if self._schedule:
                timeout_s = min(timeout_s, (self._schedule[0][0] - now_ms()) / 1000)
            with suppress(TimeoutError):
                async with asyncio.timeout(timeout_s):
                    await self._news.wait()

    async def _see_to(self, waiting: _Waiting) -> None:
        match self._desk.decide(waiting.request, now_ms()):
            case Send() as way:
                name = waiting.request.event_id
                parcel = _Parcel(waiting, way)
                self._couriers[way.channel].put(Update(name, parcel, name, waiting.record))
            case Hold(until):
                self._wait_until(until, waiting)
            case Drop(reason):
                await self._close(waiting.request, waiting.request.channel, "DROPPED", reason)
                self._progress.release(_place(waiting))
            case Unreachable(reason):
                await self._fail(waiting, waiting.request.channel, "UnreachableError", reason, 1)
                self._progress.release(_place(waiting))

    def _is_wanted(self, update: Update) -> bool:
        parcel: _Parcel = update.content
        if self._desk.decide(parcel.waiting.request, now_ms()) == parcel.way:
            return True
        self._wait_until(now_ms(), parcel.waiting)
        return False

    # what goes out

    def _courier(self, channel: Channel, outbox: Outbox, carrier: Carrier) -> Courier:
        async def send(update: Update) -> Answer:
            parcel: _Parcel = update.content
            request = parcel.waiting.request
            template = self._desk.template(request)
            if template is None:
                return Answer(Outcome.FAILED, f"template {request.template} is gone")
            try:
                message = message_of(request, template, parcel.way.address)
            except ValueError as error:
                return Answer(Outcome.REFUSED, str(error))
            return await carrier.carry(message)

        async def delivered(update: Update) -> None:
            await self._close(update.content.waiting.request, channel, "SENT", None)

        async def give_up(update: Update, answer: Answer, calls: int) -> None:
            reason = f"{answer.reason}, after {calls} calls that failed"
            await self._fail(update.content.waiting, channel, "UndeliveredError", reason, calls)

        return Courier(f"{JOB}.{channel}", outbox, send, give_up, delivered)

    async def _fail(
        self, waiting: _Waiting, channel: Channel, kind: str, reason: str, calls: int
    ) -> None:
        await self._records.set_aside(JOB, waiting.record, kind, reason, attempt=calls)
        await self._close(waiting.request, channel, "FAILED", reason)

    async def _close(
        self, request: Request, channel: Channel, outcome: str, reason: str | None
    ) -> None:
        """Record what became of a request; one that failed may be asked for again."""
        now = now_ms()
        record = {
            "event_id": f"{request.event_id}/{outcome}",
            "event_time": now,
            "request_id": request.event_id,
            "customer_id": request.customer_id,
            "template": request.template,
            "channel": channel,
            "outcome": outcome,
            "reason": reason,
        }
        await self._records.write(DELIVERIES, record)
        self._open.discard(request.event_id)
        if outcome != "FAILED":
            self._desk.done(request.event_id, now, now)


def destinations(carriers: Carriers) -> dict[Channel, Destination]:
    """The carriers that there are, by the channel that they carry."""
    named: dict[Channel, Destination | None] = {
        "EMAIL": carriers.email,
        "SMS": carriers.sms,
        "PUSH": carriers.push,
    }
    return {channel: one for channel, one in named.items() if one is not None}


async def _carrier(carriers: Carriers, channel: Channel, connections: AsyncExitStack) -> Carrier:
    if channel == "EMAIL" and carriers.email is not None:
        return SmtpCarrier(carriers.email)
    gateway = carriers.sms if channel == "SMS" else carriers.push
    assert gateway is not None
    return GatewayCarrier(await connections.enter_async_context(Caller(gateway)))


def _place(waiting: _Waiting) -> Place:
    record = waiting.record
    return Place(record.topic, record.partition, record.offset)
