"""A replay from start to end: read the log, run the job on it, compare, leave nothing behind."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from connectors.errors import ShopstreamError
from connectors.registry import Registry
from connectors.settings import Settings
from deploy.cluster import FlinkCluster
from deploy.replay.diff import TopicDiff
from deploy.replay.outputs import Window
from deploy.replay.overrides import Overrides
from deploy.replay.past import inputs_of, reference_of
from deploy.replay.shadows import Shadows
from jobs.replay.plan import Plan, domains_of

Say = Callable[[str], None]

STALLED_S = 60.0
RESTARTS = 3
POLL_S = 0.5


@dataclass
class Replayed:
    """What a replay found, by topic. seconds: how long the job took for `inputs` records."""

    plan: Plan
    overrides: list[str]
    inputs: int = 0
    seconds: float = 0.0
    topics: list[TopicDiff] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def differences(self) -> int:
        return sum(diff.differences for diff in self.topics)

    def as_dict(self) -> dict[str, Any]:
        """For JSON: every difference of every topic."""
        return {
            "job": self.plan.job,
            "run": self.plan.run,
            "from": self.plan.since,
            "to": self.plan.until,
            "set": self.overrides,
            "inputs": self.inputs,
            "seconds": round(self.seconds, 1),
            "differences": self.differences,
            "topics": {diff.topic: diff.as_dict() for diff in self.topics},
            "notes": self.notes,
        }


def replay(
    settings: Settings,
    job: str,
    since: int,
    until: int,
    *,
    changes: Sequence[str],
    keep: bool,
    say: Say,
) -> Replayed:
    """Decide again what `job` decided from `since` until `until` (epoch ms of event time).

    The job reads the log from its beginning, so that it knows at `since` what it knew then.
    changes: reference data that is to be otherwise, as `Override.parse` takes them. keep: leave
    the shadow topics.

    Raises ShopstreamError for a job, an interval or a change that cannot be, or a job that fails.
    """
    if since > until:
        raise ShopstreamError("expected --from before --to, came the other way round")
    domains = domains_of(job)
    kinds = {topic: kind for domain in domains for topic, kind in domain.reference.items()}
    overrides = Overrides(changes, kinds)
    bootstrap, registry = settings.kafka_bootstrap, Registry(settings.registry_url)
    notes: list[str] = []
    say("reading the log")
    reference = reference_of(bootstrap, registry, kinds, overrides, notes)
    inputs, woken = {}, {}
    for domain in domains:
        inputs[domain.name], woken[domain.name] = inputs_of(bootstrap, registry, domain, until)
    plan = Plan(job, uuid4().hex[:8], since, until, reference, woken, bool(changes))
    found = Replayed(plan, list(changes), sum(map(len, inputs.values())), notes=notes)
    if not found.inputs:
        raise ShopstreamError(f"{job} had read nothing by the end of the interval")
    shadows = Shadows(bootstrap, plan)
    window = Window(job, since, until, kinds)
    # at once, and not when the replay is over: what is decided meanwhile is not among its inputs
    then = {topic: window.read(bootstrap, registry, topic, topic) for topic in shadows.outputs}
    running = _Job(settings, plan, shadows, say)
    try:
        shadows.create()
        running.start()
        started = time.monotonic()
        shadows.publish(inputs)
        running.wait_until_decided(found.inputs)
        found.seconds = time.monotonic() - started
        running.finish()
        say("comparing")
        for topic in shadows.outputs:
            now = window.read(bootstrap, registry, topic, plan.shadow(topic))
            found.topics.append(window.compare(topic, then[topic], now))
    finally:
        running.clear()
        if keep:
            notes.append(f"kept the topics {', '.join(shadows.names)}")
        else:
            shadows.delete()
    return found


class _Job:
    """The replay's job on the cluster."""

    def __init__(self, settings: Settings, plan: Plan, shadows: Shadows, say: Say) -> None:
        self._cluster = FlinkCluster(settings)
        self._plan = plan
        self._shadows = shadows
        self._say = say
        self._job_id = ""
        self._file = settings.state_path / "replays" / f"{plan.run}.plan"

    def start(self) -> None:
        """Submit it, and wait until it reads: what is there before would not be read in order."""
        self._say(f"submitting {self._plan.name}")
        self._plan.write(self._file)
        self._job_id = self._cluster.submit_replay(self._plan.name, self._file)
        try:
            self._cluster.wait_until_deciding(self._plan.name)
        except ShopstreamError as error:
            why = (
                self._cluster.trouble(self._job_id) or "is there a free slot? see `shopstream jobs`"
            )
            raise ShopstreamError(f"{error}: {why}") from error

    def wait_until_decided(self, inputs: int) -> None:
        """Raises ShopstreamError if the job fails, or stands still."""
        decided, last_s = 0, time.monotonic()
        while decided < inputs:
            time.sleep(POLL_S)
            before, decided = decided, self._shadows.decided()
            if decided > before:
                self._say(f"decided {decided:,} of {inputs:,} inputs")
                last_s = time.monotonic()
            job = self._cluster.job(self._plan.name)
            stands = time.monotonic() - last_s > STALLED_S
            if job is None or job.restarts >= RESTARTS or stands:
                why = self._cluster.trouble(self._job_id) or f"no progress for {STALLED_S:.0f} s"
                raise ShopstreamError(
                    f"{self._plan.name} decided {decided:,} of {inputs:,} inputs and failed: {why}"
                )

    def finish(self) -> None:
        """Stop it once its outputs are readable, without an end of time: nothing expires by it."""
        self._cluster.stop(self._plan.name, savepoint=True)
        self._shadows.wait_until_readable()

    def clear(self) -> None:
        """Leave nothing of it behind."""
        if self._job_id and self._cluster.job(self._plan.name) is not None:
            self._cluster.stop(self._plan.name, savepoint=False)
        self._cluster.states.forget(self._plan.name)
        self._file.unlink(missing_ok=True)
