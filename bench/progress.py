"""How fast a job goes, seen from outside: by what a read_committed reader could read of it."""

import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from confluent_kafka import ConsumerGroupTopicPartitions, IsolationLevel, TopicPartition
from confluent_kafka.admin import AdminClient, OffsetSpec

from connectors.errors import ShopstreamError
from connectors.kafka import admin, existing_partitions
from connectors.settings import settings
from deploy.overview import JobOverview

SAMPLE_S = 0.25
LOOK_S = 2.0
QUIET_S = 4.0
WARM, COOL = 0.2, 0.95
"""The parts of a run that are left out: the JIT warms up before, the last batches come after."""
STEADY_S = 3.0
"""How long the rest must last: outputs come in steps of a checkpoint, and two are no slope."""


@dataclass(frozen=True)
class Run:
    """One run over preloaded topics: how far it had come at moments (s)."""

    events: int
    samples: tuple[tuple[float, int], ...]

    def events_per_s(self, warm: float = WARM) -> float:
        """The rate in steady state.

        The slope of the outputs between `warm` and `COOL` of them, as a share of all events.
        """
        total = self.samples[-1][1]
        steady = [(at, seen) for at, seen in self.samples if warm <= seen / total <= COOL]
        lasted = steady[-1][0] - steady[0][0] if steady else 0.0
        if lasted < STEADY_S:
            raise ShopstreamError(
                f"expected a run of {self.events} events with {STEADY_S:.0f} s of steady outputs, "
                f"came {lasted:.1f} s: too short to measure; give more with --events"
            )
        (start, first), (end, last) = steady[0], steady[-1]
        return (last - first) / total * self.events / (end - start)


class Progress(ABC):
    """Follows something that grows with a job's progress, from now on."""

    def __init__(self) -> None:
        self._before = self.reached()

    @abstractmethod
    def reached(self) -> int:
        """How far it has come."""

    def follow(
        self,
        events: int,
        deadline_s: float,
        started: Callable[[], None],
        quiet_s: float = QUIET_S,
    ) -> Run:
        """Watch until nothing new comes for `quiet_s`; `started` is called with the first.

        Raises ShopstreamError if there is no end within `deadline_s`, or if a job was restarted,
        be it back by the next look.
        """
        samples: list[tuple[float, int]] = []
        seen, changed = 0, time.monotonic()
        give_up, look = changed + deadline_s, changed
        jobs = JobOverview(settings().flink_url)
        while not seen or time.monotonic() < changed + quiet_s:
            if time.monotonic() > give_up:
                raise ShopstreamError(f"no end of the outputs within {deadline_s:.0f} s")
            if time.monotonic() > look:
                look = time.monotonic() + LOOK_S
                _demand_undisturbed(jobs)
            now, reached = time.monotonic(), self.reached() - self._before
            # a marker a second and partition is written even when there is nothing to commit
            if reached > seen * 1.001:
                if not seen:
                    started()
                samples.append((now, reached))
                seen, changed = reached, now
            time.sleep(SAMPLE_S)
        for job in jobs.jobs():
            if job.restarts:
                raise _disturbed(job.name, jobs.trouble(job.job_id))
        return Run(events, tuple(samples))


def _demand_undisturbed(jobs: JobOverview) -> None:
    for name, why in jobs.failing().items():
        raise _disturbed(name, why)


def _disturbed(name: str, why: str) -> ShopstreamError:
    return ShopstreamError(f"{name} was restarted, so that nothing can be measured: {why}")


class Watch(Progress):
    """How many records of `topics` become readable."""

    def __init__(self, bootstrap: str, topics: Iterable[str]):
        self._admin: AdminClient = admin(bootstrap)
        partitions = existing_partitions(self._admin, bootstrap)
        self._latest = {
            TopicPartition(topic, partition): OffsetSpec.latest()
            for topic in topics
            for partition in range(partitions[topic])
        }
        super().__init__()

    def reached(self) -> int:
        """Records, and markers of transactions (a handful a second), up to the stable offsets."""
        offsets = _offsets(self._admin, self._latest, IsolationLevel.READ_COMMITTED)
        return sum(offsets.values())


class Read(Progress):
    """How many records a consumer group has read and committed, of those that its topics hold.

    Of a job that few records come out of. Topics between an engine's own steps count as well.
    """

    def __init__(self, bootstrap: str, group: str):
        self._admin: AdminClient = admin(bootstrap)
        self._group = group
        super().__init__()

    def reached(self) -> int:
        """The offsets that the group has committed, from where its topics begin."""
        asked = [ConsumerGroupTopicPartitions(self._group)]
        answer = self._admin.list_consumer_group_offsets(asked)[self._group].result()
        committed = [each for each in answer.topic_partitions if each.offset > 0]
        begin = _offsets(self._admin, {at: OffsetSpec.earliest() for at in committed})
        return sum(max(0, each.offset - begin[each]) for each in committed)


def _offsets(
    client: AdminClient,
    asked: dict[TopicPartition, OffsetSpec],
    isolation_level: IsolationLevel = IsolationLevel.READ_UNCOMMITTED,
) -> dict[TopicPartition, int]:
    if not asked:
        return {}
    found = client.list_offsets(asked, isolation_level=isolation_level)
    return {at: future.result().offset for at, future in found.items()}
