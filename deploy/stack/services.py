"""The services of the local stack, each declared once."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from graphlib import TopologicalSorter
from hashlib import sha256

from pydantic import BaseModel, SecretStr

from connectors.jars import registry_jar
from connectors.settings import Settings
from deploy.stack import connect, flink, health, kafka, postgres, zookeeper
from deploy.stack.paths import StackPaths

REGISTRY_HEAP_MB = 256


@dataclass(frozen=True)
class Service:
    """A supervised process."""

    name: str
    command: list[str]
    healthy: Callable[[], None]
    """Returns if the service does its work, raises NotHealthy if not."""
    port: str | None = None
    """The setting of the port at which its users find it."""
    after: tuple[str, ...] = ()
    """The services that must be healthy before it starts, and stop after it."""
    prepare: Callable[[], None] | None = None
    """What must be done once before its first start; repeating it does nothing."""
    environment: Mapping[str, str] = field(default_factory=dict)
    stop_signal: str = "TERM"
    stop_seconds: int = 20
    """How long it may take to stop before it is killed."""
    start_seconds: int = 180
    """How long it may take to become healthy."""


def services(settings: Settings) -> list[Service]:
    """Every service of the stack that these settings describe."""
    paths = StackPaths.of(settings)
    return [
        Service(
            name="postgres",
            command=postgres.command(paths),
            healthy=partial(health.postgres, settings),
            port="postgres_port",
            prepare=partial(postgres.prepare, paths),
            stop_signal="INT",  # fast shutdown; TERM would wait for every client to leave
        ),
        Service(
            name="kafka",
            command=kafka.command(paths),
            healthy=partial(health.kafka, settings),
            port="kafka_port",
            prepare=partial(kafka.prepare, paths),
        ),
        Service(
            name="registry",
            command=_registry_command(paths),
            healthy=partial(health.registry, settings),
            port="registry_port",
            after=("postgres",),
        ),
        Service(
            name="zookeeper",
            command=zookeeper.command(paths),
            healthy=partial(health.zookeeper, settings),
            port="zookeeper_port",
        ),
        Service(
            name="jobmanager",
            command=flink.jobmanager_command(paths),
            healthy=partial(health.jobmanager, settings),
            port="flink_rest_port",
            after=("zookeeper",),
            environment=_flink_process_environment(settings),
        ),
        *(_taskmanager(settings, paths, n) for n in range(1, settings.taskmanagers + 1)),
        Service(
            name="webhooks",
            command=[str(flink.python().parent / "shopstream"), "webhooks"],
            healthy=partial(health.webhooks, settings),
            port="webhooks_port",
            after=("kafka", "registry"),
        ),
        *([_connect(settings, paths)] if settings.cdc else []),
        *([_outward(settings, "channels")] if settings.channels else []),
        *([_outward(settings, "notifications")] if settings.notifications.any else []),
    ]


def start_order(declared: list[Service]) -> TopologicalSorter[str]:
    """The services' names in the order of what they need."""
    return TopologicalSorter({service.name: service.after for service in declared})


def _registry_command(paths: StackPaths) -> list[str]:
    config = f"-Dquarkus.config.locations=file:{paths.conf}/registry.properties"
    jvm = [str(flink.java()), f"-Xmx{REGISTRY_HEAP_MB}m", *flink.QUICK_START]
    return [*jvm, config, "-jar", str(registry_jar())]


def _connect(settings: Settings, paths: StackPaths) -> Service:
    return Service(
        name="connect",
        command=connect.command(paths),
        healthy=partial(health.connect, settings),
        port="connect_port",
        after=("postgres", "kafka"),
        prepare=partial(connect.prepare, settings, paths),
    )


def _taskmanager(settings: Settings, paths: StackPaths, number: int) -> Service:
    name = f"taskmanager-{number}"
    return Service(
        name=name,
        command=flink.taskmanager_command(settings, paths, name),
        healthy=partial(health.taskmanager, settings, name),
        after=("jobmanager",),
        environment=_flink_process_environment(settings),
    )


def _outward(settings: Settings, name: str) -> Service:
    """One that tells others what the jobs decide; it waits for its topics by itself."""
    port = f"{name}_metrics_port"
    return Service(
        name=name,
        command=[str(flink.python().parent / "shopstream"), name],
        healthy=partial(health.metrics, settings, getattr(settings, port)),
        port=port,
        after=("kafka", "registry"),
        environment={"SETTINGS": _digest(getattr(settings, name))},
        stop_seconds=30,  # calls that are under way end first
    )


def _digest(chosen: BaseModel | Mapping[str, BaseModel]) -> str:
    """Changes with what a process reads by itself, so that `up` notices; tells no secret."""
    models = {"": chosen} if isinstance(chosen, BaseModel) else chosen
    dumped = {name: model.model_dump() for name, model in models.items()}
    return sha256(json.dumps(dumped, default=_plain, sort_keys=True).encode()).hexdigest()


def _plain(value: object) -> object:
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    return sorted(value) if isinstance(value, frozenset) else str(value)


def _flink_process_environment(settings: Settings) -> dict[str, str]:
    """What Flink's own scripts would have exported, and what embedded Python needs.

    Fewer malloc arenas keep RocksDB and Python from spreading over native memory.
    """
    return {**flink.flink_environment(settings), "MALLOC_ARENA_MAX": "2"}
