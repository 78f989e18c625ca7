"""Flink's processes and clients: memory, command lines, environment."""

import os
import shutil
import sys
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path

import yaml

from connectors.errors import ShopstreamError
from connectors.jars import FLINK_LIB, flink_classpath, flink_home, java_jar
from connectors.settings import Settings
from deploy.stack.crashes import report_option
from deploy.stack.paths import StackPaths

JAVA_FIX = "install a JDK 17 and put `java` on PATH, or set JAVA_HOME"

JOBMANAGER_HEAP_MB = 448
FIRST_COMPILER_ONLY = "-XX:TieredStopAtLevel=1"
# For a JVM that is not in the path of events, or lives for seconds: half the processor time to
# start, less memory.
QUICK_START = [FIRST_COMPILER_ONLY, "-XX:+UseSerialGC"]
_JOBMANAGER_METASPACE_MB = 256


@dataclass(frozen=True)
class TaskManagerMemory:
    """How a TaskManager's process memory is divided, in MB."""

    framework_heap_mb: int
    task_heap_mb: int
    framework_off_heap_mb: int
    network_mb: int
    managed_mb: int
    metaspace_mb: int
    overhead_mb: int

    @classmethod
    def of(cls, process_mb: int) -> "TaskManagerMemory":
        """Divide `process_mb` (at least 1024).

        The overhead is above Flink's 10 %: in thread mode the Python interpreter and its packages
        live in the JVM's native memory. Managed memory is RocksDB's. The task heap is the rest.
        """
        metaspace, framework_heap, framework_off_heap, network = 256, 128, 64, 64
        overhead = process_mb // 5
        flink = process_mb - metaspace - overhead
        managed = flink // 4
        return cls(
            framework_heap_mb=framework_heap,
            task_heap_mb=flink - managed - framework_heap - framework_off_heap - network,
            framework_off_heap_mb=framework_off_heap,
            network_mb=network,
            managed_mb=managed,
            metaspace_mb=metaspace,
            overhead_mb=overhead,
        )

    def jvm_options(self) -> list[str]:
        """Heap and other limits.

        A checkpoint copies the table of a map of state on the heap. By default a large one is
        humongous to the collector, which then marks the whole heap, at every checkpoint.
        """
        return [
            "-XX:G1HeapRegionSize=8m",
            f"-Xmx{self.framework_heap_mb + self.task_heap_mb}m",
            f"-XX:MaxDirectMemorySize={self.framework_off_heap_mb + self.network_mb}m",
            f"-XX:MaxMetaspaceSize={self.metaspace_mb}m",
        ]


def java() -> Path:
    """The `java` to run, links resolved: JAVA_HOME's if set, else the one on PATH."""
    home = os.environ.get("JAVA_HOME")
    found = shutil.which(str(Path(home) / "bin" / "java") if home else "java")
    if found is None:
        where = f"JAVA_HOME, which is {home}" if home else "PATH"
        raise ShopstreamError(f"no java in {where}: {JAVA_FIX}")
    return Path(found).resolve()


def python() -> Path:
    """The virtual environment's interpreter, by the same name whichever one runs this."""
    return Path(sys.prefix) / "bin" / "python"


@cache
def java_options() -> str:
    """The module options that Flink needs on Java 17, as the wheel's own configuration has them."""
    distributed = yaml.safe_load((flink_home() / "conf" / "config.yaml").read_text())
    return str(distributed["env"]["java"]["opts"]["all"])


def config_values(settings: Settings, paths: StackPaths) -> dict[str, object]:
    """What `flink-config.yaml` needs beyond the settings themselves."""
    return {
        "java_options": java_options(),
        "python": python(),
        "scratch": paths.scratch,
        "flink_data": paths.data / "flink",
        "flink_jobs": paths.running_jobs,
        "zookeeper_quorum": settings.zookeeper_quorum,
        "jobmanager_heap_mb": JOBMANAGER_HEAP_MB,
        **asdict(TaskManagerMemory.of(settings.taskmanager_memory_mb)),
    }


def jobmanager_command(paths: StackPaths) -> list[str]:
    memory = [f"-Xmx{JOBMANAGER_HEAP_MB}m", f"-XX:MaxMetaspaceSize={_JOBMANAGER_METASPACE_MB}m"]
    memory += QUICK_START
    entry = "org.apache.flink.runtime.entrypoint.StandaloneSessionClusterEntrypoint"
    return [*_jvm(paths, "jobmanager", memory, entry), "--configDir", str(paths.flink_conf)]


def taskmanager_command(settings: Settings, paths: StackPaths, name: str) -> list[str]:
    """A TaskManager whose resource id is its service name.

    So a restarted one is known as the same at once and replaces the dead one without waiting for
    its heartbeat to time out.
    """
    options = TaskManagerMemory.of(settings.taskmanager_memory_mb).jvm_options()
    options.append(f"-javaagent:{FLINK_LIB / java_jar().name}={python()}")
    if settings.taskmanager_compiler == "quick":
        options.append(FIRST_COMPILER_ONLY)
    entry = "org.apache.flink.runtime.taskexecutor.TaskManagerRunner"
    arguments = ["--configDir", str(paths.flink_conf), "-D", f"taskmanager.resource-id={name}"]
    return [*_jvm(paths, name, options, entry), *arguments]


def client_command(paths: StackPaths) -> list[str]:
    """Flink's client, which takes its command from here on; for an environment of Flink's."""
    entry = "org.apache.flink.client.cli.CliFrontend"
    return _jvm(paths, "client", QUICK_START, entry, logging="log4j-cli.properties")


def _jvm(
    paths: StackPaths,
    name: str,
    options: list[str],
    entry: str,
    logging: str = "log4j-console.properties",
) -> list[str]:
    """The JVM itself, not Flink's scripts: those run more JVMs first (seconds at every restart, and
    for every job that is submitted), and the supervisor would watch a shell."""
    return [
        str(java()),
        *options,
        *java_options().split(),
        "-Dfile.encoding=UTF-8",
        f"-Dlog.file={paths.log(name)}",
        report_option(paths),
        f"-Dlog4j.configurationFile=file:{paths.flink_conf}/{logging}",
        "-classpath",
        ":".join(map(str, flink_classpath())),
        entry,
    ]


def flink_environment(settings: Settings) -> dict[str, str]:
    """The variables that make Flink's client, PyFlink and its gateways use this stack.

    For the client and for a Python process that makes its own local environment:
    `os.environ | flink_environment(settings())`. The configuration is there after `up`.
    """
    paths = StackPaths.of(settings)
    home = flink_home()
    return {
        "FLINK_HOME": str(home),
        "FLINK_CONF_DIR": str(paths.flink_conf),
        "FLINK_LIB_DIR": str(FLINK_LIB),
        "FLINK_OPT_DIR": str(home / "opt"),
        "FLINK_PLUGINS_DIR": str(home / "plugins"),
        "FLINK_BIN_DIR": str(home / "bin"),
        "FLINK_LOG_DIR": str(paths.logs),
        "FLINK_PID_DIR": str(paths.scratch),
        "FLINK_ENV_JAVA_OPTS": " ".join([java_options(), *QUICK_START]),
        # An interpreter inside a JVM finds its packages by way of the first python3 on PATH. The
        # rest of the caller's PATH is left out: what is rendered must not depend on the shell.
        "PATH": f"{python().parent}:{java().parent}:{os.defpath}",
        "JAVA_HOME": str(java().parent.parent),
        "PYFLINK_CLIENT_EXECUTABLE": str(python()),
    }
