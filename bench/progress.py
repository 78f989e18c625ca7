"""How fast a job goes, seen from outside: by what a read_committed reader could read of it."""

import time
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
    """One run over a preloaded topic: outputs that were readable at moments (s)."""

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


class Watch:
    """Watches how many records of `topics` become readable from now on."""

    def __init__(self, bootstrap: str, topics: Iterable[str]):
        self._admin: AdminClient = admin(bootstrap)
        partitions = existing_partitions(self._admin, bootstrap)
        self._latest = {
            TopicPartition(topic, partition): OffsetSpec.latest()
            for topic in topics
            for partition in range(partitions[topic])
        }
        self._before = self.readable()

    def readable(self) -> int:
        """Records, and markers of transactions (a handful a second), up to the stable offsets."""
        found = self._admin.list_offsets(
            self._latest, isolation_level=IsolationLevel.READ_COMMITTED
        )
        return sum(future.result().offset for future in found.values())

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
            now, readable = time.monotonic(), self.readable() - self._before
            # a marker a second and partition is written even when there is nothing to commit
            if readable > seen * 1.001:
                if not seen:
                    started()
                samples.append((now, readable))
                seen, changed = readable, now
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


class Read(Watch):
    """Watches how many records of `topics` a job has read and checkpointed, by its groups.

    Of a job that few records come out of.
    """

    def __init__(self, bootstrap: str, topics: Iterable[str], groups: Iterable[str]):
        self._groups = tuple(groups)
        super().__init__(bootstrap, topics)

    def readable(self) -> int:
        """The offsets that the groups have committed, all of them added up."""
        wanted = list(self._latest)
        found = 0
        for group in self._groups:
            asked = [ConsumerGroupTopicPartitions(group, wanted)]
            answer = self._admin.list_consumer_group_offsets(asked)[group].result()
            found += sum(max(0, each.offset) for each in answer.topic_partitions)
        return found
