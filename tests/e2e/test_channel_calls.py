"""A courier, a real HTTP connection, and a channel that keeps a strict limit: no Kafka."""

import asyncio
from collections.abc import Callable

from bench.storefront import Fault, Storefront
from connectors.channels.updates import Call
from connectors.delivery.answer import Answer
from connectors.delivery.caller import Caller
from connectors.delivery.courier import Courier
from connectors.delivery.making import outbox_for
from connectors.delivery.outbox import Update
from connectors.delivery.progress import Place, Progress
from connectors.destinations import SalesChannel
from connectors.reading import RawRecord

RATE = 100


def change(sku: str, number: int) -> Update:
    body = {"sku": sku, "available": number, "version": number}
    record = RawRecord("inventory.availability", 0, number, 0, None, b"")
    return Update(f"stock {sku}", Call("PUT", f"/stock/{sku}", body), str(number), record, number)


def deliver(market: Storefront, updates: list[Update], done: Callable[[], bool]) -> list[Update]:
    """Deliver until `done`; gives what was given up."""
    channel = SalesChannel(url=market.url, rate_per_s=RATE, timeout_s=0.2, attempts=3)
    progress, lost = Progress(), []

    async def run() -> None:
        start, stop = asyncio.Event(), asyncio.Event()
        start.set()
        outbox = outbox_for(channel, progress.release)
        async with Caller(channel) as caller:

            async def send(update: Update) -> Answer:
                call = update.content
                return await caller.call(call.method, call.path, call.body, update.key)

            async def given_up(update: Update, _answer: Answer, _calls: int) -> None:
                lost.append(update)

            courier = Courier("market", outbox, send, given_up)
            for update in updates:
                progress.hold(Place(update.record.topic, 0, update.record.offset))
                courier.put(update)
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(courier.run(start, stop))
                async with asyncio.timeout(30):
                    while not (outbox.is_empty and done()):
                        await asyncio.sleep(0.01)
                stop.set()

    asyncio.run(run())
    assert progress.held == 0
    return lost


def test_a_burst_of_1000_changes_on_100_skus_ends_right_with_a_call_a_sku_and_no_limit_broken():
    changes = [change(f"sku-{n * 7 % 100}", n) for n in range(1, 1001)]
    with Storefront(RATE) as market:
        deliver(market, changes, lambda: True)
        last = {one.content.body["sku"]: one.content.body["available"] for one in changes}
        assert {sku: body["available"] for sku, body in market.stock.items()} == last
        assert len(market.calls) == 100
        assert market.limited == 0
        assert market.most_within(1.0) <= RATE


def test_a_call_that_is_not_answered_is_repeated_with_the_same_key_and_done_once():
    with Storefront(RATE) as market:
        market.faults += [Fault.SILENCE, Fault.HANG_UP, Fault.ERROR]
        assert deliver(market, [change("mug", 1)], lambda: True) == [change("mug", 1)]
        assert deliver(market, [change("mug", 1)], lambda: True) == []
        assert [call.key for call in market.calls] == ["1"] * 4
        assert market.stock["mug"]["available"] == 1
        assert market.done["1"] == 2
