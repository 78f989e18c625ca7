"""What the gateway writes is what the jobs read: none of it becomes a dead letter there."""

import asyncio
import time

import httpx
import msgspec
import pytest
from support.webhooks import Shelf, gateway

from bench.webhooks_load import mixed, products
from bench.webhooks_sent import IDENTITY, VALID
from connectors.settings import settings
from connectors.webhooks.serve import shops
from udfs.engagement import events as engagement
from udfs.fraud import events as fraud
from udfs.inventory import events as inventory
from udfs.orders import events as orders

READERS = {
    "orders.initiated": [orders.OrderInitiated, fraud.OrderInitiated],
    "orders.requests": [orders.OrderRequest],
    "payments.events": [orders.PaymentEvent, fraud.PaymentEvent],
    "shipments.events": [orders.ShipmentEvent],
    "inventory.events": [inventory.InventoryEvent],
    "clickstream.events": [engagement.Click],
}


@pytest.fixture(scope="module")
def written():
    shelf = Shelf()
    sent = [webhook for webhook in (*products(), *mixed(600, 3)) if webhook.kind == VALID]

    async def send():
        transport = httpx.ASGITransport(gateway(shelf, most=1000))
        async with httpx.AsyncClient(transport=transport, base_url="http://gateway") as client:
            for webhook in sent:
                secret = shops(settings())[webhook.platform].secrets[0]
                answer = await client.post(
                    f"/webhooks/{webhook.platform}",
                    content=webhook.body,
                    headers=webhook.headers(secret, int(time.time())),
                )
                assert answer.json()["outcome"] == "accepted", (webhook, answer.text)

    asyncio.run(send())
    return shelf.written, sent


@pytest.mark.parametrize("name", READERS)
def test_every_record_fits_what_its_jobs_read(written, name):
    records, _ = written
    assert records[name]
    for record in records[name]:
        for reader in READERS[name]:
            msgspec.convert(record, reader)


def test_every_webhook_of_the_benchmark_comes_to_what_it_expects(written):
    records, sent = written
    found = [IDENTITY[name](record) for name in IDENTITY for record in records[name]]
    assert sorted(map(repr, found)) == sorted(repr(e) for w in sent for e in w.expected)
