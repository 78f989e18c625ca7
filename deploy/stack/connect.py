"""Kafka Connect with Debezium's connector: the process that follows the shop's tables."""

from pathlib import Path

from connectors.cdc import replication, tables
from connectors.jars import CONNECT
from connectors.settings import Settings
from deploy.stack import flink
from deploy.stack.paths import StackPaths

HEAP_MB = 256

WORKER, CONNECTOR = "connect.properties", "connect-shop.properties"


def command(paths: StackPaths) -> list[str]:
    jvm = [str(flink.java()), f"-Xmx{HEAP_MB}m", *flink.QUICK_START]
    logging = f"-Dlog4j2.configurationFile=file:{paths.conf}/kafka-log4j2.properties"
    entry = "org.apache.kafka.connect.cli.ConnectStandalone"
    configuration = [str(paths.conf / WORKER), str(paths.conf / CONNECTOR)]
    return [*jvm, logging, "-classpath", f"{CONNECT}/*", entry, *configuration]


def config_values(settings: Settings, paths: StackPaths) -> dict[str, object]:
    """What the two configuration files need beyond the settings themselves."""
    return {
        "kafka_bootstrap": settings.kafka_bootstrap,
        "postgres_host": settings.postgres_host or settings.host,
        "connect_offsets": offsets(paths),
        "cdc_schema": tables.SCHEMA,
        "cdc_tables": ",".join(f"{tables.SCHEMA}.{table}" for table in tables.TABLES),
    }


def offsets(paths: StackPaths) -> Path:
    """The file that says how far the log was read."""
    return paths.data / "connect.offsets"


def prepare(settings: Settings, paths: StackPaths) -> None:
    """Make the tables and the topics of their changes, as far as they are missing.

    If Postgres has deleted what was not read, forget how far that was: Connect then begins with
    all rows again.
    """
    tables.migrate(settings)
    tables.ensure_change_topics(settings)
    if replication.drop_lost_slot(settings):
        offsets(paths).unlink(missing_ok=True)
