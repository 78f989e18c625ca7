"""Topics as folders of files, for a real Flink without Kafka: records in, output rows out."""

import json
from base64 import b64encode
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from itertools import count, islice
from pathlib import Path

from pyflink.common import Row
from pyflink.table import StreamTableEnvironment
from support.decisions import BUCKET, Output, Raw, Record, decoded, raw

PARTITION = BUCKET % 4  # the one that the harness's records are in


class Topic:
    """A folder of files that Flink reads as a table of raw records, as it would a Kafka topic."""

    def __init__(self, folder: Path, topic: str) -> None:
        self._folder, self._topic = folder, topic
        self._offsets, self._files = count(), count()
        folder.mkdir()

    def write(self, records: Sequence[Record | Raw]) -> None:
        """Add a file; Flink sees it whole, since it ignores names that start with a dot."""
        lines = [self._line(r if isinstance(r, Raw) else raw(self._topic, r)) for r in records]
        unseen = self._folder / f".{next(self._files)}.json"
        unseen.write_text("\n".join(lines))
        unseen.rename(self._folder / unseen.name[1:])

    def declare(self, t_env: StreamTableEnvironment, name: str) -> str:
        t_env.execute_sql(f"""
            CREATE TEMPORARY TABLE {name} (
                record_key BYTES, record_value BYTES, topic STRING, part INT, off BIGINT,
                event_time TIMESTAMP_LTZ(3), arrived_at AS PROCTIME(),
                WATERMARK FOR event_time AS event_time - INTERVAL '1' SECOND
            ) WITH (
                'connector' = 'filesystem', 'path' = '{self._folder.as_uri()}',
                'source.monitor-interval' = '200 ms',
                'format' = 'json', 'json.timestamp-format.standard' = 'ISO-8601'
            )
        """)
        return name

    def _line(self, record: Raw) -> str:
        value, key, timestamp, _ = record
        at = datetime.fromtimestamp(timestamp / 1000, UTC)
        return json.dumps(
            {
                "record_key": None if key is None else b64encode(key).decode(),
                "record_value": None if value is None else b64encode(value).decode(),
                "topic": record.topic(self._topic),
                "part": PARTITION,
                "off": next(self._offsets),
                "event_time": at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            }
        )


def by_key(outputs: Sequence[Output]) -> dict[tuple[str, str], list[Record]]:
    """The records of each topic and key in order; between keys and dead letters there is none."""
    found = defaultdict(list)
    for output in outputs:
        found[output.topic, output.key].append(output.record)
    for (topic, _), records in found.items():
        if topic == "dlq":
            records.sort(key=lambda letter: letter["source_offset"])
    return found


def taken(rows: Iterator[Row], number: int) -> list[Output]:
    return [
        Output(topic, as_bytes(key).decode(), decoded(topic, as_bytes(value)))
        for topic, key, value, _ in islice(rows, number)
    ]


def as_bytes(collected: list[int]) -> bytes:
    """A collected row has bytes as Java's signed numbers."""
    return bytes(number % 256 for number in collected)
