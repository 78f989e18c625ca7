"""Webhooks of the four formats to measure with: valid ones, wrongly signed ones, and garbage."""

import random
from collections.abc import Iterator

from bench.webhooks_formats import ITEMS, MAKERS, shopify, shopify_product
from bench.webhooks_sent import GARBAGE, UNSIGNED, Webhook, product

# Of 100 webhooks, so many are of a platform, are not signed rightly, or say nothing that maps.
SHARES = {"shopify": 40, "woocommerce": 25, "custom": 20, "magento": 15}
UNSIGNED_SHARE, GARBAGE_SHARE = 0.03, 0.03


def products() -> Iterator[Webhook]:
    """What has to be there before levels: Shopify's items with their skus."""
    for item in range(ITEMS):
        yield shopify("products/update", shopify_product(item), product(f"item-{item}", 1999))


def mixed(count: int, seed: int) -> Iterator[Webhook]:
    """`count` webhooks, no two about the same thing."""
    rng = random.Random(seed)
    platforms = list(SHARES)
    for number in range(count):
        platform = rng.choices(platforms, list(SHARES.values()))[0]
        webhook = rng.choice(MAKERS[platform])(number)
        lot = rng.random()
        if lot < UNSIGNED_SHARE:
            webhook = _altered(webhook, UNSIGNED, webhook.topic, webhook.body)
        elif lot < UNSIGNED_SHARE + GARBAGE_SHARE:
            webhook = _spoilt(webhook, rng)
        yield webhook


def _altered(webhook: Webhook, kind: str, topic: str, body: bytes) -> Webhook:
    return Webhook(webhook.platform, topic, webhook.delivery_id, body, kind)


def _spoilt(webhook: Webhook, rng: random.Random) -> Webhook:
    """Signed rightly, but cut off, of an unknown topic, or without what it is about."""
    match rng.randrange(3):
        case 0:
            return _altered(webhook, GARBAGE, webhook.topic, webhook.body[: rng.randrange(60)])
        case 1:
            body = b'{"type": "weather.changed", "data": {}}'
            return _altered(webhook, GARBAGE, "weather/changed", body)
        case _:
            return _altered(webhook, GARBAGE, webhook.topic, b'{"type": 7, "id": null}')
