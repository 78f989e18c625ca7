-- owner: tests   grain: one row per thing   freshness: seconds
-- Where the corpus writes to.
CREATE TABLE sink_long_transactions (
    sku STRING,
    clicks BIGINT,
    record_time TIMESTAMP_LTZ(3) METADATA FROM 'timestamp'
) WITH (
    'connector' = 'kafka',
    'topic' = 'out',
    'properties.bootstrap.servers' = ${kafka_bootstrap},
    'format' = 'json',
    'sink.delivery-guarantee' = 'exactly-once',
    'sink.transactional-id-prefix' = 'corpus'
)
