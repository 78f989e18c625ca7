-- owner: tests   grain: one row per thing   freshness: seconds
-- What happens in a shop.
CREATE TABLE clicks (
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
    'format' = 'json'
)
