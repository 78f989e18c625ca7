"""What a job put out then, and what its replay puts out."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from connectors.reading import snapshot
from connectors.registry import Registry
from connectors.topics import TOPICS
from deploy.replay.diff import TopicDiff, compare
from deploy.replay.past import content_of, decoder_of
from deploy.replay.shadows import places
from jobs.replay.plan import domains_of, python_jobs
from jobs.runtime.dead_letters import DEAD_LETTERS

Record = dict[str, Any]


@dataclass(frozen=True)
class Window:
    """The outputs of `job` from `since` until `until` (epoch ms of event time).

    reference: topics whose dead letters are not the replay's: it passes over what is no record.
    """

    job: str
    since: int
    until: int
    reference: Collection[str]

    def read(self, bootstrap: str, registry: Registry, topic: str, stored: str) -> list[Record]:
        """The outputs for `topic` that are in the topic `stored`."""
        decoder = decoder_of(topic, registry)
        records = snapshot(
            bootstrap,
            places(bootstrap, [stored]),
            lambda message: self.since <= message.timestamp()[1] <= self.until,
        )
        contents = (content_of(decoder, record) for record in records if record.value is not None)
        return [one for one in contents if one is not None and self._is_own(topic, one)]

    def _is_own(self, topic: str, record: Record) -> bool:
        if topic != DEAD_LETTERS:
            return True
        parts = {domain.name for domain in domains_of(self.job)}
        return record["job"] in parts and record["source_topic"] not in self.reference

    def compare(self, topic: str, then: list[Record], now: list[Record]) -> TopicDiff:
        declared = TOPICS[topic]
        return compare(
            topic,
            then,
            now,
            latest_of=declared.key_of if declared.cleanup == "compact" else None,
            is_shared=_is_shared(topic, self.job),
        )


def _is_shared(topic: str, job: str) -> bool:
    """Whether others than the job write to the topic: it is another's, or another job's as well."""
    if topic == DEAD_LETTERS:
        return False
    others = (of for name, of in python_jobs().items() if name != job)
    written = {output for domains in others for domain in domains for output in domain.outputs}
    return topic in written or TOPICS[topic].owner != job
