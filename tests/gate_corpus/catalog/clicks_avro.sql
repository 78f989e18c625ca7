-- owner: tests   grain: one row per thing   freshness: seconds
-- What happens in a shop.
CREATE TABLE clicks_avro (
    visitor_id STRING,
    sku STRING,
    event_type STRING,
    price_minor BIGINT,
    event_time TIMESTAMP_LTZ(3) METADATA FROM 'timestamp',
    WATERMARK FOR event_time AS event_time - INTERVAL '1' SECOND
) WITH (
    'connector' = 'kafka',
    'topic' = 'clickstream.events',
    'properties.bootstrap.servers' = ${kafka_bootstrap},
    'properties.isolation.level' = 'read_committed',
    'scan.startup.mode' = 'earliest-offset',
    'scan.watermark.idle-timeout' = '5 s',
    'value.format' = 'avro-confluent',
    'key.format' = 'raw',
    'key.fields' = 'visitor_id',
    'value.fields-include' = 'EXCEPT_KEY',
    'value.avro-confluent.url' = ${registry_url}
)
