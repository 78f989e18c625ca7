"""What Flink's REST API tells of the jobs on a cluster."""

from dataclasses import dataclass
from typing import Any

import httpx

from connectors.errors import ShopstreamError
from deploy.causes import root_cause
from deploy.release import RELEASE

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


class JobOverview:
    """The jobs of the cluster whose API is at `url`."""

    def __init__(self, url: str):
        self._http = httpx.Client(base_url=url, timeout=10.0)

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
            history = self.get(f"/jobs/{job['jid']}/exceptions")["exceptionHistory"]["entries"]
            if history:
                found[job["name"]] = root_cause(history[0]["stacktrace"])
        return found

    def behind(self, name: str, since_ms: int) -> str:
        """What of a job has not gone on since `since_ms` (epoch ms); empty if it has.

        It has when it runs with all its tasks and has completed a checkpoint that began after that.
        """
        job = next((job for job in self._overview() if job["name"] == name), None)
        if job is None or job["state"] != "RUNNING":
            return f"{name} does not run"
        tasks = job["tasks"]
        if tasks["running"] < tasks["total"]:
            return f"{name} runs {tasks['running']} of {tasks['total']} tasks"
        completed = self.get(f"/jobs/{job['jid']}/checkpoints")["latest"]["completed"]
        if completed is None or completed["trigger_timestamp"] <= since_ms:
            return f"{name} has no new checkpoint"
        return ""

    def trouble(self, job_id: str) -> str:
        """Why the job failed last, in a line; empty if Flink does not say."""
        history = self.get(f"/jobs/{job_id}/exceptions")["exceptionHistory"]["entries"]
        return root_cause(history[0]["stacktrace"]) if history else ""

    def _overview(self) -> list[dict[str, Any]]:
        """What Flink tells at once of the jobs that are not over, by name."""
        known = self.get("/jobs/overview")["jobs"]
        return sorted(
            (job for job in known if job["state"] not in OVER), key=lambda job: job["name"]
        )

    def _running(self, overview: dict[str, Any]) -> RunningJob:
        checkpoints = self.get(f"/jobs/{overview['jid']}/checkpoints")
        last = checkpoints["latest"]["completed"] or {}
        configured = self.get(f"/jobs/{overview['jid']}/config")["execution-config"]
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
        vertices = self.get(f"/jobs/{job_id}")["vertices"]
        details = [self.get(f"/jobs/{job_id}/vertices/{vertex['id']}") for vertex in vertices]
        return max(task["attempt"] for vertex in details for task in vertex["subtasks"])

    def get(self, path: str) -> Any:
        return self.request("GET", path)

    def request(self, method: str, path: str, **arguments: Any) -> Any:
        try:
            response = self._http.request(method, path, **arguments)
        except httpx.TransportError as error:
            raise ShopstreamError(
                f"expected Flink at {self._http.base_url}, came {type(error).__name__}; "
                "start it with `shopstream up`"
            ) from error
        if response.is_error:
            raise ShopstreamError(f"Flink refused {method} {path}: {response.text[:300]}")
        return response.json() if response.content else None
