"""Letters and replays as tests write them; all are about one topic."""

from typing import Any

from deploy.letters.ledger import Replay
from deploy.letters.letters import Letter


def letter(offset: int = 0, **fields: Any) -> Letter:
    given = {
        "event_id": f"inventory/inventory.events/0/{offset}",
        "event_time": 1_000 + offset,
        "source_topic": "inventory.events",
        "source_partition": 0,
        "source_offset": offset,
        "source_timestamp": 1_000,
        "record_key": b"mug",
        "record_value": b"?",
        "job": "inventory",
        "error_class": "UndecodableError",
        "error_message": "expected Avro with a schema id, came only 1 bytes",
        "attempt": 1,
    }
    return Letter(**{**given, **fields})


def replay(offset: int, now: int, attempt: int = 2) -> Replay:
    return Replay(
        event_id=f"inventory.events/0/{offset}#{attempt}",
        event_time=2_000,
        record=f"inventory.events/0/{offset}",
        source_topic="inventory.events",
        source_partition=0,
        source_offset=offset,
        replayed_offset=now,
        attempt=attempt,
    )
