"""Releases: a checkout's code under a name of its own."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import jobs
from connectors.errors import ShopstreamError
from connectors.settings import ROOT
from deploy.release import ROOMS, rewritten, ship


def test_a_release_imports_the_rooms_from_itself_alone(tmp_path: Path):
    release = ship(ROOT, tmp_path)

    for path in release.path.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            strays = [name for name in names if name.split(".")[0] in (*ROOMS, "deploy")]
            assert strays == [], f"{path}: {strays}"
    assert release.jobs == jobs.names()


def test_two_releases_are_imported_side_by_side(tmp_path: Path):
    checkout = tmp_path / "checkout"
    for name in ("connectors", "udfs", "jobs"):
        (checkout / name).mkdir(parents=True)
        (checkout / name / "__init__.py").touch()
    (checkout / "sql").mkdir()
    (checkout / "settings.toml").touch()
    (checkout / "jobs" / "job.py").write_text("from udfs.rule import VERSION\n")
    (checkout / "udfs" / "rule.py").write_text("VERSION = 1\n")
    one = ship(checkout, tmp_path / "releases")
    (checkout / "udfs" / "rule.py").write_text("VERSION = 2\n")
    two = ship(checkout, tmp_path / "releases")

    modules = [release.module("jobs.job") for release in (one, two)]
    program = "; ".join(f"import {module}; print({module}.VERSION)" for module in modules)
    done = subprocess.run(
        [sys.executable, "-c", program], env=one.environment, capture_output=True, text=True
    )
    assert done.stdout.split() == ["1", "2"], done.stderr


def test_a_replay_of_a_release_takes_the_domains_from_itself(tmp_path: Path):
    release = ship(ROOT, tmp_path)
    program = (
        f"from {release.module('jobs.replay.plan')} import python_jobs; "
        "print({type(each).__module__ for of in python_jobs().values() for each in of})"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], env=release.environment, capture_output=True, text=True
    )
    assert done.stdout.strip() == str({release.module("udfs.contract")}), done.stderr


def test_the_same_content_is_the_same_release(tmp_path: Path):
    first = ship(ROOT, tmp_path)
    made_at = first.path.stat().st_mtime_ns

    assert ship(ROOT, tmp_path) == first
    assert first.path.stat().st_mtime_ns == made_at


def test_what_is_no_checkout_is_refused(tmp_path: Path):
    with pytest.raises(ShopstreamError, match="which has no connectors"):
        ship(tmp_path, tmp_path / "releases")


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("from udfs.contract import Domain", "from new.udfs.contract import Domain"),
        ("    from jobs import names", "    from new.jobs import names"),
        ("import udfs", "from new import udfs"),
        ("from jobs_of_others import x", "from jobs_of_others import x"),
        ("import json", "import json"),
    ],
)
def test_only_imports_of_rooms_are_rewritten(source: str, expected: str):
    assert rewritten(source, "new") == expected
