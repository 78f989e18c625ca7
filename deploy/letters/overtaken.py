"""Records of compacted topics that are not the latest of their key any more."""

from connectors.reading import records
from connectors.settings import Settings
from connectors.topics import TOPICS
from deploy.letters.letters import Letter


class Overtaken:
    """Whether a letter's record, put back, would take the place of one that came after it.

    Reads each compacted topic that it is asked about once, and keeps its keys in memory. Raises
    ShopstreamError if Kafka does not answer or has no such topic.
    """

    def __init__(self, settings: Settings):
        self._settings = settings
        self._latest: dict[str, dict[bytes, int]] = {}

    def __call__(self, letter: Letter) -> bool:
        declared = TOPICS.get(letter.source_topic)
        if declared is None or declared.cleanup != "compact" or letter.record_key is None:
            return False
        if declared.name not in self._latest:
            self._latest[declared.name] = self._read(declared.name)
        # all records of a key are in one partition
        return self._latest[declared.name].get(letter.record_key, -1) > letter.source_offset

    def _read(self, topic: str) -> dict[bytes, int]:
        bootstrap = self._settings.kafka_bootstrap
        found = records(bootstrap, topic, from_beginning=True, quiet_s=0)
        return {one.key: one.offset for one in found if one.key is not None}
