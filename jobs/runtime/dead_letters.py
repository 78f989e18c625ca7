"""What could not be processed, with where it came from, as a row for the dead-letter topic."""

from connectors.codec import Encoder
from connectors.reading import RawRecord
from jobs.runtime.attempts import parted
from jobs.runtime.packets import OutputRow

DEAD_LETTERS = "dlq"
LONGEST_REASON = 2_000
"""Characters: a reason may quote what came, and a letter that no topic takes would stop the job."""


def wake_up_record(name: str, entity: str, wake_at: int) -> RawRecord:
    """A wake-up stands in no topic: its name stands for one, its entity is its key."""
    return RawRecord(name, -1, -1, wake_at, entity.encode(), None)


class DeadLetters:
    """Makes dead letters in the name of `job`.

    The id is a function of the coordinates, so that the same record gives the same letter again. A
    record that was put back stands elsewhere, so its letter is another one, of the next attempt.
    """

    def __init__(self, job: str, encoder: Encoder):
        self._job = job
        self._encoder = encoder

    def row(self, at: RawRecord, error_class: str, error_message: str) -> OutputRow:
        topic, attempt = parted(at.topic)
        reason = error_message[:LONGEST_REASON].encode(errors="replace").decode()
        record = {
            "event_id": f"{self._job}/{topic}/{at.partition}/{at.offset}",
            "event_time": at.timestamp,
            "source_topic": topic,
            "source_partition": at.partition,
            "source_offset": at.offset,
            "source_timestamp": at.timestamp,
            "record_key": at.key,
            "record_value": at.value,
            "job": self._job,
            "error_class": error_class,
            "error_message": reason,
            "attempt": attempt,
        }
        # Kafka lets a record have no timestamp, -1, but no producer of Java's writes one
        written_at = max(at.timestamp, 0)
        return DEAD_LETTERS, topic.encode(), self._encoder.encode(record), written_at
