"""Jobs on the Flink cluster: what runs, submit, stop. Talks to Flink's REST API."""

import os
import re
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

import jobs
from connectors.errors import ShopstreamError
from connectors.jars import flink_home
from connectors.settings import Settings
from deploy.stack.flink import flink_environment
from deploy.stack.paths import StackPaths

SUBMIT_DEADLINE_S = 180.0
STOP_DEADLINE_S = 120.0
OVER = {"FINISHED", "CANCELED", "FAILED"}


@dataclass(frozen=True)
class RunningJob:
    """A job as the cluster reports it. Times in epoch ms; sizes in bytes; durations in ms."""

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


class FlinkCluster:
    """The local stack's Flink cluster."""

    def __init__(self, settings: Settings):
        self._settings = settings
        self._paths = StackPaths.of(settings)
        self._http = httpx.Client(base_url=settings.flink_url, timeout=10.0)

    def jobs(self) -> list[RunningJob]:
        """The jobs that are not over, by name."""
        return [self._running(job) for job in self._overview()]

    def job(self, name: str) -> RunningJob | None:
        return next((self._running(job) for job in self._overview() if job["name"] == name), None)

    def submit(self, name: str, fresh: bool = False) -> tuple[str, Path | None]:
        """Start a job; returns its id and the state that it resumed from.

        It resumes from the newest savepoint or retained checkpoint of its name: the log is only
        read again from its beginning, and everything decided again, if `fresh` asks for it.
        """
        if name not in jobs.names():
            raise ShopstreamError(
                f"expected a job, one of {', '.join(jobs.names())}; came {name!r}"
            )
        if (running := self.job(name)) is not None:
            raise ShopstreamError(
                f"{name} is {running.state.lower()} as {running.job_id}; "
                f"stop it first with `shopstream stop {name} --savepoint`"
            )
        state = None if fresh else self.newest_state(name)
        home = flink_home()
        command = [str(home / "bin" / "flink"), "run", "--detached"]
        command += [f"-Dexecution.checkpointing.dir={self._checkpoints(name).as_uri()}"]
        if state is not None:
            command += ["--fromSavepoint", state.as_uri()]
        command += ["--pyModule", f"jobs.{name}"]
        done = subprocess.run(
            command,
            env=os.environ | flink_environment(self._settings),
            capture_output=True,
            text=True,
            timeout=SUBMIT_DEADLINE_S,
        )
        found = re.search(r"JobID ([0-9a-f]{32})", done.stdout)
        if found is None:
            raise ShopstreamError(f"{name} could not be submitted: {_reason(done)}")
        return found[1], state

    def wait_until_deciding(self, name: str, deadline_s: float = 90.0) -> RunningJob:
        """Wait until every task of the job runs and a checkpoint of it is complete."""

        def deciding() -> RunningJob | None:
            job = self.job(name)
            ready = job and job.tasks_running == job.tasks and job.checkpoints > 0
            return job if ready else None

        return _until(deciding, deadline_s, f"{name} to run and complete a checkpoint")

    def stop(self, name: str, savepoint: bool) -> Path | None:
        """Stop a job, with a savepoint (returned) or at once, keeping its last checkpoint."""
        job = self.job(name)
        if job is None:
            running = ", ".join(j.name for j in self.jobs()) or "none"
            raise ShopstreamError(f"expected a running job, one of: {running}; came {name!r}")
        if not savepoint:
            self._request("PATCH", f"/jobs/{job.job_id}", params={"mode": "cancel"})
            _until(lambda: self.job(name) is None, STOP_DEADLINE_S, f"{name} to be cancelled")
            return None
        folder = self._savepoints(name)
        folder.mkdir(parents=True, exist_ok=True)
        trigger = self._request(
            "POST",
            f"/jobs/{job.job_id}/stop",
            json={"targetDirectory": folder.as_uri(), "drain": False},
        )["request-id"]

        def finished() -> dict[str, Any] | None:
            answer = self._get(f"/jobs/{job.job_id}/savepoints/{trigger}")
            return answer["operation"] if answer["status"]["id"] == "COMPLETED" else None

        operation = _until(finished, STOP_DEADLINE_S, f"the savepoint of {name}")
        if "location" not in operation:
            cause = operation["failure-cause"]["stack-trace"].strip().splitlines()[-1]
            raise ShopstreamError(f"{name} was not stopped, its savepoint failed: {cause}")
        _until(lambda: self.job(name) is None, STOP_DEADLINE_S, f"{name} to finish")
        return Path(operation["location"].removeprefix("file:"))

    def newest_state(self, name: str) -> Path | None:
        """The newest savepoint or retained checkpoint of a job, whatever its job id was."""
        found = [
            *self._savepoints(name).glob("*/_metadata"),
            *self._checkpoints(name).glob("*/chk-*/_metadata"),
        ]
        if not found:
            return None
        return max(found, key=lambda metadata: metadata.stat().st_mtime_ns).parent

    def _checkpoints(self, name: str) -> Path:
        return self._paths.data / "flink" / "checkpoints" / name

    def _savepoints(self, name: str) -> Path:
        return self._paths.data / "flink" / "savepoints" / name

    def _overview(self) -> list[dict[str, Any]]:
        """What Flink tells at once of the jobs that are not over, by name."""
        known = self._get("/jobs/overview")["jobs"]
        return sorted(
            (job for job in known if job["state"] not in OVER), key=lambda job: job["name"]
        )

    def _running(self, overview: dict[str, Any]) -> RunningJob:
        checkpoints = self._get(f"/jobs/{overview['jid']}/checkpoints")
        last = checkpoints["latest"]["completed"] or {}
        tasks = overview["tasks"]
        return RunningJob(
            name=overview["name"],
            job_id=overview["jid"],
            state=overview["state"],
            since=overview["start-time"],
            tasks_running=tasks["running"],
            tasks=tasks["total"],
            restarts=self._restarts(overview["jid"]),
            checkpoints=checkpoints["counts"]["completed"],
            last_checkpoint_ms=last.get("end_to_end_duration"),
            last_checkpoint_bytes=last.get("state_size"),
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


def _until(condition: Callable[[], Any], deadline_s: float, what: str) -> Any:
    """Wait until `condition` gives something true, and return it."""
    give_up = time.monotonic() + deadline_s
    while not (found := condition()):
        if time.monotonic() > give_up:
            raise ShopstreamError(f"waited {deadline_s:.0f} s for {what}; see `shopstream jobs`")
        time.sleep(0.2)
    return found


def _reason(done: subprocess.CompletedProcess[str]) -> str:
    """The line of a failed submission that says why."""
    lines = (done.stderr + done.stdout).splitlines()
    telling = [
        line.strip() for line in lines if re.match(r"\s*(shopstream|Caused by|\S+Error):", line)
    ]
    return telling[-1] if telling else f"flink run ended with status {done.returncode}"
