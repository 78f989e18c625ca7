"""Flink's configuration in a container: the local stack's, except for what a network changes."""

from string import Template

import yaml

from connectors.settings import Settings
from deploy.stack import flink
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
    text = Template((TEMPLATES / "flink-config.yaml").read_text()).substitute(values)
    configuration: dict[str, object] = yaml.safe_load(text)
    return configuration


def write_flink_configuration(settings: Settings, paths: StackPaths) -> None:
    """Write FLINK_CONF_DIR; logs go to standard output, which the engine keeps."""
    configuration = yaml.safe_dump(flink_configuration(settings, paths), width=1_000)
    (paths.flink_conf / "config.yaml").write_text(configuration)
    for source, target in {
        "flink-log4j.properties": "log4j-console.properties",
        "flink-log4j-cli.properties": "log4j-cli.properties",
    }.items():
        (paths.flink_conf / target).write_text((TEMPLATES / source).read_text())
