"""What a container of the image runs: any `shopstream` command, or one of the parts below."""

import os
import socket
import sys
from enum import StrEnum
from typing import Never

import typer

from connectors import provision as provisioning
from connectors.errors import ShopstreamError
from connectors.settings import settings
from deploy import cli
from deploy.docker.configuration import (
    write_connect_configuration,
    write_flink_configuration,
    write_zookeeper_configuration,
)
from deploy.stack import connect as connecting
from deploy.stack import flink, health
from deploy.stack import zookeeper as zookeeper_service
from deploy.stack.paths import StackPaths

# These start, stop and examine processes of the machine that they run on.
LOCAL_ONLY = ("up", "down", "status", "doctor", "demo")


class Part(StrEnum):
    jobmanager = "jobmanager"
    taskmanager = "taskmanager"
    zookeeper = "zookeeper"
    webhooks = "webhooks"
    connect = "connect"
    channels = "channels"
    notifications = "notifications"


@cli.app.callback()
def prepare(context: typer.Context) -> None:
    if context.invoked_subcommand in LOCAL_ONLY:
        raise ShopstreamError(
            f"`{context.invoked_subcommand}` is for the local stack; containers come with "
            "`docker compose up --wait`, are shown by `ps` and go with `down`"
        )
    if context.invoked_subcommand != healthy.__name__:
        paths = StackPaths.of(settings())
        paths.make()
        write_flink_configuration(settings(), paths)


@cli.app.command()
def jobmanager() -> None:
    """Be Flink's JobManager."""
    _become(flink.jobmanager_command(StackPaths.of(settings())))


@cli.app.command()
def taskmanager() -> None:
    """Be a Flink TaskManager."""
    _become(flink.taskmanager_command(settings(), StackPaths.of(settings()), _resource_id()))


@cli.app.command()
def zookeeper() -> None:
    """Be the ZooKeeper that a restarted JobManager asks for its jobs."""
    paths = StackPaths.of(settings())
    write_zookeeper_configuration(settings(), paths)
    _become(zookeeper_service.command(paths))


@cli.app.command()
def connect() -> None:
    """Be Kafka Connect, which follows the shop's tables; made before, if they are missing."""
    paths = StackPaths.of(settings())
    connecting.prepare(settings(), paths)
    write_connect_configuration(settings(), paths)
    _become(connecting.command(paths))


@cli.app.command()
def provision() -> None:
    """Make topics, schemas and default reference data, where they are missing."""
    provisioning.provision(print)


@cli.app.command()
def healthy(part: Part) -> None:
    """Exit with status 0 if this container's part does its work."""
    try:
        match part:
            case Part.jobmanager:
                health.jobmanager(settings())
            case Part.taskmanager:
                health.taskmanager(settings(), _resource_id())
            case Part.zookeeper:
                health.zookeeper(settings())
            case Part.webhooks:
                health.webhooks(settings())
            case Part.connect:
                health.connect(settings())
            case Part.channels:
                health.metrics(settings(), settings().channels_metrics_port)
            case Part.notifications:
                health.metrics(settings(), settings().notifications_metrics_port)
    except health.NotHealthy as error:
        raise ShopstreamError(f"{part}: {error}") from error


def _resource_id() -> str:
    """A container's host name: a restarted one keeps it, so the JobManager knows it at once."""
    return socket.gethostname()


def _become(command: list[str]) -> Never:
    """Replace this process: signals then reach the JVM, and its exit status is the container's."""
    sys.stdout.flush()
    os.execve(command[0], command, os.environ | flink.flink_environment(settings()))


if __name__ == "__main__":
    cli.main()
