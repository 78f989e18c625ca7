"""What has to be there before a job runs: topics, schemas, tables, and reference data."""

from collections.abc import Callable
from pathlib import Path

from confluent_kafka import Consumer, TopicPartition

from connectors.kafka import TIMEOUT_S, Publisher, consumer, ensure_topics
from connectors.migrations import migrate
from connectors.ndjson import LineEncoder
from connectors.registry import Registry
from connectors.settings import settings
from connectors.topics import TOPICS, Topic, topic

SEEDS = Path(__file__).resolve().parent / "seeds"
READ_MODELS = Path(__file__).resolve().parent / "readmodel" / "migrations"


def provision(say: Callable[[str], None]) -> None:
    """Make Kafka, the registry and Postgres what is declared, saying what was changed.

    Idempotent: reference data goes only into a topic that has no records, so that nobody's changes
    are undone. Raises ShopstreamError for what cannot be changed, such as an incompatible schema.
    """
    bootstrap, registry = settings().kafka_bootstrap, Registry(settings().registry_url)
    for change in ensure_topics(bootstrap, TOPICS.values()):
        say(change)
    for declared in TOPICS.values():
        if registry.register(declared):
            say(f"registered a schema for {declared.name}")
    for migration in migrate(settings().postgres_dsn, READ_MODELS, "readmodel"):
        say(f"migrated the read models: {migration}")
    reader = consumer(bootstrap)
    try:
        with Publisher(bootstrap) as publisher:
            for seed in sorted(SEEDS.glob("*.ndjson")):
                declared = topic(seed.stem)
                if _is_empty(reader, declared):
                    encoder = LineEncoder(declared, registry.schema_id(declared))
                    say(f"{_sow(seed, encoder, publisher)} default records to {declared.name}")
    finally:
        reader.close()


def _is_empty(reader: Consumer, declared: Topic) -> bool:
    for partition in range(declared.partitions):
        first, end = reader.get_watermark_offsets(
            TopicPartition(declared.name, partition), timeout=TIMEOUT_S
        )
        if end > first:
            return False
    return True


def _sow(seed: Path, encoder: LineEncoder, publisher: Publisher) -> int:
    """Send a seed's records and wait until they are acknowledged; returns how many they were."""
    before = publisher.acknowledged
    with seed.open("rb") as lines:
        for line in encoder.records(lines):
            publisher.send(seed.stem, line.key, line.value, line.event_time)
    publisher.finish()
    return publisher.acknowledged - before


if __name__ == "__main__":
    provision(print)
