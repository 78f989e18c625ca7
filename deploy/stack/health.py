"""Whether a service does its work, asked the way its users ask it."""

import socket
import time

import httpx
import psycopg
from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

from connectors.cdc.tables import SCHEMA
from connectors.settings import Settings

# How long one question may take, in seconds; a service that needs longer is asked again.
PATIENCE_S = 3.0

# A TaskManager is heard every second (heartbeat.interval); one that was killed stays registered
# for a while, but is silent.
SILENCE_MS = 5_000


class NotHealthy(Exception):
    """The service does not do its work (yet); the message says what was seen."""


def kafka(settings: Settings) -> None:
    """The broker answers a metadata request.

    The connection is tried first, because a client would wait for a broker that is not there.
    """
    try:
        socket.create_connection((settings.host, settings.kafka_port), PATIENCE_S).close()
    except OSError as error:
        raise NotHealthy(f"no connection: {error}") from error
    admin = AdminClient({"bootstrap.servers": settings.kafka_bootstrap, "log_level": 0})
    try:
        admin.list_topics(timeout=PATIENCE_S)
    except KafkaException as error:
        raise NotHealthy(f"no metadata: {error.args[0].str()}") from error


def postgres(settings: Settings) -> None:
    """Postgres answers a query in the project's database."""
    try:
        with psycopg.connect(settings.postgres_dsn, connect_timeout=int(PATIENCE_S)) as connection:
            connection.execute("SELECT 1")
    except psycopg.Error as error:
        raise NotHealthy(f"no answer to SELECT 1: {str(error).splitlines()[0]}") from error


def registry(settings: Settings) -> None:
    """The registry lists its subjects, which it reads from its storage."""
    _get(f"{settings.registry_url}/subjects")


def zookeeper(settings: Settings) -> None:
    """ZooKeeper serves requests."""
    host, _, port = settings.zookeeper_quorum.partition(":")
    try:
        with socket.create_connection((host, int(port)), PATIENCE_S) as connection:
            connection.settimeout(PATIENCE_S)
            connection.sendall(b"srvr")
            answer = connection.makefile("rb").read().decode(errors="replace")
    except OSError as error:
        raise NotHealthy(f"no connection: {error}") from error
    if "Mode: standalone" not in answer:
        raise NotHealthy(f"does not serve: {answer[:100]!r}")


def jobmanager(settings: Settings) -> None:
    """The JobManager answers."""
    _get(f"{settings.flink_url}/overview")


def taskmanager(settings: Settings, resource_id: str) -> None:
    """The JobManager knows the TaskManager and has heard it lately."""
    known = _get(f"{settings.flink_url}/taskmanagers").json()["taskmanagers"]
    heard_at = {item["id"]: item["timeSinceLastHeartbeat"] for item in known}
    if resource_id not in heard_at:
        raise NotHealthy("not registered with the JobManager")
    silent_ms = int(time.time() * 1000) - heard_at[resource_id]
    if silent_ms > SILENCE_MS:
        raise NotHealthy(f"silent for {silent_ms} ms")


def webhooks(settings: Settings) -> None:
    """The gateway serves; it can write only once there are topics, which come later."""
    _get(f"{settings.webhooks_url}/health")


def connect(settings: Settings) -> None:
    """Connect's connector and its task run."""
    found = _get(f"{settings.connect_url}/connectors/{SCHEMA}/status").json()
    parts = [("connector", found["connector"]), *(("task", task) for task in found["tasks"])]
    for part, status in parts:
        if status["state"] != "RUNNING":
            trace = status.get("trace", "").splitlines()
            reason = f": {trace[0]}" if trace else ""
            raise NotHealthy(f"its {part} is {status['state'].lower()}{reason}")
    if not found["tasks"]:
        raise NotHealthy("its connector has no task yet")


def metrics(settings: Settings, port: int) -> None:
    """A service of the suite's own tells its metrics; it may still be waiting for topics."""
    _get(f"http://{settings.host}:{port}/metrics")


def _get(url: str) -> httpx.Response:
    try:
        return httpx.get(url, timeout=PATIENCE_S, trust_env=False).raise_for_status()
    except httpx.HTTPError as error:
        raise NotHealthy(f"no answer from {url}: {error}") from error
