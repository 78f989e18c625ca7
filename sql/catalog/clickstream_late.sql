-- owner: growth-analytics   grain: one row per late event   freshness: as events come
-- Events whose time was over when they came: no feature counts them, here they can be seen.
CREATE TABLE clickstream_late (
    event_id STRING NOT NULL,
    event_time TIMESTAMP(3) NOT NULL,
    visitor_id STRING NOT NULL,
    event_type STRING NOT NULL,
    customer_id STRING,
    sku STRING,
    category STRING,
    lateness_ms BIGINT NOT NULL,
    late_events BIGINT NOT NULL,
    record_time TIMESTAMP_LTZ(3) METADATA FROM 'timestamp'
) WITH (
    'connector' = 'kafka',
    'topic' = 'clickstream.late',
    'properties.bootstrap.servers' = ${kafka_bootstrap},
    'sink.delivery-guarantee' = 'exactly-once',
    'sink.transactional-id-prefix' = 'shopstream-clickstream-late',
    'sink.transaction-naming-strategy' = 'POOLING',
    'properties.transaction.timeout.ms' = ${transaction_timeout_ms},
    'key.format' = 'raw',
    'key.fields' = 'visitor_id',
    'value.format' = 'avro-confluent',
    'value.avro-confluent.url' = ${registry_url},
    'value.avro-confluent.schema' = ${schema_clickstream_late}
)
