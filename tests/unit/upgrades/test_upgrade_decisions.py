"""What an upgrade does when something does not hold, on a cluster that only takes notes."""

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml

from connectors.errors import ShopstreamError
from deploy.release import STATES, Release
from deploy.upgrade import Upgrade, upgrade

SAVEPOINT, CHECKPOINT = Path("/savepoint-1"), Path("/chk-7")
KEPT = {"kept_as": "map", "version": 1}


@dataclass
class Cluster:
    """Runs the job; `breaks` are the releases that do not get healthy."""

    breaks: tuple[str, ...] = ()
    checkpoint: Path = SAVEPOINT
    running: bool = True
    done: list[tuple[Any, ...]] = field(default_factory=list)

    def job(self, _name: str) -> Any:
        return SimpleNamespace(release="old") if self.running else None

    def stop(self, _name: str, savepoint: bool) -> Path | None:
        self.done.append(("stop", savepoint))
        self.running = False
        return SAVEPOINT if savepoint else None

    def start(self, _name: str, release: Release, state: Path, drop: bool = False) -> str:
        self.done.append(("start", release.name, state, drop))
        self.running = True
        return release.name

    def wait_until_healthy(self, _name: str, job_id: str, _calm_s: float) -> None:
        if job_id in self.breaks:
            raise ShopstreamError(f"{job_id} failed: it is broken")

    @property
    def states(self) -> Any:
        return SimpleNamespace(newest=lambda _name: self.checkpoint)


@dataclass(frozen=True)
class Provisioned(Release):
    """A release whose topics are there."""

    def provision(self) -> None:
        pass


def release(folder: Path, name: str, version: int = 1) -> Release:
    path = folder / name / STATES
    path.parent.mkdir(parents=True)
    kept = {"kept": KEPT | {"version": version, "type": "S", "reads": {1: "S"}, "structs": S}}
    path.write_text(yaml.safe_dump({"job": {"uids": {"u": "x"}, "states": {"u": kept}}}))
    return Provisioned(folder, name)


S = {"S": {"encoded": "array", "fields": {"a": "int"}}}


def run(cluster: Cluster, folder: Path, version: int = 1, **faults: int) -> None:
    old, new = release(folder, "old"), release(folder, "new", version)
    upgrading = Upgrade(
        cluster,  # type: ignore[arg-type]
        "job",
        old,
        new,
        1,
        False,
        lambda: Counter(faults),
        lambda _: None,
    )
    upgrading.run()


def test_a_healthy_release_goes_on_from_the_savepoint(tmp_path: Path):
    cluster = Cluster()

    run(cluster, tmp_path)

    assert cluster.done == [("stop", True), ("start", "new", SAVEPOINT, False)]


@pytest.mark.parametrize(
    ("checkpoint", "version", "back_to", "remark"),
    [
        (SAVEPOINT, 1, SAVEPOINT, "no checkpoint was completed"),
        (CHECKPOINT, 1, CHECKPOINT, "nothing is lost or written twice"),
        (CHECKPOINT, 2, SAVEPOINT, "is written again, with the same ids"),
    ],
    ids=["no checkpoint", "a checkpoint that the old one reads", "one that it does not"],
)
def test_a_broken_release_is_replaced_by_the_old_one_from_where_that_can_read(
    tmp_path: Path, checkpoint: Path, version: int, back_to: Path, remark: str
):
    cluster = Cluster(breaks=("new",), checkpoint=checkpoint)

    with pytest.raises(ShopstreamError, match=rf"rolled back to old.*{remark}.*it is broken"):
        run(cluster, tmp_path, version)

    assert cluster.done[-2:] == [("stop", False), ("start", "old", back_to, False)]


def test_a_release_whose_rule_raises_is_broken_although_no_task_fails(tmp_path: Path):
    cluster = Cluster(checkpoint=CHECKPOINT)

    with pytest.raises(ShopstreamError, match=r"rolled back to old.* no record is to blame"):
        run(cluster, tmp_path, TypeError=3)


def test_when_neither_runs_the_line_says_where_the_state_is(tmp_path: Path):
    cluster = Cluster(breaks=("new", "old"))

    with pytest.raises(ShopstreamError, match=f"neither with new .* its state is in {SAVEPOINT}"):
        run(cluster, tmp_path)


def test_a_job_whose_code_was_not_kept_is_not_touched(tmp_path: Path):
    cluster = Cluster()
    cluster.release_of = lambda _job: Release(tmp_path, "gone")  # type: ignore[attr-defined]
    cluster.release = lambda _path: release(tmp_path, "new")  # type: ignore[attr-defined]

    with pytest.raises(ShopstreamError, match="there is no way back to it"):
        upgrade(cluster, "job", tmp_path, 1, lambda _: None)  # type: ignore[arg-type]

    assert cluster.done == []
