"""The part of requirements.lock that the image needs, on standard output: no development tools.

Run at build time, before anything is installed. What it leaves out by mistake pip misses at once:
with --require-hashes it installs nothing that the file does not name.
"""

import re
import tomllib
from collections.abc import Iterable
from pathlib import Path

_PACKAGE = re.compile(r"^(?=[a-z0-9])", re.M)


def runtime_part(lock: str, required: Iterable[str]) -> str:
    """The entries of `lock`, as pip-compile writes them, that `required` names or needs in turn."""
    entries = {_name(entry): entry for entry in _PACKAGE.split(lock) if "==" in entry}
    wanted = {_name(requirement) for requirement in required}
    found: set[str] = set()
    while wanted - found:
        found |= wanted
        wanted = {name for name, entry in entries.items() if found & _needed_by(entry)}
    return "".join(entry for name, entry in entries.items() if name in found)


def _name(requirement: str) -> str:
    match = re.match(r"[A-Za-z0-9][A-Za-z0-9._-]*", requirement)
    return re.sub(r"[-_.]+", "-", match[0]).lower() if match else ""


def _needed_by(entry: str) -> set[str]:
    """The packages after `# via`, one a line or on the same."""
    comments = (line.partition("#")[2] for line in entry.splitlines() if line.lstrip()[:1] == "#")
    return {_name(comment.strip().removeprefix("via").strip()) for comment in comments}


if __name__ == "__main__":
    project = tomllib.loads(Path("pyproject.toml").read_text())["project"]
    print(runtime_part(Path("requirements.lock").read_text(), project["dependencies"]))
