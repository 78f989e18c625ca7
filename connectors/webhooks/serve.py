"""The gateway as a process."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import uvicorn
from fastapi import FastAPI

from connectors.errors import ShopstreamError
from connectors.settings import Settings
from connectors.webhooks.app import application
from connectors.webhooks.metrics import Metrics
from connectors.webhooks.platforms import PLATFORMS
from connectors.webhooks.receiver import Receiver, Shop
from connectors.webhooks.writer import Writer

GRACE_S = 6
KEEP_ALIVE_S = 75
DEVELOPMENT = b"development"

log = logging.getLogger("shopstream.webhooks")


def serve(settings: Settings, host: str) -> None:
    """Serve until a signal comes; raises ShopstreamError if it ends by itself.

    It serves without Kafka, too, and says so: /ready.
    """
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    metrics, found = Metrics(), shops(settings)
    writer = Writer(
        settings.kafka_bootstrap,
        settings.registry_url,
        settings.webhooks_remember_h,
        metrics,
        ended=lambda: setattr(server, "should_exit", True),
    )
    receiver = Receiver(
        found,
        writer,
        metrics,
        most=settings.webhooks_in_flight,
        max_bytes=settings.webhooks_max_body_kb * 1024,
    )

    @asynccontextmanager
    async def writing(_app: FastAPI) -> AsyncIterator[None]:
        writer.start()
        yield
        await asyncio.to_thread(writer.stop)

    server = uvicorn.Server(
        uvicorn.Config(
            application(receiver, metrics, lambda: writer.ready, writing),
            host=host,
            port=settings.webhooks_port,
            loop="uvloop",
            http="httptools",
            log_config=None,
            access_log=False,
            timeout_keep_alive=KEEP_ALIVE_S,
            timeout_graceful_shutdown=GRACE_S,
        )
    )
    server.run()
    if writer.failed:
        raise ShopstreamError("the gateway's writer has ended; the log before this line tells why")


def shops(settings: Settings) -> dict[str, Shop]:
    """Every platform's secrets, as the bytes to sign with; raises ShopstreamError for a bad one."""
    found: dict[str, Shop] = {}
    for name, source in settings.webhooks.items():
        platform = PLATFORMS[name]
        secrets = [secret.get_secret_value() for secret in source.secrets]
        try:
            keys = tuple(map(platform.key_of, secrets))
        except ValueError as error:
            raise ShopstreamError(f"webhooks.{name}.secrets in settings.toml: {error}") from error
        if any(DEVELOPMENT in key for key in keys):
            log.warning("%s: a secret for development, which everybody knows, is in force", name)
        found[name] = Shop(keys, source.currency)
    return found
