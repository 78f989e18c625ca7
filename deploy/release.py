"""Releases: the code that a job runs, kept beside the state that it writes.

All Python of a TaskManager is one interpreter, which imports a module once: two jobs cannot have a
`udfs` each, and one that is submitted again runs what was imported first. So what a job needs of a
checkout is copied into a package whose name follows from its content, and its own imports are
rewritten to that package. Old and new code then live side by side in the same TaskManager, a job
that restarts runs what it was submitted with, whatever the checkout has become, and the code of a
savepoint is there for as long as the savepoint is.
"""

import hashlib
import os
import re
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

from connectors.errors import ShopstreamError
from deploy.stack.flink import python

ROOMS = ("connectors", "jobs", "udfs")
BESIDES = ("sql", "settings.toml")
"""What is not Python, and found by its place beside the rooms."""

RELEASE = "release"
"""The parameter by which a running job tells its release."""

PROVISION_S = 120
STATES = Path("jobs", "states.yaml")

_ROOM = "|".join(ROOMS)
_FROM = re.compile(rf"^(\s*)from ({_ROOM})\b(?=[\w.]* import)", re.M)
_IMPORT = re.compile(rf"^(\s*)import ({_ROOM})$", re.M)


@dataclass(frozen=True)
class Release:
    """A release, as the package `name` in `folder`."""

    folder: Path
    name: str

    @property
    def path(self) -> Path:
        return self.folder / self.name

    @property
    def jobs(self) -> list[str]:
        """The jobs that it has."""
        return sorted(
            path.stem for path in (self.path / "jobs").glob("*.py") if path.stem != "__init__"
        )

    @cached_property
    def states(self) -> dict[str, Any]:
        """What savepoints of its jobs hold, as it says itself; nothing if it does not."""
        listed = self.path / STATES
        known: dict[str, Any] = yaml.safe_load(listed.read_bytes()) if listed.is_file() else {}
        return known

    def module(self, name: str) -> str:
        """A module of the checkout, by the name that it has in the release."""
        return f"{self.name}.{name}"

    @property
    def options(self) -> dict[str, str]:
        """Flink's options of a job that runs it: where workers find it, and that it does."""
        return {
            "python.pythonpath": str(self.folder),
            "pipeline.global-job-parameters": f"{RELEASE}:{self.name}",
        }

    @property
    def environment(self) -> dict[str, str]:
        """The variables with which any Python finds it."""
        return {"PYTHONPATH": str(self.folder)}

    def provision(self) -> None:
        """Make the topics and register the schemas that it knows.

        Raises ShopstreamError if one cannot be, such as an incompatible schema.
        """
        try:
            done = subprocess.run(
                [str(python()), "-m", self.module("connectors.provision")],
                env=os.environ | self.environment,
                capture_output=True,
                text=True,
                timeout=PROVISION_S,
            )
        except subprocess.TimeoutExpired as error:
            raise ShopstreamError(
                f"topics and schemas of {self.name} were not made within {PROVISION_S} s; see "
                "`shopstream status`"
            ) from error
        if done.returncode:
            said = done.stderr.strip().splitlines()[-1]
            raise ShopstreamError(said.rpartition("ShopstreamError: ")[2])


def ship(checkout: Path, folder: Path) -> Release:
    """Make the release of what a checkout holds now; one that is there already is left alone.

    Raises ShopstreamError if it is no checkout.
    """
    absent = [name for name in (*ROOMS, *BESIDES) if not (checkout / name).exists()]
    if absent:
        raise ShopstreamError(
            f"expected a checkout with {', '.join((*ROOMS, *BESIDES))}, came {checkout}, which has "
            f"no {absent[0]}"
        )
    files = {path: path.read_bytes() for path in sorted(_files(checkout))}
    digest = hashlib.sha256()
    for path, content in files.items():
        digest.update(f"{path.relative_to(checkout)}\0{len(content)}\0".encode() + content)
    release = Release(folder, f"shopstream_{digest.hexdigest()[:12]}")
    if release.path.is_dir():
        return release
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".new-", dir=folder) as unfinished:
        made = Path(unfinished, release.name)
        for path, content in files.items():
            target = made / path.relative_to(checkout)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(
                rewritten(content.decode(), release.name).encode()
                if path.suffix == ".py"
                else content
            )
        (made / "__init__.py").touch()
        try:
            made.rename(release.path)
        except OSError:
            if not release.path.is_dir():  # else somebody was faster
                raise
    return release


def rewritten(source: str, package: str) -> str:
    """Python source that imports the rooms from `package` instead of from the top."""
    source = _FROM.sub(rf"\1from {package}.\2", source)
    return _IMPORT.sub(rf"\1from {package} import \2", source)


def _files(checkout: Path) -> Iterator[Path]:
    for name in (*ROOMS, *BESIDES):
        whole = checkout / name
        found = [whole] if whole.is_file() else whole.rglob("*")
        yield from (path for path in found if path.is_file() and "__pycache__" not in path.parts)
