"""When all goes on after a fault, and how long that took."""

import time
from collections.abc import Collection
from dataclasses import dataclass

from connectors.errors import ShopstreamError
from deploy.chaos.watch import OUTPUTS, Watch
from deploy.overview import JobOverview
from deploy.stack.health import NotHealthy
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
        self._flink = JobOverview(flink_url)
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
        if missing := next(filter(None, (self._lag(job, since_ms) for job in OUTPUTS)), ""):
            return missing
        for service in self._services:
            try:
                service.healthy()
            except NotHealthy as error:
                return f"{service.name}: {error}"
        return ""

    def _lag(self, name: str, since_ms: int) -> str:
        try:
            missing = self._flink.behind(name, since_ms)
        except ShopstreamError as error:  # the JobManager may be what is down
            return str(error)
        if missing:
            return missing
        if self._watch.newest(OUTPUTS[name]) <= since_ms:
            return f"{name} has no new outputs"
        return ""
