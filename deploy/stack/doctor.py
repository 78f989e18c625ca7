"""What this machine lacks for the local stack, each with its fix.

Runs where things are missing, so everything beyond the standard library and the settings is
imported where it is needed.
"""

import os
import platform
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from connectors.errors import ShopstreamError
from connectors.settings import ROOT, Settings

DISK_GB = 5
# What the stack takes besides the TaskManagers, in MB: Kafka, registry, JobManager, Postgres,
# ZooKeeper and the gateway for webhooks.
OTHER_SERVICES_MB = 2020
CONNECT_MB = 400

# So many checkpoints a transaction may be old before it counts as left behind.
CHECKPOINTS = 3

_SETUP = "run `make setup`"


@dataclass(frozen=True)
class Check:
    """What was looked at, what was found, and what to do if that is not enough."""

    name: str
    ok: bool
    found: str
    fix: str


def diagnose(settings: Settings) -> list[Check]:
    """Every check, in the order in which to fix what they find."""
    checks: dict[str, Callable[[Settings], Check]] = {
        "platform": lambda _: _platform(),
        "python": lambda _: _python(),
        "java": lambda _: _java(),
        "maven": lambda _: _maven(),
        "setpriv": lambda _: _setpriv(),
        "packages": lambda _: packages(ROOT / "requirements.lock"),
        "jars": lambda _: _jars(),
        "ports": _ports,
        "disk": _disk,
        "memory": _memory,
        "transactions": _transactions,
        "jobs": _jobs,
        "crashes": _crashes,
        "replication": held_log,
    }
    return [_attempt(name, check, settings) for name, check in checks.items()]


def _attempt(name: str, check: Callable[[Settings], Check], settings: Settings) -> Check:
    try:
        return check(settings)
    except ImportError as error:
        return Check(name, False, f"cannot be checked: {error}", _SETUP)
    except ShopstreamError as error:
        return Check(name, False, str(error), _SETUP)


def _platform() -> Check:
    found = f"{platform.system()} {platform.machine()}"
    fix = "use x86-64 Linux: thread mode's interpreter bridge (pemja) exists for nothing else"
    return Check("platform", found == "Linux x86_64", found, fix)


def _python() -> Check:
    fix = "install Python 3.11, then `rm -rf .venv && make setup`"
    return Check("python", sys.version_info[:2] == (3, 11), platform.python_version(), fix)


def _java() -> Check:
    from deploy.stack.flink import JAVA_FIX, java

    try:
        program = java()
    except ShopstreamError as error:
        return Check("java", False, str(error).removesuffix(f": {JAVA_FIX}"), JAVA_FIX)
    version = java_version(_output(str(program), "-version"))
    return Check("java", version.split(".")[0] == "17", f"{version} at {program}", JAVA_FIX)


def java_version(output: str) -> str:
    """The version in what `java -version` prints, or `unknown`."""
    match = re.search(r'version "([^"]+)"', output)
    return match[1] if match else "unknown"


def _maven() -> Check:
    found = shutil.which("mvn")
    return Check(
        "maven", found is not None, found or "no mvn on PATH", "install Maven 3.8 or later"
    )


def _setpriv() -> Check:
    if os.geteuid() != 0:
        return Check("setpriv", True, "not needed: not root", "")
    fix = "install util-linux, or work as an ordinary user: Postgres refuses to run as root"
    found = shutil.which("setpriv")
    return Check("setpriv", found is not None, found or "no setpriv on PATH", fix)


def packages(lock: Path) -> Check:
    """Whether what is installed is what the lock file names."""
    wanted = re.findall(r"^([A-Za-z0-9_.-]+)(?:\[.*?\])?==([^\s;\\]+)", lock.read_text(), re.M)
    wrong = []
    for name, version in wanted:
        try:
            installed = metadata.version(name)
        except metadata.PackageNotFoundError:
            installed = "missing"
        if installed != version:
            wrong.append(f"{name} is {installed}, not {version}")
    found = f"{len(wanted)} as locked" if not wrong else "; ".join(wrong[:3])
    if len(wrong) > 3:
        found += f"; and {len(wrong) - 3} more"
    return Check("packages", not wrong, found, _SETUP)


def _jars() -> Check:
    from connectors.jars import flink_classpath, missing

    absent = missing()
    found = f"missing: {', '.join(absent[:3])}" if absent else "as pom.xml has them"
    if not absent:
        found += f"; {len(flink_classpath())} in Flink's lib"
    return Check("jars", not absent, found, _SETUP)


def _ports(settings: Settings) -> Check:
    from deploy.stack.ports import port_settings, taken_ports

    taken = taken_ports(settings)
    numbers = ", ".join(map(str, port_settings(settings).values()))
    found = "; ".join(f"{t.port} ({t.setting}) held by {t.holder}" for t in taken)
    variables = ", ".join(f"SHOPSTREAM_{t.setting.upper()}" for t in taken)
    fix = f"stop the holder, or choose another port with {variables}"
    return Check("ports", not taken, found or f"{numbers} free or ours", fix)


def _disk(settings: Settings) -> Check:
    folder = settings.state_path
    while not folder.exists():
        folder = folder.parent
    free = shutil.disk_usage(folder).free / 1e9
    fix = f"free {DISK_GB} GB, or put the state elsewhere with SHOPSTREAM_STATE_DIR"
    return Check("disk", free >= DISK_GB, f"{free:.0f} GB free at {folder}", fix)


def _memory(settings: Settings) -> Check:
    import psutil

    from deploy.stack.paths import StackPaths
    from deploy.stack.processes import of_stack

    own = sum(process.memory_info().rss for process in of_stack(StackPaths.of(settings).state))
    available = (psutil.virtual_memory().available + own) // 2**20
    needed = OTHER_SERVICES_MB + settings.taskmanagers * settings.taskmanager_memory_mb
    needed += CONNECT_MB if settings.cdc else 0
    fix = "close something, or use fewer TaskManagers: SHOPSTREAM_TASKMANAGERS=1"
    return Check("memory", available >= needed, f"{available} MB of {needed} MB needed", fix)


def _transactions(settings: Settings) -> Check:
    """Whether a transaction has been left open, which keeps readers from what is behind it.

    A job's transactions end with its checkpoints, so one that is older than three of the slowest
    job's belongs to a producer that is gone, or to a job that does not run.
    """
    from connectors.transactions import open_transactions
    from deploy.stack.health import NotHealthy, kafka
    from jobs.replay.plan import python_jobs

    name = "transactions"
    try:
        kafka(settings)
    except NotHealthy:
        return Check(name, True, "not looked at: Kafka does not run", "")
    without = {
        name
        for name, domains in python_jobs().items()
        if all(domain.at_least_once for domain in domains)
    }
    transacting = {"", *settings.jobs} - without
    slowest_ms = max(settings.of_job(name).checkpoint_interval_ms for name in transacting)
    left = open_transactions(settings.kafka_bootstrap, CHECKPOINTS * slowest_ms / 1000)
    found = "; ".join(map(str, left)) or "none is left open"
    fix = (
        "submit the job that it belongs to, which commits or aborts it; if it belongs to none, "
        "Kafka aborts it when its time is over"
    )
    return Check(name, not left, found, fix)


def _jobs(settings: Settings) -> Check:
    """Whether a job restarts again and again, and why."""
    from deploy.cluster import FlinkCluster
    from deploy.stack.health import NotHealthy, jobmanager

    try:
        jobmanager(settings)
    except NotHealthy:
        return Check("jobs", True, "not looked at: Flink does not run", "")
    failing = FlinkCluster(settings).failing()
    found = "; ".join(f"{name} restarts: {why}" for name, why in failing.items())
    fix = "wait, if it is the surroundings; else stop it, mend the cause, and submit it again"
    return Check("jobs", not failing, found or "none restarts", fix)


def _crashes(settings: Settings) -> Check:
    """Whether a JVM of Flink has died otherwise than by being stopped or killed."""
    from deploy.stack.crashes import crashes
    from deploy.stack.paths import StackPaths

    reports = crashes(StackPaths.of(settings))
    found = "; ".join(f"died in {frame}, see {report}" for report, frame in reports.items())
    fix = "look up the frame's library; delete the report when it is understood"
    return Check("crashes", not reports, found or "no JVM of Flink has", fix)


def held_log(settings: Settings) -> Check:
    """Whether what Postgres keeps of its log for Connect stays within bounds."""
    from connectors.cdc.replication import replication

    found = replication(settings)
    fix = (
        "let Connect catch up: `shopstream up` with cdc = true; if nobody is to follow the tables, "
        "SELECT pg_drop_replication_slot('shop') gives the disk back"
    )
    if found is None:
        return Check("replication", True, "no slot that holds Postgres' log", fix)
    return Check("replication", not found.endangered, str(found), fix)


def _output(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, timeout=30)
    return done.stdout + done.stderr
