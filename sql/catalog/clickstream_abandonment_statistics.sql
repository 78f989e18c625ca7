-- owner: growth-analytics   grain: one row per category and minute   freshness: a minute
-- How carts end in a category; the dashboard of abandonment.
CREATE TABLE clickstream_abandonment_statistics (
    event_id STRING NOT NULL,
    event_time TIMESTAMP(3) NOT NULL,
    category STRING NOT NULL,
    window_start TIMESTAMP(3) NOT NULL,
    window_end TIMESTAMP(3) NOT NULL,
    carts BIGINT NOT NULL,
    bought BIGINT NOT NULL,
    emptied BIGINT NOT NULL,
    abandoned BIGINT NOT NULL,
    abandonment_rate DOUBLE NOT NULL,
    record_time TIMESTAMP_LTZ(3) METADATA FROM 'timestamp'
) WITH (
    'connector' = 'kafka',
    'topic' = 'clickstream.abandonment-statistics',
    'properties.bootstrap.servers' = ${kafka_bootstrap},
    'sink.delivery-guarantee' = 'exactly-once',
    'sink.transactional-id-prefix' = 'shopstream-clickstream-abandonment-statistics',
    'sink.transaction-naming-strategy' = 'POOLING',
    'properties.transaction.timeout.ms' = ${transaction_timeout_ms},
    'key.format' = 'raw',
    'key.fields' = 'category',
    'value.format' = 'avro-confluent',
    'value.avro-confluent.url' = ${registry_url},
    'value.avro-confluent.schema' = ${schema_clickstream_abandonment_statistics}
)
