"""Jobs on the Flink cluster: what runs, submit, stop. Talks to Flink's REST API."""

import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from connectors.errors import ShopstreamError
from connectors.settings import ROOT, Settings
from deploy.causes import root_cause
from deploy.kept_states import KeptStates
from deploy.overview import OVER, JobOverview, RunningJob
from deploy.release import Release, ship
from deploy.stack.paths import StackPaths
from deploy.submission import submit
from deploy.waiting import until

START_DEADLINE_S = 180.0
STOP_DEADLINE_S = 120.0


class FlinkCluster(JobOverview):
    """The local stack's Flink cluster."""

    def __init__(self, settings: Settings):
        super().__init__(settings.flink_url)
        self._settings = settings
        self._paths = StackPaths.of(settings)
        self.states = KeptStates(settings)

    def submit(
        self, names: Sequence[str], fresh: bool = False, accept_loss: bool = False
    ) -> dict[str, tuple[str, Path | None]]:
        """Start jobs of this checkout; returns the id of each, and the state it resumed from.

        A job resumes from the newest savepoint or retained checkpoint of its name: the log is only
        read again from its beginning, and everything decided again, if `fresh` asks for it.
        Raises ShopstreamError, before any is started, if one is no job or runs already, or if
        outputs would be lost that way, unless `accept_loss`.
        """
        release, names = self.release(ROOT), list(dict.fromkeys(names))
        for name in names:
            self._demand_known(name, release)
            self._demand_absent(name)
        states = {
            name: None if fresh else self.states.to_resume(name, accept_loss) for name in names
        }
        own = {name: self._options_of(name, state) for name, state in states.items()}
        program = [release.module("jobs.runtime.client"), *names]
        variables = release.environment | self._settings.with_flink(own)
        job_ids = self._run(names, program, release.options, variables)
        return {name: (job_id, states[name]) for name, job_id in zip(names, job_ids, strict=True)}

    def submit_sql(
        self,
        name: str,
        folder: Path,
        fresh: bool = False,
        drop_lost_state: bool = False,
    ) -> tuple[str, Path | None]:
        """Start a folder of SQL as the job `name`, as `submit` does.

        drop_lost_state: resume even if state is left over that no operator takes.
        """
        state = None if fresh else self.states.to_resume(name)
        release = self.release(ROOT)
        program = [release.module("jobs.sql"), str(folder)]
        return self._start(name, program, state, release, drop_lost_state), state

    def submit_program(
        self, name: str, program: list[str], fresh: bool = False
    ) -> tuple[str, Path | None]:
        """Start `program`, a module that is in no release and its arguments, as the job `name`."""
        state = None if fresh else self.states.newest(name)
        return self._start(name, program, state), state

    def submit_replay(self, name: str, plan: Path) -> str:
        """Start a replay by its plan as the job `name`, without state; returns its id."""
        release = self.release(ROOT)
        return self._start(name, [release.module("jobs.replay"), str(plan)], None, release)

    def start(
        self, name: str, release: Release, state: Path | None, drop_lost_state: bool = False
    ) -> str:
        """Start a job of a release from `state`, a savepoint or checkpoint; returns its id."""
        self._demand_known(name, release)
        program = [release.module(f"jobs.{name}")]
        return self._start(name, program, state, release, drop_lost_state)

    def release(self, checkout: Path) -> Release:
        """The release of what a checkout holds now, where the TaskManagers find it."""
        return ship(checkout, self._releases)

    def release_of(self, job: RunningJob) -> Release | None:
        """The release that a job runs; None if it was submitted otherwise."""
        return Release(self._releases, job.release) if job.release else None

    @staticmethod
    def _demand_known(name: str, release: Release) -> None:
        if name not in release.jobs:
            raise ShopstreamError(
                f"expected a job, one of {', '.join(release.jobs)}; came {name!r}"
            )

    def _demand_absent(self, name: str) -> None:
        if (running := self.job(name)) is not None:
            raise ShopstreamError(
                f"{name} is {running.state.lower()} as {running.job_id}; "
                f"stop it first with `shopstream stop {name} --savepoint`"
            )

    def _start(
        self,
        name: str,
        program: list[str],
        state: Path | None,
        release: Release | None = None,
        drop_lost_state: bool = False,
    ) -> str:
        self._demand_absent(name)
        options = self._options_of(name, state)
        variables: dict[str, str] = {}
        if release is not None:
            options, variables = options | release.options, release.environment
        lossy = state if drop_lost_state else None
        return self._run([name], program, options, variables, lossy)[0]

    def _options_of(self, name: str, state: Path | None) -> dict[str, str]:
        """Flink's options of a job: where its checkpoints are kept, and what it goes on from."""
        options = {"execution.checkpointing.dir": self.states.checkpoints(name).as_uri()}
        if state is not None:
            options["execution.state-recovery.path"] = state.as_uri()
        return options

    def _run(
        self,
        names: Sequence[str],
        program: list[str],
        options: Mapping[str, str],
        variables: Mapping[str, str],
        drop_lost_state_of: Path | None = None,
    ) -> list[str]:
        """Let Flink's client run a module that submits jobs; returns their ids when accepted."""
        job_ids = submit(self._settings, names, program, options, variables, drop_lost_state_of)
        for name, job_id in zip(names, job_ids, strict=True):
            self._wait_until_accepted(name, job_id)
        return job_ids

    def _wait_until_accepted(self, name: str, job_id: str) -> None:
        """Wait until Flink has compared the job with the state that it is to go on from."""

        def accepted() -> str | None:
            state = str(self.get(f"/jobs/{job_id}")["state"])
            return None if state == "INITIALIZING" else state

        if until(accepted, START_DEADLINE_S, f"{name} to be accepted") in OVER:
            raise ShopstreamError(f"{name} could not be started: {self.trouble(job_id)}")

    def wait_until_deciding(self, name: str) -> RunningJob:
        """Wait until every task of the job runs and a checkpoint of it is complete."""

        asked: set[int] = set()

        def deciding() -> RunningJob | None:
            job = self.job(name)
            if job is None or job.tasks_running < job.tasks:
                return None
            if not job.checkpoints:
                self._ask_for_checkpoint(job, asked)
                return None
            return job

        return until(deciding, START_DEADLINE_S, f"{name} to run and complete a checkpoint")

    def stop(self, name: str, savepoint: bool) -> Path | None:
        """Stop a job, with a savepoint (returned) or at once, keeping its last checkpoint."""
        job = self.job(name)
        if job is None:
            running = ", ".join(j.name for j in self.jobs()) or "none"
            raise ShopstreamError(f"expected a running job, one of: {running}; came {name!r}")
        if not savepoint:
            self.request("PATCH", f"/jobs/{job.job_id}", params={"mode": "cancel"})
            until(lambda: self.job(name) is None, STOP_DEADLINE_S, f"{name} to be cancelled")
            return None
        self._wait_until_running(name)
        folder = self.states.savepoints(name)
        folder.mkdir(parents=True, exist_ok=True)
        trigger = self.request(
            "POST",
            f"/jobs/{job.job_id}/stop",
            json={"targetDirectory": folder.as_uri(), "drain": False},
        )["request-id"]

        def finished() -> dict[str, Any] | None:
            answer = self.get(f"/jobs/{job.job_id}/savepoints/{trigger}")
            return answer["operation"] if answer["status"]["id"] == "COMPLETED" else None

        operation = until(finished, STOP_DEADLINE_S, f"the savepoint of {name}")
        if "location" not in operation:
            cause = root_cause(operation["failure-cause"]["stack-trace"])
            raise ShopstreamError(f"{name} was not stopped, its savepoint failed: {cause}")
        until(lambda: self.job(name) is None, STOP_DEADLINE_S, f"{name} to finish")
        return Path(operation["location"].removeprefix("file:"))

    def wait_until_healthy(self, name: str, job_id: str, calm_s: float) -> None:
        """Wait until the job has run for `calm_s` with all its tasks, completing checkpoints.

        Raises ShopstreamError, with the cause, as soon as a task of it fails.
        """
        calm_since: float | None = None
        asked: set[int] = set()

        def healthy() -> bool:
            nonlocal calm_since
            job = self.job(name)
            if job is None or job.restarts:
                raise ShopstreamError(f"{name} failed: {self.trouble(job_id)}")
            if job.tasks_running < job.tasks:
                return False
            if job.checkpoints:
                calm_since = calm_since or time.monotonic()
                if time.monotonic() - calm_since < calm_s:
                    return False
                if job.checkpoints > 1:
                    return True
            self._ask_for_checkpoint(job, asked)
            return False

        until(healthy, START_DEADLINE_S + calm_s, f"{name} to run and complete checkpoints")

    def _ask_for_checkpoint(self, job: RunningJob, asked: set[int]) -> None:
        """Let the job take its next checkpoint now: of itself, it may take one a minute.

        asked: behind how many checkpoints that was asked for already.
        """
        if job.checkpoints not in asked:
            asked.add(job.checkpoints)
            kind = {"checkpointType": "CONFIGURED"}
            self.request("POST", f"/jobs/{job.job_id}/checkpoints", json=kind)

    def _wait_until_running(self, name: str) -> None:
        """Wait while the job restarts: what is not running can take no savepoint."""

        def running() -> bool:
            job = self.job(name)
            return job is not None and job.tasks_running == job.tasks

        until(running, STOP_DEADLINE_S, f"every task of {name} to run")

    @property
    def _releases(self) -> Path:
        return self._paths.data / "flink" / "releases"
