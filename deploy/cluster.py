"""Jobs on the Flink cluster: what runs, submit, stop. Talks to Flink's REST API."""

import os
import re
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from connectors.errors import ShopstreamError
from connectors.jars import flink_home
from connectors.settings import ROOT, Settings
from deploy.causes import refusal, root_cause
from deploy.kept_states import KeptStates
from deploy.release import RELEASE, Release, ship
from deploy.stack.flink import flink_environment
from deploy.stack.paths import StackPaths
from deploy.waiting import until

SUBMIT_DEADLINE_S = 180.0
START_DEADLINE_S = 90.0
STOP_DEADLINE_S = 120.0
OVER = {"FINISHED", "CANCELED", "FAILED"}


@dataclass(frozen=True)
class RunningJob:
    """A job as the cluster reports it. Times in epoch ms; sizes in bytes; durations in ms.

    tasks_running: of its `tasks`; those that had an end and reached it count as well.
    """

    name: str
    job_id: str
    state: str
    since: int
    tasks_running: int
    tasks: int
    restarts: int
    checkpoints: int
    last_checkpoint_ms: int | None
    last_checkpoint_bytes: int | None
    release: str | None = None
    """The release that it runs."""


class FlinkCluster:
    """The local stack's Flink cluster."""

    def __init__(self, settings: Settings):
        self._settings = settings
        self._paths = StackPaths.of(settings)
        self.states = KeptStates(settings)
        self._http = httpx.Client(base_url=settings.flink_url, timeout=10.0)

    def jobs(self) -> list[RunningJob]:
        """The jobs that are not over, by name."""
        return [self._running(job) for job in self._overview()]

    def job(self, name: str) -> RunningJob | None:
        return next((self._running(job) for job in self._overview() if job["name"] == name), None)

    def failing(self) -> dict[str, str]:
        """Why each job that does not run with all its tasks was last stopped, by name.

        Those that only start have no reason, and are left out.
        """
        found = {}
        for job in self._overview():
            if job["tasks"]["running"] == job["tasks"]["total"]:
                continue
            history = self._get(f"/jobs/{job['jid']}/exceptions")["exceptionHistory"]["entries"]
            if history:
                found[job["name"]] = root_cause(history[0]["stacktrace"])
        return found

    def submit(
        self, name: str, fresh: bool = False, accept_loss: bool = False
    ) -> tuple[str, Path | None]:
        """Start a job of this checkout; returns its id and the state that it resumed from.

        It resumes from the newest savepoint or retained checkpoint of its name: the log is only
        read again from its beginning, and everything decided again, if `fresh` asks for it.
        Raises ShopstreamError if outputs would be lost that way, unless `accept_loss`.
        """
        state = None if fresh else self.states.to_resume(name, accept_loss)
        return self.start(name, self.release(ROOT), state), state

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
        if name not in release.jobs:
            raise ShopstreamError(
                f"expected a job, one of {', '.join(release.jobs)}; came {name!r}"
            )
        program = [release.module(f"jobs.{name}")]
        return self._start(name, program, state, release, drop_lost_state)

    def release(self, checkout: Path) -> Release:
        """The release of what a checkout holds now, where the TaskManagers find it."""
        return ship(checkout, self._releases)

    def release_of(self, job: RunningJob) -> Release | None:
        """The release that a job runs; None if it was submitted otherwise."""
        return Release(self._releases, job.release) if job.release else None

    def _start(
        self,
        name: str,
        program: list[str],
        state: Path | None,
        release: Release | None = None,
        drop_lost_state: bool = False,
    ) -> str:
        if (running := self.job(name)) is not None:
            raise ShopstreamError(
                f"{name} is {running.state.lower()} as {running.job_id}; "
                f"stop it first with `shopstream stop {name} --savepoint`"
            )
        command = [str(flink_home() / "bin" / "flink"), "run", "--detached"]
        command += [f"-Dexecution.checkpointing.dir={self.states.checkpoints(name).as_uri()}"]
        command += [f"-D{option}" for option in release.options] if release else []
        if state is not None:
            command += ["--fromSavepoint", state.as_uri()]
            command += ["--allowNonRestoredState"] if drop_lost_state else []
        command += ["--pyModule", *program]
        try:
            done = subprocess.run(
                command,
                env=os.environ
                | flink_environment(self._settings)
                | (release.environment if release else {})
                | {"SHOPSTREAM_STATE_DIR": str(self._settings.state_path)},
                capture_output=True,
                text=True,
                timeout=SUBMIT_DEADLINE_S,
            )
        except subprocess.TimeoutExpired as error:
            raise ShopstreamError(
                f"{name} was not submitted within {SUBMIT_DEADLINE_S:.0f} s; see `shopstream jobs`"
            ) from error
        found = re.search(r"JobID ([0-9a-f]{32})", done.stdout)
        if found is None:
            raise ShopstreamError(f"{name} could not be submitted: {refusal(done)}")
        self._wait_until_accepted(name, found[1])
        return found[1]

    def _wait_until_accepted(self, name: str, job_id: str) -> None:
        """Wait until Flink has compared the job with the state that it is to go on from."""

        def accepted() -> str | None:
            state = str(self._get(f"/jobs/{job_id}")["state"])
            return None if state == "INITIALIZING" else state

        if until(accepted, START_DEADLINE_S, f"{name} to be accepted") in OVER:
            raise ShopstreamError(f"{name} could not be started: {self.trouble(job_id)}")

    def wait_until_deciding(self, name: str, deadline_s: float = START_DEADLINE_S) -> RunningJob:
        """Wait until every task of the job runs and a checkpoint of it is complete."""

        def deciding() -> RunningJob | None:
            job = self.job(name)
            ready = job and job.tasks_running == job.tasks and job.checkpoints > 0
            return job if ready else None

        return until(deciding, deadline_s, f"{name} to run and complete a checkpoint")

    def stop(self, name: str, savepoint: bool) -> Path | None:
        """Stop a job, with a savepoint (returned) or at once, keeping its last checkpoint."""
        job = self.job(name)
        if job is None:
            running = ", ".join(j.name for j in self.jobs()) or "none"
            raise ShopstreamError(f"expected a running job, one of: {running}; came {name!r}")
        if not savepoint:
            self._request("PATCH", f"/jobs/{job.job_id}", params={"mode": "cancel"})
            until(lambda: self.job(name) is None, STOP_DEADLINE_S, f"{name} to be cancelled")
            return None
        self._wait_until_running(name)
        folder = self.states.savepoints(name)
        folder.mkdir(parents=True, exist_ok=True)
        trigger = self._request(
            "POST",
            f"/jobs/{job.job_id}/stop",
            json={"targetDirectory": folder.as_uri(), "drain": False},
        )["request-id"]

        def finished() -> dict[str, Any] | None:
            answer = self._get(f"/jobs/{job.job_id}/savepoints/{trigger}")
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

        def healthy() -> bool:
            nonlocal calm_since
            job = self.job(name)
            if job is None or job.restarts:
                raise ShopstreamError(f"{name} failed: {self.trouble(job_id)}")
            if job.tasks_running < job.tasks or not job.checkpoints:
                return False
            calm_since = calm_since or time.monotonic()
            return time.monotonic() - calm_since >= calm_s and job.checkpoints > 1

        until(healthy, START_DEADLINE_S + calm_s, f"{name} to run and complete checkpoints")

    def _wait_until_running(self, name: str) -> None:
        """Wait while the job restarts: what is not running can take no savepoint."""

        def running() -> bool:
            job = self.job(name)
            return job is not None and job.tasks_running == job.tasks

        until(running, STOP_DEADLINE_S, f"every task of {name} to run")

    @property
    def _releases(self) -> Path:
        return self._paths.data / "flink" / "releases"

    def trouble(self, job_id: str) -> str:
        """Why the job failed last, in a line; empty if Flink does not say."""
        history = self._get(f"/jobs/{job_id}/exceptions")["exceptionHistory"]["entries"]
        return root_cause(history[0]["stacktrace"]) if history else ""

    def _overview(self) -> list[dict[str, Any]]:
        """What Flink tells at once of the jobs that are not over, by name."""
        known = self._get("/jobs/overview")["jobs"]
        return sorted(
            (job for job in known if job["state"] not in OVER), key=lambda job: job["name"]
        )

    def _running(self, overview: dict[str, Any]) -> RunningJob:
        checkpoints = self._get(f"/jobs/{overview['jid']}/checkpoints")
        last = checkpoints["latest"]["completed"] or {}
        configured = self._get(f"/jobs/{overview['jid']}/config")["execution-config"]
        tasks = overview["tasks"]
        return RunningJob(
            name=overview["name"],
            job_id=overview["jid"],
            state=overview["state"],
            since=overview["start-time"],
            tasks_running=tasks["running"] + tasks["finished"],
            tasks=tasks["total"],
            restarts=self._restarts(overview["jid"]),
            checkpoints=checkpoints["counts"]["completed"],
            last_checkpoint_ms=last.get("end_to_end_duration"),
            last_checkpoint_bytes=last.get("state_size"),
            release=configured["user-config"].get(RELEASE),
        )

    def _restarts(self, job_id: str) -> int:
        """The highest attempt of a task; Flink's own metric of it lags by 10 s and more."""
        vertices = self._get(f"/jobs/{job_id}")["vertices"]
        details = [self._get(f"/jobs/{job_id}/vertices/{vertex['id']}") for vertex in vertices]
        return max(task["attempt"] for vertex in details for task in vertex["subtasks"])

    def _get(self, path: str) -> Any:
        return self._request("GET", path)

    def _request(self, method: str, path: str, **arguments: Any) -> Any:
        try:
            response = self._http.request(method, path, **arguments)
        except httpx.TransportError as error:
            raise ShopstreamError(
                f"expected Flink at {self._settings.flink_url}, came {type(error).__name__}; "
                "start it with `shopstream up`"
            ) from error
        if response.is_error:
            raise ShopstreamError(f"Flink refused {method} {path}: {response.text[:300]}")
        return response.json() if response.content else None
