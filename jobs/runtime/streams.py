"""Sources and the sink: SQL tables of raw bytes, batched and keyed before Python sees them.

PyFlink's own `key_by` puts a Python operator in front of every keyed function just to compute the
key; here SQL computes it and the Java stream is keyed by the row's first field.
"""

from collections.abc import Iterable, Sequence

from pyflink.common import TypeInformation, Types
from pyflink.datastream import DataStream, KeyedStream
from pyflink.java_gateway import get_gateway
from pyflink.table import StreamTableEnvironment, Table

from connectors.settings import Settings
from jobs.runtime.attempts import marked_in_sql
from jobs.runtime.buckets import bucket_in_sql

BYTES = Types.PRIMITIVE_ARRAY(Types.BYTE())
BATCH_TYPE = Types.ROW_NAMED(
    ["record_values", "record_keys", "topics", "partitions", "offsets", "timestamps", "closed_at"],
    [
        Types.OBJECT_ARRAY(BYTES),
        Types.OBJECT_ARRAY(BYTES),
        Types.OBJECT_ARRAY(Types.STRING()),
        Types.OBJECT_ARRAY(Types.INT()),
        Types.OBJECT_ARRAY(Types.LONG()),
        Types.OBJECT_ARRAY(Types.LONG()),
        Types.LONG(),
    ],
)
REFERENCE_TYPE = Types.ROW_NAMED(
    ["record_value", "record_key", "topic", "partition", "offset", "timestamp"],
    [BYTES, BYTES, Types.STRING(), Types.INT(), Types.LONG(), Types.LONG()],
)
OUTPUT_TYPE = Types.ROW_NAMED(
    ["topic", "record_key", "record_value", "timestamp_ms"],
    [Types.STRING(), BYTES, BYTES, Types.LONG()],
)

# a batch's rows of the above, in one message
PACKED_ROWS_TYPE = BYTES
PACKED_TYPE = Types.ROW_NAMED(["k", "v"], [Types.INT(), BYTES])

# a dead letter holds a whole record of another topic, so it is larger than Kafka's default of 1 MiB
LARGEST_RECORD_BYTES = 4 * 1024 * 1024

TRANSACTION_LINGER_MS = 5
# so many, and the broker gathers no longer
MANY_BYTES = 128 * 1024

EPOCH_MS = "EXTRACT(EPOCH FROM {0}) * 1000 + EXTRACT(MILLISECOND FROM {0})"


def batches_by_bucket(
    t_env: StreamTableEnvironment, records: str, settings: Settings
) -> KeyedStream:
    """The records of a table such as `kafka_records` in batches, keyed by bucket."""
    table = batch_table(t_env, records, settings)
    stream = t_env.to_append_stream(table, Types.ROW_NAMED(["k", "v"], [Types.INT(), BATCH_TYPE]))
    return keyed_by_first_field(stream, Types.INT())


def batch_table(t_env: StreamTableEnvironment, records: str, settings: Settings) -> Table:
    """(bucket of the Kafka key, batch of `batch_ms`) of the records of a table.

    With a `batch_ms` of 0 every record is a batch of its own. The aggregation has one phase (a
    processing-time window has no other), so a bucket's records pass through one task in the order
    of their partitions.
    """
    timestamp_ms = EPOCH_MS.format("event_time")
    bucket = bucket_in_sql("COALESCE(DECODE(record_key, 'UTF-8'), '')", settings.buckets)
    t_env.execute_sql(f"""
        CREATE TEMPORARY VIEW {records}_bucketed AS
        SELECT *, {timestamp_ms} AS timestamp_ms, {bucket} AS bucket
        FROM {records}
    """)
    return t_env.sql_query(
        _batches(records, settings.batch_ms) if settings.batch_ms else _singles(records)
    )


def _batches(source: str, batch_ms: int) -> str:
    closed_at = EPOCH_MS.format("window_end")
    return f"""
        SELECT bucket AS k, ROW(vs, ks, topics, parts, offs, times, closed_at) AS v
        FROM (
            SELECT
                bucket,
                ARRAY_AGG(record_value) AS vs,
                ARRAY_AGG(record_key) AS ks,
                ARRAY_AGG(topic) AS topics,
                ARRAY_AGG(part) AS parts,
                ARRAY_AGG(off) AS offs,
                ARRAY_AGG(timestamp_ms) AS times,
                {closed_at} AS closed_at
            FROM TUMBLE(
                TABLE {source}_bucketed, DESCRIPTOR(arrived_at),
                INTERVAL '{batch_ms / 1000:.3f}' SECOND
            )
            GROUP BY window_start, window_end, bucket
        )
    """


def _singles(source: str) -> str:
    return f"""
        SELECT
            bucket AS k,
            ROW(
                ARRAY[record_value], ARRAY[record_key], ARRAY[topic], ARRAY[part], ARRAY[off],
                ARRAY[timestamp_ms], timestamp_ms
            ) AS v
        FROM {source}_bucketed
    """


def reference_records(t_env: StreamTableEnvironment, records: str) -> DataStream:
    """The records of a table such as `kafka_records` one by one, for broadcasting."""
    timestamp_ms = EPOCH_MS.format("event_time")
    table = t_env.sql_query(f"""
        SELECT record_value, record_key, topic, part, off, {timestamp_ms} FROM {records}
    """)
    return t_env.to_append_stream(table, REFERENCE_TYPE)


def kafka_sink(
    t_env: StreamTableEnvironment,
    name: str,
    rows: str,
    topics: Sequence[str],
    settings: Settings,
    *,
    exactly_once: bool,
    linger_ms: int = TRANSACTION_LINGER_MS,
) -> None:
    """Write those rows (topic, key, value, epoch ms) of a view that are for `topics` to them.

    exactly_once: in one transaction a checkpoint, readable (read_committed) when it is complete;
        else as they come, and again after a failure.
    linger_ms: how long a row waits for others to be sent with.
    """
    guarantee = (
        f"""
            'sink.delivery-guarantee' = 'exactly-once',
            'sink.transactional-id-prefix' = 'shopstream-{name}',
            'sink.transaction-naming-strategy' = 'POOLING',
            'properties.transaction.timeout.ms' = '{settings.transaction_timeout_ms}',"""
        if exactly_once
        else """
            'sink.delivery-guarantee' = 'at-least-once',"""
    )
    # a sink of one topic has no such column
    column, selected = ("topic STRING METADATA,", "topic,") if len(topics) > 1 else ("", "")
    t_env.execute_sql(f"""
        CREATE TEMPORARY TABLE {name} (
            {column}
            record_key BYTES,
            record_value BYTES,
            event_time TIMESTAMP_LTZ(3) METADATA FROM 'timestamp'
        ) WITH (
            'connector' = 'kafka',
            'topic' = '{";".join(topics)}',
            'properties.bootstrap.servers' = '{settings.kafka_bootstrap}',
            'key.format' = 'raw',
            'key.fields' = 'record_key',
            'value.format' = 'raw',
            'value.fields-include' = 'EXCEPT_KEY',{guarantee}
            'properties.linger.ms' = '{linger_ms}',
            'properties.max.request.size' = '{LARGEST_RECORD_BYTES}',
            'properties.batch.size' = '131072',
            'properties.compression.type' = 'lz4'
        )
    """)
    wanted = ", ".join(f"'{topic}'" for topic in topics)
    outputs = t_env.sql_query(f"""
        SELECT {selected} record_key, record_value, TO_TIMESTAMP_LTZ(timestamp_ms, 3)
        FROM {rows}
        WHERE topic IN ({wanted})
    """)
    statements = t_env.create_statement_set()
    statements.add_insert(name, outputs)
    statements.attach_as_datastream()


def unpacked(packed: DataStream, name: str) -> DataStream:
    """The rows of a Python operator's messages, made in Java.

    In a thread of their own, with the sinks, so that Python does not wait for what they cost.
    """
    unpack = get_gateway().jvm.shopstream.rows.UnpackRows()
    rows = packed._j_data_stream.flatMap(unpack, OUTPUT_TYPE.get_java_type_info())
    return DataStream(rows.startNewChain().name(f"{name}: rows").uid(f"{name}-rows"))


def keyed_by_first_field(stream: DataStream, key_type: TypeInformation) -> KeyedStream:
    """Key a stream of rows (k, v) by k in Java; the function that follows sees only v."""
    key_by_first = get_gateway().jvm.KeyByKeySelector()
    j_keyed = stream._j_data_stream.keyBy(key_by_first, Types.ROW([key_type]).get_java_type_info())
    return KeyedStream(j_keyed, stream.get_type(), stream)


def kafka_records(
    t_env: StreamTableEnvironment,
    name: str,
    topics: Iterable[str],
    settings: Settings,
    fetch_wait_ms: int = 0,
) -> str:
    """Declare a table of the topics' records as bytes with their coordinates; returns its name.

    Raw bytes, because a record that does not decode must not stop the job; read_committed,
    because a topic may be another job's exactly-once output.

    fetch_wait_ms: how long the broker gathers records before it answers, unless they are many.
    """
    gathered = (
        f"""
            'properties.fetch.min.bytes' = '{MANY_BYTES}',
            'properties.fetch.max.wait.ms' = '{fetch_wait_ms}',"""
        if fetch_wait_ms
        else ""
    )
    t_env.execute_sql(f"""
        CREATE TEMPORARY TABLE {name} (
            record_key BYTES,
            record_value BYTES,
            kafka_topic STRING NOT NULL METADATA FROM 'topic' VIRTUAL,
            headers MAP<STRING, BYTES> METADATA VIRTUAL,
            topic AS {marked_in_sql("kafka_topic", "headers")},
            part INT METADATA FROM 'partition' VIRTUAL,
            off BIGINT METADATA FROM 'offset' VIRTUAL,
            event_time TIMESTAMP_LTZ(3) METADATA FROM 'timestamp' VIRTUAL,
            arrived_at AS PROCTIME(),
            WATERMARK FOR event_time AS
                event_time - INTERVAL '{settings.watermark_delay_ms / 1000:.3f}' SECOND
        ) WITH (
            'connector' = 'kafka',
            'topic' = '{";".join(topics)}',
            'properties.bootstrap.servers' = '{settings.kafka_bootstrap}',
            'properties.group.id' = 'shopstream-{name}',
            'properties.isolation.level' = 'read_committed',
            'properties.max.partition.fetch.bytes' = '{LARGEST_RECORD_BYTES}',{gathered}
            'scan.startup.mode' = 'earliest-offset',
            'scan.watermark.idle-timeout' = '{settings.idle_timeout_ms} ms',
            'key.format' = 'raw',
            'key.fields' = 'record_key',
            'value.format' = 'raw',
            'value.fields-include' = 'EXCEPT_KEY'
        )
    """)
    return name
