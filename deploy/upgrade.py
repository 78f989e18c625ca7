"""`upgrade`: another release of a job in its place, and back again if it does not get healthy.

Nothing is stopped before it is known that the new release reads what the old one wrote: the state,
by the lists that both carry, and the topics, by the registry. What a list cannot tell shows when
the job runs; then the old release goes on from where it can read.
"""

from collections import Counter
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from connectors.errors import ShopstreamError
from connectors.settings import settings
from deploy.cluster import FlinkCluster
from deploy.faults import CodeFaults
from deploy.release import Release
from deploy.states.changes import problems, same_versions

Say = Callable[[str], None]


@dataclass(frozen=True)
class Upgrade:
    """How the job `name` comes from one release to another.

    calm_s: how long it has to run without a failure to count as healthy.
    drop_lost_state: whether it may go on without state that no operator takes any more.
    faults: counts the dead letters, by error, that the code is to blame for since it was asked.
    """

    cluster: FlinkCluster
    name: str
    before: Release
    after: Release
    calm_s: float
    drop_lost_state: bool
    faults: Callable[[], Counter[str]]
    say: Say

    def run(self) -> None:
        """Raises ShopstreamError if the old release runs again, or if neither of them does."""
        self._check()
        self.after.provision()
        savepoint = self.cluster.stop(self.name, savepoint=True)
        assert savepoint is not None
        self.say(f"{self.name} stopped with savepoint {savepoint}")
        try:
            self._start(self.after, savepoint, self.drop_lost_state)
            self._demand_no_faults()
        except ShopstreamError as reason:
            self._roll_back(savepoint, reason)

    def _check(self) -> None:
        if self.drop_lost_state:
            return
        found = problems(self.before.states, self.after.states, self.name)
        if found:
            raise ShopstreamError(
                f"{self.name} was not stopped: {self.after.name} cannot go on with the state of "
                f"{self.before.name}: {'; '.join(found)}"
            )

    def _start(self, release: Release, state: Path, drop_lost_state: bool = False) -> None:
        job_id = self.cluster.start(self.name, release, state, drop_lost_state)
        self.say(f"{self.name} submitted as {job_id} with {release.name}")
        self.cluster.wait_until_healthy(self.name, job_id, self.calm_s)

    def _demand_no_faults(self) -> None:
        """A rule that raises stops no job: its events become dead letters."""
        if faults := self.faults():
            said = ", ".join(f"{count} by {kind}" for kind, count in faults.items())
            raise ShopstreamError(
                f"{self.name} made dead letters that no record is to blame for ({said}); "
                "see `shopstream consume dlq --from-beginning --timeout 2`"
            )

    def _roll_back(self, savepoint: Path, reason: ShopstreamError) -> None:
        self.say(f"rolling back: {reason}")
        try:
            state, remark = self._state_to_go_back_to(savepoint)
            self._start(self.before, state)
        except ShopstreamError as error:
            raise ShopstreamError(
                f"{self.name} runs neither with {self.after.name} ({reason}) nor again with "
                f"{self.before.name} ({error}); its state is in {savepoint}"
            ) from error
        raise ShopstreamError(
            f"{self.name} was rolled back to {self.before.name}, from {remark}: {reason}"
        )

    def _state_to_go_back_to(self, savepoint: Path) -> tuple[Path, str]:
        """The last state that the old release reads, and what that means.

        What the new release completed a checkpoint of is readable already. The old one goes on
        from there if it reads the same versions of state; else it must decide that part again.
        """
        failed = self.cluster.job(self.name)
        if failed is not None:
            self.cluster.stop(self.name, savepoint=False)
        checkpoint = self.cluster.states.newest(self.name)
        if checkpoint is None or checkpoint == savepoint:
            return savepoint, "the savepoint before, since no checkpoint was completed"
        if same_versions(self.before.states, self.after.states, self.name):
            return checkpoint, "its last checkpoint; nothing is lost or written twice"
        return savepoint, (
            "the savepoint before, since it cannot read newer state; what was written since is "
            "written again, with the same ids"
        )


def upgrade(
    cluster: FlinkCluster,
    name: str,
    checkout: Path,
    calm_s: float,
    say: Say,
    drop_lost_state: bool = False,
) -> None:
    """Put the release of `checkout` in the place of the one that the job `name` runs.

    Raises ShopstreamError if the job does not run that release afterwards; it then runs the one
    that it had, unless the message says otherwise.
    """
    running = cluster.job(name)
    if running is None:
        raise ShopstreamError(f"{name} does not run; start it with `shopstream submit {name}`")
    before, after = cluster.release_of(running), cluster.release(checkout)
    if before is None or not before.path.is_dir():
        raise ShopstreamError(
            f"the code that {name} runs was not kept, so there is no way back to it; use "
            f"`shopstream stop {name} --savepoint` and `shopstream submit {name}`"
        )
    if name not in after.jobs:
        raise ShopstreamError(f"expected a job of {checkout}: {', '.join(after.jobs)}; came {name}")
    if before == after:
        say(f"{name} runs {after.name} already")
        return
    with closing(CodeFaults(settings(), name)) as faults:
        Upgrade(cluster, name, before, after, calm_s, drop_lost_state, faults.read, say).run()
    say(f"{name} is healthy with {after.name}, {calm_s:.0f} s without a failure")
