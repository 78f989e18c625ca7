"""What could not be processed, with where it came from, as a row for the dead-letter topic."""

from pyflink.common import Row

from connectors.codec import Encoder
from connectors.reading import RawRecord

DEAD_LETTERS = "dlq"


def wake_up_record(name: str, entity: str, wake_at: int) -> RawRecord:
    """A wake-up stands in no topic: its name stands for one, its entity is its key."""
    return RawRecord(name, -1, -1, wake_at, entity.encode(), None)


class DeadLetters:
    """Makes dead letters in the name of `job`.

    The id is a function of the coordinates, so that the same record gives the same letter again.
    """

    def __init__(self, job: str, encoder: Encoder):
        self._job = job
        self._encoder = encoder

    def row(self, at: RawRecord, error: Exception) -> Row:
        record = {
            "event_id": f"{self._job}/{at.topic}/{at.partition}/{at.offset}",
            "event_time": at.timestamp,
            "source_topic": at.topic,
            "source_partition": at.partition,
            "source_offset": at.offset,
            "source_timestamp": at.timestamp,
            "record_key": at.key,
            "record_value": at.value,
            "job": self._job,
            "error_class": type(error).__name__,
            "error_message": str(error),
            "attempt": 1,
        }
        return Row(DEAD_LETTERS, at.topic.encode(), self._encoder.encode(record), at.timestamp)
