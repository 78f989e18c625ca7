"""When all goes on after a fault, and how long that took."""

import time
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import httpx

from deploy.chaos.watch import OUTPUTS, Watch
from deploy.stack.health import PATIENCE_S, NotHealthy
from deploy.stack.services import Service

LIMIT_S = 180.0
AIM_S = 30.0
_ASK_EVERY_S = 0.25


@dataclass(frozen=True)
class Recovered:
    """A fault that was inflicted, in seconds.

    at_s: when it began, from the opening of the shop. outage_s: for how long something was stopped.
    recovery_s: from its beginning until all went on, without the outage itself; None if that took
    longer than the run's limit. missing: what then was not there.
    """

    fault: str
    hit: str
    at_s: float
    outage_s: float
    recovery_s: float | None
    missing: str = ""

    @property
    def ok(self) -> bool:
        return self.recovery_s is not None


class Recovery:
    """Looks after a stack's services and jobs, by what a reader of their outputs sees.

    limit_s: how long it may take until all goes on.
    """

    def __init__(
        self, flink_url: str, services: Collection[Service], watch: Watch, limit_s: float
    ) -> None:
        self._http = httpx.Client(base_url=flink_url, timeout=PATIENCE_S)
        self._services = services
        self._watch = watch
        self._limit_s = limit_s

    def wait(self, since_ms: int, spent_s: float = 0.0) -> str:
        """Wait until nothing is `missing`, within the limit; returns what still is.

        spent_s: what of the limit has passed already.
        """
        give_up = time.monotonic() + self._limit_s - spent_s
        while (missing := self.missing(since_ms)) and time.monotonic() < give_up:
            time.sleep(_ASK_EVERY_S)
        return missing

    def missing(self, since_ms: int) -> str:
        """What does not go on yet, or nothing.

        All goes on when every service is healthy, every job runs with all its tasks, has completed
        a checkpoint that began after `since_ms` (epoch ms), and what happened after that can be
        read from its outputs.
        """
        try:
            if missing := next(filter(None, (self._lag(job, since_ms) for job in OUTPUTS)), ""):
                return missing
        except httpx.HTTPError as error:
            return f"the JobManager: {type(error).__name__}"
        for service in self._services:
            try:
                service.healthy()
            except NotHealthy as error:
                return f"{service.name}: {error}"
        return ""

    def _lag(self, name: str, since_ms: int) -> str:
        known = self._get("/jobs/overview")["jobs"]
        job = next((j for j in known if j["name"] == name and j["state"] == "RUNNING"), None)
        if job is None:
            return f"{name} does not run"
        tasks = job["tasks"]
        if tasks["running"] < tasks["total"]:
            return f"{name} runs {tasks['running']} of {tasks['total']} tasks"
        completed = self._get(f"/jobs/{job['jid']}/checkpoints")["latest"]["completed"]
        if completed is None or completed["trigger_timestamp"] <= since_ms:
            return f"{name} has no new checkpoint"
        if self._watch.newest(OUTPUTS[name]) <= since_ms:
            return f"{name} has no new outputs"
        return ""

    def _get(self, path: str) -> Any:
        return self._http.get(path).raise_for_status().json()
