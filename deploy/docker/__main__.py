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
from deploy.docker.configuration import write_flink_configuration
from deploy.stack import flink, health
from deploy.stack.paths import StackPaths

# These start, stop and examine processes of the machine that they run on.
LOCAL_ONLY = ("up", "down", "status", "doctor", "demo")


class Part(StrEnum):
    jobmanager = "jobmanager"
    taskmanager = "taskmanager"


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
def provision() -> None:
    """Make topics, schemas and default reference data, where they are missing."""
    provisioning.provision(print)


@cli.app.command()
def healthy(part: Part) -> None:
    """Exit with status 0 if this container's part of the cluster does its work."""
    try:
        if part is Part.jobmanager:
            health.jobmanager(settings())
        else:
            health.taskmanager(settings(), _resource_id())
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
