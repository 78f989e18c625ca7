"""The local Kafka broker: one KRaft node, formatted once."""

import base64
import shutil
import subprocess
import uuid
from pathlib import Path

from connectors.errors import ShopstreamError
from connectors.jars import KAFKA
from deploy.stack.flink import java
from deploy.stack.paths import StackPaths

HEAP_MB = 512


def command(paths: StackPaths) -> list[str]:
    return [*_jvm(paths, HEAP_MB), "kafka.Kafka", str(_config(paths))]


def data(paths: StackPaths) -> Path:
    """The log folder."""
    return paths.data / "kafka"


def prepare(paths: StackPaths) -> None:
    """Format the log folder, once; a mark beside it says that this was finished."""
    formatted = paths.data / "kafka.formatted"
    if formatted.exists():
        return
    shutil.rmtree(data(paths), ignore_errors=True)
    tool = [*_jvm(paths, 128), "kafka.tools.StorageTool", "format"]
    log = paths.log("kafka")
    with log.open("a") as output:
        done = subprocess.run(
            [*tool, "--cluster-id", _cluster_id(), "--config", str(_config(paths))],
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    if done.returncode != 0:
        raise ShopstreamError(f"formatting Kafka's log folder failed; see {log}")
    formatted.touch()


def _cluster_id() -> str:
    """A random id; as Kafka's own, none that starts like an option of the command line."""
    while True:
        cluster_id = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
        if not cluster_id.startswith("-"):
            return cluster_id


def _config(paths: StackPaths) -> Path:
    return paths.conf / "kafka.properties"


def _jvm(paths: StackPaths, heap_mb: int) -> list[str]:
    logging = f"-Dlog4j2.configurationFile=file:{paths.conf}/kafka-log4j2.properties"
    return [str(java()), f"-Xmx{heap_mb}m", logging, "-classpath", f"{KAFKA}/*"]
