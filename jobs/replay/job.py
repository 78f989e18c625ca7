"""A job's domains on what they read before: the rules, the operator and the topics' schemas are the
job's own, the sources and the sink are the replay's.

What a decision is, where several topics, partitions and links meet, hangs on the order in which
they met. So all inputs of a domain come from one partition, in the order of their arrival, and pass
one subtask of one bucket one by one, each with the event time that it brings: nothing overtakes
anything, and what was decided once is decided again.
"""

from pyflink.common import Types
from pyflink.datastream import KeyedStream
from pyflink.table import StreamTableEnvironment

from connectors.registry import Registry
from connectors.settings import Settings
from jobs.replay.function import ReplayFunction
from jobs.replay.plan import ARRIVED, OFFSET, PARTITION, TOPIC, Plan, domains_of
from jobs.runtime.buckets import bucket_numbers
from jobs.runtime.dead_letters import DEAD_LETTERS
from jobs.runtime.environment import stream_environment
from jobs.runtime.job import decided_by
from jobs.runtime.streams import (
    BATCH_TYPE,
    EPOCH_MS,
    LARGEST_RECORD_BYTES,
    kafka_sink,
    keyed_by_first_field,
    reference_records,
)
from jobs.runtime.wire import Wire
from udfs.contract import Domain

LATE_MS = 3_000
"""By so much later than event time wake-ups come to a job at work: batches, idle partitions."""

IN_ORDER = {"parallelism": 1, "buckets": 1, "batch_ms": 0, "checkpoint_interval_ms": 1000}


def run(plan: Plan, settings: Settings) -> None:
    """Build the replay and hand it to the cluster; it goes on until it is stopped."""
    tuned = settings.of_job(plan.job).model_copy(update=IN_ORDER)
    env, t_env = stream_environment(tuned)
    for domain in domains_of(plan.job):
        _add(domain, plan, t_env, tuned)
    env.execute(plan.name)


def _add(domain: Domain, plan: Plan, t_env: StreamTableEnvironment, settings: Settings) -> None:
    table = domain.name.replace("-", "_")
    outputs = (*domain.outputs, DEAD_LETTERS)
    wire = Wire.of(Registry(settings.registry_url), (*domain.inputs, *domain.reference), outputs)
    rows = decided_by(
        ReplayFunction(domain, wire, plan),
        _one_by_one(t_env, _arrivals(t_env, table, domain, plan, settings)),
        reference_records(t_env, _nothing(t_env, table)),
        domain,
        wire,
        settings,
    )
    t_env.create_temporary_view(f"{table}_rows", rows)
    t_env.execute_sql(f"""
        CREATE TEMPORARY VIEW {table}_shadow_rows AS
        SELECT '{plan.shadow("")}' || topic AS topic, record_key, record_value, timestamp_ms
        FROM {table}_rows
        WHERE timestamp_ms BETWEEN {plan.since} AND {plan.until}
    """)
    sink = f"replay_{plan.run}_{table}"
    shadows = [plan.shadow(topic) for topic in outputs]
    kafka_sink(t_env, sink, f"{table}_shadow_rows", shadows, settings, exactly_once=True)


def _arrivals(
    t_env: StreamTableEnvironment, table: str, domain: Domain, plan: Plan, settings: Settings
) -> str:
    """Declare the table of the inputs; returns its name. Event time goes on with every record."""
    delay_ms = settings.watermark_delay_ms + LATE_MS
    delay = f"INTERVAL '{delay_ms / 1000:.3f}' SECOND"
    t_env.execute_sql(f"""
        CREATE TEMPORARY TABLE {table}_arrivals (
            record_key BYTES,
            record_value BYTES,
            headers MAP<STRING, BYTES> METADATA VIRTUAL,
            topic AS DECODE(headers['{TOPIC}'], 'UTF-8'),
            part AS CAST(DECODE(headers['{PARTITION}'], 'UTF-8') AS INT),
            off AS CAST(DECODE(headers['{OFFSET}'], 'UTF-8') AS BIGINT),
            arrived_at AS CAST(DECODE(headers['{ARRIVED}'], 'UTF-8') AS BIGINT),
            event_time TIMESTAMP_LTZ(3) METADATA FROM 'timestamp' VIRTUAL,
            WATERMARK FOR event_time AS event_time - {delay}
        ) WITH (
            'connector' = 'kafka',
            'topic' = '{plan.inputs(domain)}',
            'properties.bootstrap.servers' = '{settings.kafka_bootstrap}',
            'properties.group.id' = '{plan.group(domain)}',
            'properties.max.partition.fetch.bytes' = '{LARGEST_RECORD_BYTES}',
            'scan.startup.mode' = 'earliest-offset',
            'scan.watermark.emit.strategy' = 'on-event',
            'key.format' = 'raw',
            'key.fields' = 'record_key',
            'value.format' = 'raw',
            'value.fields-include' = 'EXCEPT_KEY'
        )
    """)
    return f"{table}_arrivals"


def _one_by_one(t_env: StreamTableEnvironment, arrivals: str) -> KeyedStream:
    """Each input as a batch of its own, all of the one bucket."""
    table = t_env.sql_query(f"""
        SELECT
            {bucket_numbers(1)[0]} AS k,
            ROW(
                ARRAY[record_value], ARRAY[record_key], ARRAY[topic], ARRAY[part], ARRAY[off],
                ARRAY[{EPOCH_MS.format("event_time")}], arrived_at
            ) AS v
        FROM {arrivals}
    """)
    stream = t_env.to_append_stream(table, Types.ROW_NAMED(["k", "v"], [Types.INT(), BATCH_TYPE]))
    return keyed_by_first_field(stream, Types.INT())


def _nothing(t_env: StreamTableEnvironment, table: str) -> str:
    """A table without records in place of the reference topics; returns its name.

    It is over at once, so that it does not hold event time back.
    """
    t_env.execute_sql(f"""
        CREATE TEMPORARY VIEW {table}_nothing AS
        SELECT
            CAST(NULL AS BYTES) AS record_value,
            CAST(NULL AS BYTES) AS record_key,
            CAST(NULL AS STRING) AS topic,
            0 AS part,
            CAST(0 AS BIGINT) AS off,
            TO_TIMESTAMP_LTZ(0, 3) AS event_time
        FROM (VALUES (0)) AS t(n)
        WHERE n > 0
    """)
    return f"{table}_nothing"
