"""Flink's configuration in a container: the local stack's, except for what a network changes."""

from string import Template

import yaml

from connectors.settings import Settings
from deploy.stack import connect, flink, postgres
from deploy.stack.paths import StackPaths
from deploy.stack.render import TEMPLATES

# Left out, so that a TaskManager takes the address at which it reaches the JobManager.
FOUND_OUT = {"taskmanager.host"}

_EVERYWHERE = "0.0.0.0"


def flink_configuration(settings: Settings, paths: StackPaths) -> dict[str, object]:
    """The content of `config.yaml`, the same for JobManager, TaskManagers and clients."""
    host = settings.flink_host or settings.host
    changed = {
        "jobmanager.rpc.address": host,
        "rest.address": host,
        "jobmanager.bind-host": _EVERYWHERE,
        "rest.bind-address": _EVERYWHERE,
        "taskmanager.bind-host": _EVERYWHERE,
    }
    local = local_configuration(settings, paths)
    return {option: value for option, value in local.items() if option not in FOUND_OUT} | changed


def local_configuration(settings: Settings, paths: StackPaths) -> dict[str, object]:
    """What `shopstream up` would write for these settings."""
    values = {**settings.model_dump(), **flink.config_values(settings, paths)}
    text = _filled("flink-config.yaml", values)
    configuration: dict[str, object] = yaml.safe_load(text)
    return configuration


def write_zookeeper_configuration(settings: Settings, paths: StackPaths) -> None:
    """Write what ZooKeeper is started with; its data is the container's own, gone with it."""
    values = {**settings.model_dump(), "scratch": paths.scratch, "zookeeper_bind": _EVERYWHERE}
    (paths.conf / "zookeeper.properties").write_text(_filled("zookeeper.properties", values))


def _filled(template: str, values: dict[str, object]) -> str:
    return Template((TEMPLATES / template).read_text()).substitute(values)


def write_flink_configuration(settings: Settings, paths: StackPaths) -> None:
    """Write FLINK_CONF_DIR; logs go to standard output, which the engine keeps."""
    configuration = yaml.safe_dump(flink_configuration(settings, paths), width=1_000)
    (paths.flink_conf / "config.yaml").write_text(configuration)
    for source, target in {
        "flink-log4j.properties": "log4j-console.properties",
        "flink-log4j-cli.properties": "log4j-cli.properties",
    }.items():
        (paths.flink_conf / target).write_text((TEMPLATES / source).read_text())


def write_connect_configuration(settings: Settings, paths: StackPaths) -> None:
    """Write what Connect is started with; it is the local stack's."""
    values = {
        **settings.model_dump(),
        "postgres_user": postgres.USER,
        **connect.config_values(settings, paths),
    }
    for name in (connect.WORKER, connect.CONNECTOR):
        text = Template((TEMPLATES / name).read_text()).substitute(values)
        (paths.conf / name).write_text(text)
    logging = "kafka-log4j2.properties"
    (paths.conf / logging).write_text((TEMPLATES / logging).read_text())
